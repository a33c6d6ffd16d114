"""The rules of files, each made when it is first asked for: most of a large ruleset never are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import overload

from msgspec import Raw
from msgspec.structs import replace

from streams.rules import syntax as s
from streams.rules.bind import bound
from streams.rules.lists import Lists
from streams.rules.model import Queries, Rule, StatementPolicy
from streams.rules.sources import Known, Source
from streams.rules.written import WrittenQuery, read_rule
from wire.records import StoryPolicy

_STATEMENT, _STORY = StatementPolicy(), StoryPolicy()


class LoadedRules(Sequence[Rule]):
    """Rules in the order of their files, which were found to be sound together with `lists`.

    What there is of each rule stands in tuples, which the garbage collector lets alone once it has looked into them.
    """

    def __init__(self, sources: Sequence[Source], lists: Lists) -> None:
        self.sources = sources
        self.lists = lists
        self.ids = tuple(name for source in sources for name in source.written.ids)
        self._written = tuple(rule for source in sources for rule in source.written.rules)
        self._firsts = [0, *accumulate(len(source.written.rules) for source in sources)]
        self._made: dict[int, Rule] = {}

    def __len__(self) -> int:
        return len(self._written)

    @overload
    def __getitem__(self, number: int) -> Rule: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Rule]: ...
    def __getitem__(self, number: int | slice) -> Rule | Sequence[Rule]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._make(range(len(self))[number])
        return made

    @property
    def known(self) -> Known:
        """The files by the hash of their text."""
        return {source.digest: source for source in self.sources}

    def queries(self) -> Iterator[Queries]:
        """The queries of each rule, which are not kept."""
        for rule in map(read_rule, self._written):
            yield self._ready(rule.when, rule.fold), self._ready(rule.unless, rule.fold)

    def comparison(self, older: LoadedRules) -> Callable[[int, int], bool]:
        """A test whether a rule among older ones, by number, asks for the same as one of these."""
        theirs, ours = older._written, self._written
        changed = self.lists.changed(older.lists)
        naming = self._naming() if changed else frozenset()

        def same(number: int, place: int) -> bool:
            if theirs[number] is not ours[place] and _asked(theirs[number]) != _asked(ours[place]):
                return False
            return place not in naming or changed.isdisjoint(_names(ours[place]))

        return same

    def _naming(self) -> frozenset[int]:
        """The numbers of rules that name lists."""
        firsts = zip(self._firsts, self.sources, strict=False)
        return frozenset(first + number for first, source in firsts for number in source.written.naming)

    def _make(self, number: int) -> Rule:
        written = read_rule(self._written[number])
        path = self.sources[bisect_right(self._firsts, number) - 1].path
        statement = written.statement or _STATEMENT
        return Rule(
            id=written.id,
            title=written.title,
            queries=self._ready(written.when, written.fold),
            unless=self._ready(written.unless, written.fold),
            severity=written.severity,
            statement=replace(statement, act=self.lists.spelled(written.act)) if written.act else statement,
            story=written.story or _STORY,
            shadow=written.shadow,
            tests=tuple(replace(test, path=path) for test in written.tests),
            path=path,
            line=written.line,
        )

    def _ready(self, queries: Sequence[WrittenQuery], fold: bool) -> dict[str, s.Node]:
        """Queries by language, ready to be compiled or run."""
        return {query.language: ready(query, self.lists, fold) for query in queries} if queries else {}


def ready(query: WrittenQuery, lists: Lists, fold: bool) -> s.Node:
    """A query with its lists spelled out, for its language. Raises QueryError, and FaultyList."""
    node = lists.spelled(query)
    if fold or "~" in query.text or not lists.lemmas.isdisjoint(query.lists):
        return bound(node, query.language, fold=fold)
    return node


def _asked(rule: Raw) -> tuple[bool, list[tuple[str, s.Node]], list[tuple[str, s.Node]]]:
    """What decides which articles a rule meets, but for what its lists hold."""
    read = read_rule(rule)
    when, unless = ([(query.language, query.node) for query in queries] for queries in (read.when, read.unless))
    return read.fold, when, unless


def _names(rule: Raw) -> set[str]:
    """The lists that a rule's queries name."""
    return {name for query in read_rule(rule).queries for name in query.lists}


def queries_of(rules: Sequence[Rule]) -> Iterator[Queries]:
    """The queries of each rule, decoded one rule at a time where the rules were loaded from files."""
    return rules.queries() if isinstance(rules, LoadedRules) else ((rule.queries, rule.unless) for rule in rules)
