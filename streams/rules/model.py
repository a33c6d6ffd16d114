"""Rules, rulesets, and what matching gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import msgspec

from streams.rules import syntax as s
from wire.records import Article, Severity, StoryPolicy

if TYPE_CHECKING:
    from streams.rules.matcher import Matcher

ANY = "*"
"""The language of a query that is for every language."""

Queries = tuple[Mapping[str, s.Node], Mapping[str, s.Node]]
"""A rule's queries and its `unless` queries, by language."""

BATCH = 64
"""Articles that go through the compiled engine together."""


class StatementPolicy(msgspec.Struct, frozen=True):
    """What a matched sentence must say to be a detection.

    `require` names labels (`asserted`); `actor` a kind of actor that must be named (`state_or_bloc`); `events` are
    cue classes that are the event itself and so take nothing back (`refusal`); `cues` adds words to cue classes.
    `act` names the words that carry the event, on which cues act (all matched words where it is None). `who` says
    whose act it is: the `subject` of those words, the state of the `speaker`, or all `parties` named.
    """

    require: tuple[str, ...] = ("asserted",)
    actor: str = ""
    events: tuple[str, ...] = ()
    cues: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    act: s.Node | None = None
    who: str = "subject"


class InlineTest(msgspec.Struct, frozen=True):
    """A text that must fire or stay silent, as it stands in a rule file. None: not asked."""

    text: str
    fires: bool
    path: str = ""
    line: int = 0
    language: str = "en"
    actors: tuple[str, ...] | None = None
    speaker: str | None = None
    recap: bool | None = None


@dataclass(frozen=True)
class Rule:
    """What to look for: queries by language, and what is made of a match."""

    id: str
    title: str
    queries: Mapping[str, s.Node]
    unless: Mapping[str, s.Node] = field(default_factory=dict)
    severity: Severity = Severity.MEDIUM
    statement: StatementPolicy = field(default_factory=StatementPolicy)
    story: StoryPolicy = field(default_factory=StoryPolicy)
    shadow: bool = False
    tests: tuple[InlineTest, ...] = ()
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class Hit:
    """One place where a rule's query holds: characters of the title or body, half-open, by position."""

    part: str
    spans: tuple[tuple[int, int], ...]


class Finding(Protocol):
    """What is known of an article that meets rules, worked out when it is asked for."""

    @property
    def signature(self) -> tuple[int, ...]:
        """The near-copy signature of the article's text, see `streams.signature`."""

    def hits(self, rule: Rule) -> tuple[Hit, ...]:
        """Where the rule's query holds, by position."""


class Match:
    """One rule met by one article's words. `hits` and `signature` are worked out when they are first asked for."""

    __slots__ = ("_finding", "_hits", "rule")

    def __init__(self, rule: Rule, finding: Finding) -> None:
        self.rule = rule
        self._finding = finding
        self._hits: tuple[Hit, ...] | None = None

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Where the rule's query holds, by position."""
        if self._hits is None:
            self._hits = self._finding.hits(self.rule)
        return self._hits

    @property
    def signature(self) -> tuple[int, ...]:
        """The near-copy signature of the article's text, see `streams.signature`."""
        return self._finding.signature

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Match) and (self.rule, self.hits) == (other.rule, other.hits)

    def __hash__(self) -> int:
        return hash((self.rule.id, self.hits))

    def __repr__(self) -> str:
        return f"Match(rule={self.rule.id!r}, hits={self.hits!r})"


@dataclass(frozen=True)
class RuleSet:
    """All rules active together. `id` names their content; `files` holds it, by name; `warnings` what looks odd.

    `key` stands for everything that the queries were made from, in order; it is empty where that is not known.
    """

    id: str
    rules: Sequence[Rule]
    files: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    key: str = ""

    def match(self, article: Article) -> list[Match]:
        """The rules that the article's words meet, in the order of the ruleset."""
        matcher = self._matcher
        return matcher.match([article])[0] if matcher.ready_soon() else matcher.plain(article)

    def match_many(self, articles: Iterable[Article]) -> Iterator[list[Match]]:
        """`match` of each article, in order; quicker than one by one, for articles go through in batches."""
        matcher, count = self._matcher, 0
        waiting = iter(articles)
        while batch := list(islice(waiting, BATCH)):
            yield from matcher.match(batch) if matcher.ready(count) else map(matcher.plain, batch)
            count += len(batch)

    def follow(self, before: RuleSet) -> None:
        """Answer at once with what was compiled for the ruleset before; the whole is compiled beside that."""
        matcher = before.__dict__.get("_matcher")
        if matcher is not None and self._matcher.follow(matcher):
            self._matcher.rebuild_soon()

    @cached_property
    def _matcher(self) -> Matcher:
        from streams.rules.matcher import Matcher

        return Matcher(self)
