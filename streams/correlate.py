"""From detections to alerts: which story a detection tells, and what that story rings."""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.expiry import event_time
from streams.stage import Memory, Output, Stage, Step
from streams.stories.alerts import Due, due_after, ring
from streams.stories.index import StoryIndex
from streams.stories.join import Fit, Kinship, best_fit, in_conflict, is_recap, kinship, told_at
from streams.stories.tell import founded, is_told, joined, stub, without
from wire.identity import story_id
from wire.records import Alert, AlertKind, AlertReason, Detection, DetectionKind, Story

SWEEP = 4
"""Stories closed, and as many forgotten, at the most as one detection passes."""


def correlate(detection: Detection, memory: Memory[Story]) -> Step[Story]:
    """Found, join or correct a story, and ring what is due. A detection that came before changes nothing."""
    changes = _swept(event_time(detection.stamps), memory)
    known = memory.index.story_of(detection.id)
    alerts: list[Alert] = []
    story: Story | None = None
    if detection.kind is DetectionKind.WITHDRAWN:
        story, alerts = _withdrawn(known, detection, memory)
    elif known is None and memory.get(story_id(detection.rule, detection.id)) is None:
        story, alerts = _told(detection, memory)
    if story is not None:
        changes[story.id] = story
    return Step(tuple(Output("alerts", alert.id, alert.story, alert) for alert in alerts), changes)


def correlate_stage() -> Stage:
    """The stage that keeps stories: partitioned by rule, so that a story meets itself."""
    return Stage(
        name="correlate",
        source="detections",
        reads=Detection,
        table="correlate-memory",
        remembers=Story,
        run=correlate,
        stamp="alerted",
        index=StoryIndex,
    )


def candidates(detection: Detection, memory: Memory[Story]) -> list[Story]:
    """Stories that a detection may join: near it in time, or for a recap any that is remembered before it."""
    window = timedelta(seconds=detection.story.window_s)
    told = told_at(detection)
    back = timedelta(seconds=detection.story.remember_s) if is_recap(detection) else timedelta(0)
    actors = detection.statement.actors if "actors" in detection.story.same else ()
    keys = memory.index.near(detection.rule, actors, _before(told, window + back), told + 2 * window)
    stories = [story for key in keys if (story := memory.get(key)) is not None]
    return [story for story in stories if story.opened_at <= told + window]


def _told(detection: Detection, memory: Memory[Story]) -> tuple[Story, list[Alert]]:
    if detection.kind is DetectionKind.CHANGED and (replaced := _replaced(detection, memory)) is not None:
        return replaced
    fit = best_fit(detection, candidates(detection, memory), memory.index.weights(detection.rule))
    after = founded(detection) if fit is None else joined(fit, detection)
    return _rung(after, due_after(fit.story if fit else None, after, detection), detection)


def _replaced(detection: Detection, memory: Memory[Story]) -> tuple[Story, list[Alert]] | None:
    """The story whose telling a changed detection replaces, corrected; None where it now tells another event."""
    key = memory.index.story_of(detection.replaces)
    before = memory.get(key) if key else None
    if before is None:
        return None
    relation = kinship(detection.statement.actors, before.actors)
    if relation is Kinship.FOREIGN or in_conflict(detection, before.slots):
        return None
    after = joined(Fit(without(before, detection.replaces), relation, 1.0, alone=False), detection)
    quiet = is_recap(detection) or detection.silence is not None
    if before.rang and before.rang_by == detection.replaces and not quiet:
        return _rung(after, [Due(AlertKind.CORRECTED, AlertReason.CORRECTION)], detection)
    return _rung(after, due_after(before, after, detection), detection)


def _withdrawn(key: str | None, detection: Detection, memory: Memory[Story]) -> tuple[Story | None, list[Alert]]:
    before = memory.get(key) if key else None
    if before is None:
        return None, []
    after = without(before, detection.id)
    if after == before:
        return None, []
    retracted = before.rang and is_told(before) and not is_told(after)
    due = [Due(AlertKind.RETRACTED, AlertReason.RETRACTION)] if retracted else []
    return _rung(after, due, detection)


def _rung(story: Story, due: list[Due], detection: Detection) -> tuple[Story, list[Alert]]:
    alerts: list[Alert] = []
    for one in due:
        story, alert = ring(story, one, detection)
        alerts.append(alert)
    return story, alerts


def _swept(now: datetime, memory: Memory[Story]) -> dict[str, Story | None]:
    changes: dict[str, Story | None] = {}
    for key in memory.index.closing.due(now, SWEEP):
        story = memory.get(key)
        if story is not None:
            changes[key] = stub(story)
    changes.update(dict.fromkeys(memory.index.leaving.due(now, SWEEP)))
    return changes


def _before(moment: datetime, span: timedelta) -> datetime:
    """`moment - span`, where a year 1 article would leave the calendar."""
    least = datetime.min.replace(tzinfo=moment.tzinfo)
    return moment - span if moment - least > span else least
