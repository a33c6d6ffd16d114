"""What an article leaves of a query: lists of hundreds of words shrink to the few that are there, before any sentence
is looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from typing import NamedTuple

from msgspec.structs import replace

from streams.rules import syntax as s


class Shrinking:
    """Shrinks the nodes of one query for article after article. `leaves` numbers its words."""

    def __init__(self, leaves: Mapping[s.Word, int]) -> None:
        self.leaves = leaves
        self._choices: dict[int, Choices] = {}
        self._required: dict[int, s.Clauses] = {}

    def left(self, node: s.Node, present: Set[int]) -> s.Node | None:
        """The node without what needs words that the article has not; None where it cannot hold."""
        return _Left(self, present).of(node)

    def required(self, node: s.Node) -> s.Clauses:
        """`s.required`, each list gone through once."""
        return s.required(node, self._required)

    def choices(self, node: s.Or) -> Choices:
        """The children of one of the query's ORs by the leaves that they need."""
        choices = self._choices.get(id(node))
        if choices is None:
            choices = self._choices[id(node)] = Choices.of(node, self.leaves, self._required)
        return choices


class Choices(NamedTuple):
    """The children of an OR by a leaf that each needs: single words, and the numbers of all others.

    `needs`: for each child, the sets of leaves of each of which one must be there, but for the set it stands under.
    """

    words: dict[int, s.Word]
    longer: dict[int, list[int]]
    needs: list[list[frozenset[int]]]

    @classmethod
    def of(cls, node: s.Or, leaves: Mapping[s.Word, int], known: dict[int, s.Clauses]) -> Choices:
        """Those of a node. A child that needs no word is asked for under every leaf of the query."""
        words: dict[int, s.Word] = {}
        longer: dict[int, list[int]] = defaultdict(list)
        needs: list[list[frozenset[int]]] = []
        for number, child in enumerate(node.children):
            if isinstance(child, s.Word):
                words[leaves[child]] = child
                needs.append([])
                continue
            clauses = s.required(child, known)
            rarest = s.rarest(clauses) if clauses else leaves
            for word in rarest:
                longer[leaves[word]].append(number)
            others = {clause for clause in clauses if clause != rarest}
            needs.append([frozenset(leaves[word] for word in clause) for clause in others])
        return cls(words, dict(longer), needs)


_ALWAYS = s.And(())
"""Holds everywhere: what is left of a NOT whose child cannot hold."""


class _Left:
    """What an article with the leaves `present` leaves of nodes; of a list that they name often, worked out once."""

    def __init__(self, query: Shrinking, present: Set[int]) -> None:
        self._query = query
        self._present = present
        self._known: dict[int, s.Node | None] = {}

    def of(self, node: s.Node) -> s.Node | None:
        """The node without what needs words that the article has not; None where it cannot hold."""
        match node:
            case s.Word():
                return node if self._query.leaves[node] in self._present else None
            case s.Phrase():
                return node if all(self._query.leaves[word] in self._present for word in node.words) else None
        key = id(node)
        if key not in self._known:
            self._known[key] = self._worked_out(node)
        return self._known[key]

    def _worked_out(self, node: s.Node) -> s.Node | None:
        match node:
            case s.Or():
                left = self._any(node)
                return s.Or(left) if left else None
            case s.And():
                return self._all(node)
            case s.Not():
                child = self.of(node.child)
                return _ALWAYS if child is None else s.Not(child)
            case s.Near():
                one = self.of(node.left)
                other = None if one is None else self.of(node.right)
                return None if one is None or other is None else replace(node, left=one, right=other)
            case s.Within() | s.Part() | s.AtLeast():
                child = self.of(node.child)
                return None if child is None else replace(node, child=child)
            case _:
                raise AssertionError("lists are spelled out before a query is run")

    def _all(self, node: s.And) -> s.Node | None:
        kept: list[s.Node] = []
        for child in node.children:
            left = self.of(child)
            if left is None:
                return None
            kept.append(left)
        return s.And(tuple(kept))

    def _any(self, node: s.Or) -> tuple[s.Node, ...]:
        """The children of an OR that are left. Only those are looked at of which a needed word is there."""
        choices = self._query.choices(node)
        left: list[s.Node] = [choices.words[leaf] for leaf in choices.words.keys() & self._present]
        near = {number for leaf in choices.longer.keys() & self._present for number in choices.longer[leaf]}
        for number in sorted(near):
            if any(map(self._present.isdisjoint, choices.needs[number])):
                continue
            one = self.of(node.children[number])
            if one is not None:
                left.append(one)
        return tuple(left)
