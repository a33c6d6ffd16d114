"""The topics: what lies where, by which key, for how long. The same table on both runtimes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wire import records as r
from wire.records import Record

DAY_S = 86_400
FOREVER = -1
MIB = 1024 * 1024

PARTITIONS = 8
"""Partitions of a topic unless settings say otherwise; both runtimes must agree on it."""


class Cleanup(StrEnum):
    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True)
class Topic:
    """`key` and `partition_key` say in words what the two keys are. Sizes in bytes, ages in seconds."""

    name: str
    holds: type[Record]
    key: str
    partition_key: str
    cleanup: Cleanup = Cleanup.DELETE
    keep_s: int = FOREVER
    keep_bytes: int = FOREVER
    max_bytes: int = MIB


def _compacted(name: str, holds: type[Record], key: str, partition_key: str, max_bytes: int = MIB) -> Topic:
    return Topic(name, holds, key, partition_key, cleanup=Cleanup.COMPACT, max_bytes=max_bytes)


STATE_BYTES = 64 * 1024

_ALL = (
    _compacted("feeds", r.Feed, "feed", "feed"),
    _compacted("subscriptions", r.Subscription, "subscription", "subscription"),
    _compacted("rulesets", r.Ruleset, "ruleset", "ruleset", 16 * MIB),
    _compacted("checkpoints", r.Checkpoint, "feed", "feed", 4 * MIB),
    Topic("entries", r.Entry, "entry", "host:port of the page", keep_s=7 * DAY_S),
    Topic("outcomes", r.Outcome, "entry", "host:port of the page", keep_s=30 * DAY_S),
    Topic("articles", r.Article, "article", "article", keep_s=30 * DAY_S, keep_bytes=20 * 1024 * MIB),
    Topic("detections", r.Detection, "detection", "rule", keep_s=400 * DAY_S),
    Topic("alerts", r.Alert, "alert", "story", keep_s=400 * DAY_S),
    _compacted("deliveries", r.Delivery, "subscription/alert", "subscription"),
    Topic("attempts", r.Attempt, "subscription/alert/number", "subscription", keep_s=90 * DAY_S),
    Topic("dead-letters", r.DeadLetter, "origin", "origin", keep_s=30 * DAY_S, max_bytes=16 * MIB),
    # The stages' own memory. Partitioned like the topic that the stage reads.
    _compacted("detect-memory", r.ArticleMemory, "article", "article", STATE_BYTES),
    _compacted("correlate-memory", r.Story, "story", "rule", STATE_BYTES),
    _compacted("route-memory", r.AlertMemory, "alert", "story", STATE_BYTES),
)

TOPICS: dict[str, Topic] = {topic.name: topic for topic in _ALL}

AGENDAS: dict[str, str] = {"polls": "feeds", "pages": "entries", "retries": "deliveries"}
"""What is due when, by agenda: the topic whose partitions its own are."""

ALERT_BYTES = 20 * 1024
TEXT_BYTES = 200 * 1000
DEAD_BYTES = 8 * MIB

GROUPS: dict[str, str] = {
    "extract": "entries",
    "detect": "articles",
    "correlate": "detections",
    "route": "alerts",
    "deliver": "deliveries",
}
"""The consumer groups, in the order of the flow, and the topic each reads."""

MEMBERS: dict[str, str] = {"detect": "stream", "correlate": "stream", "route": "stream"}
"""On a cluster these groups are one: a stream worker runs every stage."""
