"""What has changed from one ruleset to the next, as far as it decides which articles are met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from streams.rules.loaded import LoadedRules
from streams.rules.model import Rule

GONE = -1


class Changes(NamedTuple):
    """`places` (older rules,) says where each stands among the newer ones, or that it is GONE: taken away, or asking
    for something else now. `fresh` are the newer ones that none of the older is, rising."""

    places: tuple[int, ...]
    fresh: tuple[int, ...]

    @property
    def none(self) -> bool:
        """Whether all are what and where they were."""
        return not self.fresh and self.places == tuple(range(len(self.places)))


def changes(older: Sequence[Rule], newer: Sequence[Rule]) -> Changes:
    """Rules are the same where their ids and queries are, whatever else is said in them."""
    place_of = {name: place for place, name in enumerate(_ids(newer))}
    same = _comparison(older, newer)
    places = [GONE] * len(older)
    for number, name in enumerate(_ids(older)):
        place = place_of.get(name, GONE)
        if place != GONE and same(number, place):
            places[number] = place
    there = set(places)
    return Changes(tuple(places), tuple(place for place in range(len(newer)) if place not in there))


def _ids(rules: Sequence[Rule]) -> Sequence[str]:
    return rules.ids if isinstance(rules, LoadedRules) else [rule.id for rule in rules]


def _comparison(older: Sequence[Rule], newer: Sequence[Rule]) -> Callable[[int, int], bool]:
    if isinstance(older, LoadedRules) and isinstance(newer, LoadedRules):
        return newer.comparison(older)
    return lambda number, place: (
        (older[number].queries, older[number].unless)
        == (
            newer[place].queries,
            newer[place].unless,
        )
    )
