"""From articles to detections: what is found, and what a newer revision changes or takes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from streams.expiry import Expiry, event_time
from streams.stage import Memory, Output, Stage, Step
from wire.records import Article, ArticleMemory, Detection, DetectionKind, Evidence

REMEMBER = timedelta(days=30)
"""The longest an article is remembered; a rule that remembers its stories for less shortens it."""

SWEEP = 4
"""Entries forgotten at the most as one article passes."""

R = TypeVar("R")


@dataclass(frozen=True)
class Judgement:
    """What the rules make of one article: its detections, and how many readings fell by (rule, reason)."""

    detections: tuple[Detection, ...] = ()
    suppressed: Mapping[tuple[str, str], int] = field(default_factory=dict)


Judge = Callable[[Article], Judgement]


def detect(judge: Judge, article: Article, memory: Memory[ArticleMemory]) -> Step[ArticleMemory]:
    """Put out what is new in an article: all of it at first sight, the difference for a newer revision."""
    now = event_time(article.stamps)
    changes: dict[str, ArticleMemory | None] = dict.fromkeys(memory.index.due(now, SWEEP))
    before = memory.get(article.id)
    if before is not None and before.revision == article.revision:
        changes.pop(article.id, None)
        return Step(changes=changes)
    judgement = judge(article)
    found = {detection.id: detection for detection in judgement.detections}
    if found or before is not None:
        changes[article.id] = ArticleMemory(
            article=article.id,
            revision=article.revision,
            detections={key: detection.rule for key, detection in found.items()},
            forget_at=now + _remembered(found.values()),
        )
    records = _difference(article, found, before.detections if before else {})
    outputs = tuple(Output("detections", record.id, record.rule, record) for record in records)
    return Step(outputs, changes, judgement.suppressed)


def detect_stage(ruleset: R, judge: Callable[[Article, R], Judgement]) -> Stage:
    """The stage under one ruleset. `judge` must be pure."""
    return Stage(
        name="detect",
        source="articles",
        reads=Article,
        table="detect-memory",
        remembers=ArticleMemory,
        run=partial(detect, lambda article: judge(article, ruleset)),
        stamp="detected",
        index=ArticleIndex,
    )


class ArticleIndex(Expiry):
    """When each remembered article is to be forgotten."""

    def put(self, key: str, value: ArticleMemory | None) -> None:
        self.set(key, value.forget_at if value else None)


def _difference(article: Article, found: Mapping[str, Detection], before: Mapping[str, str]) -> list[Detection]:
    """New ones first, as `changed` where one of their rule went away; then those that no longer hold."""
    gone: dict[str, list[str]] = defaultdict(list)
    for key, rule in before.items():
        if key not in found:
            gone[rule].append(key)
    waiting = {rule: list(keys) for rule, keys in gone.items()}
    records = []
    for key, detection in found.items():
        if key in before:
            continue
        if waiting.get(detection.rule):
            replaced = waiting[detection.rule].pop(0)
            records.append(replace(detection, kind=DetectionKind.CHANGED, replaces=replaced))
        else:
            records.append(detection)
    records += [_withdrawn(article, key, rule) for rule, keys in gone.items() for key in keys]
    return records


def _withdrawn(article: Article, key: str, rule: str) -> Detection:
    """A detection taken back. Its rule may be gone as well: the story knows the title and severity."""
    return Detection(
        id=key,
        kind=DetectionKind.WITHDRAWN,
        rule=rule,
        rule_title=rule,
        ruleset="",
        article=article.id,
        revision=article.revision,
        url=article.url,
        headline=article.title,
        publisher=article.publisher,
        language=article.language,
        evidence=Evidence(sentence=""),
        silence=article.silence,
        stamps=article.stamps,
    )


def _remembered(found: Collection[Detection]) -> timedelta:
    if not found:
        return REMEMBER
    return min(REMEMBER, timedelta(seconds=max(detection.story.remember_s for detection in found)))
