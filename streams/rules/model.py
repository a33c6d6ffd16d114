"""Rules, rulesets, and what matching gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from streams.rules import syntax as s
from streams.rules.engine import Engine, Found
from wire.records import Article, Severity, StoryPolicy

ANY = "*"
"""The language of a query that is for every language."""


@dataclass(frozen=True)
class StatementPolicy:
    """What a matched sentence must say to be a detection.

    `require` names labels (`asserted`); `actor` a kind of actor that must be named (`state_or_bloc`); `events` are
    cue classes that are the event itself and so take nothing back (`refusal`); `cues` adds words to cue classes.
    `act` names the words that carry the event, on which cues act (all matched words where it is None). `who` says
    whose act it is: the `subject` of those words, the state of the `speaker`, or all `parties` named.
    """

    require: tuple[str, ...] = ("asserted",)
    actor: str = ""
    events: tuple[str, ...] = ()
    cues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    act: s.Node | None = None
    who: str = "subject"


@dataclass(frozen=True)
class InlineTest:
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
    statement: StatementPolicy = StatementPolicy()
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


@dataclass(frozen=True)
class Match:
    """One rule met by one article's words."""

    rule: Rule
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class RuleSet:
    """All rules active together. `id` names their content; `files` holds it, by name; `warnings` what looks odd."""

    id: str
    rules: tuple[Rule, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def match(self, article: Article) -> list[Match]:
        """The rules that the article's words meet, in the order of the ruleset."""
        compiled = self._compiled
        parts = [
            compiled.engine.index("title", article.title),
            compiled.engine.index("body", article.text),
        ]
        candidates = compiled.engine.candidates(parts)
        if not candidates:
            return []
        found: list[Match] = []
        for number, rule in enumerate(self.rules):
            asked = compiled.asked(number, article.language)
            if not any(query in candidates for query in asked):
                continue
            held = [one for query in asked if (one := compiled.engine.run(query, parts)) is not None]
            if held and not any(
                compiled.engine.run(query, parts) is not None for query in compiled.barred(number, article.language)
            ):
                found.append(Match(rule, _hits(item for one in held for item in one)))
        return found

    def match_many(self, articles: Iterable[Article]) -> Iterator[list[Match]]:
        """`match` of each article, in order."""
        for article in articles:
            yield self.match(article)

    @cached_property
    def _compiled(self) -> _Compiled:
        return _Compiled(self.rules)


class _Compiled:
    """The engine over all queries of the rules, and which of them belong to a rule in a language."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        nodes: list[s.Node] = []
        self._asked = [_numbered(rule.queries, nodes) for rule in rules]
        self._barred = [_numbered(rule.unless, nodes) for rule in rules]
        self.engine = Engine(nodes)

    def asked(self, number: int, language: str) -> list[int]:
        """The queries of a rule for an article's language."""
        return _of_language(self._asked[number], language)

    def barred(self, number: int, language: str) -> list[int]:
        """The queries that take a rule's match back."""
        return _of_language(self._barred[number], language)


def _numbered(queries: Mapping[str, s.Node], nodes: list[s.Node]) -> dict[str, int]:
    numbers = {}
    for language, node in queries.items():
        numbers[language] = len(nodes)
        nodes.append(node)
    return numbers


def _of_language(numbers: Mapping[str, int], language: str) -> list[int]:
    """Those of the language and those for every language; all where the language is not known."""
    if not language:
        return list(numbers.values())
    return [number for name, number in numbers.items() if name in (language, ANY)]


def _hits(found: Iterable[Found]) -> tuple[Hit, ...]:
    hits = {
        Hit(one.part.name, tuple(sorted({one.part.characters(piece) for piece in one.span.pieces}))): None
        for one in found
    }
    return tuple(sorted(hits, key=lambda hit: (hit.part != "title", hit.spans)))
