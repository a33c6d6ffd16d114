"""A stream of articles through detect and correlate in memory: what was found, and what of it would ring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.correlate import correlate
from streams.detect import ArticleIndex, Judge, detect
from streams.memory import PlainMemory
from streams.stories.index import StoryIndex
from wire.records import Alert, AlertKind, Article, ArticleMemory, Detection, Story


@dataclass(frozen=True)
class Verdict:
    """One detection, the story it went to, and the alerts that it rang."""

    detection: Detection
    story: str
    alerts: tuple[Alert, ...] = ()

    @property
    def rings_new(self) -> bool:
        """Whether it raised the story's first alert."""
        return any(alert.kind is AlertKind.NEW for alert in self.alerts)


def verdicts(articles: Iterable[Article], judge: Judge) -> Iterator[Verdict]:
    """Each detection of the articles, in order, as a fresh pipeline on one partition would see it."""
    known: PlainMemory[ArticleMemory] = PlainMemory((), ArticleIndex())
    stories: PlainMemory[Story] = PlainMemory((), StoryIndex())
    for article in articles:
        found = detect(judge, article, known)
        known.apply(found.changes)
        for output in found.outputs:
            detection = output.record
            if isinstance(detection, Detection):
                yield _told(detection, stories)


def _told(detection: Detection, stories: PlainMemory[Story]) -> Verdict:
    step = correlate(detection, stories)
    stories.apply(step.changes)
    index = stories.index
    story = index.story_of(detection.id) if isinstance(index, StoryIndex) else None
    alerts = tuple(output.record for output in step.outputs if isinstance(output.record, Alert))
    return Verdict(detection, story or "", alerts)
