"""The demo: the whole product on an invented newsroom, delivering to a receiver that verifies. All on loopback."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desk.newsroom.newsroom import Newsroom
from desk.newsroom.script import Script
from desk.paths import DEPLOY
from desk.receiver import Receiver
from desk.roles import Product
from wire.clock import Clock, WallClock
from wire.codec import decode
from wire.log import Log
from wire.records import AlertKind, Delivery, DeliveryState, Subscription
from wire.settings import HttpSettings, PagesSettings, PollingSettings, SecretSource, Settings

SECRET_VARIABLE = "TOCSIN_DEMO_SECRET"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class Summary:
    """What a demo did: records by topic, and what the receiver verified."""

    entries: int
    articles: int
    detections: int
    alerts: int
    deliveries: int
    verified: int
    dead_letters: int


@dataclass
class Demo:
    """Runs `script` for `for_s` seconds, or for as long as nobody stops it. `say` gets lines for people."""

    script: Script
    data_dir: Path
    for_s: float | None = None
    port: int = 0
    say: Callable[[str], None] = lambda _: None
    on_alert: Callable[[dict[str, Any]], None] = lambda _: None
    clock: Clock = field(default_factory=WallClock)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self._newsroom = Newsroom(self.script, self.clock)
        self._receiver = Receiver([self._secret], None, self.clock, on_receipt=self._received)
        self.problems: list[str] = []
        self.summary: Summary | None = None

    async def run(self) -> None:
        """Play the day until stopped: `summary` then says what happened, `problems` what should not have."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self._newsroom.close)
            await self._newsroom.start()
            stack.push_async_callback(self._receiver.close)
            await self._receiver.start()
            product = Product(self._settings(), {SECRET_VARIABLE: self._secret}, self.clock, stop=self.stop)
            await product.run(self._play)

    def _settings(self) -> Settings:
        subscription = Subscription(
            id="demo", title="The demo's own receiver", url=self._receiver.url, secrets=("demo",)
        )
        defaults = Settings()
        return Settings(
            data_dir=self.data_dir,
            rules=(DEPLOY / "rules",),
            feeds=self._newsroom.feeds,
            subscriptions=(subscription,),
            secrets={"demo": SecretSource(env=SECRET_VARIABLE)},
            http=HttpSettings(allow=(*self._newsroom.allow, self._receiver.peer)),
            polling=PollingSettings(timeout_s=3, ceiling_s=5),
            pages=PagesSettings(timeout_s=2, host_delay_s=0.2, retries_s=(2,), workers=2),
            desk=replace(defaults.desk, port=self.port),
        )

    async def _play(self, product: Product) -> None:
        assert product.dashboard is not None
        assert product.log is not None
        self.say(f"dashboard {product.dashboard.url}")
        playing = asyncio.create_task(self._newsroom.play())
        try:
            await self._until_over()
        finally:
            playing.cancel()
        self.summary = await tally(product.log, self._receiver.tally().verified)
        await self._check(product.log, whole_day=self._newsroom.done.is_set())
        product.stop.set()

    async def _until_over(self) -> None:
        """For `for_s` seconds; without it until stopped."""
        if self.for_s is None:
            await self.stop.wait()
            return
        started = self.clock.now_ms()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._newsroom.done.wait(), self.for_s)
        left = self.for_s - (self.clock.now_ms() - started) / 1000
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), max(0.0, left))

    async def _check(self, log: Log, *, whole_day: bool) -> None:
        """What is not as the script expects it, in words."""
        rang = [
            (message.data["rule"], {report["url"] for report in message.data.get("reports", ())})
            for message in self._receiver.messages
            if message.data.get("kind") == AlertKind.NEW
        ]
        if not rang:
            self.problems.append("no alert was delivered and verified")
        if not whole_day:
            self.say("stopped before the day was over: what the script expects is not checked")
            return
        expected = self._newsroom.expectations
        for one in expected:
            count = sum(rule == one.rule and bool(urls & set(one.urls)) for rule, urls in rang)
            if count != one.rings:
                self.problems.append(f"{one.event}: {count} new alerts of {one.rule}, expected {one.rings}")
        known = {url for one in expected for url in one.urls}
        self.problems += [f"unexpected alert of {rule}: {urls}" for rule, urls in rang if not urls & known]
        owed = [decode(value, Delivery) for _, value in log.table("deliveries").items()]
        unsettled = [one.id for one in owed if one.state is not DeliveryState.DELIVERED]
        if unsettled:
            self.problems.append(f"{len(unsettled)} of {len(owed)} deliveries have not arrived")
        if self._receiver.tally().refused:
            self.problems.append(f"{self._receiver.tally().refused} webhooks were refused by the receiver")

    def _received(self, line: dict[str, Any]) -> None:
        self.on_alert(line["event"].get("data", {}))


async def tally(log: Log, verified: int) -> Summary:
    """How many records each topic holds."""

    async def count(topic: str) -> int:
        return sum(end - start for start, end in (await log.ends(topic)).values())

    return Summary(
        entries=await count("entries"),
        articles=await count("articles"),
        detections=await count("detections"),
        alerts=await count("alerts"),
        deliveries=len(list(log.table("deliveries").items())),
        verified=verified,
        dead_letters=await count("dead-letters"),
    )
