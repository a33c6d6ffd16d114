"""A log in memory with a dashboard on it, and records to put into it."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.dashboard.server import Dashboard
from desk.dashboard.view import DeskView
from wire.clock import WallClock
from wire.log import UnitOfWork
from wire.memory import MemoryLog
from wire.metrics import Metrics
from wire.records import (
    Alert,
    AlertKind,
    AlertReason,
    Checkpoint,
    Counts,
    Delivery,
    Evidence,
    Feed,
    Report,
    Stamps,
    Subscription,
)
from wire.settings import DeskSettings

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SENTENCE = "𝐀 Portugal pledged troops."
SECRET_URL = "https://hooks.test/in/s3cret-path"


def an_alert(number: int = 1, **given: object) -> Alert:
    members = {
        "id": f"al1-{number}",
        "story": "st1-x",
        "number": number,
        "kind": AlertKind.NEW,
        "reason": AlertReason.FIRST_REPORT,
        "rule": "pledge",
        "rule_title": "A pledge",
        "headline": "Portugal pledges <script>alert(1)</script> troops",
        "actors": ("Portugal",),
        "speaker": "Rui Tavares",
        "counts": Counts(articles=1, texts=1, publishers=1),
        "reports": (
            Report(
                detection="de1-x",
                article="ar1-x",
                url="javascript:alert(2)",
                headline="Portugal pledges",
                publisher="lisbon.test",
                evidence=Evidence(sentence=SENTENCE, spans=((11, 18), (19, 25))),
            ),
        ),
        "stamps": Stamps(published=NOW, seen=NOW + timedelta(seconds=60), alerted=NOW + timedelta(seconds=62)),
    }
    return Alert(**(members | given))


class Desk:
    """A dashboard over a memory log."""

    def __init__(self, port: int = 0) -> None:
        clock = WallClock()
        self.log = MemoryLog(clock, partitions=4)
        self.metrics = Metrics()
        self.unready = ["starting"]
        self.view = DeskView(self.log, clock, self.metrics)
        self.dashboard = Dashboard(self.view, self.metrics, DeskSettings(port=port), lambda: self.unready)

    async def ring(self, alert: Alert) -> None:
        work = UnitOfWork()
        work.append("alerts", alert.id, alert.story, alert)
        await self.log.commit(work)

    async def fill(self) -> None:
        """Two feeds, one failing, one never polled; a subscription and a delivery."""
        work = UnitOfWork()
        for name in ("good", "bad"):
            feed = Feed(id=name, url=f"https://{name}.test/rss?key=s3cret-path", title=name.title())
            work.append("feeds", name, name, feed)
        failing = Checkpoint(
            feed="bad", polls=3, polled_at=NOW, failures=3.0, last_reason="timeout", last_detail="no answer in 30 s"
        )
        work.append("checkpoints", "bad", "bad", failing)
        subscription = Subscription(id="newsdesk", url=SECRET_URL, secrets=("newsdesk",))
        work.append("subscriptions", "newsdesk", "newsdesk", subscription)
        delivery = Delivery(id="dl1-x", subscription="newsdesk", alert=an_alert())
        work.append("deliveries", "newsdesk/al1-1", "newsdesk", delivery)
        await self.log.commit(work)


@pytest.fixture
async def desk():
    desk = Desk()
    await desk.log.start()
    await desk.fill()
    await desk.dashboard.start()
    yield desk
    await desk.dashboard.close()
    await desk.log.close()
