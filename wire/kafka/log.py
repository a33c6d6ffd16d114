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
from wire.errors import LogClosed, LogError, LogFull, NotOwner
from wire.identity import partition_of
from wire.kafka.connection import Connection, agendas, compacted, patiently
from wire.kafka.consumer import KafkaConsumer, of_kafka
from wire.kafka.topics import opened_admin, verify
from wire.kafka.views import CLAIM, OWNER, Stale, Views, due_value
from wire.log import Agenda, Append, Lag, LogRecord, Stored, UnitOfWork
from wire.memory import check_sizes
from wire.topics import AGENDAS, MIB, PARTITIONS, TOPICS, Cleanup

MAX_REQUEST = 20 * MIB
LINGER_MS = 2
logger = logging.getLogger(__name__)


class KafkaLog:
    """A log on the brokers of `connection`. `keeps` are the tables and agendas that this process reads whole, by
    default all; of the others it reads the partitions that it claims.

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
        self._keeps = frozenset(
            TopicPartition(self._on_brokers(name), number)
            for name in (*compacted(), *agendas())
            if name in names
            for number in range(partitions)
        )
        self._create = create
        self.owner = uuid.uuid4().hex
        self._claims: set[TopicPartition] = set()
        self._lost: set[TopicPartition] = set()
        self._consumers: list[KafkaConsumer] = []
        self._reading = asyncio.Lock()
        self._open = False
        self._mending: set[asyncio.Task[None]] = set()

    # -------------------------------------------------------------- start and stop

    async def start(self) -> None:
        await verify(self._connection, self._partitions, create=self._create)
        options = self._connection.client()
        self._views = Views(self._connection, self.owner)
        self._views.on_stale = self._mend
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
            await self._views.start()
            await self._views.watch(self._keeps)
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
        self._check_owned(work)
        stored: dict[int, Stored] = {}
        for wave in (Cleanup.DELETE, Cleanup.COMPACT):  # what tells of it, then what remembers it
            chosen = [n for n, append in enumerate(work.appends) if TOPICS[append.topic].cleanup is wave]
            places = await self._sent(self._append(work.appends[n]) for n in chosen)
            stored |= dict(zip(chosen, places, strict=True))
        await self._sent(
            [
                *(self._send(self._pair(one.table, one.partition), one.key, one.value) for one in work.tables),
                *(
                    self._send(
                        self._pair(one.agenda, one.partition),
                        one.key,
                        None if one.due_ms is None else due_value(one.due_ms, one.value),
                    )
                    for one in work.agenda
                ),
            ]
        )
        if work.offsets:
            await self._acknowledge(work)
        return [stored[n] for n in range(len(work.appends))]

    def _append(self, append: Append) -> Awaitable[Stored]:
        return self._send(self._place(append), append.key, append.value, append.headers)

    def _place(self, append: Append) -> TopicPartition:
        number = append.partition
        return self._pair(
            append.topic, partition_of(append.partition_key, self._partitions) if number is None else number
        )

    def _on_brokers(self, name: str) -> str:
        return self._connection.agenda(name) if name in AGENDAS else self._connection.topic(name)

    def _pair(self, name: str, partition: int) -> TopicPartition:
        return TopicPartition(self._on_brokers(name), partition)

    def _check_owned(self, work: UnitOfWork) -> None:
        """Before anything is sent: whoever was one's own and is another's now is the other's to write."""
        pairs = {self._pair(one.table, one.partition) for one in work.tables}
        pairs |= {self._pair(one.agenda, one.partition) for one in work.agenda}
        pairs |= {self._place(one) for one in work.appends}
        me = self.owner.encode()
        for pair in pairs:
            if pair in self._lost or (pair in self._claims and self._views.owner(pair) != me):
                raise NotOwner(f"{pair.topic}/{pair.partition} was taken over by another process")

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
        pair: TopicPartition,
        key: str,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Stored:
        if pair in self._claims:
            headers = (*headers, (OWNER, self.owner.encode()))
        future = await self._producer.send(
            pair.topic, value, key.encode(), pair.partition, timestamp_ms=self._clock.now_ms(), headers=list(headers)
        )
        metadata = await future
        if pair in self._claims or self._views.owner(pair) is None:
            self._views.apply(pair, metadata.offset, key.encode(), value)
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
        before = await patiently(lambda: self._admin.list_consumer_group_offsets(self._connection.group(group)))
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
        pairs = [self._pair(name, number) for name in names for number in partitions]
        new = [pair for pair in pairs if pair not in self._claims]
        try:
            await self._views.watch(new)
            sent = [
                await self._producer.send(
                    pair.topic, self.owner.encode(), CLAIM, pair.partition, timestamp_ms=self._clock.now_ms()
                )
                for pair in new
            ]
            for pair, future in zip(new, sent, strict=True):
                await self._views.passed(pair, (await future).offset)
        except (KafkaError, OSError) as error:
            raise LogError(f"the brokers did not store a claim: {error!r}") from error
        self._claims.update(new)
        self._lost.difference_update(new)

    def give_up(self, names: Iterable[str], partitions: Iterable[int]) -> None:
        """Partitions that are another's from now on."""
        gone = {self._pair(name, number) for name in names for number in partitions} & self._claims
        self._claims -= gone
        self._lost |= gone
        self._views.unwatch(gone - self._keeps)

    def _mend(self, stale: Stale) -> None:
        """Append our value again where something that does not count came after it."""
        pair = TopicPartition(stale.topic, stale.partition)
        if pair in self._claims:
            task = asyncio.get_running_loop().create_task(self._mended(pair, stale.key))
            self._mending.add(task)
            task.add_done_callback(self._mending.discard)

    async def _mended(self, pair: TopicPartition, key: bytes) -> None:
        logger.warning(
            "%s/%d: a former owner's write, or a repeat, came after ours; mended", pair.topic, pair.partition
        )
        with contextlib.suppress(LogError, KafkaError):
            await self._send(pair, key.decode(), self._views.get(pair, key))

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
        try:
            await consumer.start()
        except BaseException:
            await consumer.close()
            raise
        self._consumers.append(consumer)
        return consumer

    async def seen(self, records: Iterable[LogRecord]) -> None:
        """Return when the tables that are read here hold these records: a table never trails behind a consumer."""
        last = {self._pair(record.topic, record.partition): record.offset for record in records}
        for pair, offset in last.items():
            if self._views.watches(pair):
                await self._views.passed(pair, offset)

    @property
    def joined(self) -> bool:
        """Whether a group has given this process its share."""
        return bool(self._consumers)

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
        starts = await patiently(lambda: self._probe.beginning_offsets(pairs))
        ends = await patiently(lambda: self._probe.end_offsets(pairs))
        return {pair.partition: (starts[pair], ends[pair]) for pair in pairs}

    async def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        self._check_open()
        pair = TopicPartition(self._connection.topic(topic), partition)
        times = await patiently(lambda: self._probe.offsets_for_times({pair: max(0, timestamp_ms)}))
        found = times.get(pair)
        return found.offset if found is not None else (await self._bounds(pair))[1]

    async def committed(self, group: str, topic: str) -> Mapping[int, int]:
        self._check_open()
        offsets = await patiently(lambda: self._admin.list_consumer_group_offsets(self._connection.group(group)))
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
        starts = await patiently(lambda: self._probe.beginning_offsets([pair]))
        ends = await patiently(lambda: self._probe.end_offsets([pair]))
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
