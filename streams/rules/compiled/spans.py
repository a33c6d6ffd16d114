"""Kernels over lists of minimal spans (Clarke, Cormack and Burkowski 1995).

All lists stand one after the other in two arrays, `low` and `high`: a span is the positions low[i] up to high[i]. In
every list both rise strictly. Each kernel takes lists at the top and leaves its result at `base`; it gives the index
behind the result, or minus the room that it would need.
"""

from __future__ import annotations

from typing import Any

from streams.rules.compiled.jit import kernel

FEW = 32
"""Up to so many numbers are sorted by insertion."""


@kernel
def sort(values: Any, scratch: Any, base: int, top: int) -> None:
    """Sort values[base:top]: a few by insertion, more by merging runs (numba's own sort would make arrays)."""
    known = base + 1
    while known < top and values[known - 1] <= values[known]:
        known += 1
    if known >= top:
        return
    run = 1
    if top - base <= FEW:
        run = top - base
        for n in range(known, top):
            value, slot = values[n], n
            while slot > base and values[slot - 1] > value:
                values[slot] = values[slot - 1]
                slot -= 1
            values[slot] = value
    while run < top - base:
        for begin in range(base, top, 2 * run):
            middle, end = min(begin + run, top), min(begin + 2 * run, top)
            one, two = begin, middle
            for n in range(begin, end):
                if two >= end or (one < middle and values[one] <= values[two]):
                    scratch[n] = values[one]
                    one += 1
                else:
                    scratch[n] = values[two]
                    two += 1
        for n in range(base, top):
            values[n] = scratch[n]
        run *= 2


@kernel
def gather(code: Any, at: int, size: int, places: Any, posts: Any, low: Any, base: int) -> Any:
    """Positions of `size` leaves at code[at:], leaf by leaf."""
    top = base
    for n in range(at, at + size):
        first, count = places[code[n], 1], places[code[n], 0]
        if top + count > len(low):
            return -(top + count)
        for post in range(first, first + count):
            low[top] = posts[post]
            top += 1
    return top


@kernel
def words(code: Any, at: int, size: int, places: Any, posts: Any, low: Any, high: Any, base: int) -> Any:
    """Positions of `size` leaves at code[at:], each once, by position."""
    top = gather(code, at, size, places, posts, low, base)
    if top <= base:
        return top
    sort(low, high, base, top)
    kept = base
    for n in range(base, top):
        low[kept] = low[n]
        high[kept] = low[n] + 1
        kept += n + 1 == top or low[n + 1] != low[n]
    return kept


@kernel
def phrase(code: Any, at: int, size: int, places: Any, posts: Any, low: Any, high: Any, base: int) -> Any:
    """Where the leaves at code[at:at + size] stand side by side."""
    leaf = code[at]
    total = places[leaf, 0]
    if base + total > len(low):
        return -(base + total)
    for n in range(total):
        low[base + n] = posts[places[leaf, 1] + n]
    top = base + total
    for distance in range(1, size):
        leaf = code[at + distance]
        post, last = places[leaf, 1], places[leaf, 1] + places[leaf, 0]
        kept = base
        for n in range(base, top):
            wanted = low[n] + distance
            while post < last and posts[post] < wanted:
                post += 1
            if post < last and posts[post] == wanted:
                low[kept] = low[n]
                kept += 1
        top = kept
    for n in range(base, top):
        high[n] = low[n] + size
    return top


@kernel
def either(low: Any, high: Any, base: int, middle: int, top: int) -> int:
    """The minimal spans of the lists base:middle and middle:top."""
    need = top + (top - base)
    if need > len(low):
        return -need
    return _merged(low, high, base, middle, middle, top, top, base)


@kernel
def near(low: Any, high: Any, base: int, middle: int, top: int, within: int, ordered: int) -> int:
    """The minimal pairs of one span of base:middle and one of middle:top, apart, at most `within` words between."""
    need = top + 2 * (top - base)
    if need > len(low):
        return -need
    turned = _before(low, high, base, middle, middle, top, within, top)
    end = turned if ordered else _before(low, high, middle, top, base, middle, within, turned)
    return _merged(low, high, top, turned, turned, end, end, base)


@kernel
def _before(
    low: Any, high: Any, first: int, first_end: int, second: int, second_end: int, within: int, top: int
) -> int:
    """Each span of the second list with the last of the first that ends at or before its start, where near enough."""
    last = first - 1
    for n in range(second, second_end):
        while last + 1 < first_end and high[last + 1] <= low[n]:
            last += 1
        if last >= first and low[n] - high[last] + 1 <= within:
            low[top] = low[last]
            high[top] = high[n]
            top += 1
    return top


@kernel
def near_any(
    low: Any, high: Any, base: int, middle: int, top: int, within: int, ordered: int, lowest: int, highest: int
) -> Any:
    """Whether `near` has a span in the positions lowest:highest."""
    return _any_before(low, high, base, middle, middle, top, within, lowest, highest) or (
        ordered == 0 and _any_before(low, high, middle, top, base, middle, within, lowest, highest)
    )


@kernel
def _any_before(
    low: Any,
    high: Any,
    first: int,
    first_end: int,
    second: int,
    second_end: int,
    within: int,
    lowest: int,
    highest: int,
) -> bool:
    """Whether a span of the first list ends before one of the second, near enough, both in lowest:highest."""
    last = first - 1
    for n in range(second, second_end):
        while last + 1 < first_end and high[last + 1] <= low[n]:
            last += 1
        if last >= first and low[n] - high[last] + 1 <= within and low[last] >= lowest and high[n] <= highest:
            return True
    return False


@kernel
def _merged(low: Any, high: Any, one: int, one_end: int, two: int, two_end: int, free: int, target: int) -> int:
    """The minimal ones of two lists whose starts and ends do not fall, written at `target`; `free` is scratch."""
    top = free
    a, b = one_end - 1, two_end - 1
    while a >= one or b >= two:
        if b < two or (a >= one and (low[a] > low[b] or (low[a] == low[b] and high[a] < high[b]))):
            start, end = low[a], high[a]
            a -= 1
        else:
            start, end = low[b], high[b]
            b -= 1
        if top == free or end < high[top - 1]:
            if top > free and low[top - 1] == start:
                top -= 1
            low[top] = start
            high[top] = end
            top += 1
    size = top - free
    # Written backwards: turned around on the way down. The target never lies above the scratch.
    for n in range(size // 2):
        other = top - 1 - n
        low[free + n], low[other] = low[other], low[free + n]
        high[free + n], high[other] = high[other], high[free + n]
    for n in range(size):
        low[target + n] = low[free + n]
        high[target + n] = high[free + n]
    return target + size
