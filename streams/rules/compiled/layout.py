"""Kernels that lay out one article: where each leaf stands, and which sentence and paragraph each position is in."""

from __future__ import annotations

from typing import Any, NamedTuple

from streams.rules.compiled.jit import kernel

NOWHERE, EVERYWHERE = 0, 1
"""Two more leaves, behind the real ones: one that no article has, and one that each has."""


class Work(NamedTuple):
    """Memory of a thread. `seen` and `held` take the stamp of the article at hand, so that they are never cleared."""

    places: Any  # int32 (leaves, 2): occurrences, zero between articles, and the first of them in `posts`
    there: Any  # uint8 (leaves + 2,): 1 for the leaves of the article, zero between articles, and EVERYWHERE
    touched: Any  # int32 (leaves + 1,): the leaves of the article
    candidates: Any  # int32: queries that may hold, by their place in the code
    seen: Any  # int64 (queries,)
    held: Any  # int64 (rules,)
    seen_in: Any  # int64 (leaves,): articles in which a leaf was
    spots: Any  # int32: words of the article that meet a leaf
    posts: Any  # int32: positions, leaf by leaf
    scopes: Any  # int32 (5, 2): see `machine.Text`


class Units(NamedTuple):
    """Sentences (row 0) and paragraphs (row 1) of an article. Room for as many units as positions."""

    of: Any  # int32 (2, positions): the unit of each position
    low: Any  # int32 (2, positions): its positions, half-open
    high: Any  # int32 (2, positions)
    count: Any  # int32 (2,)


@kernel
def positions(work: Work, met: Any, sets: Any, leaves: Any, first: int, middle: int, last: int, gap: int) -> int:
    """Where each leaf of an article stands. Gives how many leaves it has, or -1 where an array is too small.

    The article's words are met[first:last], its body begins at `middle` and `gap` positions later. Set n of leaves is
    leaves[sets[n]:sets[n + 1]]. Where a place is written before it is known to be kept, there is no branch to guess.
    """
    places, there, touched, posts, spots = work.places, work.there, work.touched, work.posts, work.spots
    if last - first > len(spots):
        return -1
    count, found, total = 0, 0, 0
    for n in range(first, last):
        spots[count] = n
        count += met[n] != 0
    for spot in range(count):
        kind = met[spots[spot]]
        for at in range(sets[kind], sets[kind + 1]):
            leaf = leaves[at]
            touched[found] = leaf
            found += places[leaf, 0] == 0
            places[leaf, 0] += 1
            total += 1
    for n in range(found):
        there[touched[n]] = 1
    if total > len(posts):
        forget(work, found)
        return -1
    total = 0
    for n in range(found):
        total += places[touched[n], 0]
        places[touched[n], 1] = total
    for spot in range(count - 1, -1, -1):
        n = spots[spot]
        position = n - first + (gap if n >= middle else 0)
        kind = met[n]
        for at in range(sets[kind], sets[kind + 1]):
            places[leaves[at], 1] -= 1
            posts[places[leaves[at], 1]] = position
    return found


@kernel
def forget(work: Work, found: int) -> None:
    """Leave nothing behind: a program reads the places of leaves that are not in its article."""
    for n in range(found):
        work.places[work.touched[n], 0] = 0
        work.there[work.touched[n]] = 0


@kernel
def partition(units: Units, flags: Any, first: int, middle: int, last: int, gap: int) -> None:
    """Sentences (flag 1) and paragraphs (flag 2) of the words first:last of one article."""
    for kind in range(2):
        count = 0
        for n in range(first, last):
            position = n - first + (gap if n >= middle else 0)
            if n == first or n == middle or flags[n] & (kind + 1):
                units.low[kind, count] = position
                count += 1
            units.of[kind, position] = count - 1
            units.high[kind, count - 1] = position + 1
        units.count[kind] = count
