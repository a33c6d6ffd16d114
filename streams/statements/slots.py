"""Facts of a sentence that tell one event from another: numbers with what they count, ordinals, places."""

from __future__ import annotations

from streams.statements.passage import Passage
from wire.records import Slot

MOST = 12
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)
NUMBERS = {word: number for number, word in enumerate(_UNITS)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
_ORDINAL = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
_STATES = tuple(
    """countries states nations governments capitals стран государств держав країн держави pays états staaten
    länder""".split()
)
"""Words for states that are counted, all of one meaning."""

_COUNTED_ORDINALS = frozenset(
    "package round tranche summit meeting session phase extension paquet пакет paket".split()
)


def slots(passage: Passage, taken: frozenset[int] = frozenset()) -> tuple[Slot, ...]:
    """Numbers (`26 countries`) and ordinals (`19 package`), but not of the words `taken` (dates)."""
    found: list[Slot] = []
    at = 0
    while at < len(passage.tokens) and len(found) < MOST:
        if at in taken:
            at += 1
            continue
        value, last = _number(passage, at)
        if value is not None:
            unit = _unit(passage, last)
            if unit is None and last < len(passage.tokens) and passage.tokens[last].forms[0] in ("have", "had"):
                unit = (_STATES[0], last)  # `twenty-six have signed up`
            if unit:
                found.append(_slot(passage, "number", f"{value:g} {unit[0]}", at, unit[1]))
            at = last
            continue
        ordinal = _ordinal(passage, at)
        if ordinal is not None:
            found.append(_slot(passage, "ordinal", ordinal, at, at + 2))
        at += 1
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
    while last < len(words) and words[last].forms[0] in _SCALES:
        value *= _SCALES[words[last].forms[0]]
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


def _ordinal(passage: Passage, at: int) -> str | None:
    words = passage.tokens
    text = words[at].forms[0]
    if text.isdigit() and at + 1 < len(words) and words[at + 1].forms[0] in ("th", "st", "nd", "rd", "й", "e"):
        number, after = int(text), at + 2
    elif text[:-2].isdigit() and text[-2:] in ("th", "st", "nd", "rd"):
        number, after = int(text[:-2]), at + 1
    elif text in _ORDINAL:
        number, after = _ORDINAL[text], at + 1
    else:
        return None
    following = [words[n].forms[0] for n in range(after, min(after + 3, len(words)))]
    counted = next((word for word in following if word in _COUNTED_ORDINALS), None)
    return f"{number} {counted}" if counted else None
