"""Reads positioned YAML into frozen structs by their types, gathering every fault instead of stopping at the first.

A field named `..._s` takes seconds or a duration (`10m`) and may be written without its `_s`; one named `..._bytes`
takes bytes or a size (`5MB`).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from msgspec import NODEFAULT
from msgspec import inspect as mi

from wire.errors import Problem
from wire.positioned import ListNode, MapNode, Node, Place, ScalarNode
from wire.units import bytes_of, seconds_of

YEAR_S = 31_536_000
MAX_TEXT = 4096
SECRET_MARKS = ("whsec_", "whsk_")

FAULT: Final = object()
"""What a read gives where a problem was noted."""

Read = Callable[[Node, str], Any]


@dataclass(frozen=True)
class Terms:
    """What is special about the reading of one struct: fields with a reader of their own, fields that a file cannot
    set, and fields that may be missing though the struct has no default for them."""

    given: Mapping[str, Read] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


PLAIN: Final = Terms()


class Shapes:
    """Reads nodes; `problems` gathers what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fault(self, place: Place, message: str, hint: str = "") -> Any:
        self.problems.append(place.problem(message, hint))
        return FAULT

    def struct(self, node: Node, shape: type[Any], name: str = "", terms: Terms = PLAIN) -> dict[str, Any] | None:
        """The members of `shape` that `node` states, by field name; faulty ones are left out.

        None where it is not a map.
        """
        kind = mi.type_info(shape)
        assert isinstance(kind, mi.StructType)
        if isinstance(node, ScalarNode) and node.value is None:
            return {}
        if not isinstance(node, MapNode):
            self.fault(node.place, f"{name or 'this file'}: expected a map of settings, got {kind_of(node)}")
            return None
        fields = {member.name: member for member in kind.fields if member.name not in terms.hidden}
        spelled = {field_name.removesuffix("_s"): field_name for field_name in fields}
        values: dict[str, Any] = {}
        for key, value in node.pairs:
            field_name = key.text if key.text in fields else spelled.get(key.text)
            path = f"{name}.{key.text}" if name else key.text
            if field_name is None:
                self.unknown(key, path, spelled)
            elif field_name in values:
                self.fault(key.place, f"{path} is given twice, as {key.text!r} and {field_name!r}")
            elif isinstance(value, ScalarNode) and value.value is None and field_name not in terms.given:
                continue
            else:
                read = terms.given.get(field_name)
                label = (path, unit_of(field_name))
                values[field_name] = read(value, path) if read else self.value(value, fields[field_name].type, label)
        for field_name, member in fields.items():
            required = member.default is NODEFAULT and member.default_factory is NODEFAULT
            if required and field_name not in values and field_name not in terms.optional:
                where = f"{name}: " if name else ""
                self.fault(node.place, f"{where}{field_name!r} is missing")
        return {field_name: value for field_name, value in values.items() if value is not FAULT}

    def unknown(self, key: ScalarNode, path: str, known: Iterable[str]) -> None:
        self.fault(key.place, f"unknown key {clipped(path)!r}", closest(key.text, known))

    def value(self, node: Node, kind: mi.Type, label: tuple[str, str]) -> Any:
        """One value of `kind`; `label` is its dotted name and its unit (`s`, `bytes` or nothing)."""
        name, unit = label
        if isinstance(kind, mi.StructType):
            members = self.struct(node, kind.cls, name)
            return FAULT if members is None else kind.cls(**members)
        if isinstance(kind, mi.VarTupleType):
            return self._list(node, kind, label)
        if not isinstance(node, ScalarNode):
            return self._expected(node, name, expectation(kind, unit))
        return self._scalar(node, kind, label)

    def _scalar(self, node: ScalarNode, kind: mi.Type, label: tuple[str, str]) -> Any:
        name, _ = label
        if isinstance(kind, mi.EnumType):
            return self._choice(node, kind.cls, name)
        if isinstance(kind, mi.IntType | mi.FloatType):
            return self._number(node, kind, label)
        if isinstance(kind, mi.BoolType) and not isinstance(node.value, bool):
            return self._expected(node, name, "true or false")
        return node.value if isinstance(kind, mi.BoolType) else self._text(node, kind, name)

    def _list(self, node: Node, kind: mi.VarTupleType, label: tuple[str, str]) -> Any:
        items: tuple[Node, ...]
        if isinstance(node, ListNode):
            items = node.items
        elif isinstance(node, ScalarNode) and node.value is not None:
            parts = node.text.split(",") if from_environment(node) else (node.text,)
            items = tuple(ScalarNode(node.place, _same(node, part.strip()), part.strip()) for part in parts)
        else:
            return self._expected(node, label[0], f"a list of {expectation(kind.item_type, label[1])}")
        values = [self.value(item, kind.item_type, (f"{label[0]}[{at}]", label[1])) for at, item in enumerate(items)]
        return FAULT if FAULT in values else tuple(values)

    def _number(self, node: ScalarNode, kind: mi.IntType | mi.FloatType, label: tuple[str, str]) -> Any:
        name, unit = label
        value: Any = node.value
        if isinstance(value, str) and unit:
            try:
                value = seconds_of(value) if unit == "s" else bytes_of(value)
            except ValueError:
                return self._expected(node, name, expectation(kind, unit))
        low, high = bounds(kind, unit)
        sound = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if sound and isinstance(kind, mi.IntType):
            sound = float(value).is_integer() and (unit != "" or isinstance(value, int))
        if not sound or not low <= value <= high:
            return self._expected(node, name, expectation(kind, unit))
        return int(value) if isinstance(kind, mi.IntType) else float(value)

    def _text(self, node: ScalarNode, kind: mi.Type, name: str) -> Any:
        if not isinstance(node.value, str) and not from_environment(node):
            hint = "" if node.value is None else f'put it in quotes: "{clipped(node.text)}"'
            return self.fault(node.place, f"{name}: expected text, got {kind_of(node)}", hint)
        text = node.text
        if len(text) > MAX_TEXT or any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in text):
            return self.fault(node.place, f"{name}: expected one line of text of at most {MAX_TEXT} characters")
        return Path(text) if isinstance(kind, mi.CustomType) and kind.cls is Path else text

    def _choice(self, node: ScalarNode, choices: type[Enum], name: str) -> Any:
        known = [str(choice.value) for choice in choices]
        if node.text in known:
            return choices(node.text)
        return self.fault(
            node.place,
            f"{name}: expected one of {', '.join(known)}, got {kind_of(node)}",
            closest(node.text, known, ""),
        )

    def _expected(self, node: Node, name: str, expected: str) -> Any:
        return self.fault(node.place, f"{name}: expected {expected}, got {kind_of(node)}")


def from_environment(node: Node) -> bool:
    """Whether a node was made from an environment variable, which knows no types and no lines."""
    return node.place.line == 0


def _same(node: ScalarNode, part: str) -> Any:
    return part if isinstance(node.value, str) else node.value


def unit_of(field_name: str) -> str:
    return "s" if field_name.endswith("_s") else "bytes" if field_name.endswith("_bytes") else ""


def bounds(kind: mi.IntType | mi.FloatType, unit: str) -> tuple[float, float]:
    """What the type allows; a duration is at most a year even where the type does not say so."""
    low = kind.ge if kind.ge is not None else (0 if unit else -math.inf)
    high = kind.le if kind.le is not None else (YEAR_S if unit == "s" else 2**53)
    return low, high


def expectation(kind: mi.Type, unit: str = "") -> str:
    """What a value of `kind` looks like, in words."""
    if isinstance(kind, mi.EnumType):
        return "one of " + ", ".join(str(choice.value) for choice in kind.cls)
    if not isinstance(kind, mi.IntType | mi.FloatType):
        return "true or false" if isinstance(kind, mi.BoolType) else "text"
    low, high = bounds(kind, unit)
    noun = {"s": "seconds or a duration such as 10m", "bytes": "bytes or a size such as 5MB"}.get(
        unit, "a whole number" if isinstance(kind, mi.IntType) else "a number"
    )
    if high >= 2**53:
        return f"{noun}, at least {low:g}"
    top = "a year" if unit == "s" and high == YEAR_S else f"{high:g}" if high < 10**6 else f"{high:.0f}"
    return f"{noun}, from {low:g} to {top}"


def kind_of(node: Node) -> str:
    """What came, in words, clipped."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a map"
    if node.value is None:
        return "nothing"
    return repr(clipped(node.text)) if isinstance(node.value, str) else clipped(node.text)


def clipped(text: str) -> str:
    """Short enough for a message; what looks like a signing secret is never repeated."""
    if any(mark in text for mark in SECRET_MARKS):
        return "(a secret)"
    return text if len(text) <= 60 else text[:57] + "..."


def closest(word: str, known: Iterable[str], otherwise: str = "known here: ") -> str:
    """`did you mean ...?`, or the known words after `otherwise`."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word[:100].lower(), names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return otherwise + ", ".join(names) if otherwise and names else ""
