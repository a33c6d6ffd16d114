"""A stage at work on records, the same on both runtimes: decoded, run, stamped, checked, counted.

What comes of records is a unit of work; storing it is the runtime's part. What cannot be processed is set aside with
its bytes, and the rest goes on.
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
from wire.errors import CodecError
from wire.log import Append, Log, LogRecord, TableWrite, UnitOfWork
from wire.metrics import Metrics
from wire.records import DeadReason, Record
from wire.topics import TOPICS

SLICE_S = 0.01
"""How long a stage may hold the event loop before others get a turn."""


@dataclass(frozen=True)
class Surroundings:
    """What every stage works with."""

    log: Log
    clock: Clock
    metrics: Metrics


class StageBench:
    """One stage and its memories, by partition. After a unit of work that was not stored, `forget`."""

    def __init__(self, stage: Stage, around: Surroundings) -> None:
        self.stage = stage
        self._around = around
        self._memories: dict[int, PlainMemory[Record]] = {}

    async def work(self, records: Sequence[LogRecord]) -> UnitOfWork:
        """Run the stage on each record: outputs, memory and offsets. Lets others have the event loop in between."""
        work = UnitOfWork(group=self.stage.name)
        slice_ends = time.perf_counter() + SLICE_S
        for record in records:
            self._take(record, work)
            work.advance(record)
            if time.perf_counter() > slice_ends:
                await asyncio.sleep(0)
                slice_ends = time.perf_counter() + SLICE_S
        return work

    def forget(self) -> None:
        """Drop what is remembered: it is read again when it is needed."""
        self._memories.clear()

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

    async def recall(self, partition: int) -> None:
        """Read a partition's memory back now, in a thread: decoding it may take seconds."""
        self._memories[partition] = await asyncio.to_thread(self._recalled, partition)

    def _memory(self, partition: int) -> PlainMemory[Record]:
        memory = self._memories.get(partition)
        if memory is None:
            memory = self._memories[partition] = self._recalled(partition)
        return memory

    def _recalled(self, partition: int) -> PlainMemory[Record]:
        stored = self._around.log.table(self.stage.table).items(partition)
        entries = ((key, decode(value, self.stage.remembers)) for key, value in stored)
        return PlainMemory(entries, self.stage.index() if self.stage.index else None)

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
