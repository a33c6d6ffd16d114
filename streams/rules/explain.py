"""Why a query holds in a text or does not: its tree, clause by clause, with places and with what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from streams.rules import syntax as s
from streams.rules.bind import written
from streams.rules.engine import Engine, Found, Query, Scope, Words, in_part

MOST_PLACES = 5
"""Places of one clause that are shown."""

MOST_SPANS = 1_000
"""Places of each side of a NEAR that are measured."""

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Clause:
    """One node of a query over one text. `places` are (part, characters); `why` says what a failing one misses."""

    text: str
    holds: bool
    places: tuple[tuple[str, Spans], ...] = ()
    why: str = ""
    children: tuple[Clause, ...] = field(default=())

    def lines(self, depth: int = 0) -> Iterator[tuple[int, Clause]]:
        """This clause and those under it, with their depth."""
        yield depth, self
        for child in self.children:
            yield from child.lines(depth + 1)


def explain(node: s.Node, title: str, body: str) -> Clause:
    """The tree of a query over one article."""
    engine = Engine([node])
    parts = [engine.index("title", Words(title)), engine.index("body", Words(body))]
    return _Explaining(engine.queries[0]).clause(node, [Scope(part, 0, part.count) for part in parts])


class _Explaining:
    """Runs every node by itself. Inside SENT, PARA and parts, in the scopes that these leave."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def clause(self, node: s.Node, scopes: Sequence[Scope]) -> Clause:
        """What is to be said of one node in these scopes."""
        found = self._query.holds(node, scopes)
        inner = self._inner(node, scopes, found is not None)
        why = "" if found is not None else self._why(node, scopes)
        return Clause(written(node), found is not None, _places(found or ()), why, inner)

    def _inner(self, node: s.Node, scopes: Sequence[Scope], holds: bool) -> tuple[Clause, ...]:
        match node:
            case s.Word() | s.Phrase():
                return ()
            case s.Or() if all(isinstance(child, s.Word | s.Phrase) for child in node.children):
                return ()
            case s.Or() if holds:  # of a long list, what is there
                kept = [child for child in node.children if self._query.holds(child, scopes) is not None]
                return tuple(self.clause(child, scopes) for child in kept)
            case s.Part():
                narrow = [one for scope in scopes if (one := in_part(node.name, scope))]
                return (self.clause(node.child, narrow),)
            case s.Within():
                return (self.clause(node.child, self._best_unit(node, scopes)),)
            case _:
                return tuple(self.clause(child, scopes) for child in s.children(node))

    def _best_unit(self, node: s.Within, scopes: Sequence[Scope]) -> list[Scope]:
        """The sentence or paragraph in which most of the child's clauses hold; the first of them."""
        clauses = node.child.children if isinstance(node.child, s.And) else (node.child,)
        units = [
            Scope(part, max(low, start), min(high, end))
            for part, low, high in scopes
            for start, end in (part.words.sentences if node.unit == "sentence" else part.words.paragraphs)
            if max(low, start) < min(high, end)
        ]
        if not units:
            return []
        return [max(units, key=lambda one: sum(self._query.holds(child, [one]) is not None for child in clauses))]

    def _why(self, node: s.Node, scopes: Sequence[Scope]) -> str:
        match node:
            case s.Word():
                return "not in the text" if not self._anywhere(node, scopes) else "not in this part of the text"
            case s.Phrase():
                missing = [word for word in node.words if not self._query.holds(word, scopes)]
                if missing:
                    return f"no {', '.join(f'`{written(word)}`' for word in missing)}"
                return "the words do not stand side by side"
            case s.Near():
                return self._apart(node, scopes)
            case s.Or():
                return f"none of {len(node.children)}" if len(node.children) > 3 else "none of them"
            case s.Not():
                return "it is there"
            case s.AtLeast():
                count = len(self._query.found(node.child, scopes))
                return f"{count} of {node.count}"
            case s.Within():
                return f"no {node.unit} holds all of it" if self._query.holds(node.child, scopes) is not None else ""
            case s.Part():
                return "" if self._query.holds(node.child, scopes) is None else f"only outside the {node.name}"
            case _:
                return ""

    def _anywhere(self, word: s.Word, scopes: Sequence[Scope]) -> bool:
        whole = {id(scope.part): Scope(scope.part, 0, scope.part.count) for scope in scopes}
        return self._query.holds(word, list(whole.values())) is not None

    def _apart(self, node: s.Near, scopes: Sequence[Scope]) -> str:
        """By how much a NEAR fails."""
        sides = [self._query.holds(side, scopes) is not None for side in (node.left, node.right)]
        if not all(sides):
            return "one side is missing" if any(sides) else "both sides are missing"
        nearest: list[int] = []
        turned: list[int] = []
        for scope in scopes:
            left, right = (self._query.found(side, [scope])[:MOST_SPANS] for side in (node.left, node.right))
            for one in left:
                for other in right:
                    if one.span.end <= other.span.start:
                        nearest.append(other.span.start - one.span.end + 1)
                    elif other.span.end <= one.span.start:
                        (turned if node.ordered else nearest).append(one.span.start - other.span.end + 1)
        if nearest:
            return f"the nearest pair is {min(nearest)} words apart, {node.within} are allowed"
        return "they stand the other way round" if turned else "no part of the text has both apart from each other"


def _places(found: Sequence[Found]) -> tuple[tuple[str, Spans], ...]:
    places = {
        (one.part.name, tuple(one.part.words.characters(piece) for piece in one.span.pieces)): None for one in found
    }
    return tuple(list(places)[:MOST_PLACES])
