"""Reading stored articles again through the pipeline, in memory: no socket is opened, no subscription is touched."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from streams.bench import Surroundings
from streams.local import LocalRuntime
from streams.pipeline import pipeline
from streams.rules import RuleSet
from wire.clock import VirtualClock, from_ms, to_ms
from wire.codec import decode
from wire.log import Append, Log, LogRecord, UnitOfWork
from wire.memory import MemoryLog
from wire.metrics import Metrics
from wire.records import Alert

PAGE = 500


@dataclass(frozen=True)
class Span:
    """Which records: appended at or after `since` and before `until`."""

    since: datetime
    until: datetime | None = None


async def replay(
    log: Log, span: Span, ruleset: RuleSet, progress: Callable[[int], None] = lambda _: None
) -> AsyncIterator[Alert]:
    """The alerts that `ruleset` would have raised on the articles of `span`, in the order of ringing.

    Articles pass in the order of their appending, at the time of their appending; the same log and rules give the
    same alerts. `progress` is told how many articles have passed.
    """
    clock = VirtualClock(span.since)
    memory = MemoryLog(clock, partitions=log.partitions("articles"))
    await memory.start()
    runtime = LocalRuntime(pipeline(ruleset, ()), Surroundings(memory, clock, Metrics()))
    seen: dict[int, int] = {}
    passed = 0
    async for batch in _batches(log, span):
        clock.set_ms(batch[-1].timestamp_ms)
        work = UnitOfWork(appends=[Append("articles", r.key, r.key, r.value, r.headers, r.partition) for r in batch])
        await memory.commit(work)
        await runtime.drain()
        passed += len(batch)
        progress(passed)
        for alert in await _new_alerts(memory, seen):
            yield alert
    await runtime.close()
    await memory.close()


async def _batches(log: Log, span: Span) -> AsyncIterator[list[LogRecord]]:
    """Articles of all partitions merged by time of appending, in lists of those of one moment or a page."""
    cursors = [_Cursor(log, partition) for partition in await log.ends("articles")]
    heap: list[tuple[int, int, int, LogRecord]] = []
    for number, cursor in enumerate(cursors):
        await cursor.start(to_ms(span.since))
        await _push(heap, cursors, number)
    batch: list[LogRecord] = []
    until_ms = to_ms(span.until) if span.until else None
    while heap:
        timestamp_ms, number, _, record = heapq.heappop(heap)
        if until_ms is not None and timestamp_ms >= until_ms:
            continue
        if batch and (timestamp_ms != batch[-1].timestamp_ms or len(batch) >= PAGE):
            yield batch
            batch = []
        batch.append(record)
        await _push(heap, cursors, number)
    if batch:
        yield batch


async def _push(heap: list[tuple[int, int, int, LogRecord]], cursors: list[_Cursor], number: int) -> None:
    record = await cursors[number].next()
    if record is not None:
        heapq.heappush(heap, (record.timestamp_ms, number, record.offset, record))


class _Cursor:
    """One partition of `articles`, read a page at a time."""

    def __init__(self, log: Log, partition: int) -> None:
        self._log = log
        self._partition = partition
        self._offset = 0
        self._page: list[LogRecord] = []

    async def start(self, since_ms: int) -> None:
        self._offset = await self._log.offset_at("articles", self._partition, since_ms)

    async def next(self) -> LogRecord | None:
        if not self._page:
            self._page = await self._log.read("articles", self._partition, self._offset, PAGE)
            self._page.reverse()
        if not self._page:
            return None
        record = self._page.pop()
        self._offset = record.offset + 1
        return record


async def _new_alerts(memory: MemoryLog, seen: dict[int, int]) -> list[Alert]:
    found: list[Alert] = []
    for partition, (_, end) in (await memory.ends("alerts")).items():
        for record in await memory.read("alerts", partition, seen.get(partition, 0), end):
            seen[partition] = record.offset + 1
            found.append(decode(record.value, Alert))
    return sorted(found, key=lambda alert: (alert.stamps.alerted or from_ms(0), alert.id))
