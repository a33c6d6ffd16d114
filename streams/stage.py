"""What a stage is: a named pure function between topics, with a memory that the runtime keeps for it.

A stage never reads a clock, a file or a socket: time reaches it through its records' stamps. It is called with one
record and a view of its partition's memory, and answers with a `Step`: the records it puts out and the entries of
its memory that change. The runtime stores both with the record's offset, then calls `Index.put` for each change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from wire.records import Record

S = TypeVar("S", bound=Record)
S_co = TypeVar("S_co", bound=Record, covariant=True)


class Output(NamedTuple):
    """A record put out by a stage. The runtime sets the stage's own stamp on it."""

    topic: str
    key: str
    partition_key: str
    record: Record


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """What a stage answers: outputs, entries of its memory to set (or with None to forget), and tallies.

    `tallies` counts what was suppressed, by (rule, reason): for metrics and for explaining, not stored.
    """

    outputs: tuple[Output, ...] = ()
    changes: Mapping[str, S | None] = field(default_factory=dict)
    tallies: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Index(Protocol):
    """A derived view of a partition's memory: rebuilt from all its entries, then told of each change."""

    def put(self, key: str, value: Any) -> None:
        """`value` is the entry's new state, None when it was forgotten."""


class Memory(Protocol[S_co]):
    """A stage's memory of one partition, to read."""

    @property
    def index(self) -> Any:
        """What the stage's `index` factory made, up to date with all entries; None where it has no factory."""

    def get(self, key: str) -> S_co | None:
        """One entry."""


@dataclass(frozen=True)
class Stage:
    """One stage: where it reads, what it remembers, what it does. `stamp` names the member of Stamps it sets."""

    name: str
    source: str
    reads: type[Record]
    table: str
    remembers: type[Record]
    run: Callable[[Any, Any], Step[Any]]
    stamp: str = ""
    index: Callable[[], Index] | None = None
