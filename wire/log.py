"""The contract of a log: partitioned topics, tables over the compacted ones, an agenda, and units of work.

One step of any worker is a unit of work. It is stored in the order *effect, memory, acknowledgement*: appended
records first, then tables and agenda, then the consumer's offsets. Where the log can (SQLite, memory) the whole unit
is one transaction; where it cannot (Kafka) a crash between the parts repeats effects and never skips one.
Every log passes the suites in tests/contracts/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from wire.codec import encode
from wire.records import Record

Headers = tuple[tuple[str, bytes], ...]

ANEW = ("anew", b"1")
"""The header of a record that people put back: it takes the place of what is there."""


class LogRecord(NamedTuple):
    """One stored record. `timestamp_ms` is the time of appending; `value` None is a tombstone."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: str
    value: bytes | None
    headers: Headers = ()

    @property
    def origin(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Append(NamedTuple):
    """A record to be appended; the partition comes from murmur2 of `partition_key`.

    `partition` names one outright: for a record that is put back where it was read from, its key unknown.
    """

    topic: str
    key: str
    partition_key: str
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


class TableWrite(NamedTuple):
    """A table entry to be set, or with None removed. The partition is the writer's own."""

    table: str
    partition: int
    key: str
    value: bytes | None


class AgendaWrite(NamedTuple):
    """Something due at `due_ms`; with None it is no longer due. The partition is the writer's own."""

    agenda: str
    partition: int
    key: str
    due_ms: int | None
    value: bytes = b""


class Due(NamedTuple):
    """An agenda entry."""

    partition: int
    key: str
    due_ms: int
    value: bytes


class Stored(NamedTuple):
    """Where an append came to lie."""

    partition: int
    offset: int


@dataclass(slots=True)
class UnitOfWork:
    """What one step of a worker wants to become true, all of it or (on Kafka) in this order.

    `offsets` maps (topic, partition) to the next offset to read, for consumer group `group`.
    """

    group: str = ""
    appends: list[Append] = field(default_factory=list)
    tables: list[TableWrite] = field(default_factory=list)
    agenda: list[AgendaWrite] = field(default_factory=list)
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)

    def append(self, topic: str, key: str, partition_key: str, record: Record | None) -> None:
        """Add a record, or with None a tombstone."""
        value = None if record is None else encode(record)
        self.appends.append(Append(topic, key, partition_key, value))

    def advance(self, record: LogRecord) -> None:
        """Acknowledge `record` and all before it in its partition."""
        self.offsets[record.topic, record.partition] = record.offset + 1

    def __bool__(self) -> bool:
        return bool(self.appends or self.tables or self.agenda or self.offsets)


class Consumer(Protocol):
    """Reads topics for one group, in order within each partition, from the group's committed offsets."""

    @property
    def assignment(self) -> frozenset[tuple[str, int]]:
        """The (topic, partition) pairs that are this consumer's own now."""

    @property
    def generation(self) -> int:
        """Grows whenever the assignment changes; what was remembered of a partition is then stale."""

    async def poll(self, max_records: int = 500, timeout_s: float = 1.0) -> list[LogRecord]:
        """Up to `max_records` records, in offset order within a partition; none when `timeout_s` passes first.

        Moves this consumer's position past them; only a committed unit of work moves the group's.
        """

    def rewind(self) -> None:
        """Go back to the group's committed offsets: what was polled and not committed is polled again."""

    async def close(self) -> None:
        """Give the assignment up."""


class Table(Protocol):
    """A compacted topic read as a map, one partition at a time. Written by units of work only."""

    def get(self, partition: int, key: str) -> bytes | None:
        """The latest value, None where there is none."""

    def items(self, partition: int | None = None) -> Iterator[tuple[str, bytes]]:
        """All present entries of a partition, or of every partition at hand, in the order of their last write."""


class Agenda(Protocol):
    """What is due when, one partition at a time. Written by units of work only."""

    def get(self, partition: int, key: str) -> Due | None:
        """The entry, None where nothing is due under the key."""

    def due(self, partitions: Iterable[int], now_ms: int, limit: int = 100) -> list[Due]:
        """Up to `limit` entries with `due_ms` ≤ `now_ms`, the longest due first; ties by key."""

    def next_due_ms(self, partitions: Iterable[int]) -> int | None:
        """When the next entry falls due, None where the agenda is empty."""

    def items(self, partition: int) -> Iterator[Due]:
        """All entries of a partition, by due time then key."""


class Lag(NamedTuple):
    """How far a group is behind: records not yet acknowledged, and the age in seconds of the oldest of them."""

    records: int
    seconds: float


class Log(Protocol):
    """Topics, tables and agendas in one place. Start before use; close when done."""

    async def start(self) -> None:
        """Open or create. Raises LogLocked where another process writes, LogError where it cannot be opened."""

    async def close(self) -> None:
        """Finish what was handed in, then let go. Safe to call twice."""

    async def commit(self, work: UnitOfWork) -> Sequence[Stored]:
        """Store a unit of work; returns once it is durable, with the place of each append in order.

        Raises LogFull or LogError, and then nothing is acknowledged.
        """

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""

    def partition_of(self, topic: str, partition_key: str) -> int:
        """The partition that a partition key falls into."""

    async def consumer(self, group: str, topics: Sequence[str], owns: Sequence[str] = ()) -> Consumer:
        """Join `group` for `topics`. `owns` are the tables and agendas whose partitions go with those of the topics.

        On a cluster they are taken over with an assignment and given up with it: to write to what was given up raises
        NotOwner. In one process everything is one's own.
        """

    def table(self, topic: str) -> Table:
        """A compacted topic as a map."""

    def agenda(self, name: str) -> Agenda:
        """The agenda of that name, created on first write."""

    async def read(self, topic: str, partition: int, offset: int, limit: int = 500) -> list[LogRecord]:
        """Records from `offset` on without a group: for people, replay and the dashboard. Gaps are skipped."""

    async def ends(self, topic: str) -> Mapping[int, tuple[int, int]]:
        """For each partition the first offset kept and the offset that the next record will get."""

    async def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        """The first offset appended at or after a moment; the end where there is none."""

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        """The next offset of a group, for each partition where it has one."""

    async def lag(self, group: str, topic: str) -> Lag:
        """How far a group is behind on a topic."""

    async def sweep(self) -> int:
        """Apply retention by age and size; returns how many records went."""
