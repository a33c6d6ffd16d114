"""The log on Kafka: topics as topics, tables and agendas as compacted topics, groups as consumer groups.

A unit of work is stored in its order, effect, memory, acknowledgement: each part is awaited with acks from all
in-sync replicas before the next is begun. A crash between them repeats effects, whose ids are deterministic, and
never skips one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Collection, Iterable, Iterator, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from wire.clock import Clock
from wire.errors import LogClosed, LogError, LogFull
from wire.identity import partition_of
from wire.kafka.connection import Connection, agendas, compacted
from wire.kafka.consumer import KafkaConsumer, of_kafka
from wire.kafka.topics import opened_admin, verify
from wire.kafka.views import CLAIM, OWNER, Views, Zombie, due_value
from wire.log import Agenda, Lag, LogRecord, Stored, UnitOfWork
from wire.memory import check_sizes
from wire.topics import AGENDAS, MIB, PARTITIONS, TOPICS, Cleanup

MAX_REQUEST = 20 * MIB
LINGER_MS = 2
logger = logging.getLogger(__name__)


class KafkaLog:
    """A log on the brokers of `connection`. `keeps` are the tables and agendas that this process reads.

    `start` makes missing topics unless `create` is False, and refuses others that are not as they must be.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        partitions: int = PARTITIONS,
        keeps: Collection[str] | None = None,
        create: bool = True,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._partitions = partitions
        names = set(keeps) if keeps is not None else {*compacted(), *agendas()}
        self._keeps = tuple(name for name in compacted() if name in names)
        self._agendas = tuple(name for name in agendas() if name in names)
        self._create = create
        self.owner = uuid.uuid4().hex
        self._claims: set[TopicPartition] = set()
        self._consumers: list[KafkaConsumer] = []
        self._reading = asyncio.Lock()
        self._open = False
        self._mending: set[asyncio.Task[None]] = set()

    # -------------------------------------------------------------- start and stop

    async def start(self) -> None:
        await verify(self._connection, self._partitions, create=self._create)
        options = self._connection.client()
        self._views = Views(self._connection, self.owner)
        self._views.on_zombie = self._mend
        self._producer = AIOKafkaProducer(
            **options,
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            linger_ms=LINGER_MS,
            max_request_size=MAX_REQUEST,
        )
        self._probe = AIOKafkaConsumer(**options, enable_auto_commit=False, fetch_max_wait_ms=50)
        self._admin: AIOKafkaAdminClient = await opened_admin(self._connection)
        try:
            await self._producer.start()
            await self._probe.start()
            await self._views.start(map(self._connection.topic, self._keeps), self._agendas, self._partitions)
        except (KafkaError, OSError) as error:
            await self._let_go()
            raise LogError(f"no broker answers at {self._connection.bootstrap}: {error}") from error
        self._open = True

    async def close(self) -> None:
        if self._open:
            self._open = False
            for consumer in list(self._consumers):
                await consumer.close()
            await self._let_go()

    async def _let_go(self) -> None:
        for task in self._mending:
            task.cancel()
        for part in (self._views.close(), self._producer.stop(), self._probe.stop(), self._admin.close()):
            with contextlib.suppress(KafkaError, OSError):
                await part

    # -------------------------------------------------------------- writing

    async def commit(self, work: UnitOfWork) -> Sequence[Stored]:
        self._check_open()
        check_sizes(work)
        stored = await self._sent(
            self._send(
                self._connection.topic(append.topic),
                append.partition
                if append.partition is not None
                else partition_of(append.partition_key, self._partitions),
                append.key.encode(),
                append.value,
                append.headers,
            )
            for append in work.appends
        )
        topic = self._connection.topic
        await self._sent(
            self._send(topic(write.table), write.partition, write.key.encode(), write.value) for write in work.tables
        )
        await self._sent(
            self._send(
                self._connection.agenda(entry.agenda),
                entry.partition,
                entry.key.encode(),
                None if entry.due_ms is None else due_value(entry.due_ms, entry.value),
            )
            for entry in work.agenda
        )
        if work.offsets:
            await self._acknowledge(work)
        return stored

    async def _sent(self, sends: Iterable[Awaitable[Stored]]) -> list[Stored]:
        """Await all, in order of handing in; the first failure is raised when all have ended."""
        tasks = [asyncio.ensure_future(send) for send in sends]
        if not tasks:
            return []
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, MessageSizeTooLargeError):
                raise LogFull(str(result)) from result
            if isinstance(result, KafkaError | OSError):
                raise LogError(f"the brokers did not store it: {result!r}") from result
            if isinstance(result, BaseException):
                raise result
        return [result for result in results if isinstance(result, Stored)]

    async def _send(
        self,
        topic: str,
        partition: int,
        key: bytes,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Stored:
        pair = TopicPartition(topic, partition)
        if pair in self._claims:
            if self._views.owner(pair) != self.owner.encode():
                raise LogError(f"{topic}/{partition} was taken over by another process")
            headers = (*headers, (OWNER, self.owner.encode()))
        future = await self._producer.send(
            topic, value, key, partition, timestamp_ms=self._clock.now_ms(), headers=list(headers)
        )
        metadata = await future
        self._views.apply(pair, metadata.offset, key, value)
        return Stored(metadata.partition, metadata.offset)

    async def _acknowledge(self, work: UnitOfWork) -> None:
        offsets = {TopicPartition(self._connection.topic(t), p): offset for (t, p), offset in work.offsets.items()}
        owner = next((one for one in self._consumers if one.group == work.group and one.owns(offsets)), None)
        if owner is not None:
            await owner.acknowledge(offsets)
        else:
            await self._acknowledge_alone(work.group, offsets)

    async def _acknowledge_alone(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """For a group that has no member: only then do the brokers take it."""
        before = await self._admin.list_consumer_group_offsets(self._connection.group(group))
        further = {
            pair: offset for pair, offset in offsets.items() if pair not in before or before[pair].offset < offset
        }
        if further:
            await self.move(group, further)

    async def move(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Set a memberless group's offsets outright. Raises LogError while it has members."""
        member = AIOKafkaConsumer(
            **self._connection.client(), group_id=self._connection.group(group), enable_auto_commit=False
        )
        await member.start()
        try:
            member.assign(list(offsets))
            await member.commit(dict(offsets))
        except KafkaError as error:
            raise LogError(f"group {group} could not be moved: {error!r}") from error
        finally:
            await member.stop()

    async def seek(self, group: str, topic: str, partition: int, offset: int) -> None:
        """Move a memberless group's offset, back or forth."""
        await self.move(group, {TopicPartition(self._connection.topic(topic), partition): offset})

    # -------------------------------------------------------------- taking over

    async def claim(self, names: Iterable[str], partitions: Iterable[int]) -> None:
        """Make partitions of tables and agendas one's own: a former owner's later writes count for nobody."""
        numbers = list(partitions)
        for name in names:
            topic = self._connection.agenda(name) if name in AGENDAS else self._connection.topic(name)
            for number in numbers:
                pair = TopicPartition(topic, number)
                if not self._views.watches(pair) or pair in self._claims:
                    continue
                metadata = await self._producer.send_and_wait(
                    topic, self.owner.encode(), CLAIM, number, timestamp_ms=self._clock.now_ms()
                )
                await self._views.passed(pair, metadata.offset)
                self._claims.add(pair)

    def give_up(self, names: Iterable[str], partitions: Iterable[int]) -> None:
        """Partitions that are another's from now on."""
        numbers = set(partitions)
        topics = {self._connection.agenda(n) if n in AGENDAS else self._connection.topic(n) for n in names}
        self._claims -= {pair for pair in self._claims if pair.topic in topics and pair.partition in numbers}

    def _mend(self, zombie: Zombie) -> None:
        """Append our value again where a former owner overwrote it."""
        pair = TopicPartition(zombie.topic, zombie.partition)
        if pair in self._claims:
            task = asyncio.get_running_loop().create_task(self._mended(pair, zombie.key))
            self._mending.add(task)
            task.add_done_callback(self._mending.discard)

    async def _mended(self, pair: TopicPartition, key: bytes) -> None:
        logger.warning("%s/%d: a former owner wrote after the take-over; mended", pair.topic, pair.partition)
        with contextlib.suppress(LogError, KafkaError):
            await self._send(pair.topic, pair.partition, key, self._views.get(pair, key))

    # -------------------------------------------------------------- reading

    def partitions(self, topic: str) -> int:
        if topic not in TOPICS:
            raise LogError(f"no topic {topic!r}")
        return self._partitions

    def partition_of(self, topic: str, partition_key: str) -> int:
        return partition_of(partition_key, self.partitions(topic))

    async def consumer(self, group: str, topics: Sequence[str], owns: Sequence[str] = ()) -> KafkaConsumer:
        """Join a group. `owns` are the tables and agendas that go with its partitions: claimed when assigned."""
        self._check_open()
        consumer = KafkaConsumer(self, self._connection, group, topics, owns)
        await consumer.start()
        self._consumers.append(consumer)
        return consumer

    def forget(self, consumer: KafkaConsumer) -> None:
        """A consumer that was closed."""
        if consumer in self._consumers:
            self._consumers.remove(consumer)

    def table(self, topic: str) -> KafkaTable:
        if TOPICS[topic].cleanup is not Cleanup.COMPACT:
            raise LogError(f"{topic} is not compacted: it cannot be read as a table")
        return KafkaTable(self._views, self._connection.topic(topic), self._partitions)

    def agenda(self, name: str) -> Agenda:
        return self._views.agenda(name)

    async def read(self, topic: str, partition: int, offset: int, limit: int = 500) -> list[LogRecord]:
        self._check_open()
        pair = TopicPartition(self._connection.topic(topic), partition)
        found: list[LogRecord] = []
        async with self._reading:
            (start, end), at = await self._bounds(pair), offset
            at = max(at, start)
            if at >= end or limit <= 0:
                return []
            self._probe.assign([pair])
            self._probe.seek(pair, at)
            while at < end and len(found) < limit:
                batches = await self._probe.getmany(pair, timeout_ms=500, max_records=limit - len(found))
                for record in batches.get(pair, ()):
                    if record.key != CLAIM:
                        found.append(of_kafka(record, topic))
                at = await self._probe.position(pair)
        return [record for record in found if record.offset < end][:limit]

    async def ends(self, topic: str) -> Mapping[int, tuple[int, int]]:
        self._check_open()
        pairs = self._pairs(topic)
        starts, ends = await self._probe.beginning_offsets(pairs), await self._probe.end_offsets(pairs)
        return {pair.partition: (starts[pair], ends[pair]) for pair in pairs}

    async def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        self._check_open()
        pair = TopicPartition(self._connection.topic(topic), partition)
        found = (await self._probe.offsets_for_times({pair: max(0, timestamp_ms)})).get(pair)
        return found.offset if found is not None else (await self._bounds(pair))[1]

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        self._check_open()
        offsets = await self._admin.list_consumer_group_offsets(self._connection.group(group))
        name = self._connection.topic(topic)
        return {pair.partition: at.offset for pair, at in offsets.items() if pair.topic == name and at.offset >= 0}

    async def lag(self, group: str, topic: str) -> Lag:
        committed = await self.committed(group, topic)
        waiting, oldest_ms = 0, None
        for number, (start, end) in (await self.ends(topic)).items():
            at = max(start, committed.get(number, 0))
            if at < end:
                waiting += end - at
                first = await self.read(topic, number, at, 1)
                if first:
                    oldest_ms = min(first[0].timestamp_ms, oldest_ms or first[0].timestamp_ms)
        return Lag(waiting, 0.0 if oldest_ms is None else max(0, self._clock.now_ms() - oldest_ms) / 1000)

    async def sweep(self) -> int:
        """The brokers apply retention by themselves."""
        self._check_open()
        return 0

    async def _bounds(self, pair: TopicPartition) -> tuple[int, int]:
        starts, ends = await self._probe.beginning_offsets([pair]), await self._probe.end_offsets([pair])
        return starts[pair], ends[pair]

    def _pairs(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(self._connection.topic(topic), n) for n in range(self.partitions(topic))]

    def _check_open(self) -> None:
        if not self._open:
            raise LogClosed("the log is not open")


class KafkaTable:
    """A compacted topic as a map."""

    def __init__(self, views: Views, topic: str, partitions: int) -> None:
        self._views = views
        self._topic = topic
        self._partitions = partitions

    def get(self, partition: int, key: str) -> bytes | None:
        return self._views.get(TopicPartition(self._topic, partition), key.encode())

    def items(self, partition: int | None = None) -> Iterator[tuple[str, bytes]]:
        for number in range(self._partitions) if partition is None else (partition,):
            for key, value in self._views.items(TopicPartition(self._topic, number)):
                yield key.decode(), value
