"""The page connector: entries in, articles out, and one outcome for every entry.

An entry that is read from the log goes onto the agenda in the same unit of work that acknowledges it. From there it
is visited when its host may be asked, and leaves with one unit of work: its outcome and its article, or its next
time. So a restart goes on exactly where the last process was.

A page that fails costs no time where it matters: the feed's own text, however short, is told at once. Where that
text is too short to stand for the article and the page may yet come, it is tried again; a body that comes later is a
newer revision of the same article.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace

from msgspec.structs import replace

from connectors.exchange import FetchError
from connectors.http import HttpClient
from connectors.lanes import Lanes
from connectors.markup import printable
from connectors.pages.body import ENOUGH_CHARACTERS, Visit, compose, failed_visit, own_text
from connectors.pages.fetch import get_page, kind_of, readable
from connectors.pages.politeness import Politeness
from connectors.pages.workers import ExtractFailed, ExtractionWorkers
from wire.clock import Clock, woken_or_slept
from wire.codec import decode, encode
from wire.dead import dead_letter, set_aside
from wire.errors import CodecError, LogError, NotOwner
from wire.identity import article_id, page_host
from wire.log import AgendaWrite, Consumer, Due, Log, LogRecord, UnitOfWork
from wire.metrics import Metrics
from wire.records import (
    Article,
    BodySource,
    DeadReason,
    Entry,
    ExtractReason,
    FetchReason,
    Outcome,
    OutcomeKind,
    PageVisit,
)
from wire.settings import PagesSettings

GROUP = "extract"
AGENDA = "pages"
IDLE_S = 1.0
RECENT = 5_000
"""Articles of the last minutes, so that one page in two feeds is fetched once."""

RETRY_AFTER_CAP_S = 86_400.0
RECENT_MS = 10 * 60 * 1000


@dataclass
class PageConnector:
    """Turns `entries` into `articles` and `outcomes` until cancelled."""

    log: Log
    http: HttpClient
    workers: ExtractionWorkers
    clock: Clock
    settings: PagesSettings
    metrics: Metrics
    _visiting: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _recent: OrderedDict[str, tuple[int, str, bool]] = field(default_factory=OrderedDict)
    _lanes: Lanes = field(default_factory=Lanes)

    def __post_init__(self) -> None:
        self._politeness = Politeness(self.settings.host_delay_s)
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled. Raises LogError when the log fails."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_in(), name="entries to the agenda")
            while True:
                self._wake.clear()
                for lane, key, partition in self._startable():
                    self._visiting[key] = group.create_task(self._visit_and_wake(lane, partition, key))
                await woken_or_slept(self._wake, self.clock, self._pause_s())

    # -------------------------------------------------------------- entries onto the agenda

    def _recall(self, consumer: Consumer) -> None:
        """What waits in the partitions that are our own, from the agenda."""
        self._lanes = Lanes()
        for _, partition in sorted(consumer.assignment):
            for due in self.log.agenda(AGENDA).items(partition):
                visit = _decoded(due)
                self._lanes.put(_lane(visit.entry) if visit else due.key, partition, due.key, due.due_ms)

    async def _take_in(self) -> None:
        consumer, generation = await self.log.consumer(GROUP, ["entries"], (AGENDA,)), -1
        try:
            while True:
                records = await consumer.poll(200, IDLE_S)
                if consumer.generation != generation:
                    generation = consumer.generation
                    self._recall(consumer)
                    self._wake.set()
                if records:
                    await self._put_on_agenda(records, consumer)
        finally:
            await consumer.close()

    async def _put_on_agenda(self, records: Sequence[LogRecord], consumer: Consumer) -> None:
        work = UnitOfWork(group=GROUP)
        for record in records:
            self._plan(record, work)
            work.advance(record)
        try:
            await self.log.commit(work)
        except NotOwner:
            consumer.rewind()
            return
        for planned in work.agenda:  # not before: what is not stored yet cannot be visited
            visit = _decoded(Due(planned.partition, planned.key, 0, planned.value))
            if visit is not None and planned.due_ms is not None:
                self._lanes.put(_lane(visit.entry), planned.partition, planned.key, planned.due_ms)
        self._wake.set()

    def _plan(self, record: LogRecord, work: UnitOfWork) -> None:
        try:
            entry = decode(record.value, Entry)
            _ = article_id(entry.url), page_host(entry.url)
        except (CodecError, ValueError) as error:
            set_aside(work, dead_letter(record, GROUP, DeadReason.UNDECODABLE, str(error), self.clock.now()))
            self.metrics.dead_letters.labels(GROUP, DeadReason.UNDECODABLE).inc()
            return
        if entry.id not in self._lanes:
            visit = encode(PageVisit(entry=entry))
            work.agenda.append(AgendaWrite(AGENDA, record.partition, entry.id, self.clock.now_ms(), visit))

    def _later(self, work: UnitOfWork, partition: int, visit: PageVisit, due_ms: int) -> None:
        key = visit.entry.id
        work.agenda.append(AgendaWrite(AGENDA, partition, key, due_ms, encode(visit)))
        self._lanes.put(_lane(visit.entry), partition, key, due_ms)

    def _never(self, work: UnitOfWork, partition: int, key: str) -> None:
        work.agenda.append(AgendaWrite(AGENDA, partition, key, None))
        self._lanes.remove(key)

    # -------------------------------------------------------------- what may be visited now

    def _startable(self) -> list[tuple[str, str, int]]:
        """Lane, key and partition of the entries whose turn it is; their hosts are busy from now on."""
        self._visiting = {key: task for key, task in self._visiting.items() if not task.done()}
        now_ms = self.clock.now_ms()
        ready = [
            (first, lane)
            for lane, first in self._lanes.heads()
            if first.due_ms <= now_ms and first.key not in self._visiting and self._politeness.free(lane, now_ms)
        ]
        room = max(0, self.settings.concurrency - len(self._visiting))
        chosen = sorted(ready)[:room]
        for _, lane in chosen:
            if _is_host(lane):
                self._politeness.begin(lane, now_ms)
        return [(lane, first.key, first.partition) for first, lane in chosen]

    def _pause_s(self) -> float:
        """Until the next entry whose host is not being asked; a visit's end wakes us itself."""
        now_ms = self.clock.now_ms()
        starts = (
            max(first.due_ms, self._politeness.next_free_ms(lane))
            for lane, first in self._lanes.heads()
            if first.key not in self._visiting and not self._politeness.busy(lane)
        )
        ahead_s = (min(starts, default=now_ms + round(IDLE_S * 1000)) - now_ms) / 1000
        return min(IDLE_S, max(ahead_s, min(0.05, self.settings.host_delay_s or 0.05)))

    # -------------------------------------------------------------- one visit

    async def _visit_and_wake(self, lane: str, partition: int, key: str) -> None:
        due = self.log.agenda(AGENDA).get(partition, key)
        visit = _decoded(due)
        try:
            with contextlib.suppress(NotOwner):  # the entry is another connector's now, who visits it again
                if due is None or visit is None:
                    await self._set_aside(
                        partition, key, due.value if due else b"", "what lay on the agenda is unreadable"
                    )
                else:
                    await self._visit_and_settle(due, visit)
        finally:
            self._politeness.end(lane)
            self._wake.set()

    async def _visit_and_settle(self, due: Due, visit: PageVisit) -> None:
        try:
            try:
                await self._settle(due, visit, await self._visit(visit.entry))
            except LogError:
                raise
            except Exception as error:  # one page's surprise must not end the others
                detail = printable(f"{type(error).__name__}: {error}")
                await self._settle(due, visit, Visit(None, FetchReason.BAD_ANSWER, detail[:300]))
        except LogError:
            raise
        except Exception as error:  # nor must an entry that cannot even be told from its feed
            detail = printable(f"{type(error).__name__}: {error}")
            await self._set_aside(due.partition, due.key, encode(visit.entry), detail)

    async def _set_aside(self, partition: int, key: str, value: bytes, detail: str) -> None:
        work = UnitOfWork()
        self._never(work, partition, key)
        if value:
            lost = LogRecord("entries", partition, -1, self.clock.now_ms(), key, value)
            letter = dead_letter(lost, GROUP, DeadReason.STAGE_ERROR, detail, self.clock.now())
            set_aside(work, replace(letter, origin=f"{AGENDA}/{partition}/{key}"))
            self.metrics.dead_letters.labels(GROUP, DeadReason.STAGE_ERROR).inc()
        await self.log.commit(work)

    async def _visit(self, entry: Entry) -> Visit | None:
        """One visit; None where another feed's entry has just brought this page."""
        if self._is_recent(entry):
            return None
        if not entry.page:
            return Visit()
        host = page_host(entry.url)
        held_s = self._politeness.held_s(host, self.clock.now_ms())
        if held_s:
            return failed_visit(FetchError(FetchReason.THROTTLED, "the host asked to be left alone", held_s))
        try:
            response = await get_page(self.http, entry.url, self.settings, self.clock.now())
            kind = kind_of(response)
            if not readable(kind):
                return Visit(None, ExtractReason.NOT_HTML, kind[:100])
            fetched, started = self.clock.now(), time.perf_counter()
            extracted = await self.workers.extract(response.body, response.url, kind)
            self.metrics.extraction.observe(time.perf_counter() - started)
            whole = dataclass_replace(extracted, cut=extracted.cut or response.cut)
            return Visit(whole, url=response.url, fetched=fetched)
        except FetchError as error:
            if error.reason is FetchReason.THROTTLED and error.retry_after_s:
                longest_s = min(error.retry_after_s, RETRY_AFTER_CAP_S)
                self._politeness.hold(host, self.clock.now_ms() + round(longest_s * 1000))
            return failed_visit(error)
        except ExtractFailed as error:
            return Visit(None, str(error.reason))

    # -------------------------------------------------------------- what comes of it

    async def _settle(self, due: Due, visit: PageVisit, went: Visit | None) -> None:
        """Store what came of a visit: the article if it says something new, and the outcome or the next time."""
        entry, tries = visit.entry, visit.tries + 1
        article = compose(entry, went, self.clock.now()) if went else None
        again_s = self._again_s(entry, went, tries) if went else None
        work = UnitOfWork()
        if article is not None and article.revision != visit.told:
            work.append("articles", article.id, article.id, article)
        if again_s is None:
            outcome = self._outcome(entry, article, went, tries)
            work.append("outcomes", entry.id, page_host(entry.url), outcome)
            self._never(work, due.partition, due.key)
            self.metrics.outcomes.labels(outcome.kind, outcome.reason).inc()
        else:
            later = replace(visit, tries=tries, told=article.revision if article else visit.told)
            self._later(work, due.partition, later, self.clock.now_ms() + round(again_s * 1000))
        await self.log.commit(work)
        if article is not None and article.body_source is BodySource.PAGE:
            self._note(article)

    def _again_s(self, entry: Entry, went: Visit, tries: int) -> float | None:
        """Seconds until the page is tried again; None where this visit is the last."""
        if not went.retry or tries > len(self.settings.retries_s) or len(own_text(entry)) >= ENOUGH_CHARACTERS:
            return None
        return max(self.settings.retries_s[tries - 1], min(went.retry_after_s or 0.0, RETRY_AFTER_CAP_S))

    def _outcome(self, entry: Entry, article: Article | None, went: Visit | None, tries: int) -> Outcome:
        if went is None:
            kind, reason = OutcomeKind.UNCHANGED, ""
        elif article is None:
            kind, reason = (OutcomeKind.FAILED if went.reason else OutcomeKind.NO_TEXT), went.reason
        elif article.body_source is BodySource.PAGE:
            kind, reason = OutcomeKind.ARTICLE_FROM_PAGE, ""
        else:
            kind, reason = OutcomeKind.ARTICLE_FROM_FEED, article.body_reason
        return Outcome(
            entry=entry.id,
            feed=entry.feed,
            url=entry.url,
            kind=kind,
            reason=reason,
            detail=went.detail[:300] if went else "",
            article=article_id(entry.url),
            tries=tries,
            at=self.clock.now(),
        )

    # -------------------------------------------------------------- one page in several feeds

    def _is_recent(self, entry: Entry) -> bool:
        """Whether another feed's entry has just brought this page, and not silently where this one rings."""
        at_ms, feed, silent = self._recent.get(article_id(entry.url), (0, "", False))
        told = feed not in ("", entry.feed) and not (silent and entry.silence is None)
        return told and self.clock.now_ms() - at_ms <= RECENT_MS

    def _note(self, article: Article) -> None:
        self._recent.pop(article.id, None)
        self._recent[article.id] = (self.clock.now_ms(), article.feed, article.silence is not None)
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)


def _lane(entry: Entry) -> str:
    """The page's host; an entry whose page is not asked for waits for no other."""
    return page_host(entry.url) if entry.page else entry.id


def _is_host(lane: str) -> bool:
    return ":" in lane


def _decoded(due: Due | None) -> PageVisit | None:
    try:
        return decode(due.value, PageVisit) if due else None
    except CodecError:
        return None
