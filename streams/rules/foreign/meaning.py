"""From what a foreign query says to a query of ours, with every change of meaning noted and the rest refused.

A piece without counterpart is refused and left out: from under AND, so that the query meets more, or from under OR,
so that it meets less; a distance or a count of which a part is missing is refused whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice, permutations
from math import comb

from streams.rules import syntax as s
from streams.rules.foreign.fields import ANYWHERE, hint, why_not
from streams.rules.foreign.tree import All, Any, Close, Field, Group, Not, Remark, Some, Text, Tree, Unknown
from streams.rules.foreign.words import Wordless, phrase

MAX_DISTANCE = 100
MOST_UNORDERED = 4
"""Parts that may be near each other in any order: every order of them is written out."""

MOST_WORDS = 500
"""Words of a piece that is written out."""

MORE, LESS = "without it the query meets more", "without it the query meets less"


class Meaning:
    """One translation. `fields` are the fields of text, in small letters, and the parts of an article they are."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.notes: list[Remark] = []
        self.refused: list[Remark] = []
        self._fields = fields
        self._negated = False

    def node(self, tree: Tree, *, placed: bool = False) -> s.Node | None:
        """The query for a piece, None where it is left out. `placed`: a distance is measured from it."""
        match tree:
            case Text():
                return self._text(tree)
            case Group():
                return self.node(tree.child, placed=placed)
            case All():
                return self._joined(tree.children, s.And)
            case Any():
                return self._joined(tree.children, s.Or, placed=placed)
            case Not():
                return self._not(tree)
            case Close():
                return self._close(tree, placed=placed)
            case Some():
                return self._some(tree)
            case Field():
                return self._field(tree)
            case Unknown():
                self._refuse(tree, tree.reason, tree.hint)
                return None

    def _refuse(self, tree: Tree, message: str, hint: str = "") -> None:
        self.refused.append(Remark(tree.at, tree.end, message, hint))

    def _note(self, tree: Tree, message: str, *, changed: bool = False) -> None:
        self.notes.append(Remark(tree.at, tree.end, message, changed=changed))

    def _text(self, tree: Text) -> s.Node | None:
        try:
            node, remarks = phrase(tree)
        except Wordless as error:
            self.refused.append(error.remark)
            return None
        self.notes += remarks
        return node

    def _joined(
        self, children: Sequence[Tree], kind: type[s.And] | type[s.Or], *, placed: bool = False
    ) -> s.Node | None:
        """What is left of the children; each that is left out says what that does to the query."""
        effect = MORE if (kind is s.And) != self._negated else LESS
        first = len(self.refused)
        found: list[s.Node] = []
        for child in children:
            before = len(self.refused)
            node = self.node(child, placed=placed)
            if node is None:
                self._effect(before, effect)
            else:
                found.append(node)
        if not found:
            self._effect(first, "")
            return None
        return joined(found, kind)

    def _effect(self, first: int, effect: str) -> None:
        self.refused[first:] = [replace(remark, effect=effect) for remark in self.refused[first:]]

    def _not(self, tree: Not) -> s.Node | None:
        self._negated = not self._negated
        node = self.node(tree.child)
        self._negated = not self._negated
        if node is None:
            return None
        return node.child if isinstance(node, s.Not) else s.Not(node)

    # -------------------------------------------------------------- fields

    def _field(self, tree: Field) -> s.Node | None:
        part = self._fields.get(tree.name.lower())
        if part is None:
            self._refuse(tree, why_not(tree.name), hint(tree.name))
            return None
        node = self.node(tree.child)
        if part == ANYWHERE or node is None:
            return node
        if part == "lead":
            message = f"`{tree.name}:` is `lead:`, the first sixty words of the text"
            self._note(tree, message, changed=tree.name.lower() != "lead")
        return s.Part(part, node)

    # -------------------------------------------------------------- distances

    def _close(self, tree: Close, *, placed: bool) -> s.Node | None:
        if tree.gap is None and not tree.ordered and not placed:
            self._note(tree, "with no bound to the distance this is AND, anywhere in the article", changed=True)
            return self._whole(tree, tree.children, self._and)
        return self._whole(tree, tree.children, self._near, placed=True)

    def _whole(
        self,
        tree: Tree,
        children: Sequence[Tree],
        made: Callable[[Tree, Sequence[s.Node]], s.Node | None],
        *,
        placed: bool = False,
    ) -> s.Node | None:
        """What is made of all the children together; None where one of them is left out."""
        found = [self.node(child, placed=placed) for child in children]
        there = [node for node in found if node is not None]
        if len(there) == len(found):
            return made(tree, there)
        self._refuse(tree, "a part of it is refused, and so it is left out whole")
        return None

    def _and(self, _: Tree, nodes: Sequence[s.Node]) -> s.Node:
        return joined(nodes, s.And)

    def _near(self, tree: Tree, nodes: Sequence[s.Node]) -> s.Node | None:
        assert isinstance(tree, Close)
        if not all(s.has_spans(node) for node in nodes):
            message = "a distance is measured between words, phrases and alternatives of them"
            self._refuse(tree, message, "take AND, NOT and fields out of it")
            return None
        if tree.ordered and tree.gap == 0 and all(isinstance(node, s.Word | s.Phrase) for node in nodes):
            return s.Phrase(tuple(word for node in nodes for word in s.words(node)))
        if tree.ordered or len(nodes) == 2:
            return _chain(nodes, self._within(tree), ordered=tree.ordered)
        orders = _orders(nodes) if len(nodes) <= MOST_UNORDERED else []
        if not orders or _size(nodes) * len(orders) > MOST_WORDS:
            self._refuse(tree, "so many words near each other in any order cannot be written out")
            return None
        within = self._within(tree)
        return s.Or(tuple(_chain(order, within, ordered=False) for order in orders))

    def _within(self, tree: Close) -> int:
        """The distance as it is counted here, where neighbours are 1 apart."""
        operator = "ONEAR" if tree.ordered else "NEAR"
        if tree.gap is None or tree.gap >= MAX_DISTANCE:
            given = "any number of" if tree.gap is None else str(tree.gap)
            message = f"{given} words between become {operator}/{MAX_DISTANCE}, the most that is possible here"
            self._note(tree, message, changed=True)
            return MAX_DISTANCE
        said = (
            "neighbours" if tree.gap == 0 else f"at most {tree.gap} words between" if tree.gap > 1 else "one between"
        )
        self._note(tree, f"{said}: {operator}/{tree.gap + 1} here, where neighbours are 1 apart")
        if len(tree.children) > 2 and tree.gap:
            self._note(tree, "each distance is bounded by itself here, and not their sum", changed=True)
        return tree.gap + 1

    # -------------------------------------------------------------- counts

    def _some(self, tree: Some) -> s.Node | None:
        if not 1 <= tree.count <= len(tree.children):
            whom = "no" if tree.count else "every"
            self._refuse(tree, f"{whom} article meets at least {tree.count} of {len(tree.children)}")
            return None
        return self._whole(tree, tree.children, self._choices)

    def _choices(self, tree: Tree, nodes: Sequence[s.Node]) -> s.Node | None:
        assert isinstance(tree, Some)
        if _size(nodes) * comb(len(nodes), tree.count) > MOST_WORDS:
            self._refuse(tree, "so many combinations cannot be written out")
            return None
        self._note(tree, f"every {tree.count} of the {len(nodes)} are written out, anywhere in the article")
        return joined([joined(chosen, s.And) for chosen in combinations(nodes, tree.count)], s.Or)


def joined(nodes: Sequence[s.Node], kind: type[s.And] | type[s.Or]) -> s.Node:
    """Nodes joined by AND or OR, those of the same kind taken up a level, each once; one stands for itself."""
    each = (one for node in nodes for one in (node.children if isinstance(node, kind) else (node,)))
    flat = tuple(dict.fromkeys(each))
    return flat[0] if len(flat) == 1 else kind(flat)


def _chain(nodes: Sequence[s.Node], within: int, *, ordered: bool) -> s.Node:
    left = nodes[0]
    for right in nodes[1:]:
        left = s.Near(left, right, within, ordered)
    return left


def _orders(nodes: Sequence[s.Node]) -> list[tuple[s.Node, ...]]:
    """The orders in which an interval can grow from two neighbours on: the first two may be turned."""
    numbers = [order for order in permutations(range(len(nodes))) if order[0] < order[1]]
    return [tuple(nodes[number] for number in order) for order in numbers]


def _size(nodes: Sequence[s.Node]) -> int:
    """How many words nodes have, counted no further than needed."""
    return sum(1 for _ in islice((word for node in nodes for word in s.words(node)), MOST_WORDS + 1))
