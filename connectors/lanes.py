"""What waits on an agenda, by lane: a long lane never hides another."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple


class Waiting(NamedTuple):
    """An agenda entry's place in its lane: by due time, then in the order of coming."""

    due_ms: int
    turn: int
    partition: int
    key: str


class Lanes:
    """The entries of one agenda, each in a lane: a host, a subscription. Rebuilt from the agenda at start."""

    def __init__(self) -> None:
        self._lanes: dict[str, list[Waiting]] = {}
        self._places: dict[str, tuple[str, Waiting]] = {}
        self._turns = count()

    def put(self, lane: str, partition: int, key: str, due_ms: int) -> None:
        """Add an entry, or move it to another time."""
        self.remove(key)
        waiting = Waiting(due_ms, next(self._turns), partition, key)
        self._places[key] = (lane, waiting)
        insort(self._lanes.setdefault(lane, []), waiting)

    def remove(self, key: str) -> None:
        """Take an entry out, if it is there."""
        lane, waiting = self._places.pop(key, ("", None))
        if waiting is None:
            return
        row = self._lanes[lane]
        del row[bisect_left(row, waiting)]
        if not row:
            del self._lanes[lane]

    def heads(self) -> Iterator[tuple[str, Waiting]]:
        """Each lane with its first entry."""
        return ((lane, row[0]) for lane, row in self._lanes.items())

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)
