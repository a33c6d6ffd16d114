"""The SQLite file behind the log: its schema, its lock, and the one thread that writes.

A record's row id holds topic (8 bits), partition (12) and offset (43), so that a partition is one range of the
table's B-tree. Jobs handed in while a commit is under way share the next transaction, and with it one fsync: group
commit.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from wire.clock import Clock
from wire.errors import LogClosed, LogError, LogFull, LogLocked
from wire.identity import partition_of
from wire.log import Append, Headers, LogRecord, Stored, UnitOfWork
from wire.metrics import Metrics
from wire.topics import TOPICS, Cleanup

APPLICATION_ID = 0x546F6373  # "Tocs"
SCHEMA_VERSION = 1
GROUP_JOBS = 256
"""Jobs at the most in one transaction."""

BUSY_MS = 5_000
OFFSET_BITS, PARTITION_BITS = 43, 12

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE records (
    id INTEGER PRIMARY KEY, timestamp_ms INTEGER NOT NULL, key TEXT NOT NULL, value BLOB, headers BLOB
);
CREATE TABLE latest (
    topic INTEGER, partition INTEGER, key TEXT, record INTEGER NOT NULL, PRIMARY KEY (topic, partition, key)
) WITHOUT ROWID;
CREATE TABLE ends (
    topic INTEGER, partition INTEGER, end INTEGER NOT NULL, newest_ms INTEGER NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE offsets (
    consumers TEXT, topic INTEGER, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY (consumers, topic, partition)
) WITHOUT ROWID;
CREATE TABLE agenda (
    name TEXT, partition INTEGER, key TEXT, due_ms INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (name, partition, key)
) WITHOUT ROWID;
CREATE INDEX agenda_due ON agenda (name, partition, due_ms, key);
"""

_headers = msgspec.msgpack.Decoder(Headers)

Job = Callable[["Writer"], Any]


@dataclass
class End:
    """The live end of one partition."""

    offset: int = 0
    newest_ms: int = 0
    bytes: int = 0


def row_id(topic: int, partition: int, offset: int) -> int:
    """The row of a record; also of offset 0, where a partition's range begins."""
    return (topic << (OFFSET_BITS + PARTITION_BITS)) | (partition << OFFSET_BITS) | offset


def offset_of(row: int) -> int:
    """The offset in a row id."""
    return row & ((1 << OFFSET_BITS) - 1)


def record_of(topic: str, partition: int, row: Sequence[Any]) -> LogRecord:
    """A record from (id, timestamp_ms, key, value, headers)."""
    headers = _headers.decode(row[4]) if row[4] else ()
    return LogRecord(topic, partition, offset_of(row[0]), row[1], row[2], row[3], headers)


def failure(error: sqlite3.Error, path: Path) -> LogError:
    """What a database error means to whoever handed the work in."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return LogFull(f"{path}: no space left; nothing of this was stored")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LogLocked(f"{path}: another program holds the database ({error})")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return LogError(f"{path}: not a Tocsin log, or damaged ({error})")
    return LogError(f"{path}: {error}; nothing of this was stored")


def connect(path: Path, *, read_only: bool = False, any_thread: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode. Raises LogError."""
    mode = "ro" if read_only else "rwc"
    try:
        connection = sqlite3.connect(
            f"file:{os.fspath(path).replace('%', '%25').replace('?', '%3f').replace('#', '%23')}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=not any_thread,
            cached_statements=256,
        )
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as error:
        raise failure(error, path) from error
    return connection


def prepare(connection: sqlite3.Connection, path: Path, partitions: int, *, read_only: bool) -> dict[str, int]:
    """Make the schema in an empty file, or check what is there; returns the ids of topics. Raises LogError."""
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if empty and not read_only:
            _create(connection, partitions)
        elif application != APPLICATION_ID:
            raise LogError(f"{path}: not a Tocsin log")
        elif version > SCHEMA_VERSION:
            raise LogError(f"{path}: made by a newer Tocsin (schema {version}, this one knows {SCHEMA_VERSION})")
        held = int(connection.execute("SELECT value FROM meta WHERE name = 'partitions'").fetchone()[0])
        if held != partitions:
            raise LogError(
                f"{path}: has {held} partitions, settings say {partitions}; "
                f"set `partitions: {held}`, or export the topics and import them into a new log"
            )
        if not read_only:
            _name_topics(connection)
        return {name: number for number, name in connection.execute("SELECT id, name FROM topics")}
    except sqlite3.Error as error:
        raise failure(error, path) from error


def _create(connection: sqlite3.Connection, partitions: int) -> None:
    connection.executescript(
        f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
        f"{SCHEMA} INSERT INTO meta VALUES ('partitions', '{int(partitions)}'); COMMIT;"
    )


def _name_topics(connection: sqlite3.Connection) -> None:
    known = {name for (name,) in connection.execute("SELECT name FROM topics")}
    for name in TOPICS:
        if name not in known:
            connection.execute("INSERT INTO topics (name) VALUES (?)", (name,))


class FileLock:
    """One writer for one log: an advisory lock on a file beside it, which names the holder."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._file: BinaryIO | None = None

    def acquire(self) -> None:
        """Raises LogLocked, naming the holder's process id."""
        file = self._path.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read(32).decode("ascii", "replace").strip()
            file.close()
            raise LogLocked(f"{self._path}: held by process {holder or 'unknown'}") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        self._file = file

    def release(self) -> None:
        """Safe to call twice."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass
class Writer:
    """What a job works with, inside one transaction.

    `ends` is read by other threads; its values are replaced, never changed, and only after the commit.
    """

    connection: sqlite3.Connection
    topics: dict[str, int]
    ends: dict[tuple[str, int], End]
    clock: Clock
    partitions: int
    touched: dict[tuple[str, int], End] = field(default_factory=dict)

    def end(self, topic: str, partition: int) -> End:
        """The end as this transaction has it, to be changed."""
        key = (topic, partition)
        if key not in self.touched:
            live = self.ends.get(key, End())
            self.touched[key] = End(live.offset, live.newest_ms, live.bytes)
        return self.touched[key]

    def apply(self, work: UnitOfWork) -> list[Stored]:
        """Effects, then memory, then acknowledgement."""
        stored = [self._append(append) for append in work.appends]
        for write in work.tables:
            self._put(write.table, write.partition, Append(write.table, write.key, "", write.value))
        for entry in work.agenda:
            if entry.due_ms is None:
                self.connection.execute("DELETE FROM agenda WHERE name = ? AND partition = ? AND key = ?", entry[:3])
            else:
                self.connection.execute("INSERT OR REPLACE INTO agenda VALUES (?, ?, ?, ?, ?)", entry)
        self.connection.executemany(
            "INSERT INTO offsets VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = max(next, excluded.next)",
            [(work.group, self.topics[topic], number, next_) for (topic, number), next_ in work.offsets.items()],
        )
        return stored

    def save_ends(self) -> None:
        """Store the ends that this transaction moved."""
        self.connection.executemany(
            "INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?, ?)",
            [
                (self.topics[topic], number, end.offset, end.newest_ms, end.bytes)
                for (topic, number), end in self.touched.items()
            ],
        )

    def _append(self, append: Append) -> Stored:
        number = append.partition
        if number is None:
            number = partition_of(append.partition_key, self.partitions)
        return self._put(append.topic, number, append)

    def _put(self, topic: str, number: int, append: Append) -> Stored:
        end = self.end(topic, number)
        end.newest_ms = max(end.newest_ms, self.clock.now_ms())
        row = row_id(self.topics[topic], number, end.offset)
        if TOPICS[topic].cleanup is Cleanup.COMPACT:
            self._supersede(topic, number, append.key, row)
        headers = msgspec.msgpack.encode(append.headers) if append.headers else None
        self.connection.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?)", (row, end.newest_ms, append.key, append.value, headers)
        )
        end.offset += 1
        end.bytes += len(append.value or b"") + len(append.key)
        return Stored(number, offset_of(row))

    def _supersede(self, topic: str, number: int, key: str, row: int) -> None:
        place = (self.topics[topic], number, key)
        before = self.connection.execute(
            "SELECT record FROM latest WHERE topic = ? AND partition = ? AND key = ?", place
        ).fetchone()
        if before is not None:
            self.connection.execute("DELETE FROM records WHERE id = ?", before)
        self.connection.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)", (*place, row))


class WriterThread:
    """Runs jobs in transactions of their own thread, many to a commit, and answers on the caller's loop."""

    def __init__(
        self, writer: Writer, path: Path, landed: Callable[[], None], metrics: Metrics | None = None
    ) -> None:
        self._writer = writer
        self._landed = landed
        self._path = path
        self._metrics = metrics
        self._jobs: queue.SimpleQueue[tuple[Job, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        self._closing = False

    def start(self) -> None:
        self._thread.start()

    async def submit(self, job: Job) -> Any:
        """Run a job; returns its result once it is durable. Raises LogError, and then nothing of it was stored."""
        if self._closing:
            raise LogClosed("the log is closed")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put((job, future))
        return await asyncio.shield(future)

    async def close(self) -> None:
        """Finish what was handed in, then end the thread."""
        self._closing = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._writer.connection.close()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, last = [first], False
            while len(group) < GROUP_JOBS:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    last = True
                    break
                group.append(following)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[tuple[Job, asyncio.Future[Any]]]) -> None:
        started = time.perf_counter()
        writer = self._writer
        writer.touched = {}
        try:
            writer.connection.execute("BEGIN IMMEDIATE")
            results = [job(writer) for job, _ in group]
            writer.save_ends()
            writer.connection.execute("COMMIT")
        except Exception as error:
            if writer.connection.in_transaction:
                writer.connection.execute("ROLLBACK")
            told = failure(error, self._path) if isinstance(error, sqlite3.Error) else error
            self._answer([(future, None, told) for _, future in group])
            return
        writer.ends.update(writer.touched)
        if self._metrics is not None:
            self._metrics.log_commits.inc()
            self._metrics.log_commit_seconds.observe(time.perf_counter() - started)
        self._answer([(f, result, None) for (_, f), result in zip(group, results, strict=True)])

    def _answer(self, answers: list[tuple[asyncio.Future[Any], Any, Exception | None]]) -> None:
        def deliver() -> None:
            for future, result, error in answers:
                if future.cancelled():
                    continue
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)
            self._landed()

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(deliver)
