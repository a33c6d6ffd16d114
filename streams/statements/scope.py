"""Which cues act on the event word: ConText's idea (Harkema et al. 2009), with clause boundaries made for news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from streams.statements import actors, clauses, slavic
from streams.statements.lexicon import Mention, Phrases, phrases, table
from streams.statements.passage import Passage
from streams.statements.when import MONTHS
from wire.records import Modality, Polarity, Recency

REACH = 9
"""Words that a cue reaches over, at most."""


FAR = 18
"""The same for a negated verb of thinking, whose object may stand before what is denied."""

_PARTING = frozenset(";:—–()")
_AFTER_COMMA = frozenset(
    """and or but while although though whereas which who whose where after before as with yet so since because а
    но что который которая которые хотя пока after та але який яка які хоча mais qui dont alors tandis und aber
    doch während wobei der die das""".split()
)
_ALWAYS = frozenset("but while although though whereas because но але хотя хоча mais aber sondern".split())
_FOLLOWING = {"en": 2, "de": 12, "fr": 2}
"""Over how many words a negation acts that follows its event word: `promised nothing`, `stimmte nicht zu`."""

WHOLE_SENTENCE = ("recap", "unofficial")

AXIS: Mapping[str, tuple[str, str]] = {
    "negation": ("polarity", Polarity.NEGATED),
    "refusal": ("polarity", Polarity.NEGATED),
    "possible": ("modality", Modality.POSSIBLE),
    "conditional": ("modality", Modality.CONDITIONAL),
    "intended": ("modality", Modality.INTENDED),
    "urged": ("modality", Modality.URGED),
    "unofficial": ("voice", "unofficial"),
    "recap": ("recency", Recency.RECAP),
}
"""What a class of cues makes of a statement: axis and label."""


def cues(passage: Passage, language: str, extra: Mapping[str, tuple[str, ...]]) -> list[Mention]:
    """Mentions of cues in a sentence, each meaning its class. `extra` adds phrases to classes."""
    found = [
        one
        for one in phrases("cues", language).find(passage.tokens)
        if not _month(passage, one) and not _armed_opposition(passage, one)
    ]
    if extra:
        added = _extra(tuple((kind, words) for kind, words in sorted(extra.items()))).find(passage.tokens)
        covered = {at for mention in added for at in range(mention.first, mention.last)}
        found = [one for one in found if not covered.intersection(range(one.first, one.last))] + added
    return sorted(found)


def _armed_opposition(passage: Passage, cue: Mention) -> bool:
    """`the opposition SPLM-IO`: an armed group, and no party that speaks for no state."""
    if cue.meaning != "unofficial":
        return False
    return any(
        one.first <= cue.last <= one.last and actors.table()[one.meaning].kind == actors.ARMED
        for one in actors.find(passage.tokens)
    )


def _month(passage: Passage, cue: Mention) -> bool:
    """`on 5 May`: the month is no verb."""
    token = passage.tokens[cue.first]
    return cue.first > 0 and token.capital and cue.last - cue.first == 1 and token.forms[0] in MONTHS


@cache
def _extra(classes: tuple[tuple[str, tuple[str, ...]], ...]) -> Phrases:
    return Phrases((word, kind) for kind, words in classes for word in words)


def acting(
    passage: Passage, found: Iterable[Mention], event: Sequence[int], speech: Iterable[Mention], language: str
) -> list[Mention]:
    """The cues that act on any of the event's words. Some classes act on the whole sentence."""
    verbs = list(speech)
    acts = []
    for cue in found:
        if cue.meaning == "recap" and language in slavic.LANGUAGES:
            if clauses.recalls(passage, cue, event):
                acts.append(cue)
        elif cue.meaning in WHOLE_SENTENCE or any(_reaches(passage, cue, word, verbs, language) for word in event):
            acts.append(cue)
    return acts


def _reaches(passage: Passage, cue: Mention, word: int, speech: Sequence[Mention], language: str) -> bool:
    if cue.first <= word < cue.last:
        return False
    if language in slavic.LANGUAGES:
        return clauses.reaches(passage, cue, word, speech)
    if cue.last <= word:
        if _coordinated(passage, cue, word) and language == "en":
            return True
        far = _of_thinking(passage, cue) or _governs(passage, cue, word)
        if word - cue.last >= (FAR if far else REACH) or parted(passage, cue.last, word):
            return False
        if cue.meaning != "conditional" and _introduces(passage, cue, word):
            return False
        if cue.meaning == "conditional" and _reported(passage, cue, speech):
            return False
        return (
            not any(cue.last <= verb.first and verb.last <= word for verb in speech) or cue.meaning == "conditional"
        )
    if cue.meaning in ("refusal", "negation") and _passive(passage, cue) and cue.first - word < FAR:
        return not parted(passage, word + 1, cue.first)
    if cue.meaning == "negation":
        if passage.tokens[cue.first].forms[0] in _MANNER or passage.tokens[cue.first - 1].forms[0] in _CONTRASTING:
            return False  # `is a red line, and not a dotted one`
        if language == "en" and any("," in passage.between(at) for at in range(word + 1, cue.first + 1)):
            return False  # `cannot accept, will not accept`
        return cue.first - word <= _FOLLOWING.get(language, 0) and not parted(passage, word + 1, cue.first)
    return False


def _coordinated(passage: Passage, cue: Mention, word: int) -> bool:
    """`would bar ships, freeze assets and extend the embargo`: a bare verb in a row shares the modal of the first."""
    words = passage.tokens
    if cue.meaning not in _MODAL or not word or word - cue.last > _ROW:
        return False
    first = word - 1 if words[word - 1].forms[0] == "to" else word
    row = first > 0 and (words[first - 1].forms[0] in ("and", "or") or "," in passage.between(first))
    modal = words[cue.last - 1].forms[0] in MODALS or words[min(cue.last, word - 1)].forms[0] == "to"
    bare = not words[word].forms[0].endswith(("s", "ed", "ing", "en"))
    return (
        row
        and modal
        and bare
        and not any(mark in passage.text[words[cue.first].end : words[word].start] for mark in ";:")
    )


_MODAL = ("conditional", "possible", "intended", "urged")
_ROW = 40


def _governs(passage: Passage, cue: Mention, word: int) -> bool:
    """Whether a verb of wishing, warning or failing has the event as its complement: `appealed to X to halt`."""
    if cue.meaning not in _GOVERNING:
        return False
    return any(token.forms[0] in MODALS for token in passage.tokens[max(cue.last, word - 2) : word])


_GOVERNING = ("urged", "intended", "possible", "refusal", "negation")
MODALS = frozenset("to would will should could might must zu".split())
"""Words that open the complement of a verb."""


def _of_thinking(passage: Passage, cue: Mention) -> bool:
    """`does not consider the presence of ... unacceptable`: such a verb hands its negation on."""
    return cue.meaning == "negation" and any(
        token.forms[0] in _THINKING for token in passage.tokens[cue.last : cue.last + 2]
    )


_THINKING = frozenset(
    """consider regard see find think believe call describe deem view hold считает считают видит вважає вважають
    considère considèrent hält halten""".split()
)


_MANNER = frozenset("without instead rather far short hardly ohne sans без".split())
"""Negations of how it was done, where they follow: `adopted without a vote`."""

_CONTRASTING = frozenset("and but und aber et mais и а но і та але".split())


def is_passive(passage: Passage, event: Sequence[int]) -> bool:
    """Whether the event's words are a passive: `have been added`."""
    words = passage.tokens
    return any(words[at].forms[0] in _BE for word in event for at in range(max(0, word - 2), word))


def _passive(passage: Passage, cue: Mention) -> bool:
    """`the offer was withdrawn`, `the report is not correct`: said of the event that stands before it."""
    if cue.first == 0:
        return False
    before, word = passage.tokens[cue.first - 1].forms[0], passage.tokens[cue.first].forms[0]
    return before in _BE | _A or (before in ("has", "have", "had") and word in _COMES_TO_NOTHING)


_A = frozenset("a ont hat haben wurde wurden ist sind est sont был была было были".split())
_COMES_TO_NOTHING = frozenset("collapsed lapsed expired ended unravelled broken fallen".split())
_BE = frozenset("is are was were been be being".split())


def _introduces(passage: Passage, cue: Mention, word: int) -> bool:
    """Whether a comma and a name part the cue from the event: `After a long debate, Chile has committed`."""
    words = passage.tokens
    for at in range(cue.last, min(word, len(words) - 1)):
        if "," in passage.between(at):
            name = at + 1 if words[at].forms[0] == "the" else at
            if words[name].capital:
                return True
    return False


def _reported(passage: Passage, cue: Mention, speech: Sequence[Mention]) -> bool:
    """`said it would send` reports a promise; it sets no condition."""
    if passage.tokens[cue.first].forms[0] not in ("would", "бы", "би", "würde", "würden"):
        return False
    has_if = any(token.forms[0] in ("if", "were", "unless") for token in passage.tokens)
    return not has_if and bool(speech)


def parted(passage: Passage, first: int, last: int) -> bool:
    """Whether a clause ends between word `first` and word `last` (the gap before `last` counts)."""
    for at in range(max(first, 1), last + 1):
        between = passage.between(at)
        if at < len(passage.tokens):
            word = passage.tokens[at].forms[0]
            if at > first and word in _ALWAYS:
                return True
            if "," in between and word in _AFTER_COMMA:
                return True
        if any(mark in _PARTING for mark in between):
            return True
    return False


def known_classes() -> frozenset[str]:
    """The classes of cues that there are."""
    return frozenset(kind for classes in table("cues").values() for kind in classes)
