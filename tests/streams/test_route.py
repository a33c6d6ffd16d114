"""Which subscriptions an alert is owed to."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from streams.memory import PlainMemory
from streams.route import REMEMBER, RoutedIndex, route, wants
from wire.identity import delivery_id
from wire.records import (
    Alert,
    AlertKind,
    AlertReason,
    Evidence,
    Report,
    Severity,
    Stamps,
    Subscription,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REPORT = Report(
    detection="de1-a",
    article="ar1-a",
    url="https://a.test/1",
    headline="A force is promised",
    publisher="a.test",
    language="en",
    evidence=Evidence(sentence="A force is promised."),
)
ALERT = Alert(
    id="al1-a",
    story="st1-a",
    number=1,
    kind=AlertKind.NEW,
    reason=AlertReason.FIRST_REPORT,
    rule="force_pledge",
    rule_title="Pledge",
    severity=Severity.HIGH,
    headline="A force is promised",
    reports=(REPORT,),
    stamps=Stamps(seen=NOON),
)
ALL = Subscription(id="all", url="https://hooks.test/")


@pytest.mark.parametrize(
    ("wanted", "subscription"),
    [
        (True, ALL),
        (True, replace(ALL, rules=("force_*",))),
        (False, replace(ALL, rules=("sanctions_*",))),
        (True, replace(ALL, kinds=(AlertKind.NEW,))),
        (False, replace(ALL, kinds=(AlertKind.CONFIRMED,))),
        (True, replace(ALL, min_severity=Severity.HIGH)),
        (False, replace(ALL, min_severity=Severity.CRITICAL)),
        (True, replace(ALL, languages=("en", "fr"))),
        (False, replace(ALL, languages=("de",))),
    ],
)
def test_a_subscription_picks_by_its_conditions(wanted: bool, subscription: Subscription) -> None:
    assert wants(subscription, ALERT) is wanted


def test_a_shadow_alert_is_never_picked() -> None:
    assert not wants(ALL, replace(ALERT, shadow=True))


def test_each_subscription_gets_one_delivery_under_a_lasting_id() -> None:
    memory = PlainMemory((), RoutedIndex())
    step = route((ALL, replace(ALL, id="two")), ALERT, memory)
    assert [(output.topic, output.key, output.partition_key) for output in step.outputs] == [
        ("deliveries", "all/al1-a", "all"),
        ("deliveries", "two/al1-a", "two"),
    ]
    assert [output.record.id for output in step.outputs] == [delivery_id("all", "al1-a"), delivery_id("two", "al1-a")]


def test_an_alert_that_comes_again_is_not_routed_again() -> None:
    memory = PlainMemory((), RoutedIndex())
    memory.apply(route((ALL,), ALERT, memory).changes)
    assert route((ALL,), ALERT, memory).outputs == ()


def test_a_routed_alert_is_forgotten_as_later_ones_pass() -> None:
    memory = PlainMemory((), RoutedIndex())
    memory.apply(route((ALL,), ALERT, memory).changes)
    later = replace(ALERT, id="al1-b", stamps=Stamps(seen=NOON + REMEMBER + timedelta(seconds=1)))
    memory.apply(route((ALL,), later, memory).changes)
    assert memory.get("al1-a") is None
    assert memory.get("al1-b") is not None
