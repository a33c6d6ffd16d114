"""Which engine answers: the plain one at once, the compiled one where there is enough to do to load it."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from streams.rules import syntax as s
from streams.rules.engine import Engine, Found, PartIndex, Words
from streams.rules.engine import Queries as Runnable
from streams.rules.loaded import queries_of
from streams.rules.model import ANY, Hit, Match, Queries, Rule, RuleSet
from streams.signature import sketch
from wire.records import Article

if TYPE_CHECKING:
    from streams.rules.compiled.engine import CompiledEngine
    from streams.rules.compiled.segments import Segments

MANY_RULES = 200
"""From so many rules on, the compiled engine is loaded at once."""

SOME_RULES = 20
MANY_ARTICLES = 1_000
"""After so many articles it is loaded for some rules too. A handful the plain engine answers sooner."""

STORE_FROM = 500
"""From so many rules on, what was compiled is kept on disk."""

FOLLOW_FROM = 1_000
"""From so many rules on, only what has changed is compiled at once after an edit."""

MOST_CHANGED = 8
"""Unless more than one in so many has."""

REST_AFTER = 32
REST_S = 50e-6
"""Rules after which compiling beside other work lets other threads go on, which else wait 5 ms; and for how long."""

SWITCH = "RULES_ENGINE"
"""Environment variable: `plain`, `compiled`, or nothing for a choice by the work that there is."""


class Matcher:
    """Both engines over the rules of one ruleset; their answers are the same."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._rules = ruleset.rules
        self._key = ruleset.key
        self._segments: Segments | None = None
        self._lock = threading.Lock()
        self._loading = False
        self._given_way = False
        self._asked = 0
        self._recent: Sequence[Article] = ()
        self._choice = os.environ.get(SWITCH, "")

    @property
    def compiled(self) -> bool:
        """Whether the compiled engine is ready."""
        return self._segments is not None

    def ready(self, articles: int) -> bool:
        """Whether the compiled engine answers from here on; it is loaded where so many articles pay for that."""
        if self._segments is None and (self._worth(articles) or self._choice == "compiled"):
            self.warm()
        return self.compiled

    def ready_soon(self) -> bool:
        """As `ready` for articles one by one: it is loaded beside them, so that none waits for it."""
        if self._segments is None and self._choice == "compiled":
            self.warm()
        self._asked += 1
        if self._segments is None and not self._loading and self._worth(self._asked):
            self._loading = True
            threading.Thread(target=self.warm, name="rules", daemon=True).start()
        return self.compiled

    def _worth(self, articles: int) -> bool:
        """Whether so many articles pay for the compiled engine, where it may be used."""
        many = len(self._rules) >= MANY_RULES or (len(self._rules) >= SOME_RULES and articles >= MANY_ARTICLES)
        return many and self._choice != "plain"

    def warm(self) -> CompiledEngine:
        """Load and compile what is needed; half a second, and some twenty where numba has no cache yet."""
        with self._lock:
            if self._segments is None:
                self._segments = self._whole(queries_of(self._rules))
            return self._segments.base.engine

    def _whole(self, queries: Iterable[Queries]) -> Segments:
        """All rules compiled together, from the disk where they are there."""
        _load_engine()
        from streams.rules.compiled import segments, store
        from streams.rules.compiled.build import compile_rules

        kept = len(self._rules) >= STORE_FROM and bool(self._key)
        compiled = store.load(self._key) if kept else None
        if compiled is None:
            compiled = compile_rules(queries, ANY)
            if kept:
                store.save(self._key, compiled)
        return segments.whole(self._rules, compiled)

    # -------------------------------------------------------------- after another ruleset

    def follow(self, before: Matcher) -> bool:
        """Answer with what was compiled for the ruleset before and what has changed since.

        Says whether the whole is still to be compiled, see `rebuild`. Where little was compiled before, or a large
        part has changed, that is done at once; where nothing was, it is left to what there will be to do.
        """
        from streams.rules.changes import changes

        before._given_way = True
        self._asked = before._asked
        if self._choice == "plain" or not (before.compiled or before._loading):
            return False
        before.warm()
        assert before._segments is not None
        base = before._segments.base
        changed = changes(base.rules, self._rules)
        if len(self._rules) < FOLLOW_FROM or len(changed.fresh) * MOST_CHANGED > len(self._rules):
            self.warm()
            return False
        from streams.rules.compiled.segments import succeeding

        self._recent = before._recent
        self._segments = succeeding(base, self._rules, changed)
        self._segments.match(self._recent)
        return not changed.none

    def rebuild_soon(self) -> None:
        """`rebuild` beside whatever else is done."""
        threading.Thread(target=self.rebuild, name="rules", daemon=True).start()

    def rebuild(self) -> None:
        """Compile the whole and answer with that; given up where another ruleset follows in the meantime."""
        try:
            whole = self._whole(self._unhurried())
        except _GivenWay:
            return
        whole.match(self._recent)  # what it has to learn and to load is no delay later
        self._segments = whole

    def _unhurried(self) -> Iterator[Queries]:
        """The queries of each rule, with pauses in which other threads go on."""
        for number, one in enumerate(queries_of(self._rules)):
            if number % REST_AFTER == 0:
                if self._given_way:
                    raise _GivenWay
                time.sleep(REST_S)
            yield one

    # -------------------------------------------------------------- the compiled way

    def match(self, articles: Sequence[Article]) -> list[list[Match]]:
        """The rules that each article meets, in the order of the ruleset."""
        assert self._segments is not None
        self._recent = articles
        return self._segments.match(articles)

    # -------------------------------------------------------------- the plain way

    @cached_property
    def _plain(self) -> Plain:
        return Plain(queries_of(self._rules))

    def plain(self, article: Article) -> list[Match]:
        """The rules that one article meets, in the order of the ruleset."""
        plain, body = self._plain, Words(article.text)
        parts = plain.parts(Words(article.title), body)
        return [
            Match(self._rules[number], _Plain(hits_of(found), body))
            for number, found in plain.held(plain.possible(parts), article.language, parts)
        ]


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


@cache
def _load_engine() -> None:
    """Load the compiled engine, and its kernels by their first use.

    What numba brings stays for ever. The garbage collector is told so, for else it would look at all of it again and
    again while articles wait.
    """
    from streams.rules.compiled.build import compile_rules
    from streams.rules.compiled.segments import whole

    query = s.Within("sentence", s.And((s.Word("a"), s.Word("b"))))
    rules = [Rule(id="first", title="", queries={ANY: query})]
    whole(rules, compile_rules(queries_of(rules), ANY)).base.engine.match([("A", "A b. C", "")])
    gc.freeze()


class _GivenWay(Exception):
    """Another ruleset follows."""


class Held:
    """Which of the queries belong to a rule in a language, and what they find. `make` makes them ready to run."""

    def __init__(self, rules: Iterable[Queries], make: Callable[[list[s.Node]], Runnable]) -> None:
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

    def __init__(self, rules: Iterable[Queries]) -> None:
        super().__init__(rules, self._index)

    def _index(self, nodes: list[s.Node]) -> Runnable:
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


def hits_of(found: Iterable[Found] | None) -> tuple[Hit, ...]:
    """Places without their parts' words, each once, by position."""
    hits = {
        Hit(one.part.name, tuple(sorted({one.part.words.characters(piece) for piece in one.span.pieces}))): None
        for one in found or ()
    }
    return tuple(sorted(hits, key=lambda hit: (hit.part != "title", hit.spans)))
