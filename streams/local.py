"""The local runtime: the pipeline in one process, on any log.

Each stage has a worker. A worker polls records, runs the stage on each, and hands the log one unit of work: outputs,
memory and offsets together. When that unit cannot be stored, what the worker remembers is dropped and read again, so
memory never runs ahead of the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from streams.bench import StageBench, Surroundings
from streams.stage import Stage
from wire.errors import LogClosed
from wire.log import Consumer

MAX_RECORDS = 256
POLL_S = 1.0


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

    def swap(self, stages: Sequence[Stage]) -> None:
        """Go on with these stages in the place of those of the same names, from the next record on."""
        by_name = {stage.name: stage for stage in stages}
        for worker in self._workers:
            worker.swap(by_name[worker.stage.name])

    async def close(self) -> None:
        """Give the consumers up."""
        for worker in self._workers:
            await worker.close()


class StageWorker:
    """One stage on the partitions that are its own."""

    def __init__(self, stage: Stage, around: Surroundings) -> None:
        self.stage = stage
        self._around = around
        self._bench = StageBench(stage, around)
        self._consumer: Consumer | None = None
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
            self._bench.forget()
            self._generation = self._consumer.generation
        if not records:
            return 0
        started = time.perf_counter()
        try:
            await self._around.log.commit(await self._bench.work(records))
        except BaseException as error:
            self._bench.forget()
            if not isinstance(error, LogClosed):
                self._consumer.rewind()
            raise
        metrics = self._around.metrics
        metrics.stage_records.labels(self.stage.name).inc(len(records))
        metrics.stage_seconds.labels(self.stage.name).inc(time.perf_counter() - started)
        return len(records)

    def swap(self, stage: Stage) -> None:
        """Go on with another stage of this name; its memory stays."""
        self.stage = self._bench.stage = stage

    async def close(self) -> None:
        """Give the consumer up."""
        if self._consumer is not None:
            await self._consumer.close()
