"""Which cues act on the event word: ConText's idea (Harkema et al. 2009), with clause boundaries made for news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streams.statements import clauses, slavic
from streams.statements.cues import NEUTRAL, elided_not
from streams.statements.lexicon import Mention
from streams.statements.parting import (
    OPENERS,
    PARTING,
    beyond_main,
    comma,
    embedded,
    introduces,
    opening_ends,
    parted,
)
from streams.statements.passage import Passage

REACH = 9
"""Words that a cue reaches over, at most."""
FAR = 18
"""The same for a negated verb of thinking, whose object may stand before what is denied."""
_FOLLOWING = {"en": 2, "de": 12, "fr": 2}
"""Over how many words a negation acts that follows its event word: `promised nothing`, `stimmte nicht zu`."""
_NOT_FAR = frozenset("without sans ohne".split())
_BESIDE = 3
"""Words that `sans` and its like reach over: `sans conditions, les parties ont conclu ...`."""
_ATTRIBUTES = (
    *("éventuel", "potentiel", "possible"),
    *("geplante", "mögliche", "vorgeschlagene", "geforderte", "angedrohte", "angestrebte", "erwogene", "diskutierte"),
    *("denkbare", "eventuelle", "verlangte", "wahrscheinliche", "erhoffte"),
)
"""Cues that weaken the noun beside them and not the verb: `an einer möglichen Truppe wird sich Rom beteiligen`."""
WHOLE_SENTENCE = ("recap", "unofficial")


def acting(
    passage: Passage, found: Iterable[Mention], event: Sequence[int], speech: Iterable[Mention], language: str
) -> list[Mention]:
    """The cues that act on any of the event's words. Some classes act on the whole sentence."""
    verbs = list(speech)
    acts = []
    for cue in found:
        if cue.meaning == "recap":
            looks_back = clauses.recalls if language in slavic.LANGUAGES else _recalls
            if not looks_back(passage, cue, event):
                continue
        if cue.meaning in WHOLE_SENTENCE or any(_reaches(passage, cue, word, verbs, language) for word in event):
            acts.append(cue)
    return acts


_HAD = frozenset("hatte hatten avait avaient s'était s'étaient".split())


def _recalls(passage: Passage, cue: Mention, event: Sequence[int]) -> bool:
    """Whether a cue looks back on the event: `had` only with the event's own verb, other words from anywhere."""
    if passage.tokens[cue.first].forms[-1] not in _HAD and passage.tokens[cue.first].forms[0] not in _HAD:
        return True
    return any(
        (cue.last <= word < cue.last + FAR and not comma(passage, cue.last, word)) or word == cue.first - 1
        for word in event
    )


def _reaches(passage: Passage, cue: Mention, word: int, speech: Sequence[Mention], language: str) -> bool:
    if cue.first <= word < cue.last:
        return cue.meaning == "negation" and elided_not(passage.tokens[word])
    if language in slavic.LANGUAGES:
        return clauses.reaches(passage, cue, word, speech)
    if cue.last <= word:
        return _reaches_ahead(passage, cue, word, speech, language)
    if language == "de" and _verb_last(passage, cue, word):
        return True
    if language == "fr" and _modal_behind(passage, cue, word):
        return True
    if cue.meaning in ("refusal", "negation") and _passive(passage, cue) and cue.first - word < FAR:
        return not parted(passage, word + 1, cue.first)
    if cue.meaning == "negation" and language != "de":
        if passage.tokens[cue.first].forms[0] in _MANNER or passage.tokens[cue.first - 1].forms[0] in _CONTRASTING:
            return False  # `is a red line, and not a dotted one`
        if passage.tokens[cue.first].forms[0] in _NEVER_BEHIND:
            return False
        if language == "en" and any("," in passage.between(at) for at in range(word + 1, cue.first + 1)):
            return False  # `cannot accept, will not accept`
        return cue.first - word <= _FOLLOWING.get(language, 0) and not parted(passage, word + 1, cue.first)
    return False


_NEVER_BEHIND = frozenset("ni sans non".split())


def _reaches_ahead(passage: Passage, cue: Mention, word: int, speech: Sequence[Mention], language: str) -> bool:
    """Whether a cue acts on a word that follows it."""
    if _coordinated(passage, cue, word) and language == "en":
        return True
    if language == "en" and (_of_a_place(passage, cue, word) or _closed(passage, cue)):
        return False
    far = _of_thinking(passage, cue) or _governs(passage, cue, word) or _frames(passage, cue, word, language)
    reach = FAR if far else REACH
    first = passage.tokens[cue.first].forms[0]
    if first in _NOT_FAR or (first.startswith(_ATTRIBUTES) and language in OPENERS):
        reach = _BESIDE if first in _NOT_FAR else 1
    if word - cue.last >= reach or parted(passage, cue.last, word):
        return False
    if opening_ends(passage, cue.last, word, language) or embedded(passage, cue, word, language):
        return False
    if cue.meaning == "conditional":
        if language in OPENERS and comma(passage, cue.last, word):
            return False  # the condition is over where its clause is
        return not _reported(passage, cue, speech)
    if language != "de" and introduces(passage, cue, word):
        return False
    if language == "de" and cue.meaning == "negation" and beyond_main(passage, cue.last, word):
        return False
    return not any(cue.last <= verb.first and verb.last <= word for verb in speech)


def _frames(passage: Passage, cue: Mention, word: int, language: str) -> bool:
    """German: a verb in second place and the infinitive that closes its clause: `könnte sich ... beteiligen`."""
    framing = (*_MODAL, "negation")
    return language == "de" and cue.meaning in framing and not comma(passage, cue.last, word)


def _verb_last(passage: Passage, cue: Mention, word: int) -> bool:
    """German: what denies or weakens may close the clause: `lehnt eine Beteiligung ab`, `entsenden könnte`."""
    reach = {"negation": _FOLLOWING["de"], "refusal": _FOLLOWING["de"], "recap": 0}.get(cue.meaning, _BESIDE)
    if cue.first - word > reach or cue.meaning == NEUTRAL:
        return False
    return not any(
        "," in passage.between(at)
        or any(mark in passage.between(at) for mark in PARTING)
        or passage.tokens[at].forms[0] in _JOINING
        for at in range(word + 1, cue.first + 1)
    )


_JOINING = frozenset("und oder aber sondern et ou mais qui que dont où".split())


def _modal_behind(passage: Passage, cue: Mention, word: int) -> bool:
    """French: the conditional of a verb whose subject is the event: `une trêve de dix jours pourrait être signée`."""
    if not passage.tokens[cue.first].forms[0].endswith(("rait", "raient")) or cue.first - word > REACH:
        return False
    return not any(
        passage.between(at).strip(" \u00a0-'’") or passage.tokens[at].forms[0] in _JOINING
        for at in range(word + 1, cue.first + 1)
    )


def _coordinated(passage: Passage, cue: Mention, word: int) -> bool:
    """`would bar ships, freeze assets and extend the embargo`: a bare verb in a row shares the modal of the first."""
    words = passage.tokens
    if cue.meaning not in _MODAL or not word or word - cue.last > _ROW:
        return False
    first = word - 1 if words[word - 1].forms[0] == "to" else word
    row = first > 0 and (words[first - 1].forms[0] in ("and", "or") or "," in passage.between(first))
    modal = words[cue.last - 1].forms[0] in MODALS or words[min(cue.last, word - 1)].forms[0] == "to"
    called = any(words[at].forms[0] == "to" for at in range(cue.last, min(cue.last + _ADDRESSEE, word - 1)))
    modal = modal or (called and first == word - 1)
    bare = not words[word].forms[0].endswith(("s", "ed", "ing", "en"))
    return (
        row
        and modal
        and bare
        and not any(mark in passage.text[words[cue.first].end : words[word].start] for mark in ";:")
    )


_MODAL = ("conditional", "possible", "intended", "urged")
_ROW = 40
_ADDRESSEE = 5
"""Words between a call and its first infinitive, behind which others stand: `urged both to stop, and to talk`."""


def _of_a_place(passage: Passage, cue: Mention, word: int) -> bool:
    """`in Lima, not in Quito, that they will meet`: a negation of where, closed by a comma."""
    if cue.meaning != "negation" or passage.tokens[cue.last].forms[0] not in _WHERE:
        return False
    return any("," in passage.between(at) for at in range(cue.last + 1, word + 1))


_WHERE = frozenset("in at from by on".split())


def _closed(passage: Passage, cue: Mention) -> bool:
    """`soldiers, of whom they say there are none, would be shot at`: a pronoun that ends its clause denies that."""
    return passage.tokens[cue.first].forms[0] in _NOBODY and "," in passage.between(cue.last)


_NOBODY = frozenset("none nothing nobody".split())


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
    if passage.language == "de":
        return any(token.forms[0] in _WERDEN for token in words)
    if passage.language == "fr" and any(words[word].forms[0] == "été" for word in event):
        return True
    return any(words[at].forms[0] in _BE for word in event for at in range(max(0, word - 2), word))


def _passive(passage: Passage, cue: Mention) -> bool:
    """`the offer was withdrawn`, `the report is not correct`: said of the event that stands before it."""
    if cue.first == 0:
        return False
    before, word = passage.tokens[cue.first - 1].forms[0], passage.tokens[cue.first].forms[0]
    return before in _BE | _A or (before in ("has", "have", "had") and word in _COMES_TO_NOTHING)


_A = frozenset(
    """a ont été est sont sera seront fut furent hat haben wurde wurden wird werden ist sind war waren sei seien
    был была было были""".split()
)
_COMES_TO_NOTHING = frozenset("collapsed lapsed expired ended unravelled broken fallen".split())
_BE = frozenset("is are was were been be being été".split())
_WERDEN = frozenset("wurde wurden worden".split())


def _reported(passage: Passage, cue: Mention, speech: Sequence[Mention]) -> bool:
    """`said it would send` reports a promise; it sets no condition."""
    if passage.tokens[cue.first].forms[0] not in ("would", "бы", "би", "würde", "würden"):
        return False
    has_if = any(token.forms[0] in ("were", "unless") for token in passage.tokens)
    return not has_if and bool(speech)
