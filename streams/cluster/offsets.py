"""Which offset may be committed: the lowest that was handed out and is not done, or the one after the last."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field


@dataclass
class _Row:
    waiting: deque[int] = field(default_factory=deque)
    done: set[int] = field(default_factory=set)
    safe: int | None = None
    last: int = -1


class OffsetTracker:
    """Offsets of each partition in the order of being handed out. Faust's own reckoning commits past work in hand
    (faust-streaming issue 606): this one takes its place."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, _Row] = {}

    def delivered(self, partition: Hashable, offset: int) -> None:
        """A record was handed out. One that was handed out before is not counted twice."""
        row = self._rows.setdefault(partition, _Row())
        if offset > row.last:
            row.last = offset
            row.waiting.append(offset)

    def done(self, partition: Hashable, offset: int) -> bool:
        """All that a record brings is stored. False where it was not handed out since the last `clear`."""
        row = self._rows.get(partition)
        if row is None or not row.waiting or not row.waiting[0] <= offset <= row.last:
            return False
        row.done.add(offset)
        while row.waiting and row.waiting[0] in row.done:
            row.safe = row.waiting.popleft() + 1
            row.done.discard(row.safe - 1)
        return True

    def safe(self, partition: Hashable) -> int | None:
        """The offset that may be committed; None where nothing is done yet."""
        row = self._rows.get(partition)
        return None if row is None else row.safe

    def partitions(self) -> list[Hashable]:
        """Where there is something to commit."""
        return [partition for partition, row in self._rows.items() if row.safe is not None]

    def waiting(self) -> int:
        """How many records are in hand."""
        return sum(len(row.waiting) for row in self._rows.values())

    def clear(self, partitions: Iterable[Hashable] | None = None) -> None:
        """Forget partitions, or all: their records will be handed out again."""
        for partition in list(self._rows) if partitions is None else partitions:
            self._rows.pop(partition, None)
