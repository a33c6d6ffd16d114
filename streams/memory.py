"""A stage's memory of one partition, held in a dict beside its derived index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from streams.stage import Index
from wire.records import Record

S = TypeVar("S", bound=Record)


class PlainMemory(Generic[S]):
    """What both runtimes, tests and replays hand to a stage. `index` hears of every entry, old and new."""

    def __init__(self, items: Iterable[tuple[str, S]] = (), index: Index | None = None) -> None:
        self._entries: dict[str, S] = {}
        self._index = index
        self.apply(dict(items))

    @property
    def index(self) -> Index | None:
        return self._index

    def get(self, key: str) -> S | None:
        return self._entries.get(key)

    def items(self) -> Iterator[tuple[str, S]]:
        """All entries, oldest first."""
        return iter(self._entries.items())

    def __len__(self) -> int:
        return len(self._entries)

    def apply(self, changes: Mapping[str, S | None]) -> None:
        """Take over the changes of a step."""
        for key, value in changes.items():
            if value is None:
                self._entries.pop(key, None)
            else:
                self._entries[key] = value
            if self._index is not None:
                self._index.put(key, value)
