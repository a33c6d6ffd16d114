"""Which story a detection belongs to: same rule, compatible actors, an open window, no slot in conflict.

The likeness of the wording ranks, and it decides only where actors and slots leave the question open: an unnamed
actor, a part of the actors, or a telling long after the last one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from streams.expiry import event_time
from streams.stories.words import EVEN, Weights, likeness
from wire.records import Detection, Slot, Story

SURE = timedelta(hours=30)
"""Within this time, what the same actors do under the same rule is one event unless a slot says otherwise."""

LATE_LIKENESS = 0.05
"""Likeness asked for at the end of the window, where the actors are the same; it rises from 0 at the end of SURE."""

FOUNDING = 2
"""A story's sentences that stay when it closes: evidence and headline of the telling that founded it."""

PART_LIKENESS = 0.03
UNNAMED_LIKENESS = 0.15
_SAME_ARTICLE = 0.2
_SHARED_SLOT = 0.1
_ALWAYS_IDENTITY = frozenset({"ordinal"})


class Kinship(IntEnum):
    """How the actors of a detection and of a story relate."""

    FOREIGN = 0
    UNNAMED = 1
    PART = 2
    EQUAL = 3


@dataclass(frozen=True)
class Fit:
    """How well a detection fits a story. `alone` is false where stories of other actors fit as well."""

    story: Story
    kinship: Kinship
    likeness: float
    alone: bool = True


def told_at(detection: Detection) -> datetime:
    """When the article was published, but never after it was seen: what a story's window is measured by."""
    seen, published = event_time(detection.stamps), detection.stamps.published
    return min(seen, published) if published else seen


def is_recap(detection: Detection) -> bool:
    """Whether a detection only looks back: it is of a time that its rule does not ring for."""
    return detection.statement.recency not in detection.story.ring


def best_fit(detection: Detection, stories: Iterable[Story], weights: Weights = EVEN) -> Fit | None:
    """The story that a detection joins, or None where it founds one. `weights` tells which words are rare."""
    fits = [fit for story in stories if (fit := _fit(detection, story, weights)) is not None]
    if not fits:
        return None
    # In the same article a second sentence may be all that an unnamed story has in common: the wording comes first
    # only among equals; recaps go to what they sound like, for the last event of an actor is not the one recalled.
    recap = is_recap(detection)
    fits.sort(
        key=lambda fit: (
            (fit.kinship > Kinship.UNNAMED) if recap else fit.kinship,
            fit.likeness,
            fit.story.last_at,
            fit.story.id,
        )
    )
    best = fits[-1]
    alone = len({fit.story.actors for fit in fits if fit.story.actors}) <= 1
    return Fit(best.story, best.kinship, best.likeness, alone)


def kinship(ours: Collection[str], theirs: Collection[str]) -> Kinship:
    """How two sets of actors relate; two that share some but not all are foreign."""
    a, b = set(ours), set(theirs)
    if not a or not b:
        return Kinship.EQUAL if a == b else Kinship.UNNAMED
    if a == b:
        return Kinship.EQUAL
    return Kinship.PART if a < b or b < a else Kinship.FOREIGN


def in_conflict(detection: Detection, slots: Iterable[Slot]) -> bool:
    """Whether an identity slot says that these are two events: both sides name values, none in common."""
    kinds = (_ALWAYS_IDENTITY | set(detection.story.same)) - {"actors"} - set(detection.story.measure)
    theirs = tuple(slots)
    for kind in kinds:
        ours = values(detection.statement.slots, kind)
        known = values(theirs, kind)
        if ours and known and not ours & known:
            return True
    return False


def values(slots: Iterable[Slot], kind: str) -> set[str]:
    """The values of one kind of slot, case-folded."""
    return {slot.value.casefold() for slot in slots if slot.kind == kind}


def _fit(detection: Detection, story: Story, weights: Weights) -> Fit | None:
    if story.rule != detection.rule or in_conflict(detection, story.slots):
        return None
    relation = kinship(detection.statement.actors, story.actors)
    if "actors" not in detection.story.same:
        relation = Kinship.UNNAMED
    if relation is Kinship.FOREIGN:
        return None
    alike = _alike(detection, story, weights)
    if alike < _needed(detection, story, relation):
        return None
    return Fit(story, relation, alike)


def _alike(detection: Detection, story: Story, weights: Weights) -> float:
    """Evidence or headline, whichever is the likelier, against what founded the story, on average.

    Not against all its tellings: how many a story still knows hangs on when it was closed, and that on what else is
    delivered, and how often.
    """
    ours = (detection.evidence.sentence, detection.headline)
    theirs = story.sentences[:FOUNDING]
    words = max(sum(likeness(one, other, weights) for other in theirs) for one in ours) / max(1, len(theirs))
    shared = any(
        values(detection.statement.slots, kind) & values(story.slots, kind)
        for kind in {slot.kind for slot in detection.statement.slots}
    )
    same_article = any(telling.article == detection.article for telling in story.tellings)
    return words + (_SHARED_SLOT if shared else 0.0) + (_SAME_ARTICLE if same_article else 0.0)


def _needed(detection: Detection, story: Story, relation: Kinship) -> float:
    """The likeness asked for. Other languages share no words: there equal actors have to do."""
    named = bool(detection.statement.actors)
    if relation is Kinship.UNNAMED or not named:
        return UNNAMED_LIKENESS
    languages = {telling.report.language for telling in story.tellings if telling.report}
    if detection.language and languages and detection.language not in languages:
        return 0.0
    base = PART_LIKENESS if relation is Kinship.PART else 0.0
    if is_recap(detection):
        return base
    told = told_at(detection)
    gap = max(told - story.last_at, story.opened_at - told, timedelta(0))
    window = timedelta(seconds=detection.story.window_s)
    if gap <= SURE or window <= SURE:
        return base
    return max(base, LATE_LIKENESS * ((gap - SURE) / (window - SURE)))
