"""A log in memory, a clock that is moved, a site that serves what it is told to, and one pool of real workers."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from connectors.http import HttpClient
from connectors.pages.source import PageConnector
from connectors.pages.workers import ExtractionWorkers
from wire.clock import VirtualClock
from wire.codec import decode
from wire.identity import entry_id, page_host
from wire.log import AgendaWrite, UnitOfWork
from wire.memory import MemoryLog
from wire.metrics import Metrics
from wire.records import Article, DeadLetter, Entry, Outcome, Stamps
from wire.settings import HttpSettings, PagesSettings
from wire.sqlite import SqliteLog

START = datetime(2026, 3, 4, 9, tzinfo=UTC)


@dataclass
class Site:
    """Answers by path; `once` is what a path answers next, each once. `hold` is waited for before an answer."""

    peer: str = ""
    pages: dict[str, dict] = field(default_factory=dict)
    once: dict[str, deque[dict]] = field(default_factory=dict)
    hold: dict[str, asyncio.Event] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    now_ms: Callable[[], int] = lambda: 0
    at_once: int = 0
    most_at_once: int = 0

    def has(self, path: str, body: str | bytes, content_type: str = "text/html", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = {"body": data, "headers": {"Content-Type": content_type, **named}}

    def will(self, path: str, status: int, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.once.setdefault(path, deque()).append({"status": status, "headers": named})

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, self.now_ms()))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if request.path in self.hold:
                await self.hold[request.path].wait()
        finally:
            self.at_once -= 1
        if self.once.get(request.path):
            return web.Response(**self.once[request.path].popleft())
        return web.Response(**self.pages[request.path]) if request.path in self.pages else web.Response(status=404)


@asynccontextmanager
async def serving(clock: VirtualClock) -> AsyncIterator[Site]:
    site = Site(now_ms=clock.now_ms)
    app = web.Application()
    app.router.add_get("/{tail:.*}", site.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.peer = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()


@dataclass
class Desk:
    """One log and clock, two sites, and as many connectors after one another as a test starts."""

    log: MemoryLog
    clock: VirtualClock
    site: Site
    other: Site
    http: HttpClient
    workers: ExtractionWorkers
    metrics: Metrics = field(default_factory=Metrics)

    def entry(self, path: str = "/a", *, site: Site | None = None, **fields: object) -> Entry:
        stated = {
            "feed": "feed",
            "publisher": "Outlet",
            "guid": f"http://{(site or self.site).peer}{path}",
            "url": f"http://{(site or self.site).peer}{path}",
            "title": "Ports pledge ships",
            "summary": "Nine ports pledged ships.",
            "stamps": Stamps(published=START, seen=START),
            **fields,
        }
        content = "\n".join(str(stated.get(name, "")) for name in ("title", "summary", "content"))
        return Entry(id=entry_id(str(stated["feed"]), str(stated["guid"]), content), **stated)

    async def put(self, *entries: Entry) -> None:
        work = UnitOfWork()
        for entry in entries:
            work.append("entries", entry.id, page_host(entry.url), entry)
        await self.log.commit(work)

    @asynccontextmanager
    async def connector(self, **settings: object) -> AsyncIterator[PageConnector]:
        """A connector at work; on leaving it is stopped as a kill would stop it."""
        stated = PagesSettings(**{"timeout_s": 3, "retries_s": (60, 300), **settings})
        made = PageConnector(self.log, self.http, self.workers, self.clock, stated, self.metrics)
        task = asyncio.create_task(made.run())
        try:
            yield made
            assert not task.done(), task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            # A process that is killed leaves no commit under way: here one may be, and ends before the next begins.
            await self.log.commit(UnitOfWork(agenda=[AgendaWrite("none", 0, "none", None)]))

    async def until(self, true: Callable[[], object], step_s: float = 0.02) -> None:
        while not true():
            await asyncio.sleep(0.002)
            await self.clock.advance(step_s)

    async def settled(self, entries: int, step_s: float = 0.02) -> list[Outcome]:
        """The outcomes, once there are as many."""
        await self.until(lambda: self.count("outcomes") >= entries, step_s)
        return [decode(record.value, Outcome) for record in await self.records("outcomes")]

    def count(self, topic: str) -> int:
        return sum(len(self.log.slice(topic, number, 0, 10_000)) for number in range(self.log.partitions(topic)))

    async def records(self, topic: str) -> list:
        found = []
        for partition in range(self.log.partitions(topic)):
            found += await self.log.read(topic, partition, 0, 10_000)
        return found

    async def articles(self) -> list[Article]:
        return [decode(record.value, Article) for record in await self.records("articles")]

    async def dead_letters(self) -> list[DeadLetter]:
        return [decode(record.value, DeadLetter) for record in await self.records("dead-letters")]

    def waiting(self) -> list:
        partitions = range(self.log.partitions("entries"))
        return [due for partition in partitions for due in self.log.agenda("pages").items(partition)]


@pytest.fixture(scope="session")
def pool() -> Iterator[ExtractionWorkers]:
    workers = ExtractionWorkers(PagesSettings(workers=1))
    asyncio.run(workers.warm())
    yield workers
    asyncio.run(workers.close())


@pytest.fixture
async def desk(pool: ExtractionWorkers, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    clock = VirtualClock(START)
    durable = getattr(request, "param", "memory") == "sqlite"
    log = SqliteLog(tmp_path / "log.sqlite", clock) if durable else MemoryLog(clock)
    await log.start()
    async with serving(clock) as site, serving(clock) as other:
        http = HttpClient(HttpSettings(allow=(site.peer, other.peer)))
        try:
            yield Desk(log, clock, site, other, http, pool)
        finally:
            await http.close()
            await log.close()
