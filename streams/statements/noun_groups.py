"""The noun group of a body in the Slavic languages: adjectives in front of its head, genitives behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.statements import slavic
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage

MOST = 6
"""Words on either side of the head."""


def body_group(
    passage: Passage, at: int, states: Sequence[Mention], speaks: Callable[[str], bool]
) -> tuple[int, int, str | None]:
    """Where the group of the body at word `at` begins and ends, and the state that it names.

    `британское министерство иностранных дел`, `пресс-служба армянского правительства`, `МИД Катара`. `speaks` tells
    whether a word is a role or a body: a capital behind the head is part of the group only if it is such, or a state.
    """
    first = _leftwards(passage, at)
    last = _rightwards(passage, at + 1, states, speaks)
    state = next((one.meaning for one in states if first <= one.first < last), None)
    return first, last, state


def _leftwards(passage: Passage, at: int) -> int:
    first = at
    while first > 0 and at - first < MOST:
        between = passage.between(first)
        if between not in (" ", "-", "\u00a0"):
            break
        before = passage.tokens[first - 1].forms[0]
        if between != "-" and not slavic.adjectival(before):
            break
        first -= 1
    return first


def _rightwards(passage: Passage, end: int, states: Sequence[Mention], speaks: Callable[[str], bool]) -> int:
    words = passage.tokens
    last = end
    while last < len(words) and last - end < MOST and not passage.between(last).strip(" \u00a0-"):
        state = next((one for one in states if one.first == last), None)
        if state is not None:
            last = state.last
            if words[last - 1].capital:
                break
            continue
        word = words[last].forms[0]
        if word in _SEATED and (seat := next((one for one in states if one.first == last + 1), None)) is not None:
            return seat.last  # `МИД в Багдаде`
        if words[last].capital and word.isascii():
            return last + 1  # `Агентство транспорта Traficom`
        goes_on = speaks(word) or (not words[last].capital and slavic.genitive(word))
        joins = word in _AND and last + 1 < len(words) and slavic.genitive(words[last + 1].forms[0])
        if not (goes_on or joins):
            break
        last += 1
    return last


_SEATED = frozenset("в у".split())
_AND = frozenset("и та й і".split())
