"""One rule file: from its text to what it says, every fault told with file, line, column and a hint.

What hangs on other files is left to `streams.rules.files`: whether lists are there, and what they put into a query.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from streams.rules.bind import bound, impossible
from streams.rules.model import ANY
from streams.rules.parse import read_query
from streams.rules.place import Fault, located
from streams.rules.policies import Policies
from streams.rules.tokens import QueryError
from streams.rules.written import Written, WrittenList, WrittenQuery, WrittenRule, written
from wire.errors import ConfigError, Problem
from wire.positioned import ListNode, MapNode, Node, Place, ScalarNode, parse_positioned
from wire.records import Severity

RULE_KEYS = ("id", "title", "severity", "when", "unless", "fold", "statement", "ring", "story", "shadow", "tests")
NEVER = "take it out, or write what is meant"

_MARKED = re.compile(r"[\"()$@]|(?<!\S)(?:AND|OR|NOT|O?NEAR/\d+|SENT|PARA|ATLEAST/\d+|title:|lead:|body:)", re.ASCII)
"""What makes a list's item a query, and not only words."""


def read_file(text: str, path: str) -> tuple[Written, list[Problem]]:
    """What a file says, and all that is wrong in it by itself."""
    try:
        root = parse_positioned(text, path)
    except ConfigError as error:
        return Written(), list(error.problems)
    reading = _Reading(text)
    return reading.file(root), reading.problems


def read_alone(text: str, language: str) -> tuple[WrittenQuery | None, list[Problem]]:
    """A query that stands in no file."""
    reading = _Reading(text)
    return reading.query(ScalarNode(Place("query", 1, 1), text, text), language), reading.problems


def may_never_match(text: str) -> bool:
    """Whether a query has what is needed for a clause that nothing can meet: NOT, or parts inside each other."""
    return "NOT" in text or text.count(":") > 1


class _Reading(Policies):
    """Reads one file."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._source = text

    def _fault(self, node: ScalarNode, fault: Fault) -> None:
        self.problems.append(located(node, fault, self._source.split("\n")))

    def file(self, root: Node) -> Written:
        """The whole file."""
        if not isinstance(root, MapNode):
            self.problems.append(root.place.problem("expected a map with `rules:` and perhaps `lists:`"))
            return Written()
        self._only(root, ("rules", "lists"), "a rule file")
        lists, rules = root.get("lists"), root.get("rules")
        if rules is not None and not isinstance(rules, ListNode):
            self.problems.append(rules.place.problem("`rules` is a list: `- id: ...`"))
        items = rules.items if isinstance(rules, ListNode) else ()
        return written(self._lists(lists) if lists is not None else (), self._rules(items))

    # -------------------------------------------------------------- lists

    def _lists(self, node: Node) -> tuple[WrittenList, ...]:
        if not isinstance(node, MapNode):
            self.problems.append(node.place.problem('`lists` is a map: `name: [word, "a phrase"]`'))
            return ()
        found: list[WrittenList] = []
        for name, value in node.pairs:
            items = _flat(value)
            scalars = [item for item in items if isinstance(item, ScalarNode) and item.text.strip()]
            if len(scalars) != len(items) or not scalars:
                self.problems.append(value.place.problem(f"list `{name.text}` holds words, phrases or queries only"))
                continue
            queries = [query for item in scalars if (query := self._item(item)) is not None]
            found.append(WrittenList("$" + name.text, name.place.line, name.place.column, tuple(queries)))
        return tuple(found)

    def _item(self, node: ScalarNode) -> WrittenQuery | None:
        """A list's item: words side by side without operator or quotes are a phrase."""
        quoted = " " in node.text.strip() and not _MARKED.search(node.text)
        return self._read(node, "", f'"{node.text}"' if quoted else None)

    # -------------------------------------------------------------- queries

    def _read(self, node: ScalarNode, language: str, quoted: str | None = None) -> WrittenQuery | None:
        """The syntax of a query; `quoted` is what is read in the place of its text, one quotation mark longer."""
        try:
            found, lists = read_query(quoted or node.text)
        except QueryError as error:
            offset = max(0, error.offset - 1) if quoted else error.offset
            self._fault(node, Fault(offset, error.message, error.hint, error.length))
            return None
        return WrittenQuery(language, node.text, node.place.line, node.place.column, found, lists)

    def query(self, node: ScalarNode, language: str) -> WrittenQuery | None:
        """A rule's query in one language."""
        query = self._read(node, language)
        if query is None:
            return None
        if not query.lists and may_never_match(query.text):
            for clause in impossible(query.node):
                self._fault(node, Fault(0, f"this can never match: {clause}", NEVER, len(node.text)))
        if "~" in query.text:
            try:
                bound(query.node, language, fold=False)
            except QueryError as error:
                self._fault(node, Fault(node.text.find("~"), error.message, error.hint))
        return query

    def _queries(self, node: MapNode, key: str) -> tuple[WrittenQuery, ...]:
        value = node.get(key)
        if value is None:
            return ()
        pairs: list[tuple[str, Node]] = [(ANY, value)] if isinstance(value, ScalarNode) else []
        if isinstance(value, MapNode):
            for name, query in value.pairs:
                if not _is_language(name.text):
                    self.problems.append(
                        name.place.problem(f"`{name.text}` is no language", "two letters: `en`, `uk`")
                    )
                pairs.append((name.text, query))
        found: list[WrittenQuery] = []
        for language, query in pairs:
            if not isinstance(query, ScalarNode) or not query.text.strip():
                self.problems.append(query.place.problem(f"`{key}` holds a query, or one for each language"))
            elif (read := self.query(query, language)) is not None:
                found.append(read)
        if not pairs:
            self.problems.append(value.place.problem(f"`{key}` holds a query, or one for each language"))
        return tuple(found)

    def _act(self, node: MapNode) -> WrittenQuery | None:
        statement = node.get("statement")
        act = statement.get("act") if isinstance(statement, MapNode) else None
        return self._read(act, ANY) if isinstance(act, ScalarNode) else None

    # -------------------------------------------------------------- rules

    def _rules(self, items: Iterable[Node]) -> Iterator[WrittenRule]:
        for item in items:
            if isinstance(item, MapNode):
                yield self._rule(item)
            else:
                self.problems.append(item.place.problem("a rule is a map with `id`, `title` and `when`"))

    def _rule(self, node: MapNode) -> WrittenRule:
        self._only(node, RULE_KEYS, "a rule")
        given = node.values
        identity = self._text(node, "id")
        title = self._text(node, "title")
        if identity and not _is_slug(identity.text):
            hint = "lower-case letters, digits, _ and -, as in `force_pledge`"
            self.problems.append(identity.place.problem(f"`{identity.text}` is no id", hint))
        if "when" not in given:
            self.problems.append(node.place.problem("a rule needs `when`", "`when: {en: pledg* NEAR/15 $forces}`"))
        return WrittenRule(
            id=identity.text if identity else "",
            title=title.text if title else "",
            line=node.place.line,
            column=node.place.column,
            when=self._queries(node, "when"),
            unless=self._queries(node, "unless") if "unless" in given else (),
            fold="fold" in given and self._flag(node, "fold"),
            severity=self._choice(node, "severity", Severity, Severity.MEDIUM),
            shadow="shadow" in given and self._flag(node, "shadow"),
            statement=self._statement(node) if "statement" in given else None,
            act=self._act(node) if "statement" in given else None,
            story=self._story(node),
            tests=tuple(self._tests(node)) if "tests" in given else (),
        )


def _is_language(name: str) -> bool:
    return name == ANY or (name.isalpha() and name.islower() and len(name) in (2, 3))


def _is_slug(text: str) -> bool:
    return text.isascii() and text.replace("_", "a").replace("-", "a").isalnum() and text == text.lower()


def _flat(node: Node) -> list[Node]:
    """The items of a list, those of lists in it among them: `[[pledg*, promis*], $forces]`."""
    return [inner for item in node.items for inner in _flat(item)] if isinstance(node, ListNode) else [node]
