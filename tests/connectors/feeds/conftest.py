"""A log in memory, a clock that is moved, and outlets that serve what they are told to."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web

from connectors.feeds.source import FeedSource
from connectors.http import HttpClient
from wire.clock import VirtualClock
from wire.codec import decode
from wire.log import UnitOfWork
from wire.memory import MemoryLog
from wire.metrics import Metrics
from wire.records import Checkpoint, Entry, Feed, Outcome
from wire.settings import HttpSettings, PollingSettings

START = datetime(2026, 3, 4, 9, tzinfo=UTC)


@dataclass
class Outlets:
    """A server of feeds by path. `pages` is what a path answers now; `once` what it answers next, each once."""

    peer: str = ""
    pages: dict[str, web.Response | bytes | str] = field(default_factory=dict)
    once: dict[str, deque[dict]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    hang: set[str] = field(default_factory=set)
    etag: str = ""

    def url(self, path: str = "/feed") -> str:
        return f"http://{self.peer}{path}"

    def will(self, path: str, status: int, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.once.setdefault(path, deque()).append({"status": status, "headers": named})

    def count(self, path: str = "/feed") -> int:
        return sum(asked == path for asked, _ in self.asked)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, {name.lower(): value for name, value in request.headers.items()}))
        if request.path in self.hang:
            await asyncio.sleep(60)
        if self.once.get(request.path):
            return web.Response(**self.once[request.path].popleft())
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304)
        body = self.pages.get(request.path, b"")
        headers = {"ETag": self.etag} if self.etag else {}
        data = body.encode() if isinstance(body, str) else body
        return web.Response(body=data, content_type="application/xml", headers=headers)


@dataclass
class Desk:
    """One log and clock, and as many feed sources after one another as a test makes."""

    log: MemoryLog
    clock: VirtualClock
    outlets: Outlets
    http: HttpClient
    metrics: Metrics = field(default_factory=Metrics)

    def source(self, **settings: object) -> FeedSource:
        stated = PollingSettings(**{"jitter": 0.0, "timeout_s": 2, **settings})
        return FeedSource(self.log, self.http, self.clock, stated, self.metrics, random.Random(5))

    def feed(self, name: str = "feed", **fields: object) -> Feed:
        return Feed(**{"id": name, "url": self.outlets.url(f"/{name}"), "publisher": "Outlet", **fields})

    async def keep(self, *feeds: Feed) -> None:
        work = UnitOfWork()
        for feed in feeds:
            work.append("feeds", feed.id, feed.id, feed)
        await self.log.commit(work)

    async def drop(self, *names: str) -> None:
        work = UnitOfWork()
        for name in names:
            work.append("feeds", name, name, None)
        await self.log.commit(work)

    async def records(self, topic: str) -> list:
        found = []
        for partition in range(self.log.partitions(topic)):
            found += await self.log.read(topic, partition, 0, 10_000)
        return found

    async def entries(self) -> list[Entry]:
        return [decode(record.value, Entry) for record in await self.records("entries")]

    async def outcomes(self) -> list[Outcome]:
        return [decode(record.value, Outcome) for record in await self.records("outcomes")]

    def checkpoint(self, name: str = "feed") -> Checkpoint:
        partition = self.log.partition_of("checkpoints", name)
        value = self.log.table("checkpoints").get(partition, name)
        return Checkpoint(feed=name) if value is None else decode(value, Checkpoint)

    def due_s(self, name: str = "feed") -> float | None:
        """Seconds from now until the feed is polled again."""
        due = self.log.agenda("polls").get(self.log.partition_of("feeds", name), name)
        return None if due is None else (due.due_ms - self.clock.now_ms()) / 1000

    async def until(self, true: Callable[[], object], step_s: float = 0.05) -> None:
        while not true():
            await asyncio.sleep(0.002)
            await self.clock.advance(step_s)


def rss(*items: tuple[str, str], at: datetime | None = START) -> str:
    """An RSS feed of (name, title): the name is guid and page."""
    date = f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if at else ""
    parts = [
        f"<item><guid>{name}</guid><link>/{name}</link><title>{title}</title>{date}</item>" for name, title in items
    ]
    return f'<rss version="2.0"><channel><title>Outlet</title>{"".join(parts)}</channel></rss>'


@pytest.fixture(name="rss")
def rss_fixture() -> Callable[..., str]:
    return rss


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = VirtualClock(START)
    log = MemoryLog(clock)
    await log.start()
    outlets = Outlets()
    app = web.Application()
    app.router.add_get("/{tail:.*}", outlets.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    outlets.peer = f"127.0.0.1:{runner.addresses[0][1]}"
    http = HttpClient(HttpSettings(allow=(outlets.peer,)))
    try:
        yield Desk(log, clock, outlets, http)
    finally:
        await http.close()
        await runner.cleanup()
        await log.close()
