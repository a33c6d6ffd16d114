"""The alerts of a story: which are due after a telling, and the record, complete at birth and within its bound."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from streams.stories.join import is_recap, values
from streams.stories.tell import NAME_CHARS, counts, report
from wire.codec import encode
from wire.identity import alert_id
from wire.records import Alert, AlertKind, AlertReason, Detection, Report, Silence, Slot, Story
from wire.topics import ALERT_BYTES

_OLD_NEWS = frozenset({Silence.FIRST_POLL, Silence.STALE, Silence.OUTAGE})
"""Silences that say the event was there before we watched. Undated says nothing of the event's age."""

_NUMBER = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True)
class Due:
    """One alert that is due."""

    kind: AlertKind
    reason: AlertReason
    facts: tuple[str, ...] = ()


def due_after(before: Story | None, after: Story, detection: Detection) -> list[Due]:
    """What a telling rings. A recap or a silent entry rings nothing.

    A story that old news founded stays silent until a new fact; one that only recaps told rings at its first
    current report.
    """
    if is_recap(detection) or detection.silence is not None:
        return []
    facts = new_facts(before, detection)
    if after.rang == 0:
        if before is not None and after.silence in _OLD_NEWS:
            return [Due(AlertKind.NEW, AlertReason.NEW_FACT, facts)] if facts else []
        return [Due(AlertKind.NEW, AlertReason.FIRST_REPORT)]
    due = []
    if facts:
        due.append(Due(AlertKind.UPDATED, AlertReason.NEW_FACT, facts))
    if not after.confirmed and confirms(after, detection.story.confirm):
        due.append(Due(AlertKind.CONFIRMED, AlertReason.CONFIRMED))
    return due


def confirms(story: Story, wanted: int) -> bool:
    """Whether enough independent texts of different publisher families tell the story; below 2 nothing is owed."""
    return wanted > 1 and counts(story).publishers >= wanted


def new_facts(before: Story | None, detection: Detection) -> tuple[str, ...]:
    """Measures above all that the story knew of the same thing: 30 countries after 26, but not 4 jets after them."""
    if before is None:
        return ()
    found: list[str] = []
    for kind in detection.story.measure:
        known = [_measured(value) for value in values(before.slots, kind)]
        for slot in detection.statement.slots:
            amount, thing = _measured(slot.value[:NAME_CHARS].casefold())
            same_thing = [other for other, what in known if what == thing and other is not None]
            if slot.kind == kind and amount is not None and same_thing and amount > max(same_thing):
                found.append(slot.value[:NAME_CHARS])
    return tuple(dict.fromkeys(found))[:8]


def ring(story: Story, due: Due, detection: Detection) -> tuple[Story, Alert]:
    """The next alert of a story, and the story that has rung it."""
    number = story.rang + 1
    rung = replace(
        story,
        rang=number,
        confirmed=story.confirmed or due.kind is AlertKind.CONFIRMED,
        rang_by=detection.id if due.kind in (AlertKind.NEW, AlertKind.CORRECTED) else story.rang_by,
    )
    gone = due.kind is AlertKind.RETRACTED
    own = report(detection)
    alert = Alert(
        id=alert_id(story.id, number),
        story=story.id,
        number=number,
        kind=due.kind,
        reason=due.reason,
        rule=story.rule,
        rule_title=story.rule_title if gone else detection.rule_title,
        severity=story.severity if gone else detection.severity,
        ruleset=detection.ruleset,
        headline=own.headline,
        actors=story.actors,
        speaker=own.speaker,
        slots=_stated(detection.statement.slots) or story.slots,
        new_facts=due.facts,
        counts=counts(story),
        reports=_reports(story, own),
        shadow=detection.shadow,
        stamps=detection.stamps,
    )
    return rung, _fitted(alert)


def _reports(story: Story, own: Report) -> tuple[Report, ...]:
    """The detection's own report, then the story's others, the newest first."""
    others = [telling.report for telling in reversed(story.tellings) if telling.report]
    return (own, *(other for other in others if other.detection != own.detection))


def _fitted(alert: Alert) -> Alert:
    while len(encode(alert)) > ALERT_BYTES and len(alert.reports) > 1:
        alert = replace(alert, reports=alert.reports[:-1])
    return alert


def _stated(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    return tuple(replace(slot, kind=slot.kind[:NAME_CHARS], value=slot.value[:NAME_CHARS]) for slot in slots)[:32]


def _measured(value: str) -> tuple[float | None, str]:
    """`26 countries` as 26.0 and `countries`."""
    found = _NUMBER.search(value)
    if found is None:
        return None, value
    try:
        amount = float(found[0].rstrip(".,").replace(",", ""))
    except ValueError:
        return None, value
    return amount, (value[: found.start()] + value[found.end() :]).strip()
