"""The local runtime: the pipeline in one process, on any log.

Each stage has a worker. A worker polls records, runs the stage on each, and hands the log one unit of work: outputs,
memory and offsets together. When that unit cannot be stored, what the worker remembers is dropped and read again, so
memory never runs ahead of the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from streams.memory import PlainMemory
from streams.stage import Output, Stage, Step
from wire.clock import Clock
from wire.codec import decode, encode
from wire.dead import dead_letter, set_aside
from wire.errors import CodecError, LogClosed
from wire.log import Append, Consumer, Log, LogRecord, TableWrite, UnitOfWork
from wire.metrics import Metrics
from wire.records import DeadReason, Record
from wire.topics import TOPICS

MAX_RECORDS = 256
SLICE_S = 0.01
"""How long a worker may hold the event loop before others get a turn."""

POLL_S = 1.0


@dataclass(frozen=True)
class Surroundings:
    """What every worker works with."""

    log: Log
    clock: Clock
    metrics: Metrics


class LocalRuntime:
    """Runs stages until cancelled, or in bursts until nothing is left to do."""

    def __init__(self, stages: Sequence[Stage], around: Surroundings) -> None:
        self._workers = [StageWorker(stage, around) for stage in stages]

    async def run(self) -> None:
        """Work until cancelled. A LogError ends it: nothing that was not stored is acknowledged."""
        async with asyncio.TaskGroup() as group:
            for worker in self._workers:
                group.create_task(worker.run(), name=f"stage {worker.stage.name}")

    async def drain(self) -> int:
        """Work until every stage has caught up; returns how many records were taken."""
        taken = 0
        while step := sum([await worker.step(0.0) for worker in self._workers]):
            taken += step
        return taken

    async def close(self) -> None:
        """Give the consumers up."""
        for worker in self._workers:
            await worker.close()


class StageWorker:
    """One stage on the partitions that are its own."""

    def __init__(self, stage: Stage, around: Surroundings) -> None:
        self.stage = stage
        self._around = around
        self._consumer: Consumer | None = None
        self._memories: dict[int, PlainMemory[Record]] = {}
        self._generation = -1

    async def run(self) -> None:
        """Step until cancelled."""
        while True:
            await self.step(POLL_S)

    async def step(self, timeout_s: float) -> int:
        """Take what is there, up to a bound, and store what came of it; returns how many records were taken."""
        if self._consumer is None:
            self._consumer = await self._around.log.consumer(self.stage.name, [self.stage.source])
        records = await self._consumer.poll(MAX_RECORDS, timeout_s)
        if self._consumer.generation != self._generation:
            self._memories.clear()
            self._generation = self._consumer.generation
        if not records:
            return 0
        started = time.perf_counter()
        try:
            await self._around.log.commit(await self._work(records))
        except BaseException as error:
            self._memories.clear()
            if not isinstance(error, LogClosed):
                self._consumer.rewind()
            raise
        metrics = self._around.metrics
        metrics.stage_records.labels(self.stage.name).inc(len(records))
        metrics.stage_seconds.labels(self.stage.name).inc(time.perf_counter() - started)
        return len(records)

    async def close(self) -> None:
        """Give the consumer up."""
        if self._consumer is not None:
            await self._consumer.close()

    async def _work(self, records: Sequence[LogRecord]) -> UnitOfWork:
        work = UnitOfWork(group=self.stage.name)
        slice_ends = time.perf_counter() + SLICE_S
        for record in records:
            self._take(record, work)
            work.advance(record)
            if time.perf_counter() > slice_ends:
                await asyncio.sleep(0)
                slice_ends = time.perf_counter() + SLICE_S
        return work

    def _take(self, record: LogRecord, work: UnitOfWork) -> None:
        """Run the stage on one record. What cannot be processed is set aside with its bytes; the rest goes on."""
        memory = self._memory(record.partition)
        try:
            step = self.stage.run(decode(record.value, self.stage.reads), memory)
            appends = [self._stamped(output) for output in step.outputs]
        except CodecError as error:
            self._set_aside(record, DeadReason.UNDECODABLE, str(error), work)
            return
        except Exception as error:
            self._set_aside(record, DeadReason.STAGE_ERROR, f"{type(error).__name__}: {error}", work)
            return
        writes = [
            TableWrite(self.stage.table, record.partition, key, None if value is None else encode(value))
            for key, value in step.changes.items()
        ]
        sizes = [(a.topic, len(a.value or b"")) for a in appends] + [(w.table, len(w.value or b"")) for w in writes]
        if too_large := [(topic, size) for topic, size in sizes if size > TOPICS[topic].max_bytes]:
            detail = ", ".join(f"{size} bytes for {topic}" for topic, size in too_large)
            self._set_aside(record, DeadReason.TOO_LARGE, detail, work)
            return
        memory.apply(step.changes)
        work.appends += appends
        work.tables += writes
        self._tally(step)

    def _memory(self, partition: int) -> PlainMemory[Record]:
        memory = self._memories.get(partition)
        if memory is None:
            stored = self._around.log.table(self.stage.table).items(partition)
            index = self.stage.index() if self.stage.index else None
            entries = ((key, decode(value, self.stage.remembers)) for key, value in stored)
            memory = self._memories[partition] = PlainMemory(entries, index)
        return memory

    def _stamped(self, output: Output) -> Append:
        record: Record = output.record
        if self.stage.stamp:
            stamps = msgspec.structs.replace(record.stamps, **{self.stage.stamp: self._around.clock.now()})  # type: ignore[attr-defined]
            record = msgspec.structs.replace(record, stamps=stamps)
        return Append(output.topic, output.key, output.partition_key, encode(record))

    def _set_aside(self, record: LogRecord, reason: DeadReason, detail: str, work: UnitOfWork) -> None:
        set_aside(work, dead_letter(record, self.stage.name, reason, detail, self._around.clock.now()))
        self._around.metrics.dead_letters.labels(self.stage.name, reason).inc()

    def _tally(self, step: Step[Record]) -> None:
        metrics = self._around.metrics
        metrics.stage_outputs.labels(self.stage.name).inc(len(step.outputs))
        for (rule, reason), count in step.tallies.items():
            metrics.suppressed.labels(rule, reason).inc(count)
        for output in step.outputs:
            if output.topic == "detections":
                metrics.detections.labels(output.record.rule, output.record.kind).inc()  # type: ignore[attr-defined]
            elif output.topic == "alerts":
                metrics.alerts.labels(output.record.rule, output.record.kind).inc()  # type: ignore[attr-defined]
