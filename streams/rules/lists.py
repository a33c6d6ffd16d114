"""The lists of rule files, the queries that name them, and what is wrong with either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.rules import actors
from streams.rules import syntax as s
from streams.rules.bind import bound, impossible
from streams.rules.model import ANY
from streams.rules.parse import read_query, unknown_list
from streams.rules.place import Fault, located
from streams.rules.policies import Policies
from streams.rules.tokens import QueryError
from wire.positioned import ListNode, MapNode, Node, Place, ScalarNode

_QUERY = re.compile(r"[\"()$@]|(?<!\S)(?:AND|OR|NOT|O?NEAR/\d+|SENT|PARA|ATLEAST/\d+|title:|lead:|body:)", re.ASCII)
"""What makes a list's item a query, and not only words."""


@dataclass
class _Written:
    """A list as it stands in a file."""

    items: list[ScalarNode]
    lines: list[str]
    place: Place


@dataclass
class Listing(Policies):
    """Lists by name, resolved when a query first names one, and the queries of rules."""

    _lists: dict[str, _Written] = field(default_factory=dict)
    _resolved: dict[str, s.Node] = field(default_factory=dict)
    _resolving: list[str] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def _read_lists(self, node: Node, lines: list[str]) -> None:
        if not isinstance(node, MapNode):
            self.problems.append(node.place.problem('`lists` is a map: `name: [word, "a phrase"]`'))
            return
        for name, value in node.pairs:
            items = value.items if isinstance(value, ListNode) else (value,)
            scalars = [item for item in items if isinstance(item, ScalarNode) and item.text.strip()]
            if len(scalars) != len(items) or not scalars:
                self.problems.append(value.place.problem(f"list `{name.text}` holds words, phrases or queries only"))
                continue
            first = self._lists.setdefault("$" + name.text, _Written(scalars, lines, name.place))
            if first.place is not name.place:
                where = f"{first.place.file}:{first.place.line}"
                self.problems.append(name.place.problem(f"the list `{name.text}` is given twice (first in {where})"))

    def list_names(self) -> set[str]:
        return set(self._lists) | set(actors.names())

    def resolve(self, name: str) -> s.Node | None:
        """The query that a list stands for; None where it has faults, which are then told."""
        if name in self._resolved:
            return self._resolved[name]
        if name not in self._lists and name in actors.names():
            self._resolved[name] = actors.query(name)
            return self._resolved[name]
        if name in self._resolving:
            circle = " -> ".join([*self._resolving[self._resolving.index(name) :], name])
            place = self._lists[name].place
            if not any(problem.message.startswith("lists in a circle") for problem in self.problems):
                self.problems.append(place.problem(f"lists in a circle: {circle}"))
            return None
        written = self._lists[name]
        self._resolving.append(name)
        nodes = [self._item(item, written.lines) for item in written.items]
        self._resolving.pop()
        good = [node for node in nodes if node is not None]
        for item, node in zip(written.items, nodes, strict=True):
            if node is not None and not s.has_spans(node):
                self.problems.append(
                    item.place.problem("a list holds words, phrases and NEAR; AND and NOT stay in rules")
                )
        if not good:
            return None
        self._resolved[name] = good[0] if len(good) == 1 else s.Or(tuple(good))
        return self._resolved[name]

    def _item(self, node: ScalarNode, lines: list[str]) -> s.Node | None:
        """A list's item: words side by side without operator or quotes are a phrase."""
        phrase = " " in node.text.strip() and not _QUERY.search(node.text)
        return self._query(node, lines, f'"{node.text}"' if phrase else None)

    def _query(self, node: ScalarNode, lines: list[str], text: str | None = None) -> s.Node | None:
        try:
            parsed, names = read_query(text or node.text)
            lists = _LazyLists(self)
            for name in names:
                if name not in lists:
                    raise unknown_list(text or node.text, name, lists)
                self._used.add(name)
            return s.spelled(parsed, lists) if names else parsed
        except QueryError as error:
            offset = max(0, error.offset - 1) if text else error.offset
            self.problems.append(located(node, Fault(offset, error.message, error.hint, error.length), lines))
        except _ListFault:
            pass  # told where the list stands
        return None

    def bound(self, node: ScalarNode, lines: list[str], language: str, *, fold: bool) -> s.Node | None:
        """A rule's query, ready for its language."""
        parsed = self._query(node, lines)
        if parsed is None:
            return None
        for clause in impossible(parsed):
            fault = Fault(0, f"this can never match: {clause}", "take it out, or write what is meant", len(node.text))
            self.problems.append(located(node, fault, lines))
        try:
            return bound(parsed, language, fold=fold)
        except QueryError as error:
            at = max(0, node.text.find("~"))
            self.problems.append(located(node, Fault(at, error.message, error.hint), lines))
            return None

    def warnings(self) -> list[str]:
        unused = [(name, written) for name, written in self._lists.items() if name not in self._used]
        return [f"{w.place.file}:{w.place.line}: the list `{name[1:]}` is not used" for name, w in unused]

    def _queries(self, node: MapNode, key: str, lines: list[str], *, needed: bool = False) -> dict[str, s.Node]:
        value = node.get(key)
        if value is None:
            if needed:
                self.problems.append(
                    node.place.problem(f"a rule needs `{key}`", "`when: {en: pledg* NEAR/15 $forces}`")
                )
            return {}
        pairs: list[tuple[str, Node]] = [(ANY, value)] if isinstance(value, ScalarNode) else []
        if isinstance(value, MapNode):
            for name, query in value.pairs:
                if name.text != ANY and not (
                    name.text.isalpha() and name.text.islower() and len(name.text) in (2, 3)
                ):
                    self.problems.append(
                        name.place.problem(f"`{name.text}` is no language", "two letters: `en`, `uk`")
                    )
                pairs.append((name.text, query))
        found: dict[str, s.Node] = {}
        for language, query in pairs:
            if not isinstance(query, ScalarNode) or not query.text.strip():
                self.problems.append(query.place.problem(f"`{key}` holds a query, or one for each language"))
            elif (parsed := self.bound(query, lines, language, fold=self._flag(node, "fold"))) is not None:
                found[language] = parsed
        if not pairs:
            self.problems.append(value.place.problem(f"`{key}` holds a query, or one for each language"))
        return found

    def _act(self, node: MapNode, lines: list[str]) -> s.Node | None:
        statement = node.get("statement")
        act = statement.get("act") if isinstance(statement, MapNode) else None
        return self._query(act, lines) if isinstance(act, ScalarNode) else None


class _ListFault(Exception):
    """A list that a query names has faults of its own."""


class _LazyLists(Mapping[str, s.Node]):
    """Lists by name, each resolved when a query first names it."""

    def __init__(self, loading: Listing) -> None:
        self._loading = loading

    def __getitem__(self, name: str) -> s.Node:
        if name not in self._loading.list_names():
            raise KeyError(name)
        node = self._loading.resolve(name)
        if node is None:
            raise _ListFault(name)
        return node

    def __contains__(self, name: object) -> bool:
        return name in self._loading.list_names()

    def __iter__(self) -> Any:
        return iter(sorted(self._loading.list_names()))

    def __len__(self) -> int:
        return len(self._loading.list_names())
