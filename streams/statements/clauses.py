"""How far a cue reaches in the Slavic languages, where commas tell clauses apart and `не` denies what follows it."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements import slavic
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage

REACH = 12
"""Words that a cue reaches over, at most."""

DENIED = 3
"""The same for `не` and `ни`, between which and their verb only `будет` or an adverb stands."""

THOUGHT = 18
"""The same for a verb of thinking, which hands its negation on: `не считает присутствие ... недопустимым`."""

AFTER = 7
"""Words between the event and a predicate behind it that takes it back: `введение пошлин ... отложено`."""

_PARTICLES = frozenset("не ни ні".split())
_NOT_DENYING = frozenset(
    """только лишь просто раз менее меньше более больше позднее позже ранее тільки лише менше більше пізніше
    раніше""".split()
)
_THINKING = frozenset("считает считают видит видят находит называет вважає вважають бачить бачать називає".split())
_COMPLEMENT = frozenset("что чтобы чтоб будто как ли що щоб щоби ніби як чи".split())
_OPENING = frozenset("но а однако але а проте зато хотя хоча тогда когда коли".split())
_BE = frozenset("был была было были будет будут быть був була було були буде будуть бути".split())
_ABSENT = frozenset("нет немає нема".split())
_DAY_BEFORE = frozenset("накануне напередодні".split())
_OPENS = 2
_LEADING = frozenset("как по як за".split())
_PARTING = frozenset(";:()")
_QUIET_ADVERBS = 3
"""Words that may stand between a verb and the comma before its complement."""


def reaches(passage: Passage, cue: Mention, word: int, speech: Sequence[Mention]) -> bool:
    """Whether a cue acts on word `word` of the event, before or behind it."""
    if cue.last <= word:
        return _forward(passage, cue, word, speech)
    return word < cue.first and _backward(passage, cue, word)


def recalls(passage: Passage, cue: Mention, event: Sequence[int]) -> bool:
    """Whether a cue of the past tells when the event was: from the opening, or from the event's own clause.

    `накануне` is a recap only behind the first paragraph: news is often of the day before.
    """
    if passage.tokens[cue.first].forms[0] in _DAY_BEFORE and passage.paragraph == 0:
        return False
    if cue.first <= _OPENS or not event:
        return True
    return any(
        all("," not in passage.between(at) for at in range(min(cue.last, word + 1), max(cue.first, word) + 1))
        for word in event
    )


def _forward(passage: Passage, cue: Mention, word: int, speech: Sequence[Mention]) -> bool:
    opens = passage.tokens[cue.first].forms[0] in _OPENING_IF and (
        cue.first == 0 or "," in passage.between(cue.first)
    )
    if cue.meaning == "conditional" and not opens:
        return False  # `бы` and `ли` stand behind their verb; `чи` between two words is `or`
    if word - cue.last >= _limit(passage, cue) or _parted(passage, cue, word):
        return False
    return not any(cue.last <= verb.first and verb.last <= word for verb in speech)


_OPENING_IF = frozenset("чи щойно як тільки как едва".split())
"""What opens a clause that asks or sets a condition: `щойно припиняться бойові дії`."""


def _limit(passage: Passage, cue: Mention) -> int:
    words = passage.tokens
    if words[cue.first].forms[0] not in _PARTICLES or cue.last - cue.first > 1:
        return REACH
    following = words[cue.last].forms[0] if cue.last < len(words) else ""
    if following in _NOT_DENYING:
        return 0
    return THOUGHT if following in _THINKING else DENIED


def _parted(passage: Passage, cue: Mention, word: int) -> bool:
    """Whether a clause ends between a cue and the event, over its complement (`не исключает, что ...`) and asides."""
    words = passage.tokens
    for at in range(cue.last, word + 1):
        between = passage.between(at)
        if any(mark in _PARTING for mark in between) or (at > cue.last and words[at].forms[0] in _OPENING):
            return True
        if "," not in between and "—" not in between and "–" not in between:
            continue
        if at == cue.last and _aside(passage, cue):
            continue  # `, как ожидается, `
        if words[at].forms[0] in _COMPLEMENT and at - cue.last <= _QUIET_ADVERBS:
            continue
        if not slavic.infinitive(words[word].forms[0], "ru") and not slavic.infinitive(words[word].forms[0], "uk"):
            return True
    return False


def _aside(passage: Passage, cue: Mention) -> bool:
    """Whether a cue opens the sentence or follows a comma, if need be over `как`: `, как ожидается`."""
    led = cue.first > 0 and passage.tokens[cue.first - 1].forms[0] in _LEADING
    first = cue.first - 1 if led else cue.first
    return first == 0 or "," in passage.between(first)


def _backward(passage: Passage, cue: Mention, word: int) -> bool:
    words = passage.tokens
    gap = cue.first - word - 1
    if any(mark in passage.between(at) for at in range(word + 1, cue.first) for mark in ",;:()—"):
        return False
    if cue.meaning == "conditional":
        return gap <= 1
    first = words[cue.first].forms[0]
    following = words[cue.last].forms[0] if cue.last < len(words) else ""
    if cue.meaning == "negation":
        return (gap <= 1 and first in _PARTICLES and following in _BE) or (gap <= AFTER and first in _ABSENT)
    ends = cue.last == len(words) or "," in passage.between(cue.last)
    if cue.meaning == "possible" and ends and _aside(passage, cue):
        return gap <= AFTER
    if "," in passage.between(cue.first):
        return False
    return cue.meaning in ("refusal", "possible") and gap <= AFTER and _predicate(first)


def _predicate(word: str) -> bool:
    """`отложено`, `скасовані`, `маловероятно`: a short form that says what became of what stands before."""
    return word.endswith(
        ("ено", "ены", "ена", "ён", "ено", "ані", "ана", "ано", "ені", "ена", "оятно", "вірно", "ожно", "иво")
    )
