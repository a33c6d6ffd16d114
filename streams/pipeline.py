"""The whole flow on one screen: a literal tuple of stages, run by either runtime.

articles ─ detect ─► detections ─ correlate ─► alerts ─ route ─► deliveries
"""

from __future__ import annotations

from collections.abc import Iterable

from streams import statements
from streams.correlate import correlate_stage
from streams.detect import detect_stage
from streams.judge import Reader
from streams.route import route_stage
from streams.rules import RuleSet
from streams.stage import Stage
from wire.records import Article, Detection, Subscription

READER = Reader(statements.read, statements.choose)


def pipeline(ruleset: RuleSet, subscriptions: Iterable[Subscription] = ()) -> tuple[Stage, ...]:
    """The stages under one ruleset, for these subscriptions."""
    return (
        detect_stage(ruleset, READER.judge),
        correlate_stage(),
        route_stage(tuple(subscriptions)),
    )


def judged(article: Article, ruleset: RuleSet) -> tuple[tuple[Detection, ...], list[str]]:
    """What the rules detect in an article, and the reasons why other matches were no detections."""
    judgement = READER.judge(article, ruleset)
    return judgement.detections, [reason for _, reason in judgement.suppressed]
