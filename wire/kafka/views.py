"""Tables and agendas over compacted topics: read to the end before use, then kept up to date, fenced by claims.

Whoever takes over a partition appends a claim to each of its tables and agendas, and reads up to it: that is the
state it starts from. Every write carries its owner's name. The order of the partition decides: a write by anyone but
the last to claim came too late and is passed over, by every reader alike. A record without an owner, put out by an
earlier stage, may found a key of a claimed partition and never overwrites one: it is a repeat. The owner who sees a
write that does not count appends its own value again, before compaction could keep the wrong one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from wire.kafka.connection import Connection
from wire.log import ANEW
from wire.memory import MemoryAgenda
from wire.topics import AGENDAS

CLAIM = b"\x00claim"
OWNER = "owner"
_DUE_BYTES = 8
_FETCH_MS = 200
_IDLE_S = 0.05


class Stale(NamedTuple):
    """A write that does not count, seen by the owner: by a former owner, or a repeat. Topic, partition and key."""

    topic: str
    partition: int
    key: bytes


class Views:
    """The latest value of every key of some compacted topics, by partition. `me` is this process's name as owner."""

    def __init__(self, connection: Connection, me: str) -> None:
        self._connection = connection
        self._me = me.encode()
        self._values: dict[TopicPartition, dict[bytes, tuple[int, bytes]]] = defaultdict(dict)
        self._owners: dict[TopicPartition, bytes] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._removed: dict[TopicPartition, dict[bytes, int]] = defaultdict(dict)
        self._agendas: dict[str, MemoryAgenda] = {}
        self._moved = asyncio.Event()
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None
        self._wanted: set[TopicPartition] | None = None
        self.on_stale: Callable[[Stale], None] = lambda _: None

    async def start(self) -> None:
        """Connect; nothing is read until it is watched."""
        self._agendas = {self._connection.agenda(name): MemoryAgenda() for name in AGENDAS}
        self._consumer = AIOKafkaConsumer(
            **self._connection.client(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
        )
        await self._consumer.start()
        self._following = asyncio.create_task(self._follow(), name="tables")

    async def watch(self, pairs: Iterable[TopicPartition]) -> None:
        """Read these partitions from their beginning and follow them; returns when their present end was read."""
        assert self._consumer is not None
        new = [pair for pair in pairs if pair not in self._positions]
        if new:
            beginnings = await self._consumer.beginning_offsets(new)
            for pair in new:
                self._positions.setdefault(pair, beginnings[pair])
            self._wanted = set(self._positions)
            await self.caught_up(new)

    def unwatch(self, pairs: Iterable[TopicPartition]) -> None:
        """Forget partitions."""
        for pair in pairs:
            self._positions.pop(pair, None)
            self._owners.pop(pair, None)
            agenda = self._agendas.get(pair.topic)
            if agenda is not None:
                for key in self._values.get(pair, {}):
                    agenda.write(pair.partition, key.decode(), None, b"")
            self._values.pop(pair, None)
            self._removed.pop(pair, None)
        self._wanted = set(self._positions)

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._consumer is not None:
            await self._consumer.stop()

    async def caught_up(self, pairs: Iterable[TopicPartition]) -> None:
        """Return when everything that lies in these partitions now has been read."""
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(list(pairs))
        while any(self._positions.get(pair, end) < end for pair, end in ends.items()):
            await self._wait()

    async def passed(self, pair: TopicPartition, offset: int) -> None:
        """Return when the record at `offset` has been read."""
        while self._positions.get(pair, offset + 1) <= offset:
            await self._wait()

    def watches(self, pair: TopicPartition) -> bool:
        """Whether a partition is among those kept."""
        return pair in self._positions

    def owner(self, pair: TopicPartition) -> bytes | None:
        """Who claimed a partition last, as far as read."""
        return self._owners.get(pair)

    # -------------------------------------------------------------- what is there

    def get(self, pair: TopicPartition, key: bytes) -> bytes | None:
        entry = self._values[pair].get(key)
        return None if entry is None else entry[1]

    def items(self, pair: TopicPartition) -> Iterator[tuple[bytes, bytes]]:
        """In the order of their last write."""
        for key, (_, value) in list(self._values[pair].items()):
            yield key, value

    def agenda(self, name: str) -> MemoryAgenda:
        return self._agendas[self._connection.agenda(name)]

    # -------------------------------------------------------------- what comes

    def apply(self, pair: TopicPartition, offset: int, key: bytes, value: bytes | None) -> None:
        """Take in a write of our own as soon as it is stored; reading it later changes nothing."""
        if pair in self._positions and offset >= self._positions[pair]:
            self._set(pair, offset, key, value)
            if value is None:  # what is still to be read of it from before must not bring it back
                self._removed[pair][key] = offset

    def _take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        pair = TopicPartition(record.topic, record.partition)
        if record.offset < self._positions.get(pair, record.offset + 1):
            return  # unwatched meanwhile, or watched anew
        key = record.key or b""
        if key == CLAIM:
            self._owners[pair] = record.value or b""
        elif self._counts(pair, key, dict(record.headers)):
            removed = self._removed[pair].get(key, -1)
            if record.offset >= removed:
                self._removed[pair].pop(key, None)
                self._set(pair, record.offset, key, record.value)
        elif self._owners.get(pair) == self._me:
            self.on_stale(Stale(record.topic, record.partition, key))
        self._positions[pair] = record.offset + 1

    def _counts(self, pair: TopicPartition, key: bytes, headers: dict[str, bytes]) -> bool:
        owner = self._owners.get(pair)
        if owner is None:
            return True
        if OWNER in headers:
            return headers[OWNER] == owner
        return ANEW[0] in headers or key not in self._values[pair]

    def _set(self, pair: TopicPartition, offset: int, key: bytes, value: bytes | None) -> None:
        values = self._values[pair]
        before = values.get(key)
        if before is not None and before[0] >= offset:
            return
        values.pop(key, None)
        if value is not None:
            values[key] = (offset, value)
        agenda = self._agendas.get(pair.topic)
        if agenda is not None:
            due = None if value is None else int.from_bytes(value[:_DUE_BYTES], "big", signed=True)
            agenda.write(pair.partition, key.decode(), due, b"" if value is None else value[_DUE_BYTES:])

    async def _follow(self) -> None:
        assert self._consumer is not None
        while True:
            self._assign()
            if not self._consumer.assignment():
                await asyncio.sleep(_IDLE_S)
                continue
            batches = await self._consumer.getmany(timeout_ms=_FETCH_MS)
            # Compaction and transactions leave gaps: the consumer's own position tells what was passed.
            passed = [(pair, await self._consumer.position(pair)) for pair in self._consumer.assignment()]
            if self._wanted is not None:
                continue  # what is followed has changed: this was fetched for what was followed before
            for records in batches.values():
                for record in records:
                    self._take(record)
            for pair, position in passed:
                if pair in self._positions:
                    self._positions[pair] = max(self._positions[pair], position)
            self._moved.set()
            self._moved = asyncio.Event()

    def _assign(self) -> None:
        """Follow what is wanted now, from where each was read to. Only the following task does this."""
        assert self._consumer is not None
        if self._wanted is None:
            return
        wanted, self._wanted = self._wanted, None
        if not wanted:
            self._consumer.unsubscribe()
            return
        self._consumer.assign(list(wanted))
        for pair in wanted:
            self._consumer.seek(pair, self._positions[pair])

    async def _wait(self) -> None:
        assert self._following is not None
        moved = asyncio.ensure_future(self._moved.wait())
        await asyncio.wait({moved, self._following}, return_when=asyncio.FIRST_COMPLETED)
        moved.cancel()
        if self._following.done():
            self._following.result()


def due_value(due_ms: int, value: bytes) -> bytes:
    """An agenda entry as it lies in its topic: eight bytes of due time, then the value."""
    return due_ms.to_bytes(_DUE_BYTES, "big", signed=True) + value
