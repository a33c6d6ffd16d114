"""YAML in which every value knows its file, line and column.

Built from the parser's events with a stack of its own: depth, size and alias expansion are bounded, tags are refused,
duplicate keys are refused, and plain scalars follow YAML 1.2's core schema (`no` and `1:30` stay text).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import yaml

from wire.errors import ConfigError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_NODES = 200_000
"""Values of one document, counted after aliases are expanded."""

Scalar: TypeAlias = "str | int | float | bool | None"

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]{1,30}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,4})?")
_WORDS: dict[str, Scalar] = {"": None, "~": None}
for _spellings, _value in ((("null", "Null", "NULL"), None), (("true", "True", "TRUE"), True)):
    _WORDS.update(dict.fromkeys(_spellings, _value))
_WORDS.update(dict.fromkeys(("false", "False", "FALSE"), False))


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a value stands. `line` and `column` count from 1; 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def problem(self, message: str, hint: str = "") -> Problem:
        return Problem(self.file, self.line, self.column, message, hint)


class ScalarNode(msgspec.Struct, frozen=True, gc=False):
    """One value; `text` is as written, `value` as the core schema reads it."""

    place: Place
    value: Scalar
    text: str
    size: int = 1


class ListNode(msgspec.Struct, frozen=True, gc=False):
    place: Place
    items: tuple[Node, ...]
    size: int = 1


class MapNode(msgspec.Struct, frozen=True, gc=False):
    """`keys` and `values` by the keys' texts, in the order of the file: two dicts, for the garbage collector need not
    look at a dict of texts and nodes."""

    place: Place
    keys: dict[str, ScalarNode]
    values: dict[str, Node]
    size: int = 1

    @property
    def pairs(self) -> tuple[tuple[ScalarNode, Node], ...]:
        """Keys with their values."""
        return tuple(zip(self.keys.values(), self.values.values(), strict=True))

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        return self.values.get(key)


Node: TypeAlias = "ScalarNode | ListNode | MapNode"


def load_positioned(path: Path) -> Node:
    """The one document of a YAML file, as `read_text` reads it. Raises ConfigError and nothing else."""
    return parse_positioned(read_text(path), str(path))


def read_text(path: Path) -> str:
    """A text file in UTF-8 of at most `MAX_BYTES`. Raises ConfigError and nothing else."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "not a usable path"
        raise ConfigError(Problem(name, 0, 0, f"cannot be read: {reason.lower()}")) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(Problem(name, 0, 0, f"is larger than {MAX_BYTES} bytes"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise ConfigError(Problem(name, line, column, "is not UTF-8", "save the file as UTF-8")) from None


def parse_positioned(text: str, name: str) -> Node:
    """The one document in `text`; `name` is what errors call it. Raises ConfigError and nothing else."""
    building = _Building(name)
    try:
        building.read(_PARSER(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not valid YAML: {error.problem or error.context or 'unreadable'}"
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise ConfigError(*building.problems, Problem(name, line, column, message)) from None
    except (yaml.YAMLError, UnicodeError) as error:
        line = text.count("\n", 0, getattr(error, "position", None) or 0) + 1
        raise ConfigError(Problem(name, line, 0, "not valid YAML: a character that YAML forbids")) from None
    if building.problems:
        raise ConfigError(*building.problems)
    return building.root or ScalarNode(Place(name, 1, 1), None, "")


def plain_data(node: Node) -> Any:
    """The same as dicts, lists and scalars, positions left behind."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain_data(item) for item in node.items]
    return {key.text: plain_data(value) for key, value in node.pairs}


def scalar_of(text: str) -> Scalar:
    """A plain scalar by YAML 1.2's core schema, decimal numbers only."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


class _Open(msgspec.Struct, gc=False):
    """A list or map whose end has not come yet. `keys` of a list are never looked at."""

    place: Place
    anchor: str | None
    is_map: bool
    items: list[Node] = msgspec.field(default_factory=list)
    keys: dict[str, ScalarNode] = msgspec.field(default_factory=dict)
    values: dict[str, Node] = msgspec.field(default_factory=dict)
    key: ScalarNode | None = None
    size: int = 1


class _Building:
    """Takes the parser's events, gives the tree."""

    def __init__(self, name: str) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._name = name
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}

    def read(self, parser: Any) -> None:
        """Take all events of a parser of `yaml`."""
        next_event, scalar, end, name = parser.get_event, yaml.ScalarEvent, yaml.StreamEndEvent, self._name
        while (kind := type(event := next_event())) is not end:
            if kind is scalar:  # here, and not in a method: most events are
                text, mark = event.value, event.start_mark
                place = Place(name, mark.line + 1, mark.column + 1)
                if event.tag is None:
                    node = ScalarNode(place, scalar_of(text) if event.implicit[0] else text, text)
                else:
                    node = ScalarNode(self._untagged(event), text, text)
                self._add(node, event.anchor)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                place = self._untagged(event)
                if len(self._stack) >= MAX_DEPTH:
                    raise ConfigError(place.problem(f"nested deeper than {MAX_DEPTH} levels"))
                self._stack.append(_Open(place, event.anchor, kind is yaml.MappingStartEvent))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                done = self._stack.pop()
                if done.is_map:
                    self._add(MapNode(done.place, done.keys, done.values, done.size), done.anchor)
                else:
                    self._add(ListNode(done.place, tuple(done.items), done.size), done.anchor)
            elif kind is yaml.AliasEvent:
                if event.anchor not in self._anchors:
                    place = self._place(event)
                    raise ConfigError(place.problem(f"no value is named &{event.anchor} before this point"))
                self._add(self._anchors[event.anchor], None)
            elif kind is yaml.DocumentStartEvent and self.root is not None:
                raise ConfigError(self._place(event).problem("a second document", "keep one document in a file"))

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._name, mark.line + 1, mark.column + 1)

    def _untagged(self, event: Any) -> Place:
        """Where it begins. Raises ConfigError where it has a tag other than `!`, which only says that it is text."""
        tag = event.tag
        if tag is not None and tag != "!":
            raise ConfigError(self._place(event).problem("YAML tags are not supported", "remove the `!...`"))
        return self._place(event)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            self.root = node
            return
        top = self._stack[-1]
        top.size = size = top.size + node.size
        if size > MAX_NODES:
            raise ConfigError(node.place.problem(f"more than {MAX_NODES} values, aliases expanded"))
        if not top.is_map:
            top.items.append(node)
            return
        key = top.key
        if key is None:
            if not isinstance(node, ScalarNode):
                raise ConfigError(node.place.problem("a key must be a word, not a list or a map"))
            top.key = node
            return
        top.key = None
        first = top.keys.setdefault(key.text, key)
        if first is key:
            top.values[key.text] = node
        else:
            said = first.place.line
            self.problems.append(key.place.problem(f"the key {key.text!r} is given twice (first in line {said})"))
