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
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from msgspec.structs import replace

from connectors.exchange import FetchError, Limits, Response, parse_retry_after
from connectors.http import HttpClient
from connectors.pages.body import ENOUGH_CHARACTERS, Visit, compose, failed_visit, own_text
from connectors.pages.politeness import Politeness
from connectors.pages.workers import ExtractFailed, ExtractionWorkers
from wire.clock import Clock, woken_or_slept
from wire.codec import decode, encode
from wire.dead import dead_letter, set_aside
from wire.errors import CodecError, LogError
from wire.identity import article_id, page_host
from wire.log import AgendaWrite, Due, Log, LogRecord, UnitOfWork
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
DUE_LIMIT = 500
IDLE_S = 1.0
RECENT = 5_000
"""Articles of the last minutes, so that one page in two feeds is fetched once."""

RECENT_MS = 10 * 60 * 1000
_READABLE = ("html", "xml", "text/plain")


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
    _recent: OrderedDict[str, tuple[int, str]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._politeness = Politeness(self.settings.host_delay_s)
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled. Raises LogError when the log fails."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_in(), name="entries to the agenda")
            while True:
                self._wake.clear()
                for due, visit in self._startable():
                    self._visiting[due.key] = group.create_task(self._visit_and_wake(due, visit))
                await self._idle()

    # -------------------------------------------------------------- entries onto the agenda

    async def _take_in(self) -> None:
        consumer = await self.log.consumer(GROUP, ["entries"])
        try:
            while True:
                records = await consumer.poll(200, IDLE_S)
                if not records:
                    continue
                work = UnitOfWork(group=GROUP)
                for record in records:
                    self._plan(record, work)
                    work.advance(record)
                await self.log.commit(work)
                self._wake.set()
        finally:
            await consumer.close()

    def _plan(self, record: LogRecord, work: UnitOfWork) -> None:
        try:
            entry = decode(record.value, Entry)
            host = page_host(entry.url)
        except (CodecError, ValueError) as error:
            set_aside(work, dead_letter(record, GROUP, DeadReason.UNDECODABLE, str(error), self.clock.now()))
            self.metrics.dead_letters.labels(GROUP, DeadReason.UNDECODABLE).inc()
            return
        due_ms = self._politeness.book(host, self.clock.now_ms()) if entry.page else self.clock.now_ms()
        work.agenda.append(AgendaWrite(AGENDA, record.partition, entry.id, due_ms, encode(PageVisit(entry=entry))))

    # -------------------------------------------------------------- what may be visited now

    def _startable(self) -> list[tuple[Due, PageVisit]]:
        self._visiting = {key: task for key, task in self._visiting.items() if not task.done()}
        now_ms = self.clock.now_ms()
        chosen: list[tuple[Due, PageVisit]] = []
        for due in self.log.agenda(AGENDA).due(self._partitions(), now_ms, DUE_LIMIT):
            if len(self._visiting) + len(chosen) >= self.settings.concurrency:
                break
            if due.key in self._visiting:
                continue
            visit = decode(due.value, PageVisit)
            if visit.entry.page:
                host = page_host(visit.entry.url)
                if not self._politeness.free(host, now_ms):
                    continue
                self._politeness.begin(host, now_ms)
            chosen.append((due, visit))
        return chosen

    async def _idle(self) -> None:
        """Wait until a visit ends, entries come, or something falls due."""
        await woken_or_slept(self._wake, self.clock, self._pause_s())

    def _pause_s(self) -> float:
        next_ms = self.log.agenda(AGENDA).next_due_ms(self._partitions())
        if next_ms is None:
            return IDLE_S
        ahead_s = (next_ms - self.clock.now_ms()) / 1000
        return min(IDLE_S, max(ahead_s, min(0.05, self.settings.host_delay_s or 0.05)))

    def _partitions(self) -> range:
        return range(self.log.partitions("entries"))

    # -------------------------------------------------------------- one visit

    async def _visit_and_wake(self, due: Due, visit: PageVisit) -> None:
        try:
            await self._settle(due, visit, await self._visit(visit.entry))
        except LogError:
            raise
        except Exception as error:  # one page's surprise must not end the others
            detail = f"{type(error).__name__}: {error}"
            await self._settle(due, visit, Visit(None, FetchReason.BAD_ANSWER, detail[:300]))
        finally:
            if visit.entry.page:
                self._politeness.end(page_host(visit.entry.url))
            self._wake.set()

    async def _visit(self, entry: Entry) -> Visit:
        if not entry.page or self._is_recent(entry):
            return Visit()
        try:
            response = await self._get(entry)
            if not _readable(response):
                return Visit(None, ExtractReason.NOT_HTML, response.headers.get("content-type", "")[:100])
            fetched, started = self.clock.now(), time.perf_counter()
            extracted = await self.workers.extract(
                response.body, response.url, response.headers.get("content-type", "")
            )
            self.metrics.extraction.observe(time.perf_counter() - started)
            return Visit(extracted, url=response.url, fetched=fetched)
        except FetchError as error:
            return failed_visit(error)
        except ExtractFailed as error:
            return Visit(None, str(error.reason))

    async def _get(self, entry: Entry) -> Response:
        limits = Limits(total_s=self.settings.timeout_s, max_bytes=self.settings.max_bytes, cut=True)
        headers = {"Accept": "text/html, application/xhtml+xml, */*;q=.5"}
        response = await self.http.get(entry.url, headers=headers, limits=limits)
        if response.status == 200:
            return response
        wait = parse_retry_after(response.headers.get("retry-after", ""), self.clock.now())
        raise FetchError(_reason(response.status), f"answered {response.status}", wait)

    # -------------------------------------------------------------- what comes of it

    async def _settle(self, due: Due, visit: PageVisit, went: Visit) -> None:
        """Store what came of a visit: the article if it says something new, and the outcome or the next time."""
        entry, tries = visit.entry, visit.tries + 1
        article = None if self._is_recent(entry) else compose(entry, went, self.clock.now())
        again_s = self._again_s(entry, went, tries)
        work = UnitOfWork()
        if article is not None and article.revision != visit.told:
            work.append("articles", article.id, article.id, article)
        if again_s is None:
            outcome = self._outcome(entry, article, went, tries)
            work.append("outcomes", entry.id, page_host(entry.url), outcome)
            work.agenda.append(AgendaWrite(AGENDA, due.partition, due.key, None))
            self.metrics.outcomes.labels(outcome.kind, outcome.reason).inc()
        else:
            later = replace(visit, tries=tries, told=article.revision if article else visit.told)
            due_ms = self.clock.now_ms() + round(again_s * 1000)
            work.agenda.append(AgendaWrite(AGENDA, due.partition, due.key, due_ms, encode(later)))
        await self.log.commit(work)
        if article is not None and article.body_source is BodySource.PAGE:
            self._note(article)

    def _again_s(self, entry: Entry, went: Visit, tries: int) -> float | None:
        """Seconds until the page is tried again; None where this visit is the last."""
        if not went.retry or tries > len(self.settings.retries_s) or len(own_text(entry)) >= ENOUGH_CHARACTERS:
            return None
        return max(self.settings.retries_s[tries - 1], min(went.retry_after_s or 0.0, 86_400.0))

    def _outcome(self, entry: Entry, article: Article | None, went: Visit, tries: int) -> Outcome:
        if self._is_recent(entry):
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
            detail=went.detail[:300],
            article=article_id(entry.url),
            tries=tries,
            at=self.clock.now(),
        )

    # -------------------------------------------------------------- one page in several feeds

    def _is_recent(self, entry: Entry) -> bool:
        """Whether another feed's entry brought this page's text a moment ago."""
        at_ms, feed = self._recent.get(article_id(entry.url), (0, ""))
        return feed not in ("", entry.feed) and self.clock.now_ms() - at_ms <= RECENT_MS

    def _note(self, article: Article) -> None:
        self._recent.pop(article.id, None)
        self._recent[article.id] = (self.clock.now_ms(), article.feed)
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)


def _reason(status: int) -> FetchReason:
    if status in (408, 429):
        return FetchReason.THROTTLED
    if status == 410:
        return FetchReason.GONE
    return {4: FetchReason.STATUS_4XX, 5: FetchReason.STATUS_5XX}.get(status // 100, FetchReason.BAD_ANSWER)


def _readable(response: Response) -> bool:
    kind = response.headers.get("content-type", "").lower()
    return not kind or any(word in kind for word in _READABLE)
