"""Puts the parts together: what `tocsin run` starts and tests embed. Only here do connectors meet a runtime."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from connectors.feeds.source import FeedSource
from connectors.http import HttpClient
from connectors.pages.source import PageConnector
from connectors.pages.workers import ExtractionWorkers
from connectors.webhooks.sink import WebhookSink
from desk.control import ControlServer
from desk.dashboard.server import Dashboard
from desk.dashboard.view import DeskView, active_ruleset
from desk.dead_letters import requeue_handler
from desk.paths import LOG_FILE
from streams.bench import Surroundings
from streams.local import LocalRuntime
from streams.pipeline import pipeline
from streams.rules import RuleSet, load_rules
from streams.rules.watch import RulesWatch
from wire.clock import Clock, WallClock
from wire.codec import encode
from wire.log import Append, Log, UnitOfWork
from wire.metrics import Metrics
from wire.records import Activation, Record, Ruleset
from wire.secrets import resolve_secret
from wire.settings import Settings
from wire.sqlite import SqliteLog
from wire.topics import GROUPS

SWEEP_S = 60.0
LAG_S = 5.0


@dataclass
class Product:
    """The whole product in one process. `run` works until `stop` is set or a part fails."""

    settings: Settings
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = field(default_factory=WallClock)
    seed: int | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    metrics: Metrics = field(default_factory=Metrics)
    log: Log | None = None
    dashboard: Dashboard | None = None
    watch: RulesWatch | None = None
    _waiting_for: list[str] = field(default_factory=lambda: ["starting"])

    async def run(self, started: Callable[[Product], Awaitable[None]] | None = None) -> None:
        """Start everything, call `started`, work until stopped; then stop everything, sources first.

        Raises ConfigError before anything is started, LogLocked where another process runs on the same data,
        LogError when the log fails while running: then nothing that was not stored has been acknowledged.
        """
        ruleset = load_rules(*self.settings.rules)
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as stack:
            log = self.log = SqliteLog(
                self.settings.data_dir / LOG_FILE,
                self.clock,
                partitions=self.settings.partitions,
                metrics=self.metrics,
            )
            stack.push_async_callback(log.close)
            await log.start()
            view = DeskView(log, self.clock, self.metrics, self.warnings)
            self.dashboard = Dashboard(view, self.metrics, self.settings.desk, self.unready, self.warnings)
            stack.push_async_callback(self.dashboard.close)
            await self.dashboard.start()
            await publish(log, self.settings, ruleset, self.clock)
            control = ControlServer(self.settings.data_dir, {"requeue": requeue_handler(log, self.clock)})
            stack.push_async_callback(control.close)
            await control.start()
            parts = await self._parts(log, ruleset, stack)
            self._waiting_for.clear()
            if started is not None:
                parts = [*parts, ("started", started(self))]
            await until_stopped(parts, self.stop)

    def unready(self) -> list[str]:
        """Why the product is not ready; empty when it is."""
        return list(self._waiting_for)

    def warnings(self) -> list[str]:
        """What is wrong though the product works."""
        return [self.watch.problem] if self.watch is not None and self.watch.problem else []

    async def _parts(
        self, log: Log, ruleset: RuleSet, stack: AsyncExitStack
    ) -> Sequence[tuple[str, Awaitable[None]]]:
        settings, clock, metrics = self.settings, self.clock, self.metrics
        rng = random.Random(self.seed)

        def secret(name: str) -> str:
            return resolve_secret(settings, name, self.environ)

        http = HttpClient(settings.http, metrics)
        stack.push_async_callback(http.close)
        workers = ExtractionWorkers(settings.pages)
        stack.push_async_callback(workers.close)
        runtime = LocalRuntime(pipeline(ruleset, settings.subscriptions), Surroundings(log, clock, metrics))
        stack.push_async_callback(runtime.close)

        async def swap(newer: RuleSet) -> None:
            await publish_rules(log, newer, clock)
            runtime.swap(pipeline(newer, settings.subscriptions))

        self.watch = RulesWatch(settings.rules, ruleset, clock, swap)
        return [
            ("feeds", FeedSource(log, http, clock, settings.polling, metrics, rng).run()),
            ("pages", PageConnector(log, http, workers, clock, settings.pages, metrics).run()),
            ("pipeline", runtime.run()),
            ("deliveries", WebhookSink(log, http, clock, settings.delivery, metrics, secret, rng).run()),
            ("rules", self.watch.run()),
            ("workers", workers.warm()),
            ("retention", sweep(log, clock)),
            ("lag", measure_lag(log, clock, metrics)),
        ]


async def publish(log: Log, settings: Settings, ruleset: RuleSet, clock: Clock) -> None:
    """Bring the compacted topics in line with the files: what is new or changed is set, what is gone is removed."""
    work = UnitOfWork()
    _align(log, work, "feeds", {feed.id: feed for feed in settings.feeds})
    _align(log, work, "subscriptions", {subscription.id: subscription for subscription in settings.subscriptions})
    if work:
        await log.commit(work)
    await publish_rules(log, ruleset, clock)


async def publish_rules(log: Log, ruleset: RuleSet, clock: Clock) -> None:
    """Put a ruleset into its topic, and that it is active from now on; nothing where it is active already."""
    now, before = clock.now(), active_ruleset(log)
    if before == ruleset.id:
        return
    work = UnitOfWork()
    record = Ruleset(id=ruleset.id, files=dict(ruleset.files), rules=len(ruleset.rules), at=now)
    work.append("rulesets", ruleset.id, ruleset.id, record)
    key = f"activation/{now.isoformat()}"
    work.append("rulesets", key, key, Activation(ruleset=ruleset.id, before=before, at=now))
    await log.commit(work)


def _align(log: Log, work: UnitOfWork, topic: str, wanted: Mapping[str, Record]) -> None:
    present = dict(log.table(topic).items())
    for key, record in wanted.items():
        value = encode(record)
        if present.get(key) != value:
            work.appends.append(Append(topic, key, key, value))
    for key in present.keys() - wanted.keys():
        work.append(topic, key, key, None)


async def sweep(log: Log, clock: Clock) -> None:
    """Apply retention once a minute, until cancelled."""
    while True:
        await clock.sleep(SWEEP_S)
        await log.sweep()


async def measure_lag(log: Log, clock: Clock, metrics: Metrics) -> None:
    """Keep the lag of every stage in the metrics, until cancelled."""
    while True:
        for group, topic in GROUPS.items():
            lag = await log.lag(group, topic)
            metrics.stage_lag_records.labels(group).set(lag.records)
            metrics.stage_lag_seconds.labels(group).set(lag.seconds)
        await clock.sleep(LAG_S)


async def until_stopped(parts: Sequence[tuple[str, Awaitable[None]]], stop: asyncio.Event) -> None:
    """Run parts side by side until `stop` is set or one fails; then cancel all and raise the first failure."""
    tasks = [asyncio.create_task(_awaited(part), name=name) for name, part in parts]
    stopping = asyncio.create_task(stop.wait(), name="stop")
    waiting = {stopping, *tasks}
    try:
        while not stopping.done() and not any(task.done() and _failure(task) for task in tasks):
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            waiting = {task for task in waiting if not task.done()}
    finally:
        for task in (stopping, *tasks):
            task.cancel()
        await asyncio.gather(stopping, *tasks, return_exceptions=True)
    for task in tasks:
        if (failure := _failure(task)) is not None:
            raise failure


async def _awaited(part: Awaitable[None]) -> None:
    await part


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return None if not task.done() or task.cancelled() else first_of(task.exception())


def first_of(error: BaseException | None) -> BaseException | None:
    """The first real error inside exception groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
