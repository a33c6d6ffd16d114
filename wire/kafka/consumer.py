"""A member of a consumer group: polls in order, rewinds to what is committed, claims what goes with a partition."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, RebalanceInProgressError

from wire.errors import LogError, NotOwner
from wire.kafka.connection import Connection
from wire.kafka.views import CLAIM
from wire.log import LogRecord

if TYPE_CHECKING:
    from wire.kafka.log import KafkaLog

SESSION_MS = 10_000
HEARTBEAT_MS = 2_000
MAX_POLL_MS = 120_000
FETCH_RECORDS = 500
FETCH_S = 1.0
"""How long a fetch may take that is known to bring something."""


def of_kafka(record: ConsumerRecord[Any, Any], topic: str) -> LogRecord:
    """A record as every log gives it."""
    key = (record.key or b"").decode("utf-8", "replace")
    headers = tuple((name, value) for name, value in record.headers if name != "owner")
    return LogRecord(topic, record.partition, record.offset, record.timestamp, key, record.value, headers)


class KafkaConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads topics for one group. While a rebalance goes on, nothing is polled and nothing can be acknowledged."""

    def __init__(
        self, log: KafkaLog, connection: Connection, group: str, topics: Sequence[str], owns: Sequence[str]
    ) -> None:
        self.group = group
        self._log = log
        self._names = {connection.topic(topic): topic for topic in topics}
        self._owns = tuple(owns)
        self._generation = 0
        self._mine: frozenset[TopicPartition] = frozenset()
        self._committed: dict[TopicPartition, int] = {}
        self._fetched: dict[TopicPartition, deque[LogRecord]] = defaultdict(deque)
        self._assigned = asyncio.Event()
        self._failure: Exception | None = None
        self._client = AIOKafkaConsumer(
            **connection.client(),
            group_id=connection.group(group),
            group_instance_id=f"{group}-{connection.instance}" if connection.instance else None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(StickyPartitionAssignor,),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            max_poll_interval_ms=MAX_POLL_MS,
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )

    async def start(self) -> None:
        """Join, and return once partitions have been assigned (perhaps none)."""
        await self._client.start()
        self._client.subscribe(list(self._names), listener=self)
        await self._assigned.wait()

    # -------------------------------------------------------------- rebalances

    async def on_partitions_revoked(self, revoked: Any) -> None:
        self._log.give_up(self._owns, {pair.partition for pair in revoked})
        self._assigned.clear()
        self._mine = frozenset()
        self._fetched.clear()
        self._generation += 1

    async def on_partitions_assigned(self, assigned: Any) -> None:
        pairs = frozenset(assigned)
        try:
            await self._log.claim(self._owns, {pair.partition for pair in pairs})
            self._committed = {pair: await self._client.committed(pair) or 0 for pair in pairs}
            self._mine = pairs
        except (LogError, KafkaError) as error:  # aiokafka would log it and go on: the next poll raises it
            self._failure = error
        self._generation += 1
        self._assigned.set()

    # -------------------------------------------------------------- the contract

    @property
    def assignment(self) -> frozenset[tuple[str, int]]:
        return frozenset((self._names[pair.topic], pair.partition) for pair in self._mine)

    @property
    def generation(self) -> int:
        return self._generation

    async def poll(self, max_records: int = 500, timeout_s: float = 1.0) -> list[LogRecord]:
        if self._failure is not None:
            raise LogError(f"the assignment could not be taken over: {self._failure}") from self._failure
        if not any(self._fetched.values()):
            await self._assigned.wait()
            await self._fetch(timeout_s)
        records = self._in_turn(max_records)
        await self._log.seen(records)
        return records

    async def _fetch(self, timeout_s: float) -> None:
        generation, batches = self._generation, {}
        try:
            batches = await self._client.getmany(timeout_ms=round(timeout_s * 1000), max_records=FETCH_RECORDS)
            if not batches and timeout_s < FETCH_S and await self._is_behind():
                batches = await self._client.getmany(timeout_ms=round(FETCH_S * 1000), max_records=FETCH_RECORDS)
        except KafkaError as error:
            if generation == self._generation:
                raise LogError(f"the brokers did not answer: {error!r}") from error
        if generation != self._generation:
            # aiokafka fetches for an assignment before its listener is done with it: what came meanwhile is not ours
            # to keep, and its position has passed it.
            await self._assigned.wait()
            self.rewind()
            return
        for pair, records in batches.items():
            if pair in self._mine:
                topic = self._names[pair.topic]
                self._fetched[pair].extend(of_kafka(record, topic) for record in records if record.key != CLAIM)
                await self._pass_claims(pair, records)

    async def _pass_claims(self, pair: TopicPartition, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Acknowledge claims that nothing unread stands before: nobody else would."""
        at = self._committed.get(pair, 0)
        for record in records:
            if record.key != CLAIM or record.offset > at:
                break
            at = record.offset + 1
        if at > self._committed.get(pair, 0):
            with contextlib.suppress(LogError):
                await self.acknowledge({pair: at})

    def _in_turn(self, max_records: int) -> list[LogRecord]:
        """What was fetched, a share of each partition."""
        waiting = [records for records in self._fetched.values() if records]
        share = max(1, max_records // max(1, len(waiting)))
        turns = waiting[:max_records]
        return [records.popleft() for records in turns for _ in range(min(share, len(records)))]

    async def _is_behind(self) -> bool:
        """Whether the brokers hold more than was polled: a short poll waits for the fetch that brings it."""
        ends = await self._client.end_offsets(list(self._mine))
        return any([await self._client.position(pair) < end for pair, end in ends.items()])

    def rewind(self) -> None:
        self._fetched.clear()
        for pair in self._mine:
            with contextlib.suppress(IllegalStateError):  # revoked meanwhile
                self._client.seek(pair, self._committed.get(pair, 0))

    async def close(self) -> None:
        self._log.forget(self)
        self._mine = frozenset()
        await self._client.stop()

    # -------------------------------------------------------------- what the log uses

    def owns(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Whether these are topics of this consumer."""
        return all(pair.topic in self._names for pair in offsets)

    async def acknowledge(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit; never back. Raises LogError where a partition is another's now."""
        lost = set(offsets) - self._mine
        if lost:
            raise NotOwner(f"no longer assigned: {', '.join(f'{p.topic}/{p.partition}' for p in sorted(lost))}")
        further = {pair: at for pair, at in offsets.items() if at > self._committed.get(pair, 0)}
        if not further:
            return
        try:
            await self._client.commit(further)
        except (CommitFailedError, IllegalStateError, RebalanceInProgressError) as error:
            raise NotOwner(f"the acknowledgement was not taken: {error!r}") from error
        except KafkaError as error:
            raise LogError(f"the acknowledgement was not taken: {error!r}") from error
        self._committed.update(further)
