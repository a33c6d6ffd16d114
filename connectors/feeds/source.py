"""The feed source: polls what is due and puts what is new into `entries`.

One poll is one unit of work: the new entries, the feed's checkpoint and its next time on the agenda. When that cannot
be stored the poll has not happened, and the feed is still due. A feed that fails or hangs costs its own task only.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import tld
from msgspec.structs import replace

from connectors.exchange import FetchError, Limits, Response, parse_retry_after
from connectors.feeds.parse import ParsedEntry, ParsedFeed, Source, parse
from connectors.feeds.schedule import wait_s, weight
from connectors.http import HttpClient
from wire.clock import Clock, to_ms
from wire.codec import decode
from wire.errors import CodecError, LogError, NotOwner
from wire.identity import digest, entry_id, normal_text, page_host
from wire.log import AgendaWrite, Consumer, Log, UnitOfWork
from wire.metrics import Metrics
from wire.records import Checkpoint, Entry, Feed, FetchReason, Outcome, OutcomeKind, Silence, Stamps
from wire.settings import PollingSettings

GROUP = "source"
AGENDA = "polls"
TICK_S = 0.25
"""How often the source looks for what is due and for feeds that were added or removed."""

KNOWN = 4_000
"""How many entries a checkpoint remembers; each by its guid and by its address with its title."""

FULL_GET_AFTER = timedelta(hours=24)
FUTURE = timedelta(hours=1)
"""A date further ahead than this is no date."""

DETAIL_CHARACTERS = 300
_PREFIX = 12


@dataclass
class FeedSource:
    """Polls the feeds of topic `feeds` until cancelled: those whose partitions are its own."""

    log: Log
    http: HttpClient
    clock: Clock
    settings: PollingSettings
    metrics: Metrics
    rng: random.Random = field(default_factory=random.Random)
    _feeds: dict[str, Feed] = field(default_factory=dict)
    _consumer: Consumer | None = None
    _generation: int = -1
    _polling: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Poll until cancelled. Raises LogError when the log fails."""
        self._consumer = await self.log.consumer(GROUP, ["feeds"], ("checkpoints", AGENDA))
        async with asyncio.TaskGroup() as group:
            while True:
                with contextlib.suppress(NotOwner):  # the next look is at another assignment
                    await self._read_feeds(self._consumer)
                for feed in await self._due():
                    self._polling[feed.id] = group.create_task(self._poll_and_forget(feed), name=f"poll {feed.id}")
                await self.clock.sleep(TICK_S)

    async def poll(self, feed: Feed) -> int:
        """Poll one feed now and store what came of it; returns how many entries were new."""
        checkpoint = self._checkpoint(feed)
        now = self.clock.now()
        try:
            work, count = await self._polled(feed, checkpoint, now)
            result = "ok"
        except FetchError as error:
            work, count = self._failed(feed, checkpoint, now, error), 0
            result = str(error.reason)
        await self.log.commit(work)
        self.metrics.polls.labels(result).inc()
        return count

    # -------------------------------------------------------------- what is due

    def _mine(self) -> set[int]:
        assert self._consumer is not None
        return {partition for _, partition in self._consumer.assignment}

    async def _read_feeds(self, consumer: Consumer) -> None:
        """Take over `feeds` when it has changed, or our share of it; feeds that are gone leave the agenda."""
        generation = consumer.generation
        if not await consumer.poll(500, 0.0) and generation == self._generation:
            return
        mine = self._mine()
        feeds: dict[str, Feed] = {}
        for key, value in self.log.table("feeds").items():
            try:
                if self._partition(key) in mine:
                    feeds[key] = decode(value, Feed)
            except CodecError:
                continue  # the file's loader wrote it; a later version's feed waits for a later version
        work = UnitOfWork()
        for gone in self._feeds.keys() - feeds.keys():
            if self._partition(gone) in mine:
                work.agenda.append(AgendaWrite(AGENDA, self._partition(gone), gone, None))
        for feed in feeds.values():
            if self._feeds.get(feed.id) != feed and self._is_new_or_sooner(feed):
                work.agenda.append(AgendaWrite(AGENDA, self._partition(feed.id), feed.id, self.clock.now_ms()))
        if work:
            await self.log.commit(work)
        self._feeds, self._generation = feeds, generation

    def _is_new_or_sooner(self, feed: Feed) -> bool:
        due = self.log.agenda(AGENDA).get(self._partition(feed.id), feed.id)
        interval_s = feed.interval_s or self.settings.interval_s
        checkpoint = self._checkpoint(feed)
        later_ms = self.clock.now_ms() + 1000 * interval_s * (1 + self.settings.jitter) * max(1, checkpoint.failures)
        return due is None or due.due_ms > later_ms

    async def _due(self) -> list[Feed]:
        self._polling = {feed: task for feed, task in self._polling.items() if not task.done()}
        room = self.settings.concurrency - len(self._polling)
        if room <= 0:
            return []
        partitions = self._mine()
        due = self.log.agenda(AGENDA).due(partitions, self.clock.now_ms(), room + len(self._polling))
        gone = [entry for entry in due if entry.key not in self._feeds]
        if gone:  # removed while nothing ran, or during their own poll: they must not stand before the others
            await self.log.commit(
                UnitOfWork(agenda=[AgendaWrite(AGENDA, one.partition, one.key, None) for one in gone])
            )
        known = [self._feeds[entry.key] for entry in due if entry.key in self._feeds]
        return [feed for feed in known if feed.id not in self._polling][:room]

    async def _poll_and_forget(self, feed: Feed) -> None:
        with contextlib.suppress(NotOwner):  # the feed is another source's now: this poll has not happened
            try:
                await self.poll(feed)
            except LogError:
                raise
            except Exception as error:  # one feed's surprise must not end the others
                detail = f"{type(error).__name__}: {error}"
                failure = FetchError(FetchReason.BAD_ANSWER, detail)
                await self.log.commit(self._failed(feed, self._checkpoint(feed), self.clock.now(), failure))
                self.metrics.polls.labels("surprise").inc()

    # -------------------------------------------------------------- one poll

    async def _polled(self, feed: Feed, before: Checkpoint, now: datetime) -> tuple[UnitOfWork, int]:
        full = self._wants_full_get(before, now)
        response = await self._get(feed, before, full)
        if response.status == 304:
            after = self._succeeded(before, now)
            return self._work(feed, after, wait_s(feed, 0, self.settings, self.rng)), 0
        source = Source(response.url, response.headers.get("content-type", ""), self.settings.max_entries)
        after = replace(
            self._succeeded(before, now),
            etag=_header(response, "etag", 500),
            last_modified=_header(response, "last-modified", 100),
            full_get_at=now,
        )

        def read() -> tuple[UnitOfWork, int]:
            parsed = parse(response.body, source)
            if parsed.problem:
                raise FetchError(FetchReason.BAD_ANSWER, parsed.problem)
            return self._found(feed, before, after, parsed)

        return await asyncio.to_thread(read)  # seconds of work for the largest feeds

    async def _get(self, feed: Feed, before: Checkpoint, full: bool) -> Response:
        headers = {
            "Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml, */*;q=.5"
        }
        if not full and before.etag:
            headers["If-None-Match"] = before.etag
        if not full and before.last_modified:
            headers["If-Modified-Since"] = before.last_modified
        limits = Limits(total_s=self.settings.timeout_s, max_bytes=self.settings.max_bytes)
        response = await self.http.get(feed.url, headers=headers, limits=limits, purpose="feed")
        if response.status == 200 or (response.status == 304 and not full):
            return response
        raise _status_error(response, self.clock.now())

    def _wants_full_get(self, before: Checkpoint, now: datetime) -> bool:
        """Some servers answer 304 for ever: ask for everything from time to time, and after a failure."""
        too_old = before.full_get_at is None or now - before.full_get_at >= FULL_GET_AFTER
        return too_old or before.polls % self.settings.full_get_every == 0 or before.failures > 0

    def _found(self, feed: Feed, before: Checkpoint, after: Checkpoint, parsed: ParsedFeed) -> tuple[UnitOfWork, int]:
        assert after.polled_at is not None
        now = after.polled_at
        known = dict(before.known)
        fresh: list[Entry] = []
        addressless: list[ParsedEntry] = []
        for item in reversed(parsed.entries):  # oldest first, as feeds are usually newest first
            if not _remember(known, item):
                continue
            if item.url:
                fresh.append(self._entry(feed, before, item, now))
            else:
                addressless.append(item)
        latest = max((e.stamps.published for e in fresh if e.stamps.published), default=None)
        after = replace(
            after,
            known=dict(list(known.items())[-2 * KNOWN :]),
            entries=after.entries + len(fresh),
            last_entry_at=max(filter(None, (after.last_entry_at, latest)), default=None),
        )
        work = self._work(feed, after, wait_s(feed, 0, self.settings, self.rng))
        for entry in fresh:
            work.append("entries", entry.id, page_host(entry.url), entry)
        for item in addressless:
            outcome = _addressless(feed, item, now)
            work.append("outcomes", outcome.entry, page_host(feed.url), outcome)
        for silence, count in Counter(str(entry.silence or "none") for entry in fresh).items():
            self.metrics.entries.labels(silence).inc(count)
        return work, len(fresh)

    def _entry(self, feed: Feed, before: Checkpoint, item: ParsedEntry, now: datetime) -> Entry:
        published = item.published if item.published and item.published <= now + FUTURE else None
        return Entry(
            id=entry_id(feed.id, item.guid or item.url, _content(item)),
            feed=feed.id,
            publisher=feed.publisher or publisher_of(feed.url),
            guid=item.guid,
            url=item.url,
            title=item.title,
            summary=item.summary,
            content=item.content,
            language=item.language or feed.language,
            authors=item.authors,
            page=feed.page,
            silence=self._silence(feed, before, published, now),
            stamps=Stamps(published=published, seen=now),
        )

    def _silence(self, feed: Feed, before: Checkpoint, published: datetime | None, now: datetime) -> Silence | None:
        """Freshness is one rule: what is old, or may be old, founds stories and rings nothing."""
        if before.succeeded_at is None:
            return Silence.FIRST_POLL
        rarely_s = 2 * (feed.interval_s or self.settings.interval_s)
        if now - before.succeeded_at > timedelta(seconds=max(self.settings.deliver_by_s, rarely_s)):
            return Silence.OUTAGE
        if published is None:
            return Silence.UNDATED
        if now - published > timedelta(seconds=feed.fresh_for_s or self.settings.fresh_for_s):
            return Silence.STALE
        return None

    # -------------------------------------------------------------- checkpoints

    def _partition(self, feed: str) -> int:
        return self.log.partition_of("feeds", feed)

    def _checkpoint(self, feed: Feed) -> Checkpoint:
        stored = self.log.table("checkpoints").get(self._partition(feed.id), feed.id)
        try:
            return Checkpoint(feed=feed.id) if stored is None else decode(stored, Checkpoint)
        except CodecError:
            return Checkpoint(feed=feed.id)  # the next poll is a first poll: silent, and writes a good one

    def _succeeded(self, before: Checkpoint, now: datetime) -> Checkpoint:
        return replace(
            before,
            epoch=before.epoch + 1,
            polls=before.polls + 1,
            polled_at=now,
            succeeded_at=now,
            failures=0.0,
            last_reason="",
            last_detail="",
        )

    def _failed(self, feed: Feed, before: Checkpoint, now: datetime, error: FetchError) -> UnitOfWork:
        after = replace(
            before,
            epoch=before.epoch + 1,
            polls=before.polls + 1,
            polled_at=now,
            failures=before.failures + weight(error.reason),
            last_reason=str(error.reason),
            last_detail=error.detail[:DETAIL_CHARACTERS],
        )
        return self._work(feed, after, wait_s(feed, after.failures, self.settings, self.rng, error.retry_after_s))

    def _work(self, feed: Feed, after: Checkpoint, next_s: float) -> UnitOfWork:
        next_at = self.clock.now() + timedelta(seconds=next_s)
        work = UnitOfWork()
        work.append("checkpoints", feed.id, feed.id, replace(after, next_at=next_at))
        work.agenda.append(AgendaWrite(AGENDA, self._partition(feed.id), feed.id, to_ms(next_at)))
        return work


def _header(response: Response, name: str, characters: int) -> str:
    """A header's value to be sent back later; empty where it is not plain text, or too long to be whole."""
    value = response.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) <= characters else ""


def publisher_of(url: str) -> str:
    """The publisher family where none is given: the registrable domain of the feed's address."""
    found = tld.get_fld(url, fail_silently=True)
    return str(found) if found else page_host(url).partition(":")[0]


def _content(item: ParsedEntry) -> str:
    return "\n".join((item.title, item.summary, item.content))


def _remember(known: dict[str, str], item: ParsedEntry) -> bool:
    """Note an item as seen; whether it is new or says something new.

    It is known by its guid and by its address with its title: a feed that makes up new guids, or new addresses, for
    what it had before has nothing new to say.
    """
    said = digest((normal_text(_content(item)),))[:_PREFIX]
    names = [digest(("guid", item.guid))[:_PREFIX], digest(("address", item.url, item.title))[:_PREFIX]]
    new = all(known.get(name) != said for name in names)
    for name in names:
        known.pop(name, None)
        known[name] = said
    return new


def _addressless(feed: Feed, item: ParsedEntry, now: datetime) -> Outcome:
    return Outcome(
        entry=entry_id(feed.id, item.guid, _content(item)),
        feed=feed.id,
        url="",
        kind=OutcomeKind.BAD_ADDRESS,
        detail=f"the feed gives no web address for {item.title[:100]!r}",
        at=now,
    )


_STATUS_REASONS: Mapping[int, FetchReason] = {410: FetchReason.GONE, 429: FetchReason.THROTTLED}


def _status_error(response: Response, now: datetime) -> FetchError:
    status = response.status
    reason = _STATUS_REASONS.get(status)
    if reason is None:
        reason = {4: FetchReason.STATUS_4XX, 5: FetchReason.STATUS_5XX}.get(status // 100, FetchReason.BAD_ANSWER)
    wait = parse_retry_after(response.headers.get("retry-after", ""), now)
    return FetchError(reason, f"answered {status}", wait)
