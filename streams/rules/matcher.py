"""Which engine answers: the plain one at once, the compiled one where there is enough to do to load it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from streams.rules import syntax as s
from streams.rules.engine import Engine, Found, PartIndex, Queries, Words
from streams.rules.model import ANY, Hit, Match, Rule, RuleSet
from streams.signature import sketch
from wire.records import Article

if TYPE_CHECKING:
    from streams.rules.compiled.build import Compiled
    from streams.rules.compiled.engine import CompiledEngine
    from streams.rules.compiled.evidence import Evidence

RuleQueries = Sequence[tuple[Mapping[str, s.Node], Mapping[str, s.Node]]]
"""For each rule its queries and its `unless` queries, by language."""

MANY_RULES = 200
"""From so many rules on, the compiled engine is loaded at once."""

MANY_ARTICLES = 1_000
"""After so many articles it is loaded for fewer rules too."""

STORE_FROM = 500
"""From so many rules on, what was compiled is kept on disk."""

SWITCH = "RULES_ENGINE"
"""Environment variable: `plain`, `compiled`, or nothing for a choice by the work that there is."""


class Matcher:
    """Both engines over the rules of one ruleset; their answers are the same."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._rules = ruleset.rules
        self._key = ruleset.key
        self._engine: CompiledEngine | None = None
        self._lock = threading.Lock()
        self._loading = False
        self._asked = 0
        self._single: dict[str, Held] = {}
        self._choice = os.environ.get(SWITCH, "")

    @property
    def compiled(self) -> bool:
        """Whether the compiled engine is ready."""
        return self._engine is not None

    def ready(self, articles: int) -> bool:
        """Whether the compiled engine answers from here on; it is loaded where so many articles pay for that."""
        many = len(self._rules) >= MANY_RULES or articles >= MANY_ARTICLES
        if self._engine is None and self._choice != "plain" and (many or self._choice == "compiled"):
            self.warm()
        return self.compiled

    def ready_soon(self) -> bool:
        """As `ready` for articles one by one: it is loaded beside them, so that none waits for it."""
        if self._engine is None and self._choice == "compiled":
            self.warm()
        self._asked += 1
        many = len(self._rules) >= MANY_RULES or self._asked >= MANY_ARTICLES
        if self._engine is None and not self._loading and self._choice != "plain" and many:
            self._loading = True
            threading.Thread(target=self.warm, name="rules", daemon=True).start()
        return self.compiled

    def warm(self) -> CompiledEngine:
        """Load and compile what is needed; half a second, and some twenty where numba has no cache yet."""
        with self._lock:
            if self._engine is None:
                from streams.rules.compiled.engine import CompiledEngine

                self._engine = CompiledEngine(self._compile(), self._holds)
            return self._engine

    def _compile(self) -> Compiled:
        from streams.rules.compiled import store
        from streams.rules.compiled.build import compile_rules

        kept = len(self._rules) >= STORE_FROM and bool(self._key)
        compiled = store.load(self._key) if kept else None
        if compiled is None:
            compiled = compile_rules([(rule.queries, rule.unless) for rule in self._rules], ANY)
            if kept:
                store.save(self._key, compiled)
        return compiled

    # -------------------------------------------------------------- the compiled way

    def match(self, articles: Sequence[Article]) -> list[list[Match]]:
        """The rules that each article meets, in the order of the ruleset."""
        assert self._engine is not None
        found = self._engine.match([(one.title, one.text, one.language) for one in articles])
        return [
            self._matches(article, numbers) if numbers else []
            for article, numbers in zip(articles, found, strict=True)
        ]

    def _matches(self, article: Article, numbers: Sequence[int]) -> list[Match]:
        found, rules = _Compiled(self, article), self._rules
        return [Match(rules[number], found) for number in numbers]

    def _holds(self, number: int, language: str, evidence: Evidence) -> bool:
        return any(True for _ in self.alone(self._rules[number]).held([0], language, evidence.parts))

    def evidence(self, article: Article) -> Evidence:
        """The words of an article, found by the compiled engine."""
        assert self._engine is not None
        return self._engine.evidence((article.title, article.text, article.language))

    def alone(self, rule: Rule) -> Held:
        """The queries of one rule on the compiled engine's leaves; kept, for rules that match tend to match again."""
        assert self._engine is not None
        if rule.id not in self._single:
            self._single[rule.id] = Held([(rule.queries, rule.unless)], partial(Queries, leaves=self._engine.leaves))
        return self._single[rule.id]

    # -------------------------------------------------------------- the plain way

    @cached_property
    def _plain(self) -> Plain:
        return Plain([(rule.queries, rule.unless) for rule in self._rules])

    def plain(self, article: Article) -> list[Match]:
        """The rules that one article meets, in the order of the ruleset."""
        plain, body = self._plain, Words(article.text)
        parts = plain.parts(Words(article.title), body)
        return [
            Match(self._rules[number], _Plain(_hits(found), body))
            for number, found in plain.held(plain.possible(parts), article.language, parts)
        ]


class _Compiled:
    """A `Finding` of the compiled engine."""

    def __init__(self, matcher: Matcher, article: Article) -> None:
        self._matcher, self._article = matcher, article

    @cached_property
    def _evidence(self) -> Evidence:
        return self._matcher.evidence(self._article)

    @property
    def signature(self) -> tuple[int, ...]:
        return self._evidence.signature

    def hits(self, rule: Rule) -> tuple[Hit, ...]:
        """Where the queries of a rule hold that the article is known to meet."""
        return _hits(self._matcher.alone(rule).asked(0, self._article.language, self._evidence.parts))


class _Plain:
    """A `Finding` of the plain engine, of one rule."""

    def __init__(self, hits: tuple[Hit, ...], body: Words) -> None:
        self._hits, self._body = hits, body

    @property
    def signature(self) -> tuple[int, ...]:
        return sketch(self._body.surfaces)

    def hits(self, rule: Rule) -> tuple[Hit, ...]:
        """What was found at once."""
        return self._hits


class Held:
    """Which of the queries belong to a rule in a language, and what they find. `make` makes them ready to run."""

    def __init__(self, rules: RuleQueries, make: Callable[[list[s.Node]], Queries]) -> None:
        nodes: list[s.Node] = []
        self._rule_of: list[int] = []
        self._asked: list[dict[str, int]] = []
        self._barred: list[dict[str, int]] = []
        for number, (queries, unless) in enumerate(rules):
            for wanted, numbers in ((queries, self._asked), (unless, self._barred)):
                numbers.append({language: len(nodes) + n for n, language in enumerate(wanted)})
                nodes += wanted.values()
                self._rule_of += [number] * len(wanted)
        self._queries = make(nodes)

    def held(
        self, numbers: Iterable[int], language: str, parts: Sequence[PartIndex]
    ) -> Iterable[tuple[int, list[Found]]]:
        """Those of the rules that hold and are not taken back, with what made them hold."""
        for number in numbers:
            found = self.asked(number, language, parts)
            if found is not None and not any(
                self._queries.run(query, parts) is not None for query in _of_language(self._barred[number], language)
            ):
                yield number, found

    def asked(self, number: int, language: str, parts: Sequence[PartIndex]) -> list[Found] | None:
        """What makes a rule's queries hold, `unless` not looked at; None where none does."""
        queries = _of_language(self._asked[number], language)
        held = [one for query in queries if (one := self._queries.run(query, parts)) is not None]
        return [item for one in held for item in one] if held else None


class Plain(Held):
    """The plain engine over all rules."""

    def __init__(self, rules: RuleQueries) -> None:
        super().__init__(rules, self._index)

    def _index(self, nodes: list[s.Node]) -> Queries:
        self._engine = Engine(nodes)
        return self._engine

    def parts(self, title: Words, body: Words) -> list[PartIndex]:
        """Both parts of an article, looked up."""
        return [self._engine.index("title", title), self._engine.index("body", body)]

    def possible(self, parts: Sequence[PartIndex]) -> list[int]:
        """Rules of which a query may hold."""
        return sorted({self._rule_of[query] for query in self._engine.candidates(parts)})


def _of_language(numbers: Mapping[str, int], language: str) -> list[int]:
    """Those of the language and those for every language; all where the language is not known."""
    if not language:
        return list(numbers.values())
    return [number for name, number in numbers.items() if name in (language, ANY)]


def _hits(found: Iterable[Found] | None) -> tuple[Hit, ...]:
    hits = {
        Hit(one.part.name, tuple(sorted({one.part.words.characters(piece) for piece in one.span.pieces}))): None
        for one in found or ()
    }
    return tuple(sorted(hits, key=lambda hit: (hit.part != "title", hit.spans)))
