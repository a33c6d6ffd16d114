"""A log in memory, on any clock: for tests, replays and `tocsin detect`. The same semantics as the durable ones."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wire.clock import Clock, woken_or_slept
from wire.errors import LogClosed, LogError, LogFull
from wire.identity import partition_of
from wire.log import Append, Due, Lag, LogRecord, Stored, TableWrite, UnitOfWork
from wire.topics import DAY_S, FOREVER, PARTITIONS, TOPICS, Cleanup, Topic

TOMBSTONE_S = DAY_S
"""How long a removed key is still told to consumers that are behind."""


@dataclass
class _Partition:
    """Records by offset; `latest` maps a key to its last offset where the topic is compacted."""

    records: list[LogRecord] = field(default_factory=list)
    end: int = 0
    newest_ms: int = 0
    latest: dict[str, int] = field(default_factory=dict)

    def position(self, offset: int) -> int:
        return bisect_left(self.records, offset, key=lambda record: record.offset)


class MemoryLog:
    """Everything in dicts and lists; a commit is atomic because nothing else runs meanwhile."""

    def __init__(self, clock: Clock, *, partitions: int = PARTITIONS) -> None:
        self._clock = clock
        self._partitions = partitions
        self._topics: dict[tuple[str, int], _Partition] = defaultdict(_Partition)
        self._offsets: dict[tuple[str, str, int], int] = {}
        self._agendas: dict[str, MemoryAgenda] = {}
        self._open = False
        self._changed = asyncio.Event()

    async def start(self) -> None:
        self._open = True

    async def close(self) -> None:
        self._open = False
        self._wake()

    async def commit(self, work: UnitOfWork) -> Sequence[Stored]:
        self._check_open()
        check_sizes(work)
        stored = [self._append(append) for append in work.appends]
        for write in work.tables:
            self._set(write)
        for entry in work.agenda:
            self.agenda(entry.agenda).write(entry.partition, entry.key, entry.due_ms, entry.value)
        for (topic, partition), offset in work.offsets.items():
            key = (work.group, topic, partition)
            self._offsets[key] = max(offset, self._offsets.get(key, 0))
        if work.appends or work.tables:
            self._wake()
        return stored

    def partitions(self, topic: str) -> int:
        if topic not in TOPICS:
            raise LogError(f"no topic {topic!r}")
        return self._partitions

    def partition_of(self, topic: str, partition_key: str) -> int:
        return partition_of(partition_key, self.partitions(topic))

    async def consumer(self, group: str, topics: Sequence[str], owns: Sequence[str] = ()) -> MemoryConsumer:
        self._check_open()
        return MemoryConsumer(self, group, topics)

    def table(self, topic: str) -> MemoryTable:
        if TOPICS[topic].cleanup is not Cleanup.COMPACT:
            raise LogError(f"{topic} is not compacted: it cannot be read as a table")
        return MemoryTable(self, topic)

    def agenda(self, name: str) -> MemoryAgenda:
        return self._agendas.setdefault(name, MemoryAgenda())

    async def read(self, topic: str, partition: int, offset: int, limit: int = 500) -> list[LogRecord]:
        self._check_open()
        return self.slice(topic, partition, offset, limit)

    async def ends(self, topic: str) -> Mapping[int, tuple[int, int]]:
        self._check_open()
        found = {}
        for number in range(self.partitions(topic)):
            partition = self._topics[topic, number]
            first = partition.records[0].offset if partition.records else partition.end
            found[number] = (first, partition.end)
        return found

    async def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        self._check_open()
        held = self._topics[topic, partition]
        position = bisect_left(held.records, timestamp_ms, key=lambda record: record.timestamp_ms)
        return held.records[position].offset if position < len(held.records) else held.end

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        self._check_open()
        return {key[2]: offset for key, offset in self._offsets.items() if key[:2] == (group, topic)}

    async def seek(self, group: str, topic: str, partition: int, offset: int) -> None:
        """Move a group's offset, back or forth."""
        self._offsets[group, topic, partition] = offset

    async def lag(self, group: str, topic: str) -> Lag:
        self._check_open()
        waiting, oldest_ms = 0, None
        for number in range(self.partitions(topic)):
            held = self._topics[topic, number]
            position = held.position(self.offset(group, topic, number))
            waiting += len(held.records) - position
            if position < len(held.records):
                first_ms = held.records[position].timestamp_ms
                oldest_ms = first_ms if oldest_ms is None else min(oldest_ms, first_ms)
        return Lag(waiting, 0.0 if oldest_ms is None else max(0, self._clock.now_ms() - oldest_ms) / 1000)

    async def sweep(self) -> int:
        self._check_open()
        return sum(self._sweep(topic) for topic in TOPICS.values())

    # -------------------------------------------------------------- what consumers and tables use

    def slice(self, topic: str, partition: int, offset: int, limit: int) -> list[LogRecord]:
        """Records of one partition from an offset on."""
        held = self._topics[topic, partition]
        position = held.position(offset)
        return held.records[position : position + limit]

    def latest(self, topic: str, partition: int) -> Mapping[str, int]:
        """The last offset of each key of a compacted topic."""
        return self._topics[topic, partition].latest

    def offset(self, group: str, topic: str, partition: int) -> int:
        return self._offsets.get((group, topic, partition), 0)

    async def changed(self, timeout_s: float) -> None:
        """Return at the next commit that appends, or after `timeout_s` of the clock."""
        await woken_or_slept(self._changed, self._clock, timeout_s)
        self._check_open()

    # -------------------------------------------------------------- inside

    def _check_open(self) -> None:
        if not self._open:
            raise LogClosed("the log is not open")

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _append(self, append: Append) -> Stored:
        number = (
            self.partition_of(append.topic, append.partition_key) if append.partition is None else append.partition
        )
        return self._put(append.topic, number, append.key, append.value, append.headers)

    def _set(self, write: TableWrite) -> None:
        self._put(write.table, write.partition, write.key, write.value, ())

    def _put(self, topic: str, number: int, key: str, value: bytes | None, headers: object) -> Stored:
        held = self._topics[topic, number]
        held.newest_ms = max(held.newest_ms, self._clock.now_ms())
        record = LogRecord(topic, number, held.end, held.newest_ms, key, value, tuple(headers))  # type: ignore[arg-type]
        if TOPICS[topic].cleanup is Cleanup.COMPACT:
            superseded = held.latest.pop(key, None)
            if superseded is not None:
                del held.records[held.position(superseded)]
            held.latest[key] = record.offset
        held.records.append(record)
        held.end += 1
        return Stored(number, record.offset)

    def _sweep(self, topic: Topic) -> int:
        now_ms = self._clock.now_ms()
        gone = 0
        parts = [held for (name, _), held in self._topics.items() if name == topic.name]
        for held in parts:
            before = len(held.records)
            if topic.cleanup is Cleanup.COMPACT:
                old = [r for r in held.records if r.value is None and r.timestamp_ms <= now_ms - TOMBSTONE_S * 1000]
                for record in old:
                    del held.latest[record.key]
                    del held.records[held.position(record.offset)]
            elif topic.keep_s != FOREVER:
                cut = bisect_left(held.records, now_ms - topic.keep_s * 1000, key=lambda record: record.timestamp_ms)
                del held.records[:cut]
            gone += before - len(held.records)
        if topic.keep_bytes != FOREVER:
            gone += _cut_to(parts, topic.keep_bytes)
        return gone


def check_sizes(work: UnitOfWork) -> None:
    """Raise LogFull where a record or table entry passes its topic's limit, LogError where there is no such topic."""
    named = [(a.topic, a.key, a.value) for a in work.appends] + [(w.table, w.key, w.value) for w in work.tables]
    for name, key, value in named:
        topic = TOPICS.get(name)
        if topic is None:
            raise LogError(f"no topic {name!r}")
        if value is not None and len(value) > topic.max_bytes:
            raise LogFull(f"{name} {key}: {len(value)} bytes, the topic takes {topic.max_bytes}")


def _cut_to(parts: Sequence[_Partition], keep_bytes: int) -> int:
    """Drop the oldest records of all partitions together until they fit."""
    kept = sorted((r for held in parts for r in held.records), key=lambda r: (r.timestamp_ms, r.offset), reverse=True)
    size = gone = 0
    for record in kept:
        size += len(record.value or b"")
        if size > keep_bytes:
            held = next(held for held in parts if record in held.records[: held.position(record.offset) + 1])
            del held.records[held.position(record.offset)]
            gone += 1
    return gone


class MemoryConsumer:
    """All partitions are its own: one process, one owner."""

    def __init__(self, log: MemoryLog, group: str, topics: Sequence[str]) -> None:
        self._log = log
        self._group = group
        self._assignment = tuple((topic, number) for topic in topics for number in range(log.partitions(topic)))
        self._positions: dict[tuple[str, int], int] = {}
        self._next = 0
        self.rewind()

    @property
    def assignment(self) -> frozenset[tuple[str, int]]:
        return frozenset(self._assignment)

    @property
    def generation(self) -> int:
        return 0

    async def poll(self, max_records: int = 500, timeout_s: float = 1.0) -> list[LogRecord]:
        records = self._take(max_records)
        if not records and timeout_s > 0:
            await self._log.changed(timeout_s)
            records = self._take(max_records)
        return records

    def rewind(self) -> None:
        self._positions = {pair: self._log.offset(self._group, *pair) for pair in self._assignment}

    async def close(self) -> None:
        self._positions.clear()

    def _take(self, max_records: int) -> list[LogRecord]:
        found: list[LogRecord] = []
        for turn in range(len(self._assignment)):
            pair = self._assignment[(self._next + turn) % len(self._assignment)]
            batch = self._log.slice(*pair, self._positions[pair], max_records - len(found))
            if batch:
                self._positions[pair] = batch[-1].offset + 1
                found += batch
            if len(found) >= max_records:
                break
        self._next = (self._next + 1) % max(1, len(self._assignment))
        return found


class MemoryTable:
    """A compacted topic as a map."""

    def __init__(self, log: MemoryLog, topic: str) -> None:
        self._log = log
        self._topic = topic

    def get(self, partition: int, key: str) -> bytes | None:
        offset = self._log.latest(self._topic, partition).get(key)
        return None if offset is None else self._log.slice(self._topic, partition, offset, 1)[0].value

    def items(self, partition: int | None = None) -> Iterator[tuple[str, bytes]]:
        numbers = range(self._log.partitions(self._topic)) if partition is None else (partition,)
        for number in numbers:
            for record in self._log.slice(self._topic, number, 0, 1 << 60):
                if record.value is not None:
                    yield record.key, record.value


class MemoryAgenda:
    """Due entries of each partition, sorted by due time then key."""

    def __init__(self) -> None:
        self._order: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._entries: dict[tuple[int, str], Due] = {}

    def write(self, partition: int, key: str, due_ms: int | None, value: bytes) -> None:
        """Set or remove an entry."""
        order = self._order[partition]
        before = self._entries.pop((partition, key), None)
        if before is not None:
            del order[bisect_left(order, (before.due_ms, key))]
        if due_ms is not None:
            self._entries[partition, key] = Due(partition, key, due_ms, value)
            insort(order, (due_ms, key))

    def get(self, partition: int, key: str) -> Due | None:
        return self._entries.get((partition, key))

    def due(self, partitions: Iterable[int], now_ms: int, limit: int = 100) -> list[Due]:
        found = [
            self._entries[partition, key]
            for partition in partitions
            for _, key in self._order[partition][: bisect_right(self._order[partition], (now_ms, "\U0010ffff"))][
                :limit
            ]
        ]
        return sorted(found, key=lambda due: (due.due_ms, due.key))[:limit]

    def next_due_ms(self, partitions: Iterable[int]) -> int | None:
        return min((order[0][0] for number in partitions if (order := self._order[number])), default=None)

    def items(self, partition: int) -> Iterator[Due]:
        for _, key in list(self._order[partition]):
            yield self._entries[partition, key]
