"""From an alert to the deliveries it owes: which subscriptions want it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial

from streams.expiry import Expiry, event_time
from streams.stage import Memory, Output, Stage, Step
from wire.identity import delivery_id
from wire.records import Alert, AlertMemory, Delivery, Severity, Subscription

REMEMBER = timedelta(days=7)
"""How long an alert is remembered as routed: far longer than a record can come twice."""

SWEEP = 4
"""Entries forgotten at the most as one record passes."""

_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def wants(subscription: Subscription, alert: Alert) -> bool:
    """Whether a subscription picks an alert. An empty condition means all; a shadow alert is never picked."""
    if alert.shadow or _RANK[alert.severity] < _RANK[subscription.min_severity]:
        return False
    if subscription.kinds and alert.kind not in subscription.kinds:
        return False
    languages = {report.language for report in alert.reports}
    return _any_matches(subscription.rules, {alert.rule}) and _any_matches(subscription.languages, languages)


def _any_matches(patterns: Sequence[str], values: set[str]) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for value in values for pattern in patterns)


def route(subscriptions: Sequence[Subscription], alert: Alert, memory: Memory[AlertMemory]) -> Step[AlertMemory]:
    """One delivery for each subscription that wants the alert; nothing for an alert routed before."""
    now = event_time(alert.stamps)
    changes: dict[str, AlertMemory | None] = dict.fromkeys(memory.index.due(now, SWEEP))
    if memory.get(alert.id) is not None:
        changes.pop(alert.id, None)
        return Step(changes=changes)
    chosen = tuple(subscription.id for subscription in subscriptions if wants(subscription, alert))
    changes[alert.id] = AlertMemory(alert=alert.id, subscriptions=chosen, forget_at=now + REMEMBER)
    return Step(tuple(_delivery(subscription, alert) for subscription in chosen), changes)


def route_stage(subscriptions: Sequence[Subscription]) -> Stage:
    """The stage for these subscriptions; paused ones get their deliveries later, when the sink goes on."""
    return Stage(
        name="route",
        source="alerts",
        reads=Alert,
        table="route-memory",
        remembers=AlertMemory,
        run=partial(route, subscriptions),
        index=RoutedIndex,
    )


def _delivery(subscription: str, alert: Alert) -> Output:
    record = Delivery(id=delivery_id(subscription, alert.id), subscription=subscription, alert=alert)
    return Output("deliveries", f"{subscription}/{alert.id}", subscription, record)


class RoutedIndex(Expiry):
    """When each routed alert is to be forgotten."""

    def put(self, key: str, value: AlertMemory | None) -> None:
        self.set(key, value.forget_at if value else None)
