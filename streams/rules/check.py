"""What can be said of rule files only when they are taken together: their lists, and what is wrong with rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streams.rules import syntax as s
from streams.rules.bind import bound, impossible
from streams.rules.lists import FaultyList, Lists
from streams.rules.loaded import LoadedRules
from streams.rules.place import Fault
from streams.rules.reading import NEVER, may_never_match
from streams.rules.sources import Source
from streams.rules.tokens import QueryError
from streams.rules.written import WrittenQuery
from wire.errors import Problem


class Checking:
    """Looks for what is wrong. `problems` has all that is, what is wrong with files by themselves before the rest."""

    def __init__(self, sources: Sequence[Source], problems: Iterable[Problem] = ()) -> None:
        self._sources = sources
        self.lists = Lists(sources)
        self.problems = [*problems, *(problem for source in sources for problem in source.problems)]
        self.problems += self.lists.problems
        self._used = set(self.lists.used)

    def rules(self, sound: LoadedRules | None = None) -> None:
        """Look at every rule, but for those of files that were sound before, as long as their lists are the same."""
        total = sum(len(source.written.ids) for source in self._sources)
        if len({name for source in self._sources for name in source.written.ids}) < total:
            self._ids()
        known = set(map(id, sound.sources)) if sound else set()
        changed = self.lists.changed(sound.lists) if sound else set()
        for source in self._sources:
            named = source.written.named
            self._used.update(named)
            same = all(name in self.lists and name not in changed for name in named)
            if not same or id(source) not in known:
                self._queries(source)

    def _queries(self, source: Source) -> None:
        for number in source.written.naming:
            rule = source.written.rule(number)
            for query in rule.queries:
                self.query(source, query, fold=rule.fold)
            if rule.act is not None and rule.act.lists:
                self._spelled(source, rule.act)

    def _ids(self) -> None:
        first: dict[str, tuple[Source, int]] = {}
        for source in self._sources:
            for number, name in enumerate(source.written.ids):
                if first.setdefault(name, (source, number)) != (source, number) and name:
                    self._twice(first[name], source, number)

    def _twice(self, first: tuple[Source, int], source: Source, number: int) -> None:
        rule, where = source.written.rule(number), f"{first[0].path}:{first[0].written.rule(first[1]).line}"
        told = f"the rule `{rule.id}` is given twice (first in {where})"
        self.problems.append(source.problem(rule.line, rule.column, told))

    def query(self, source: Source, query: WrittenQuery, *, fold: bool) -> None:
        """Look at a query together with its lists; without any, all was said when the file was read."""
        if not query.lists:
            return
        known = all(name in self.lists for name in query.lists)
        if known and not may_never_match(query.text) and self.lists.lemmas.isdisjoint(query.lists):
            return
        node = self._spelled(source, query)
        if node is None:
            return
        for clause in impossible(node) if may_never_match(query.text) else ():
            fault = Fault(0, f"this can never match: {clause}", NEVER, len(query.text))
            self.problems.append(source.fault(query, fault))
        try:
            bound(node, query.language, fold=fold)
        except QueryError as error:
            if "~" not in query.text:  # else told when the file was read
                self.problems.append(source.fault(query, Fault(0, error.message, error.hint)))

    def _spelled(self, source: Source, query: WrittenQuery) -> s.Node | None:
        try:
            return self.lists.spelled(query)
        except QueryError as error:
            fault = Fault(error.offset, error.message, error.hint, error.length)
            self.problems.append(source.fault(query, fault))
        except FaultyList:
            pass  # told where the list stands
        return None

    def unused(self) -> list[str]:
        """Lists that nothing names."""
        return [name for name in self.lists.written if name not in self._used]
