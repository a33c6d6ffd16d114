"""The local log: one SQLite file, durable at every commit, with readers beside the one writer."""

from __future__ import annotations

import asyncio
import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wire.clock import Clock, woken_or_slept
from wire.errors import LogClosed, LogError
from wire.identity import partition_of
from wire.log import Due, Lag, LogRecord, Stored, UnitOfWork
from wire.memory import TOMBSTONE_S, check_sizes
from wire.metrics import Metrics
from wire.sqlite_store import (
    End,
    FileLock,
    Writer,
    WriterThread,
    connect,
    failure,
    offset_of,
    prepare,
    record_of,
    row_id,
)
from wire.topics import FOREVER, PARTITIONS, TOPICS, Cleanup, Topic

SWEEP_ROWS = 1000
"""Rows that retention removes at the most in one transaction, so that it never holds the writer long."""

_COLUMNS = "id, timestamp_ms, key, value, headers"


class SqliteLog:
    """A log in the file `path`. `read_only` reads beside the process that writes, without its lock."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        partitions: int = PARTITIONS,
        metrics: Metrics | None = None,
        read_only: bool = False,
    ) -> None:
        self._path = path
        self._clock = clock
        self._partitions = partitions
        self._metrics = metrics
        self._read_only = read_only
        self._lock = FileLock(path)
        self._reader: sqlite3.Connection | None = None
        self._thread: WriterThread | None = None
        self._topics: dict[str, int] = {}
        self._ends: dict[tuple[str, int], End] = {}
        self._changed = asyncio.Event()

    # -------------------------------------------------------------- opening and closing

    async def start(self) -> None:
        if not self._read_only:
            self._lock.acquire()
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def _open(self) -> None:
        first = connect(self._path, read_only=self._read_only, any_thread=True)
        try:
            self._topics = prepare(first, self._path, self._partitions, read_only=self._read_only)
            self._ends = self._stored_ends(first)
        except BaseException:
            first.close()
            raise
        if self._read_only:
            self._reader = first
            return
        self._reader = connect(self._path, read_only=True)
        writer = Writer(first, self._topics, self._ends, self._clock, self._partitions)
        self._thread = WriterThread(writer, self._path, self._wake, self._metrics)
        self._thread.start()

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.close()
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self._lock.release()
        self._wake()

    # -------------------------------------------------------------- writing

    async def commit(self, work: UnitOfWork) -> Sequence[Stored]:
        check_sizes(work)
        stored: list[Stored] = await self._submit(lambda writer: writer.apply(work))
        return stored

    async def seek(self, group: str, topic: str, partition: int, offset: int) -> None:
        """Move a group's offset, back or forth."""
        place = (group, self._topics[topic], partition, offset)
        await self._submit(
            lambda writer: writer.connection.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?, ?, ?)", place)
        )

    async def sweep(self) -> int:
        gone = 0
        for topic in TOPICS.values():
            while removed := await self._submit(lambda writer, topic=topic: _sweep(writer, topic)):
                gone += removed
        return gone

    async def limit_pages(self, pages: int) -> None:
        """Let the file grow to `pages` pages of 4 KiB: beyond, commits raise LogFull as on a full disk."""
        await self._submit(lambda writer: writer.connection.execute(f"PRAGMA max_page_count = {int(pages)}"))

    async def _submit(self, job: Any) -> Any:
        if self._thread is None:
            raise LogError(f"{self._path}: opened to read only") if self._reader else LogClosed("the log is not open")
        return await self._thread.submit(job)

    # -------------------------------------------------------------- reading

    def partitions(self, topic: str) -> int:
        if topic not in TOPICS:
            raise LogError(f"no topic {topic!r}")
        return self._partitions

    def partition_of(self, topic: str, partition_key: str) -> int:
        return partition_of(partition_key, self.partitions(topic))

    async def consumer(self, group: str, topics: Sequence[str], owns: Sequence[str] = ()) -> SqliteConsumer:
        self.query("SELECT 1")
        return SqliteConsumer(self, group, topics)

    def table(self, topic: str) -> SqliteTable:
        if TOPICS[topic].cleanup is not Cleanup.COMPACT:
            raise LogError(f"{topic} is not compacted: it cannot be read as a table")
        return SqliteTable(self, topic)

    def agenda(self, name: str) -> SqliteAgenda:
        return SqliteAgenda(self, name)

    async def read(self, topic: str, partition: int, offset: int, limit: int = 500) -> list[LogRecord]:
        return self.slice(topic, partition, offset, limit)

    async def ends(self, topic: str) -> Mapping[int, tuple[int, int]]:
        found = {}
        for number in range(self.partitions(topic)):
            low, high = self._range(topic, number)
            row = self.query("SELECT min(id) FROM records WHERE id >= ? AND id < ?", low, high)[0][0]
            end = self.end(topic, number)
            found[number] = (end if row is None else offset_of(row), end)
        return found

    async def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        low, end = 0, self.end(topic, partition)
        high = end
        while low < high:
            middle = (low + high) // 2
            found = self._first(topic, partition, middle)
            if found is None or found[1] >= timestamp_ms:
                high = middle
            else:
                low = offset_of(found[0]) + 1
        found = self._first(topic, partition, low)
        return end if found is None else offset_of(found[0])

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        sql = "SELECT partition, next FROM offsets WHERE consumers = ? AND topic = ?"
        return dict(self.query(sql, group, self._topics[topic]))

    async def lag(self, group: str, topic: str) -> Lag:
        committed = await self.committed(group, topic)
        waiting, oldest_ms = 0, None
        for number in range(self.partitions(topic)):
            next_ = committed.get(number, 0)
            if next_ >= self.end(topic, number):
                continue
            low, high = self._range(topic, number, next_)
            count, first_ms = self.query(
                "SELECT count(*), min(timestamp_ms) FROM records WHERE id >= ? AND id < ?", low, high
            )[0]
            waiting += count
            if count:
                oldest_ms = first_ms if oldest_ms is None else min(oldest_ms, first_ms)
        return Lag(waiting, 0.0 if oldest_ms is None else max(0, self._clock.now_ms() - oldest_ms) / 1000)

    # -------------------------------------------------------------- what consumers, tables and agendas use

    def query(self, sql: str, *values: Any) -> list[Any]:
        """Rows of a reading statement. Raises LogClosed, LogError."""
        if self._reader is None:
            raise LogClosed("the log is not open")
        try:
            return self._reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise failure(error, self._path) from error

    def slice(self, topic: str, partition: int, offset: int, limit: int) -> list[LogRecord]:
        """Records of one partition from an offset on."""
        low, high = self._range(topic, partition, offset)
        sql = f"SELECT {_COLUMNS} FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
        return [record_of(topic, partition, row) for row in self.query(sql, low, high, limit)]

    def end(self, topic: str, partition: int) -> int:
        """The offset that the next record will get."""
        if self._read_only:
            sql = "SELECT end FROM ends WHERE topic = ? AND partition = ?"
            found = self.query(sql, self._topics[topic], partition)
            return int(found[0][0]) if found else 0
        live = self._ends.get((topic, partition))
        return live.offset if live else 0

    def topic_id(self, topic: str) -> int:
        return self._topics[topic]

    async def changed(self, timeout_s: float) -> None:
        """Return at the next commit, or after `timeout_s` of the clock."""
        await woken_or_slept(self._changed, self._clock, timeout_s)

    # -------------------------------------------------------------- inside

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _range(self, topic: str, partition: int, offset: int = 0) -> tuple[int, int]:
        number = self._topics[topic]
        return row_id(number, partition, offset), row_id(number, partition + 1, 0)

    def _first(self, topic: str, partition: int, offset: int) -> tuple[int, int] | None:
        """(row, timestamp) of the first record at or after an offset."""
        sql = "SELECT id, timestamp_ms FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 1"
        found = self.query(sql, *self._range(topic, partition, offset))
        return found[0] if found else None

    def _stored_ends(self, connection: sqlite3.Connection) -> dict[tuple[str, int], End]:
        names = {number: name for name, number in self._topics.items()}
        rows = connection.execute("SELECT topic, partition, end, newest_ms, bytes FROM ends")
        return {(names[row[0]], row[1]): End(*row[2:]) for row in rows}


def _sweep(writer: Writer, topic: Topic) -> int:
    """Remove one slice of what is past its time or over its size; returns how many rows went."""
    if topic.cleanup is Cleanup.COMPACT:
        return _sweep_tombstones(writer, topic)
    gone = 0
    if topic.keep_s != FOREVER:
        cut_ms = writer.clock.now_ms() - topic.keep_s * 1000
        for number in range(writer.partitions):
            gone += _remove(writer, topic, number, "AND timestamp_ms < ?", cut_ms)
    if topic.keep_bytes != FOREVER:
        gone += _sweep_size(writer, topic)
    return gone


def _sweep_size(writer: Writer, topic: Topic) -> int:
    ends = {number: writer.end(topic.name, number) for number in range(writer.partitions)}
    over = sum(end.bytes for end in ends.values()) - topic.keep_bytes
    if over <= 0:
        return 0
    oldest = heapq.nsmallest(
        SWEEP_ROWS,
        (row for number in ends for row in _rows(writer, topic, number, "", ())),
        key=lambda row: (row[1], row[0]),
    )
    gone = 0
    for row in oldest:
        if over <= 0:
            break
        _delete(writer, topic, [row])
        over -= row[2]
        gone += 1
    return gone


def _sweep_tombstones(writer: Writer, topic: Topic) -> int:
    cut_ms = writer.clock.now_ms() - TOMBSTONE_S * 1000
    gone = 0
    for number in range(writer.partitions):
        rows = _rows(writer, topic, number, "AND value IS NULL AND timestamp_ms <= ?", (cut_ms,))
        writer.connection.executemany(
            "DELETE FROM latest WHERE topic = ? AND partition = ? AND key = ?",
            [(writer.topics[topic.name], number, row[3]) for row in rows],
        )
        gone += _delete(writer, topic, rows)
    return gone


def _remove(writer: Writer, topic: Topic, number: int, condition: str, *values: Any) -> int:
    return _delete(writer, topic, _rows(writer, topic, number, condition, values))


def _rows(writer: Writer, topic: Topic, number: int, condition: str, values: tuple[Any, ...]) -> list[Any]:
    """(id, timestamp, bytes, key) of the first rows of a partition that meet a condition."""
    topic_id = writer.topics[topic.name]
    return writer.connection.execute(
        "SELECT id, timestamp_ms, coalesce(length(value), 0) + length(CAST(key AS BLOB)), key FROM records "
        f"WHERE id >= ? AND id < ? {condition} ORDER BY id LIMIT {SWEEP_ROWS}",
        (row_id(topic_id, number, 0), row_id(topic_id, number + 1, 0), *values),
    ).fetchall()


def _delete(writer: Writer, topic: Topic, rows: Sequence[Any]) -> int:
    for row in rows:
        number = (row[0] >> 43) & 0xFFF
        writer.end(topic.name, number).bytes -= row[2]
    writer.connection.executemany("DELETE FROM records WHERE id = ?", [(row[0],) for row in rows])
    return len(rows)


class SqliteConsumer:
    """All partitions are its own: one process, one owner."""

    def __init__(self, log: SqliteLog, group: str, topics: Sequence[str]) -> None:
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
        sql = "SELECT topic, partition, next FROM offsets WHERE consumers = ?"
        committed = {(topic, number): next_ for topic, number, next_ in self._log.query(sql, self._group)}
        self._positions = {
            (topic, number): committed.get((self._log.topic_id(topic), number), 0)
            for topic, number in self._assignment
        }

    async def close(self) -> None:
        self._positions.clear()

    def _take(self, max_records: int) -> list[LogRecord]:
        found: list[LogRecord] = []
        for turn in range(len(self._assignment)):
            pair = self._assignment[(self._next + turn) % len(self._assignment)]
            end = self._log.end(*pair)
            if self._positions[pair] >= end:
                continue
            batch = self._log.slice(*pair, self._positions[pair], max_records - len(found))
            self._positions[pair] = batch[-1].offset + 1 if batch else end
            found += batch
            if len(found) >= max_records:
                break
        self._next = (self._next + 1) % max(1, len(self._assignment))
        return found


class SqliteTable:
    """A compacted topic as a map."""

    def __init__(self, log: SqliteLog, topic: str) -> None:
        self._log = log
        self._topic = topic

    def get(self, partition: int, key: str) -> bytes | None:
        found = self._log.query(
            "SELECT r.value FROM latest l JOIN records r ON r.id = l.record "
            "WHERE l.topic = ? AND l.partition = ? AND l.key = ?",
            self._log.topic_id(self._topic),
            partition,
            key,
        )
        return found[0][0] if found else None

    def items(self, partition: int | None = None) -> Iterator[tuple[str, bytes]]:
        numbers = range(self._log.partitions(self._topic)) if partition is None else (partition,)
        for number in numbers:
            offset = 0
            while batch := self._log.slice(self._topic, number, offset, SWEEP_ROWS):
                offset = batch[-1].offset + 1
                for record in batch:
                    if record.value is not None:
                        yield record.key, record.value


class SqliteAgenda:
    """Rows sorted by due time then key."""

    def __init__(self, log: SqliteLog, name: str) -> None:
        self._log = log
        self._name = name

    def get(self, partition: int, key: str) -> Due | None:
        sql = "SELECT partition, key, due_ms, value FROM agenda WHERE name = ? AND partition = ? AND key = ?"
        found = self._log.query(sql, self._name, partition, key)
        return Due(*found[0]) if found else None

    def due(self, partitions: Iterable[int], now_ms: int, limit: int = 100) -> list[Due]:
        sql = (
            "SELECT partition, key, due_ms, value FROM agenda "
            "WHERE name = ? AND partition = ? AND due_ms <= ? ORDER BY due_ms, key LIMIT ?"
        )
        rows = [row for number in partitions for row in self._log.query(sql, self._name, number, now_ms, limit)]
        return sorted((Due(*row) for row in rows), key=lambda due: (due.due_ms, due.key))[:limit]

    def next_due_ms(self, partitions: Iterable[int]) -> int | None:
        sql = "SELECT min(due_ms) FROM agenda WHERE name = ? AND partition = ?"
        found = (self._log.query(sql, self._name, number)[0][0] for number in partitions)
        return min((due_ms for due_ms in found if due_ms is not None), default=None)

    def items(self, partition: int) -> Iterator[Due]:
        sql = "SELECT partition, key, due_ms, value FROM agenda WHERE name = ? AND partition = ? ORDER BY due_ms, key"
        for row in self._log.query(sql, self._name, partition):
            yield Due(*row)
