"""What the rules make of one article: matches are read, and what a reading leaves standing is a detection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from streams.detect import Judgement
from wire.identity import detection_id
from wire.records import Article, Detection, Evidence, Severity, Statement, StoryPolicy


class Rule(Protocol):
    """What of a rule rides in its detections."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def story(self) -> StoryPolicy: ...
    @property
    def shadow(self) -> bool: ...


class Match(Protocol):
    """One rule met by the article's words."""

    @property
    def rule(self) -> Any: ...
    @property
    def signature(self) -> tuple[int, ...]: ...


class Rules(Protocol):
    """All rules active together."""

    @property
    def id(self) -> str: ...
    def match(self, article: Article) -> Sequence[Any]: ...


class Reading(Protocol):
    """What one sentence of a match says, and the reason where it is no detection."""

    @property
    def evidence(self) -> Evidence: ...
    @property
    def statement(self) -> Statement: ...
    @property
    def suppressed(self) -> str | None: ...


@dataclass(frozen=True)
class Reader:
    """How matches are read: `read` gives every reading of a match, `choose` those of the standing that count."""

    read: Callable[[Article, Any], Iterable[Any]]
    choose: Callable[[Sequence[Any]], Iterable[Any]]

    def judge(self, article: Article, ruleset: Rules) -> Judgement:
        """Detections in the order of rules and sentences, one for each id; fallen readings by (rule, reason)."""
        detections: dict[str, Detection] = {}
        suppressed: Counter[tuple[str, str]] = Counter()
        marks: tuple[int, ...] | None = None
        for match in ruleset.match(article):
            readings = list(self.read(article, match))
            suppressed.update((match.rule.id, reading.suppressed) for reading in readings if reading.suppressed)
            for reading in self.choose([reading for reading in readings if not reading.suppressed]):
                if marks is None:
                    marks = match.signature
                detection = _detection(article, ruleset.id, match.rule, reading, marks)
                detections.setdefault(detection.id, detection)
        return Judgement(tuple(detections.values()), dict(suppressed))


def _detection(article: Article, ruleset: str, rule: Rule, reading: Reading, marks: tuple[int, ...]) -> Detection:
    return Detection(
        id=detection_id(article.id, rule.id, reading.evidence.sentence),
        rule=rule.id,
        rule_title=rule.title,
        severity=rule.severity,
        ruleset=ruleset,
        article=article.id,
        revision=article.revision,
        url=article.url,
        headline=article.title,
        publisher=article.publisher,
        language=article.language,
        evidence=reading.evidence,
        statement=reading.statement,
        story=rule.story,
        signature=marks,
        silence=article.silence,
        shadow=rule.shadow,
        stamps=article.stamps,
    )
