"""A log in memory, a clock that is moved, and a subscriber that answers as it is told."""

import asyncio
import base64
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from connectors.http import HttpClient
from connectors.webhooks.sink import WebhookSink
from wire.clock import VirtualClock
from wire.codec import decode
from wire.errors import ConfigError, Problem
from wire.identity import delivery_id
from wire.log import AgendaWrite, Log, UnitOfWork
from wire.metrics import Metrics
from wire.records import (
    Alert,
    AlertKind,
    AlertReason,
    Attempt,
    DeadLetter,
    Delivery,
    Stamps,
    Subscription,
)
from wire.settings import DeliverySettings

START = datetime(2026, 3, 4, 9, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a key of two dozen bytes, and more").decode()
SETTINGS = DeliverySettings(retries_s=(10, 100, 1000), jitter=0.0, timeout_s=2)


@dataclass
class Answer:
    """How one POST is met. `hold` is waited for before the answer."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hold: asyncio.Event | None = None
    cut: bool = False


@dataclass
class Post:
    path: str
    headers: dict[str, str]
    body: bytes
    at_ms: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Subscriber:
    """A real server; each path has a queue of answers, and accepts where it is empty."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.posts: list[Post] = []
        self.answers: dict[str, deque[Answer]] = {}
        self.came = asyncio.Event()
        self.at_once = self.most_at_once = 0
        self.peer = ""

    def will(self, path: str, *answers: Answer) -> None:
        self.answers.setdefault(path, deque()).extend(answers)

    def to(self, path: str) -> list[str]:
        return [post.id for post in self.posts if post.path == path]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.posts.append(Post(request.path, headers, await request.read(), self._clock.now_ms()))
        self.came.set()
        self.came = asyncio.Event()
        waiting = self.answers.get(request.path)
        answer = waiting.popleft() if waiting else Answer()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if answer.hold:
                await answer.hold.wait()
        finally:
            self.at_once -= 1
        if answer.cut and request.transport:
            request.transport.abort()
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


@asynccontextmanager
async def subscriber(clock: VirtualClock) -> AsyncIterator[Subscriber]:
    made = Subscriber(clock)
    app = web.Application()
    app.router.add_post("/{tail:.*}", made.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.peer = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


def alert(number: int = 1, story: str = "st1-a", at: datetime = START) -> Alert:
    return Alert(
        id=f"al1-{story}-{number}",
        story=story,
        number=number,
        kind=AlertKind.NEW if number == 1 else AlertKind.UPDATED,
        reason=AlertReason.FIRST_REPORT if number == 1 else AlertReason.NEW_FACT,
        rule="pledge",
        rule_title="A pledge",
        headline=f"{story} number {number}",
        stamps=Stamps(seen=at, alerted=at),
    )


@dataclass
class Bench:
    """One log and one clock, and as many sinks after one another as a test starts."""

    log: Log
    clock: VirtualClock
    server: Subscriber
    http: HttpClient
    metrics: Metrics = field(default_factory=Metrics)
    secrets: dict[str, str] = field(default_factory=lambda: {"desk": SECRET})

    def _secret(self, name: str) -> str:
        if name not in self.secrets:
            raise ConfigError(Problem(f"secret {name}", 0, 0, "is not in `secrets:`"))
        return self.secrets[name]

    async def subscribe(self, name: str = "desk", **fields: object) -> None:
        stated = {"url": f"http://{self.server.peer}/{name}", "secrets": ("desk",), **fields}
        work = UnitOfWork()
        work.append("subscriptions", name, name, Subscription(id=name, **stated))
        await self.log.commit(work)

    async def owe(self, *alerts: Alert, subscription: str = "desk") -> list[str]:
        """Put deliveries where `route` puts them; gives their ids."""
        work = UnitOfWork()
        ids = [delivery_id(subscription, one.id) for one in alerts]
        for one, made in zip(alerts, ids, strict=True):
            record = Delivery(id=made, subscription=subscription, alert=one)
            work.append("deliveries", f"{subscription}/{one.id}", subscription, record)
        await self.log.commit(work)
        return ids

    @asynccontextmanager
    async def sink(self, settings: DeliverySettings = SETTINGS) -> AsyncIterator[WebhookSink]:
        """A sink at work; on leaving it is stopped as a kill would stop it."""
        made = WebhookSink(self.log, self.http, self.clock, settings, self.metrics, self._secret, random.Random(7))
        task = asyncio.create_task(made.run())
        try:
            yield made
            assert not task.done(), task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            # A process that is killed leaves no commit under way: here one may be, and ends before the next begins.
            await self.log.commit(UnitOfWork(agenda=[AgendaWrite("none", 0, "none", None)]))

    async def until(self, true: Callable[[], object], seconds: float = 0.0) -> None:
        """Move the clock by `seconds`, then let things run until `true()`; the test's timeout is the bound."""
        await self.clock.advance(seconds)
        while not true():
            await asyncio.sleep(0.002)
            await self.clock.advance(0.001)

    async def quiet(self, seconds: float) -> None:
        """Move on by small steps and let what would be sent be sent."""
        for _ in range(10):
            await self.clock.advance(seconds / 10)
            await asyncio.sleep(0.004)

    def delivery(self, one: Alert, subscription: str = "desk") -> Delivery:
        partition = self.log.partition_of("deliveries", subscription)
        return decode(self.log.table("deliveries").get(partition, f"{subscription}/{one.id}"), Delivery)

    async def attempts(self) -> list[Attempt]:
        return [decode(record.value, Attempt) for record in await self.records("attempts")]

    async def dead_letters(self) -> list[DeadLetter]:
        return [decode(record.value, DeadLetter) for record in await self.records("dead-letters")]

    async def records(self, topic: str) -> list:
        found = []
        for partition in range(self.log.partitions(topic)):
            found += await self.log.read(topic, partition, 0, 10_000)
        return found

    def due(self) -> list:
        partitions = range(self.log.partitions("deliveries"))
        return [due for partition in partitions for due in self.log.agenda("retries").items(partition)]
