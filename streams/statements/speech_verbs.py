"""Which verbs of a sentence are verbs of speech: not nouns of the same form, none that has an object, none denied."""

from __future__ import annotations

from streams.statements.lexicon import Mention, phrases, separated
from streams.statements.passage import Passage
from streams.statements.when import WEEKDAYS


def speech_verbs(passage: Passage, language: str) -> list[Mention]:
    """Verbs of speech; negative ones (`would not say`) are none."""
    found = [one for one in phrases("speech", language).find(passage.tokens) if one.meaning == "verbs"]
    whole = frozenset(found)
    taken = {one.first for one in found}
    parts = separated("speech", language, passage.text, passage.tokens)
    found = sorted([*found, *(one for one in parts if one.first not in taken)])
    return [
        one
        for one in found
        if not (_negated(passage, one) or _noun(passage, one, language))
        and (one not in whole or not _takes_object(passage, one))
    ]


def _noun(passage: Passage, verb: Mention, language: str) -> bool:
    """French: `l'annonce`, `le juge`: a noun, where the verb would have no article."""
    token = passage.tokens[verb.first]
    if language != "fr" or token.forms[0] not in _ALSO_NOUNS | {"l'" + word for word in _ALSO_NOUNS}:
        return False
    before = passage.tokens[verb.first - 1].forms[0] if verb.first else ""
    return token.forms[0].startswith("l'") or before in _DETERMINERS


_ALSO_NOUNS = frozenset("annonce juge rapporte".split())
_DETERMINERS = frozenset("le la les un une ce cet cette son sa leur de par".split())


def _negated(passage: Passage, verb: Mention) -> bool:
    if passage.language == "en" and verb.first and passage.tokens[verb.first - 1].forms[0] == "to":
        return passage.tokens[verb.first].forms[0] in _INFINITIVES  # `wants the agency to say so`
    for at in range(verb.first - 1, max(-1, verb.first - 4), -1):
        if passage.between(at + 1).strip(" '’"):
            return False
        if any(form in _WITHHOLDING or form.startswith("n'") for form in passage.tokens[at].forms):
            return True
    return False


_INFINITIVES = frozenset("say tell announce confirm declare state admit".split())
_WITHHOLDING = frozenset("not n't never declined declines refused refuses unable unwilling не ne nicht".split())


def _takes_object(passage: Passage, verb: Mention) -> bool:
    """`added ninety names`, `found two mines`: a verb that speaks only with a clause or after a comma."""
    words = passage.tokens
    word = words[verb.first].forms[0]
    if (
        words[verb.first].capital
        and verb.first > 0
        and passage.part == "body"
        and not passage.between(verb.first).strip()
    ):
        return True
    if word in _NOUNS and verb.last < len(words):
        return words[verb.last].forms[0] not in _CLAUSE and not passage.between(verb.last).strip()
    if verb.last - verb.first > 1 or word not in _EITHER_WAY:
        return False
    if verb.last >= len(words) or passage.between(verb.last).strip():
        return False
    if any(mark in passage.between(verb.first) for mark in ',"”»'):
        return False
    following = words[verb.last].forms[0]
    return following not in _CLAUSE and following not in WEEKDAYS and not _speaks_before(passage, verb)


def _speaks_before(passage: Passage, verb: Mention) -> bool:
    """`..., the palace added in the evening`: the subject follows a comma, so what is said stands in front."""
    return any("," in passage.between(at) for at in range(max(1, verb.first - 4), verb.first))


_NOUNS = frozenset("states state claims reports comments notes answers counters".split())
_EITHER_WAY = frozenset(
    """added adds adding found finds observed observes maintained maintains reports reported posted answered
    repeated repeats estimates estimated gave gibt gab machte stellte ließ calling indicated denounced condemned
    charged concluded concludes""".split()
)
_CLAUSE = frozenset(
    "that it he she they there this late early in on at after during to reporters dass que что що".split()
)
