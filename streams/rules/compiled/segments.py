"""Compiled rules of one ruleset: all together, or those of the ruleset before and, beside them, what has changed.

After an edit the rules compiled before stay as they are, the *base*. Those that the edit took away or changed are
marked as gone, and what is new or changed is compiled by itself, the *delta*. Both answer, and what they say is put
into the order of the new ruleset. (Lucene's segments and live documents, and every log-structured merge tree.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from streams.rules.changes import GONE, Changes
from streams.rules.compiled.build import Compiled, compile_rules
from streams.rules.compiled.engine import CompiledEngine, Texts
from streams.rules.compiled.evidence import Evidence
from streams.rules.engine import Queries
from streams.rules.loaded import queries_of
from streams.rules.matcher import Held, hits_of
from streams.rules.model import ANY, Hit, Match, Rule
from wire.records import Article


class Together:
    """Rules that were compiled together, with the plain engine for what the compiled one leaves to it."""

    def __init__(self, rules: Sequence[Rule], compiled: Compiled) -> None:
        self.rules = rules
        self.engine = CompiledEngine(compiled, self._holds)
        self._single: dict[int, Held] = {}

    def hits(self, number: int, language: str, evidence: Evidence) -> tuple[Hit, ...]:
        """Where a rule's queries hold in an article that it is known to meet."""
        return hits_of(self._alone(number).asked(0, language, evidence.parts))

    def _holds(self, number: int, language: str, evidence: Evidence) -> bool:
        return any(True for _ in self._alone(number).held([0], language, evidence.parts))

    def _alone(self, number: int) -> Held:
        """The queries of one rule on the engine's leaves; kept, for rules that match tend to match again."""
        if number not in self._single:
            rule = self.rules[number]
            self._single[number] = Held([(rule.queries, rule.unless)], partial(Queries, leaves=self.engine.leaves))
        return self._single[number]


class Met(NamedTuple):
    """A `Finding` of a rule in an article that meets it: where its queries hold, and the article's signature."""

    together: Together
    number: int
    language: str
    evidence: Evidence

    @property
    def signature(self) -> tuple[int, ...]:
        """The near-copy signature of the article's text."""
        return self.evidence.signature

    def hits(self, rule: Rule) -> tuple[Hit, ...]:
        """Where the rule's queries hold, by position."""
        return self.together.hits(self.number, self.language, self.evidence)


class Segment(NamedTuple):
    """`places` says where each of the rules stands in the ruleset, or that it is GONE; None: where they stood."""

    together: Together
    places: Sequence[int] | None = None

    def met(self, texts: Sequence[Texts]) -> list[list[tuple[int, int]]]:
        """For each article the rules that it meets, as (place in the ruleset, number in the segment)."""
        found, places = self.together.engine.match(texts), self.places
        if places is None:
            return [[(number, number) for number in numbers] for numbers in found]
        return [[(places[number], number) for number in numbers if places[number] != GONE] for numbers in found]


class Segments:
    """The rules of a ruleset in one segment or two, the base first."""

    def __init__(self, rules: Sequence[Rule], segments: Sequence[Segment]) -> None:
        self._rules = rules
        self._segments = segments

    @property
    def base(self) -> Together:
        """Most of the rules, or all."""
        return self._segments[0].together

    def match(self, articles: Sequence[Article]) -> list[list[Match]]:
        """The rules that each article meets, in the order of the ruleset."""
        texts = [(one.title, one.text, one.language) for one in articles]
        met = [segment.met(texts) for segment in self._segments]
        return [self._matches(text, found) for text, found in zip(texts, zip(*met, strict=True), strict=True)]

    def _matches(self, text: Texts, met: Sequence[list[tuple[int, int]]]) -> list[Match]:
        found: list[tuple[int, Match]] = []
        for (together, _), places in zip(self._segments, met, strict=True):
            if places:
                evidence = together.engine.evidence(text)
                for place, number in places:
                    found.append((place, Match(self._rules[place], Met(together, number, text[2], evidence))))
        found.sort(key=_place)
        return [match for _, match in found]


_place = itemgetter(0)


def whole(rules: Sequence[Rule], compiled: Compiled) -> Segments:
    """All rules in one segment."""
    return Segments(rules, [Segment(Together(rules, compiled))])


def succeeding(base: Together, rules: Sequence[Rule], changed: Changes) -> Segments:
    """Newer rules: what `base` has of them, and what `changed` since it was compiled."""
    segments = [Segment(base, changed.places)]
    if changed.fresh:
        fresh = [rules[number] for number in changed.fresh]
        segments.append(Segment(Together(fresh, compile_rules(queries_of(fresh), ANY)), changed.fresh))
    return Segments(rules, segments)
