"""The lists of all rule files together, each a query made of its items, and the actors beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streams.rules import actors
from streams.rules import syntax as s
from streams.rules.parse import unknown_list
from streams.rules.place import Fault
from streams.rules.sources import Source
from streams.rules.tokens import QueryError
from streams.rules.written import WrittenList, WrittenQuery
from wire.errors import Problem

MAX_DEPTH = 50
"""How many lists may stand inside each other."""


class FaultyList(Exception):
    """A list has faults of its own, which are told where it stands."""


class Lists(Mapping[str, s.Node]):
    """What `$name` and `@name` stand for. `problems` tells what is wrong with lists; a faulty one raises FaultyList.

    `used` are the lists that other lists name.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self.problems: list[Problem] = []
        self.used: set[str] = set()
        self.written: dict[str, tuple[Source, WrittenList]] = {}
        self._nodes: dict[str, s.Node | None] = {}
        self._open: list[str] = []
        for source in sources:
            for one in source.written.lists:
                first, other = self.written.setdefault(one.name, (source, one))
                if first is not source or other is not one:
                    told = f"the list `{one.name[1:]}` is given twice (first in {first.path}:{other.line})"
                    self.problems.append(source.problem(one.line, one.column, told))
        for name in self.written:
            self._resolve(name)
        self.lemmas = {name for name, node in self._nodes.items() if node is not None and _asks_language(node)}
        """Lists with a `~word`, which is another one in each language."""

    def __getitem__(self, name: str) -> s.Node:
        if name not in self.written and name not in self._nodes:
            if name[0] != "@" or name not in actors.names():
                raise KeyError(name)
            self._nodes[name] = actors.query(name)
        node = self._nodes[name] if name in self._nodes else self._resolve(name)
        if node is None:
            raise FaultyList(name)
        return node

    def __contains__(self, name: object) -> bool:
        return name in self.written or name in actors.names()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.written.keys() | actors.names().keys()))

    def __len__(self) -> int:
        return len(self.written.keys() | actors.names().keys())

    def changed(self, older: Lists) -> set[str]:
        """The lists of the files that are not what they were among older ones, all of which are sound."""
        return {name for name in self.written if self._nodes[name] != older._nodes.get(name)}

    def spelled(self, query: WrittenQuery) -> s.Node:
        """A query with its lists spelled out. Raises QueryError where one is not there, and FaultyList."""
        for name in query.lists:
            if name not in self:
                raise unknown_list(query.text, name, self)
        return s.spelled(query.node, self) if query.lists else query.node

    def _resolve(self, name: str) -> s.Node | None:
        """The query of a list of the files; None where it has faults, which are then told."""
        if name in self._nodes:
            return self._nodes[name]
        source, written = self.written[name]
        if name in self._open or len(self._open) >= MAX_DEPTH:
            self._too_deep(name)
            return None
        self._open.append(name)
        nodes = [node for item in written.items if (node := self._item(source, item)) is not None]
        self._open.pop()
        if nodes:
            self._nodes[name] = nodes[0] if len(nodes) == 1 else s.Or(tuple(nodes))
        else:
            self._nodes[name] = None
        return self._nodes[name]

    def _too_deep(self, name: str) -> None:
        source, written = self.written[name]
        if name in self._open:
            told = f"lists in a circle: {' -> '.join([*self._open[self._open.index(name) :], name])}"
        else:
            told = f"lists inside lists, more than {MAX_DEPTH} deep"
        kind = told.split(":")[0]
        if not any(problem.message.startswith(kind) for problem in self.problems):
            self.problems.append(source.problem(written.line, written.column, told))

    def _item(self, source: Source, item: WrittenQuery) -> s.Node | None:
        self.used.update(item.lists)
        try:
            node = self.spelled(item)
        except QueryError as error:
            self.problems.append(source.fault(item, Fault(error.offset, error.message, error.hint, error.length)))
            return None
        except FaultyList:
            return None
        if not s.has_spans(node):
            told = "a list holds words, phrases and NEAR; AND and NOT stay in rules"
            self.problems.append(source.problem(item.line, item.column, told))
        return node


def _asks_language(node: s.Node) -> bool:
    return any(word.lemma == s.OWN for word in s.words(node))
