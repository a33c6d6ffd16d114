"""Facts of a sentence that tell one event from another: numbers with what they count, ordinals, places."""

from __future__ import annotations

import re

from streams.statements.numerals import COUNTED, NUMBERS, SCALES, SUFFIXES, ordinal
from streams.statements.passage import Passage
from wire.records import Slot

MOST = 12
_STATES = tuple(
    """countries states nations governments capitals стран государств держав країн держави pays états staaten
    länder""".split()
)
"""Words for states that are counted, all of one meaning."""


def slots(passage: Passage, taken: frozenset[int] = frozenset()) -> tuple[Slot, ...]:
    """Numbers (`26 countries`) and ordinals (`19 package`), but not of the words `taken` (dates)."""
    found: list[Slot] = []
    at = 0
    while at < len(passage.tokens) and len(found) < MOST:
        if at in taken:
            at += 1
            continue
        counted = _ordinal(passage, at)
        if counted is not None:
            found.append(_slot(passage, "ordinal", counted[0], at, counted[1]))
            at = counted[1]
            continue
        value, last = _number(passage, at)
        unit = _unit(passage, last) if value is not None else None
        if value is not None and unit is None and last < len(passage.tokens):
            signed_up = passage.tokens[last].forms[0] in ("have", "had")
            unit = (_STATES[0], last) if signed_up else None  # `twenty-six have signed up`
        if unit is not None:
            found.append(_slot(passage, "number", f"{value:g} {unit[0]}", at, unit[1]))
        at = last
    return tuple(found)


def _slot(passage: Passage, kind: str, value: str, first: int, last: int) -> Slot:
    last = min(last, len(passage.tokens))
    return Slot(kind=kind, value=value, start=passage.tokens[first].start, end=passage.tokens[last - 1].end)


def _number(passage: Passage, at: int) -> tuple[float | None, int]:
    """A number in digits or words that begins at word `at`, and where it ends."""
    words = passage.tokens
    text = words[at].forms[0]
    value: float | None = None
    last = at + 1
    if text.isdigit() and len(text) <= 9:
        value = float(text)
        while last < len(words) and words[last].text.isdigit() and len(words[last].text) == 3:
            if passage.between(last) != ",":
                break
            value = value * 1000 + float(words[last].text)
            last += 1
    elif text in NUMBERS:
        value = float(NUMBERS[text])
        if value >= 20 and last < len(words) and 0 < NUMBERS.get(words[last].forms[0], 0) < 10:
            value += NUMBERS[words[last].forms[0]]
            last += 1
    if value is None:
        return None, at + 1
    while last < len(words) and words[last].forms[0] in SCALES:
        value *= SCALES[words[last].forms[0]]
        last += 1
    return value, last


def _unit(passage: Passage, at: int) -> tuple[str, int] | None:
    """The counted noun: the next word of letters, over one adjective where a plural follows."""
    words = passage.tokens
    if at < len(words) and words[at].forms[0] in _STATES and not passage.between(at).strip(" -\u00a0"):
        return _STATES[0], at + 1
    for back in range(at, min(at + 3, len(words))):
        word = words[back].forms[0]
        if passage.between(back).strip(" -\u00a0"):
            return None
        if word.isalpha() and len(word) > 3 and (word.endswith("s") or word in ("men", "women", "people")):
            return word, back + 1
    return None


def _ordinal(passage: Passage, at: int) -> tuple[str, int] | None:
    """An ordinal that begins at word `at` with what it counts, and where it ends: `19th package`, `23-й пакет`."""
    words = passage.tokens
    text = words[at].forms[0]
    following = words[at + 1].forms[0] if at + 1 < len(words) else ""
    if text.isdigit() and following in SUFFIXES and not passage.between(at + 1).strip("-"):
        number, after = int(text), at + 2
    elif (whole := _FIGURES.match(text)) is not None and whole[2] in SUFFIXES:
        number, after = int(whole[1]), at + 1
    elif NUMBERS.get(text, 0) >= _TWENTY and (unit := ordinal(following)) is not None and unit < _TEN:
        number, after = NUMBERS[text] + unit, at + 2
    elif (value := ordinal(text)) is not None:
        number, after = value, at + 1
    else:
        return None
    near = [words[n].forms[0] for n in range(after, min(after + 3, len(words)))]
    counted = next((COUNTED[word] for word in near if word in COUNTED), None)
    return (f"{number} {counted}", after) if counted else None


_TEN, _TWENTY = 10, 20
_FIGURES = re.compile(r"(\d{1,4})([^\W\d]{1,3})$")
