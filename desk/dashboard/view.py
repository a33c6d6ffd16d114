"""What the dashboard shows: a bounded picture of the log, kept up to date by reading its topics' ends."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from wire.clock import Clock, from_ms
from wire.codec import decode
from wire.errors import CodecError
from wire.log import Log, LogRecord
from wire.metrics import Metrics
from wire.records import Activation, Alert, Checkpoint, DeadLetter, Delivery, Feed, Report
from wire.topics import GROUPS, TOPICS

TICK_S = 0.5
ALERTS, DELIVERIES, DEAD_LETTERS = 200, 50, 50
BACK = 500
"""Records of each partition that are read at start."""

REPORTS = 6
COUNTED = ("entries", "outcomes", "articles", "detections", "alerts", "attempts", "dead-letters")
SLOW_FEED = timedelta(hours=24)


class DeskView:
    """A picture of a log. `refresh` brings it up to date; `changes` yields what became different."""

    def __init__(
        self, log: Log, clock: Clock, metrics: Metrics, warnings: Callable[[], list[str]] = lambda: []
    ) -> None:
        self._log = log
        self._clock = clock
        self._metrics = metrics
        self._warnings = warnings
        self._next: dict[tuple[str, int], int] = {}
        self._alerts: deque[dict[str, Any]] = deque(maxlen=ALERTS)
        self._dead: deque[dict[str, Any]] = deque(maxlen=DEAD_LETTERS)
        self._sections: dict[str, Any] = {}
        self._encoded: dict[str, bytes] = {}
        self._watchers: set[asyncio.Queue[tuple[str, bytes] | None]] = set()

    # -------------------------------------------------------------- reading

    async def follow(self) -> None:
        """Refresh until cancelled, and tell the watchers."""
        while True:
            await self.refresh()
            await self._clock.sleep(TICK_S)

    async def refresh(self) -> None:
        """Read what is new; changed sections go to every watcher."""
        alerts = await self._new("alerts")
        for record in alerts:
            self._add_alert(record)
        for record in await self._new("dead-letters"):
            self._add_dead(record)
        sections = {
            "counts": await self._counts(),
            "stages": await self._stages(),
            "feeds": self._feeds(),
            "deliveries": self._deliveries(),
            "dead_letters": list(self._dead)[::-1],
            "ruleset": self._ruleset(),
        }
        for name, value in sections.items():
            encoded = msgspec.json.encode({"section": name, "value": value})
            if self._encoded.get(name) != encoded:
                self._encoded[name] = encoded
                self._sections[name] = value
                self._tell("change", encoded)
        shown = list(self._alerts)[len(self._alerts) - min(len(alerts), len(self._alerts)) :]
        for alert in shown if alerts else ():
            self._tell("alert", msgspec.json.encode(alert))

    def snapshot(self) -> dict[str, Any]:
        """Everything, alerts with the newest first."""
        return {"now": self._clock.now(), "alerts": list(self._alerts)[::-1], **self._sections}

    async def _new(self, topic: str) -> list[LogRecord]:
        """Records of a topic not read yet, in the order of their appending."""
        found: list[LogRecord] = []
        for partition, (start, end) in (await self._log.ends(topic)).items():
            at = max(start, self._next.get((topic, partition), end - BACK))
            while at < end:
                records = await self._log.read(topic, partition, at, BACK)
                if not records:
                    break
                found += records
                at = records[-1].offset + 1
            self._next[topic, partition] = end
        return sorted(found, key=lambda record: (record.timestamp_ms, record.partition, record.offset))

    def _add_alert(self, record: LogRecord) -> None:
        try:
            alert = decode(record.value, Alert) if record.value is not None else None
        except CodecError:
            return
        if alert is not None:
            self._alerts.append(_alert(alert, from_ms(record.timestamp_ms)))

    def _add_dead(self, record: LogRecord) -> None:
        try:
            letter = decode(record.value, DeadLetter) if record.value is not None else None
        except CodecError:
            return
        if letter is not None:
            self._dead.append(
                {
                    "origin": letter.origin,
                    "stage": letter.stage,
                    "reason": letter.reason,
                    "detail": letter.detail[:300],
                    "at": letter.at,
                }
            )

    # -------------------------------------------------------------- sections

    async def _counts(self) -> dict[str, int]:
        counts = {}
        for topic in COUNTED:
            counts[topic.replace("-", "_")] = sum(
                end - start for start, end in (await self._log.ends(topic)).values()
            )
        counts["deliveries"] = sum(1 for _ in self._log.table("deliveries").items())
        return counts

    async def _stages(self) -> list[dict[str, Any]]:
        found = []
        for group, topic in GROUPS.items():
            lag = await self._log.lag(group, topic)
            found.append({"stage": group, "reads": topic, "records": lag.records, "seconds": round(lag.seconds, 1)})
        return found

    def _feeds(self) -> list[dict[str, Any]]:
        checkpoints = {}
        for key, value in self._log.table("checkpoints").items():
            if (checkpoint := _decoded(value, Checkpoint)) is not None:
                checkpoints[key] = checkpoint
        rows = []
        for key, value in self._log.table("feeds").items():
            if (feed := _decoded(value, Feed)) is not None:
                rows.append(_feed(feed, checkpoints.get(key)))
        return sorted(rows, key=lambda row: (_RANK[row["state"]], row["title"].casefold()))

    def _deliveries(self) -> dict[str, Any]:
        states: Counter[str] = Counter()
        latest: deque[dict[str, Any]] = deque(maxlen=DELIVERIES)
        for _, value in self._log.table("deliveries").items():
            if (delivery := _decoded(value, Delivery)) is not None:
                states[delivery.state] += 1
                latest.append(_delivery(delivery))
        return {"states": dict(states), "latest": list(latest)[::-1]}

    def _ruleset(self) -> dict[str, Any] | None:
        active = active_ruleset(self._log)
        return {"id": active, "warnings": self._warnings()} if active else None

    # -------------------------------------------------------------- watchers

    async def changes(self, waiting: int = 256) -> AsyncIterator[tuple[str, bytes]]:
        """Names and JSON of what changes from now on, the whole snapshot first. Ends when the reader is too slow."""
        queue: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue(waiting)
        self._watchers.add(queue)
        try:
            yield "snapshot", msgspec.json.encode(self.snapshot())
            while (item := await queue.get()) is not None:
                yield item
        finally:
            self._watchers.discard(queue)

    @property
    def watchers(self) -> int:
        """How many readers of `changes` there are."""
        return len(self._watchers)

    def _tell(self, name: str, data: bytes) -> None:
        for queue in list(self._watchers):
            try:
                queue.put_nowait((name, data))
            except asyncio.QueueFull:
                self._watchers.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)


_FAILING, _NEVER, _QUIET, _OK = "failing", "not_polled", "quiet", "ok"
_RANK = {_FAILING: 0, _NEVER: 1, _QUIET: 2, _OK: 3}


def _decoded(value: bytes, kind: type[Any]) -> Any:
    try:
        return decode(value, kind)
    except CodecError:
        return None


def _feed(feed: Feed, checkpoint: Checkpoint | None) -> dict[str, Any]:
    """A feed's health. Never the whole address: it may hold a key."""
    row: dict[str, Any] = {"id": feed.id, "title": feed.title or feed.id, "host": urlsplit(feed.url).hostname or ""}
    if checkpoint is None:
        return row | {"state": _NEVER}
    failing = checkpoint.failures >= 1 or (checkpoint.last_reason != "" and checkpoint.failures > 0)
    quiet = (
        checkpoint.last_entry_at is not None
        and checkpoint.polled_at is not None
        and checkpoint.polled_at - checkpoint.last_entry_at > SLOW_FEED
    )
    return row | {
        "state": _FAILING if failing else _QUIET if quiet else _OK,
        "succeeded_at": checkpoint.succeeded_at,
        "next_at": checkpoint.next_at,
        "entries": checkpoint.entries,
        "polls": checkpoint.polls,
        "failures": round(checkpoint.failures, 1),
        "reason": checkpoint.last_reason if failing else "",
        "detail": checkpoint.last_detail[:200] if failing else "",
    }


def _alert(alert: Alert, appended: datetime) -> dict[str, Any]:
    stamps = alert.stamps
    at = stamps.alerted or appended
    return {
        "id": alert.id,
        "story": alert.story,
        "number": alert.number,
        "kind": alert.kind,
        "reason": alert.reason,
        "rule": alert.rule,
        "rule_title": alert.rule_title,
        "severity": alert.severity,
        "headline": alert.headline,
        "actors": alert.actors,
        "speaker": alert.speaker,
        "new_facts": alert.new_facts,
        "counts": alert.counts,
        "shadow": alert.shadow,
        "at": at,
        "since_seen_s": _seconds(stamps.seen, at),
        "since_published_s": _seconds(stamps.published, at),
        "reports": [_report(report) for report in alert.reports[:REPORTS]],
    }


def _seconds(earlier: datetime | None, later: datetime) -> float | None:
    return round(max(0.0, (later - earlier).total_seconds()), 2) if earlier is not None else None


def _report(report: Report) -> dict[str, Any]:
    return {
        "publisher": report.publisher,
        "headline": report.headline,
        "url": report.url,
        "sentence": report.evidence.sentence,
        "pieces": pieces(report.evidence.sentence, report.evidence.spans),
        "speaker": report.speaker,
    }


def pieces(sentence: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """A sentence cut at its matched words: text, and whether it matched.

    It is cut here because JavaScript counts other units than characters.
    """
    found: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(spans):
        if start < at or end > len(sentence):
            continue
        if start > at:
            found.append((sentence[at:start], False))
        found.append((sentence[start:end], True))
        at = end
    if at < len(sentence):
        found.append((sentence[at:], False))
    return found


def _delivery(delivery: Delivery) -> dict[str, Any]:
    """A delivery without the address it goes to: that may be a secret."""
    return {
        "id": delivery.id,
        "subscription": delivery.subscription,
        "headline": delivery.alert.headline,
        "kind": delivery.alert.kind,
        "state": delivery.state,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "next_at": delivery.next_at,
        "settled_at": delivery.settled_at,
    }


assert set(COUNTED) <= set(TOPICS)


def active_ruleset(log: Log) -> str:
    """The ruleset of the latest activation; empty where there is none yet."""
    latest: Activation | None = None
    for key, value in log.table("rulesets").items():
        if key.startswith("activation/"):
            activation = decode(value, Activation)
            if latest is None or activation.at >= latest.at:
                latest = activation
    return latest.ruleset if latest else ""
