"""Kernels of single operations that ask for more than a line; `streams.rules.compiled.machine` runs them."""

from __future__ import annotations

from typing import Any, NamedTuple

from streams.rules.compiled import spans
from streams.rules.compiled.jit import kernel
from streams.rules.compiled.layout import Units


class Stacks(NamedTuple):
    """Working memory of a thread: spans, rows of truths, and truths."""

    low: Any  # int32 (n,)
    high: Any  # int32 (n,)
    lists: Any  # int32 (m,): where each list of spans begins
    rows: Any  # uint8 (r,)
    truths: Any  # uint8 (m,)


class Text(NamedTuple):
    """One article, looked up. Positions run over title, gap and body."""

    places: Any  # int32 (leaves, 2): occurrences of each leaf, and the first of them in `posts`
    posts: Any  # int32: positions, leaf by leaf
    scopes: Any  # int32 (5, 2): positions of each of `program.SCOPES`, half-open
    units: Units


@kernel
def mark(text: Text, stacks: Stacks, unit: int, scope: int, first: int, last: int, row: int) -> None:
    """Flag the units that hold one of the spans first:last of the stack, scope observed."""
    lowest, highest = text.scopes[scope, 0], text.scopes[scope, 1]
    units = text.units.of[unit]
    for n in range(first, last):
        start, end = stacks.low[n], stacks.high[n]
        if start >= lowest and end <= highest and units[start] == units[end - 1]:
            stacks.rows[row + units[start]] = 1


@kernel
def count(text: Text, stacks: Stacks, unit: int, scope: int, first: int, last: int, least: int, row: int) -> int:
    """The most spans in the scope that lie apart; with a row, flag the units that hold `least` of them."""
    lowest, highest = text.scopes[scope, 0], text.scopes[scope, 1]
    found, free, here = 0, -1, -1
    for n in range(first, last):
        start, end = stacks.low[n], stacks.high[n]
        if start < lowest or end > highest:
            continue
        if row >= 0:
            of = text.units.of[unit, start]
            if of != text.units.of[unit, end - 1]:
                continue
            if of != here:
                here, found, free = of, 0, -1
        if start >= free:
            found += 1
            free = end
            if row >= 0 and found >= least:
                stacks.rows[row + here] = 1
    return found


@kernel
def any_there(code: Any, at: int, text: Text, scope: int, size: int) -> int:
    """Whether one of the leaves at code[at:] stands in the scope."""
    lowest, highest = text.scopes[scope, 0], text.scopes[scope, 1]
    for n in range(at, at + size):
        leaf = code[n]
        total = text.places[leaf, 0]
        if total and scope == 0:
            return 1
        first = text.places[leaf, 1]
        for post in range(first, first + total):
            if lowest <= text.posts[post] < highest:
                return 1
    return 0


PAIRS = 64
"""Up to so many pairs of positions are compared one by one; sorting them would take longer."""


@kernel
def near_words(code: Any, at: int, text: Text, stacks: Stacks, top: int) -> Any:
    """NEAR_WORDS at code[at:]; minus the room that it would need above `top` of the stack of spans."""
    low, places, posts = stacks.low, text.places, text.posts
    lowest, highest = text.scopes[code[at + 1], 0], text.scopes[code[at + 1], 1]
    within, ordered, left, right = code[at + 2], code[at + 3], code[at + 4], code[at + 5]
    middle = spans.gather(code, left + 1, code[left], places, posts, low, top)
    if middle < 0:
        return middle
    end = spans.gather(code, right + 1, code[right], places, posts, low, middle)
    if end < 0:
        return end
    if (middle - top) * (end - middle) > PAIRS:
        middle = spans.words(code, left + 1, code[left], places, posts, low, stacks.high, top)
        end = spans.words(code, right + 1, code[right], places, posts, low, stacks.high, middle)
        return spans.near_any(low, stacks.high, top, middle, end, within, ordered, lowest, highest)
    for one in range(top, middle):
        if low[one] < lowest or low[one] >= highest:
            continue
        for other in range(middle, end):
            apart = low[other] - low[one]
            if apart < 0 and not ordered:
                apart = -apart
            if 0 < apart <= within and lowest <= low[other] < highest:
                return 1
    return 0


@kernel
def together(code: Any, at: int, text: Text, rows: Any, row: int) -> bool:
    """TOGETHER at code[at:]. A unit's row counts the lists that have a word in it, as far as all before have one."""
    unit, lists = code[at + 1], code[at + 3]
    lowest, highest = text.scopes[code[at + 2], 0], text.scopes[code[at + 2], 1]
    for n in range(row, row + text.units.count[unit]):
        rows[n] = 0
    for number in range(lists):
        words, further = code[at + 4 + number], False
        for n in range(words + 1, words + 1 + code[words]):
            first, times = text.places[code[n], 1], text.places[code[n], 0]
            for post in range(first, first + times):
                position = text.posts[post]
                of = row + text.units.of[unit, position]
                if rows[of] == number and lowest <= position < highest:
                    rows[of] = number + 1
                    further = True
        if not further:
            return False
    return True
