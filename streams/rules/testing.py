"""The tests that stand in rule files: a text that must fire, or stay silent, and what must be found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from streams.rules.model import InlineTest, Rule, RuleSet
from wire.records import Article, Detection, Recency, Stamps

PUBLISHED = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""When the texts of inline tests count as published: a Thursday."""


@dataclass(frozen=True)
class Result:
    """One inline test, run. `why` says what was wrong, empty where it passed."""

    rule: str
    test: InlineTest
    why: str

    @property
    def passed(self) -> bool:
        return not self.why


Judge = Callable[[Article, RuleSet], tuple[tuple[Detection, ...], list[str]]]
"""Detections of an article, and the reasons why matches of the rule at hand were no detections."""


def run_tests(ruleset: RuleSet, judge: Judge) -> Iterator[Result]:
    """Run the inline tests of every rule, each against its own rule alone, in the order of the files."""
    for rule in ruleset.rules:
        alone = RuleSet(ruleset.id, (rule,))
        for test in rule.tests:
            yield Result(rule.id, test, _why(rule, test, judge(article_of("", test.text, test.language), alone)))


def article_of(title: str, text: str, language: str) -> Article:
    """A text as an article of that Thursday."""
    return Article(
        id="test",
        revision="test",
        url="https://test.invalid/",
        title=title,
        text=text,
        publisher="test.invalid",
        language=language,
        stamps=Stamps(published=PUBLISHED, seen=PUBLISHED),
    )


def _why(rule: Rule, test: InlineTest, judged: tuple[tuple[Detection, ...], list[str]]) -> str:
    detections, reasons = judged
    if not test.fires:
        return f"fires on {detections[0].evidence.sentence!r}" if detections else ""
    if not detections:
        return f"is silent: {', '.join(sorted(set(reasons)))}" if reasons else "is silent: the query does not match"
    first = detections[0].statement
    if test.actors is not None and tuple(sorted(test.actors)) != first.actors:
        return f"actors are {list(first.actors)}, expected {sorted(test.actors)}"
    if test.speaker is not None and test.speaker != first.speaker:
        return f"speaker is {first.speaker!r}, expected {test.speaker!r}"
    if test.recap is not None and test.recap != (first.recency is Recency.RECAP):
        return f"reads as {first.recency}"
    return ""
