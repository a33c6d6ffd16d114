"""The cluster runtime: every stage as a Faust agent, its memory in fenced tables, its offsets committed last.

An agent gathers what lies in its buffer, runs the stage on it, sends the outputs side by side and waits for all of
them, then stores the memory, then calls the records done. A crash in between repeats outputs, whose ids are
deterministic, and skips none. What cannot be stored ends the process: to raise in a Faust agent would acknowledge.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.bench import StageBench, Surroundings
from streams.cluster.binding import SafeApp, broker_urls, credentials, topics_of
from streams.cluster.watchdog import Watchdog
from streams.stage import Stage
from wire.errors import LogError, NotOwner
from wire.identity import partition_of
from wire.kafka import Connection, KafkaLog
from wire.log import Append, LogRecord, UnitOfWork

BATCH = 64
"""Records that an agent takes together: their outputs are sent side by side."""

STOP_S = 25.0
SESSION_S = 10.0
LOOK_S = 5.0
EXIT_STUCK = 75
EXIT_NOT_STORED = 74
logger = logging.getLogger(__name__)


def leave(code: int, why: str) -> None:
    """End the process at once, nothing acknowledged that was not stored: its partitions go to another."""
    logger.critical("leaving: %s", why)
    logging.shutdown()
    os._exit(code)


@dataclass(frozen=True)
class Seams:
    """What tests and operators change. `reached` is told each named point that a batch passes."""

    reached: Callable[[str], None] = lambda point: None
    leave: Callable[[int, str], None] = leave
    stuck_after_s: float = 45.0


@dataclass
class FaustRuntime:
    """Runs stages on the partitions that the group gives this process. `log` is its log, started, keeping nothing."""

    stages: Sequence[Stage]
    around: Surroundings
    log: KafkaLog
    connection: Connection
    seams: Seams = field(default_factory=Seams)

    def __post_init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="tocsin-faust-")
        self._app = self._made_app()
        self._partitions = self.log.partitions("articles")
        self._topics: dict[str, Any] = {}
        self._workers = [StageAgent(stage, self) for stage in self.stages]
        self._watchdog = Watchdog(self.seams.stuck_after_s)
        signals: Any = self._app  # typed there for functions only
        signals.on_partitions_assigned.connect(self._assigned, weak=False)
        signals.on_partitions_revoked.connect(self._revoked, weak=False)
        self._joined = False

    @property
    def consumer(self) -> Any:
        """Faust's consumer, the safe one."""
        return self._app.consumer

    @property
    def generation(self) -> int:
        """The group's generation that this process is in."""
        return int(self._app.consumer_generation_id)

    def unready(self) -> list[str]:
        """Why this process is not ready: empty when it has joined and read its memory back."""
        if not self._joined:
            return ["joining the group"]
        recovering = sum(worker.recovering for worker in self._workers)
        return [f"reading back the memory of {recovering} partitions"] if recovering else []

    async def run(self) -> None:
        """Work until cancelled; then finish what is in hand and leave the group, within 30 s.

        Raises LogError where Faust gave up.
        """
        try:
            await self._app.start()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch(), name="watchdog")
                while True:
                    await asyncio.sleep(1.0)
                    if self._app.crashed:
                        raise LogError(f"the stream workers crashed: {self._app._crash_reason!r}")
        finally:
            await self._stopped()

    def swap(self, stages: Sequence[Stage]) -> None:
        """Go on with these stages in the place of those of the same names, from the next record on."""
        by_name = {stage.name: stage for stage in stages}
        self.stages = stages
        for worker in self._workers:
            worker.swap(by_name[worker.stage.name])

    async def _stopped(self) -> None:
        try:
            async with asyncio.timeout(STOP_S):
                await self._app.stop()
        except TimeoutError:
            self.seams.leave(EXIT_STUCK, f"the stop took more than {STOP_S:.0f} s")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    # -------------------------------------------------------------- outputs

    async def send(self, appends: Iterable[Append]) -> None:
        """Send side by side, in order within a partition; returns when all in-sync replicas have all of them."""
        now_s = self.around.clock.now_ms() / 1000
        futures = [
            await self._topic(one.topic).send(
                key=one.key.encode(),
                value=one.value,
                partition=partition_of(one.partition_key, self._partitions)
                if one.partition is None
                else one.partition,
                timestamp=now_s,
                headers=list(one.headers),
            )
            for one in appends
        ]
        for future in futures:
            await future

    def _topic(self, name: str) -> Any:
        topic = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = self.topic(name)
        return topic

    def topic(self, name: str) -> Any:
        """A topic of ours as Faust's: bytes in, bytes out."""
        return self._app.topic(
            self.connection.topic(name),
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
        )

    def agent(self, name: str, source: str, work: Callable[[Any], Any]) -> None:
        """Declare an agent; all are declared before the app starts."""
        self._app.agent(self.topic(source), name=name, concurrency=1)(work)

    # -------------------------------------------------------------- assignments

    async def _assigned(self, app: Any, assigned: Any, *args: Any, **options: Any) -> None:
        by_topic = topics_of(assigned)
        for worker in self._workers:
            worker.take_over(by_topic.get(self.connection.topic(worker.stage.source), set()))
        self._joined = True

    async def _revoked(self, app: Any, revoked: Any, *args: Any, **options: Any) -> None:
        by_topic = topics_of(revoked)
        for worker in self._workers:
            worker.give_up(by_topic.get(self.connection.topic(worker.stage.source), set()))

    # -------------------------------------------------------------- progress

    def _progress(self) -> int:
        return sum(worker.progress for worker in self._workers)

    async def _watch(self) -> None:
        """Leave when there is lag and no progress. Lag is asked of the brokers: a stuck consumer knows of none."""
        lagging = asyncio.create_task(self._lagging())
        while True:
            await asyncio.wait([lagging], timeout=LOOK_S)
            answer = lagging.result() if lagging.done() and lagging.exception() is None else True
            if stuck := self._watchdog.look(self._progress(), answer):
                self.seams.leave(EXIT_STUCK, stuck)
            if lagging.done():
                await asyncio.sleep(LOOK_S)
                lagging = asyncio.create_task(self._lagging())

    async def _lagging(self) -> bool:
        """Whether something waits that this process should be working on."""
        if not self._joined or self._app.rebalancing or self.consumer.tracker.waiting():
            return True
        mine = topics_of(self.consumer.assignment())
        for stage in self.stages:
            committed = await self.log.committed(stage.name, stage.source)
            for number, (start, end) in (await self.log.ends(stage.source)).items():
                if number in mine.get(self.connection.topic(stage.source), ()) and end > max(
                    start, committed.get(number, 0)
                ):
                    return True
        return False

    def _made_app(self) -> SafeApp:
        connection = self.connection
        return SafeApp(
            connection.group("stream"),
            broker=broker_urls(connection.bootstrap),
            broker_credentials=credentials(connection.security),
            store="memory://",
            datadir=self._folder,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,
            processing_guarantee="at_least_once",
            consumer_auto_offset_reset="earliest",
            consumer_group_instance_id=f"stream-{connection.instance}" if connection.instance else None,
            broker_session_timeout=SESSION_S,
            broker_heartbeat_interval=2.0,
            broker_request_timeout=30.0,
            broker_rebalance_timeout=60.0,
            broker_max_poll_interval=120.0,
            broker_commit_interval=1.0,
            broker_max_poll_records=500,
            stream_buffer_maxsize=4096,
            stream_wait_empty=True,
            producer_acks=-1,
            producer_compression_type="zstd",
            producer_linger=0.002,
            producer_request_timeout=60.0,
            producer_max_request_size=20 * 1024 * 1024,
        )


class StageAgent:
    """One stage as an agent."""

    def __init__(self, stage: Stage, runtime: FaustRuntime) -> None:
        self.stage = stage
        self.progress = 0
        self._runtime = runtime
        self._bench = StageBench(stage, runtime.around)
        self._recoveries: dict[int, asyncio.Task[None]] = {}
        runtime.agent(stage.name, stage.source, self._work)

    def swap(self, stage: Stage) -> None:
        """Go on with another stage of this name; its memory stays."""
        self.stage = self._bench.stage = stage

    @property
    def recovering(self) -> int:
        """How many partitions' memory is being read back."""
        return sum(not task.done() for task in self._recoveries.values())

    def take_over(self, partitions: set[int]) -> None:
        """Begin to read back the memory of partitions; records wait for it."""
        self._bench.forget()
        self._recoveries = {number: asyncio.create_task(self._recover(number)) for number in sorted(partitions)}

    def give_up(self, partitions: set[int]) -> None:
        """Partitions that may be another's from now on."""
        for number in partitions:
            if (task := self._recoveries.pop(number, None)) is not None:
                task.cancel()
        self._bench.forget()
        self._runtime.log.give_up([self.stage.table], partitions)

    async def _recover(self, partition: int) -> None:
        try:
            await self._runtime.log.claim([self.stage.table], [partition])
            self._runtime.seams.reached(f"{self.stage.name}:recovering")
            await self._bench.recall(partition)
            self.progress += 1
        except LogError as error:
            self._runtime.seams.leave(EXIT_NOT_STORED, f"{self.stage.table}/{partition} was not read back: {error}")

    async def _work(self, stream: Any) -> None:
        events = stream.noack()
        batch: list[Any] = []
        async for event in events.events():
            batch.append(event)
            if len(batch) >= BATCH or stream.channel.queue.empty():
                await self._store(batch)
                batch = []

    async def _store(self, batch: Sequence[Any]) -> None:
        """Effect, then memory, then acknowledgement."""
        runtime = self._runtime
        try:
            live = [event for event in batch if await self._is_ours(event)]
            if live:
                work = await self._bench.work([self._record(event) for event in live])
                runtime.seams.reached(f"{self.stage.name}:before effect")
                await runtime.send(work.appends)
                runtime.seams.reached(f"{self.stage.name}:after effect")
                await runtime.log.commit(UnitOfWork(tables=work.tables))
                runtime.seams.reached(f"{self.stage.name}:after memory")
                for event in live:
                    runtime.consumer.done(event.message)
                self.progress += len(live)
                runtime.around.metrics.stage_records.labels(self.stage.name).inc(len(live))
        except NotOwner as lost:
            logger.info("%s: dropped work on %s", self.stage.name, lost)
            self._bench.forget()
        except Exception as error:
            runtime.seams.leave(EXIT_NOT_STORED, f"{self.stage.name}: not stored: {type(error).__name__}: {error}")
        finally:
            for event in batch:
                event.ack()  # out of hand; the offset moves by `done` alone

    async def _is_ours(self, event: Any) -> bool:
        """Whether a record is of this generation, its partition's memory read back."""
        message = event.message
        recovery = self._recoveries.get(message.partition)
        if recovery is None:
            return False
        if not recovery.done():
            await asyncio.wait([recovery])
        generation = self._runtime.generation
        return not recovery.cancelled() and bool(message.generation_id == generation)

    def _record(self, event: Any) -> LogRecord:
        message = event.message
        return LogRecord(
            self.stage.source,
            message.partition,
            message.offset,
            round(message.timestamp * 1000),
            (message.key or b"").decode("utf-8", "replace"),
            message.value,
            tuple((name, value) for name, value in message.headers or ()),
        )
