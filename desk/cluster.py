"""The roles of a cluster: each a process of its own, started as often as it is needed. `tocsin run` is all in one.

source: feeds to entries. extract: entries to articles. stream: articles to deliveries. deliver: webhooks. desk: the
dashboard, the control socket, and the files' feeds and subscriptions put into their topics.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connectors.feeds.source import FeedSource
from connectors.http import HttpClient
from connectors.pages.source import PageConnector
from connectors.pages.workers import ExtractionWorkers
from connectors.webhooks.sink import WebhookSink
from desk.control import ControlServer
from desk.dashboard.server import Dashboard
from desk.dashboard.view import DeskView
from desk.dead_letters import requeue_handler
from desk.roles import measure_lag, publish, publish_rules, until_stopped
from desk.web import WebServer
from streams.bench import Surroundings
from streams.pipeline import pipeline
from streams.rules import RuleSet, load_rules
from streams.rules.watch import RulesWatch
from wire.clock import Clock, WallClock
from wire.errors import ConfigError, Problem
from wire.metrics import Metrics
from wire.secrets import resolve_secret
from wire.settings import Settings

if TYPE_CHECKING:
    from streams.cluster import FaustRuntime
    from wire.kafka import Connection, KafkaLog

Parts = list[tuple[str, Awaitable[None]]]


class RoleName(StrEnum):
    SOURCE = "source"
    EXTRACT = "extract"
    STREAM = "stream"
    DELIVER = "deliver"
    DESK = "desk"


KEEPS: dict[RoleName, frozenset[str] | None] = {
    RoleName.SOURCE: frozenset({"feeds"}),
    RoleName.EXTRACT: frozenset(),
    RoleName.STREAM: frozenset(),
    RoleName.DELIVER: frozenset({"subscriptions"}),
    RoleName.DESK: None,
}
"""The tables that a role reads whole; None: all. Of the others it reads what is its own."""


def connection_of(settings: Settings, environ: Mapping[str, str]) -> Connection:
    """Where the brokers are. Raises ConfigError where the settings name none, or the cluster's parts are missing."""
    if not settings.kafka.bootstrap:
        hint = "set `kafka: {bootstrap: host:9092}` or TOCSIN_KAFKA__BOOTSTRAP; without brokers: tocsin run"
        raise ConfigError(Problem("kafka.bootstrap", 0, 0, "no brokers are named", hint))
    try:
        from wire.kafka import Connection
    except ImportError as error:
        hint = "`make setup-cluster` installs them"
        raise ConfigError(Problem("cluster", 0, 0, f"{error.name} is not installed", hint)) from error
    return Connection.of(settings.kafka, lambda name: resolve_secret(settings, name, environ))


@dataclass
class Role:
    """One role in one process. `run` works until `stop` is set or a part fails. `seams` are for fault tests."""

    name: RoleName
    settings: Settings
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = field(default_factory=WallClock)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    metrics: Metrics = field(default_factory=Metrics)
    seed: int | None = None
    seams: Any = None
    log: KafkaLog | None = None
    server: Dashboard | WebServer | None = None
    runtime: FaustRuntime | None = None
    watch: RulesWatch | None = None
    _started: bool = False

    async def run(self, started: Callable[[Role], Awaitable[None]] | None = None) -> None:
        """Start, call `started`, work until stopped.

        Raises ConfigError before anything is started, LogError when the brokers fail: nothing that was not stored
        has been acknowledged then, and whoever takes over goes on from there.
        """
        from wire.kafka import KafkaLog

        connection = connection_of(self.settings, self.environ)
        ruleset = load_rules(*self.settings.rules) if self.name in (RoleName.STREAM, RoleName.DESK) else None
        async with AsyncExitStack() as stack:
            keeps = KEEPS[self.name]
            log = self.log = KafkaLog(connection, self.clock, partitions=self.settings.partitions, keeps=keeps)
            stack.push_async_callback(log.close)
            if self.name is not RoleName.DESK:
                self.server = WebServer(self.metrics, self.settings.desk, self.unready, self.warnings)
                stack.push_async_callback(self.server.close)
                await self.server.start()
            await log.start()
            parts = await self._parts(log, connection, ruleset, stack)
            self._started = True
            if started is not None:
                parts = [*parts, ("started", started(self))]
            await until_stopped(parts, self.stop)

    def unready(self) -> list[str]:
        """Why this role is not ready; empty when it is."""
        if not self._started or self.log is None:
            return ["starting"]
        if self.runtime is not None:
            return self.runtime.unready()
        return [] if self.name is RoleName.DESK or self.log.joined else ["joining the group"]

    def warnings(self) -> list[str]:
        """What is wrong though the role works."""
        return [self.watch.problem] if self.watch is not None and self.watch.problem else []

    async def _parts(
        self, log: KafkaLog, connection: Connection, ruleset: RuleSet | None, stack: AsyncExitStack
    ) -> Parts:
        match self.name:
            case RoleName.SOURCE:
                return [("feeds", self._source(log, self._http(stack)).run())]
            case RoleName.EXTRACT:
                return self._extract(log, stack)
            case RoleName.DELIVER:
                return [("deliveries", self._sink(log, self._http(stack)).run())]
            case RoleName.STREAM:
                assert ruleset is not None
                return self._stream(log, connection, ruleset)
            case RoleName.DESK:
                assert ruleset is not None
                return await self._desk(log, ruleset, stack)

    def _http(self, stack: AsyncExitStack) -> HttpClient:
        http = HttpClient(self.settings.http, self.metrics)
        stack.push_async_callback(http.close)
        return http

    def _source(self, log: KafkaLog, http: HttpClient) -> FeedSource:
        return FeedSource(log, http, self.clock, self.settings.polling, self.metrics, random.Random(self.seed))

    def _extract(self, log: KafkaLog, stack: AsyncExitStack) -> Parts:
        workers = ExtractionWorkers(self.settings.pages)
        stack.push_async_callback(workers.close)
        pages = PageConnector(log, self._http(stack), workers, self.clock, self.settings.pages, self.metrics)
        return [("pages", pages.run()), ("workers", workers.warm())]

    def _sink(self, log: KafkaLog, http: HttpClient) -> WebhookSink:
        def secret(name: str) -> str:
            return resolve_secret(self.settings, name, self.environ)

        rng = random.Random(self.seed)
        return WebhookSink(log, http, self.clock, self.settings.delivery, self.metrics, secret, rng)

    def _stream(self, log: KafkaLog, connection: Connection, ruleset: RuleSet) -> Parts:
        from streams.cluster import FaustRuntime, Seams

        stages = pipeline(ruleset, self.settings.subscriptions)
        around = Surroundings(log, self.clock, self.metrics)
        runtime = self.runtime = FaustRuntime(stages, around, log, connection, self.seams or Seams())

        async def swap(newer: RuleSet) -> None:
            runtime.swap(pipeline(newer, self.settings.subscriptions))

        self.watch = RulesWatch(self.settings.rules, ruleset, self.clock, swap)
        return [("pipeline", runtime.run()), ("rules", self.watch.run())]

    async def _desk(self, log: KafkaLog, ruleset: RuleSet, stack: AsyncExitStack) -> Parts:
        await publish(log, self.settings, ruleset, self.clock)
        self.server = Dashboard(
            DeskView(log, self.clock, self.metrics, self.warnings),
            self.metrics,
            self.settings.desk,
            self.unready,
            self.warnings,
        )
        stack.push_async_callback(self.server.close)
        await self.server.start()
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        control = ControlServer(self.settings.data_dir, {"requeue": requeue_handler(log, self.clock)})
        stack.push_async_callback(control.close)
        await control.start()

        async def swap(newer: RuleSet) -> None:
            await publish_rules(log, newer, self.clock)

        self.watch = RulesWatch(self.settings.rules, ruleset, self.clock, swap)
        return [("lag", measure_lag(log, self.clock, self.metrics)), ("rules", self.watch.run())]
