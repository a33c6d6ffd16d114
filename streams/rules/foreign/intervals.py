"""Lucene's interval functions (`fn:ordered(a b)` and the like), after the documentation of its package `intervalfn`.

Width counts positions from the first word to the last; gaps are the positions between the parts of an interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from streams.rules.foreign.tree import Any, Close, Group, Some, Text, Tree, Unknown
from streams.rules.foreign.words import pieces


@dataclass(frozen=True)
class Call:
    """A function with its arguments, in the order in which they stand."""

    at: int
    end: int
    name: str
    arguments: Sequence[Tree]

    def unknown(self, reason: str) -> Unknown:
        """That this call has no counterpart."""
        return Unknown(self.at, self.end, f"fn:{self.name}: {reason}")

    def close(self, parts: Sequence[Tree], gap: int | None, *, ordered: bool) -> Tree:
        """The parts near each other; one part stands for itself."""
        return parts[0] if len(parts) == 1 else Close(self.at, self.end, tuple(parts), gap, ordered)


def meant(call: Call) -> Tree:
    """What a call asks for. One without counterpart, or with other arguments than it takes, is Unknown."""
    name = call.name.lower()
    if name not in _FUNCTIONS:
        known = name in _WITHOUT_COUNTERPART
        return call.unknown("it has no counterpart here" if known else "no function of Lucene has this name")
    if not call.arguments:
        return call.unknown("it needs arguments")
    return _FUNCTIONS[name](call)


def _number(tree: Tree) -> int | None:
    text = tree.text if isinstance(tree, Text) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _bounded_by(call: Call, bound: Callable[[Call, Tree, int], Tree]) -> Tree:
    number = _number(call.arguments[0])
    if number is None or len(call.arguments) != 2:
        return call.unknown("a number and one interval were expected")
    return bound(call, call.arguments[1], number)


def _gaps(call: Call, tree: Tree, most: int) -> Tree:
    match tree:
        case Close():
            return replace(tree, gap=most if tree.gap is None else min(most, tree.gap))
        case Any():
            return Any(tree.at, tree.end, tuple(_gaps(call, one, most) for one in tree.children))
        case Group():
            return _gaps(call, tree.child, most)
        case Text() | Unknown():
            return tree
        case _:
            return call.unknown("it takes intervals of words")


def _width(call: Call, tree: Tree, most: int) -> Tree:
    match tree:
        case Close():
            taken = [_length(one) for one in tree.children]
            if any(one is None for one in taken):
                return call.unknown("the parts have no fixed number of words")
            left = most - sum(one or 0 for one in taken)
            return _gaps(call, tree, left) if left >= 0 else call.unknown("nothing is so narrow")
        case Any():
            return Any(tree.at, tree.end, tuple(_width(call, one, most) for one in tree.children))
        case Group():
            return _width(call, tree.child, most)
        case Text():
            return tree if len(pieces(tree)) <= most else call.unknown("nothing is so narrow")
        case Unknown():
            return tree
        case _:
            return call.unknown("it takes intervals of words")


def _length(tree: Tree) -> int | None:
    """How many words a tree always takes; None where it may take one number or another."""
    match tree:
        case Text():
            return len(pieces(tree))
        case Group():
            return _length(tree.child)
        case Any():
            lengths = {_length(one) for one in tree.children}
            return lengths.pop() if len(lengths) == 1 else None
        case Close() if tree.gap == 0:
            taken = [_length(one) for one in tree.children]
            return None if any(one is None for one in taken) else sum(one or 0 for one in taken)
        case _:
            return None


def _within(call: Call) -> Tree:
    match call.arguments:
        case [source, middle, reference] if (distance := _number(middle)) is not None:
            if distance < 1:
                return call.unknown("neighbours are 1 apart, and nothing is nearer")
            return call.close((source, reference), distance - 1, ordered=False)
    return call.unknown("an interval, a number and an interval were expected")


def _pair(call: Call, *, turned: bool, ordered: bool) -> Tree:
    if len(call.arguments) != 2:
        return call.unknown("two intervals were expected")
    first, second = call.arguments
    return call.close((second, first) if turned else (first, second), None, ordered=ordered)


def _at_least(call: Call) -> Tree:
    count = _number(call.arguments[0])
    if count is None or len(call.arguments) < 2:
        return call.unknown("a number and intervals were expected")
    return Some(call.at, call.end, count, tuple(call.arguments[1:]))


def _wildcard(call: Call) -> Tree:
    one = call.arguments[0]
    return one if len(call.arguments) == 1 and isinstance(one, Text) else call.unknown("one word was expected")


_FUNCTIONS: Mapping[str, Callable[[Call], Tree]] = {
    "or": lambda call: Any(call.at, call.end, tuple(call.arguments)),
    "phrase": lambda call: call.close(call.arguments, 0, ordered=True),
    "ordered": lambda call: call.close(call.arguments, None, ordered=True),
    "unordered": lambda call: call.close(call.arguments, None, ordered=False),
    "unorderednooverlaps": lambda call: _pair(call, turned=False, ordered=False),
    "before": lambda call: _pair(call, turned=False, ordered=True),
    "after": lambda call: _pair(call, turned=True, ordered=True),
    "maxgaps": lambda call: _bounded_by(call, _gaps),
    "maxwidth": lambda call: _bounded_by(call, _width),
    "within": _within,
    "atleast": _at_least,
    "wildcard": _wildcard,
}
_WITHOUT_COUNTERPART = frozenset(
    ("extend", "notwithin", "containedby", "notcontainedby", "containing", "notcontaining", "overlapping")
) | {"nonoverlapping"}
