"""The shape of a query: what the parser makes and the engine runs.

Positions are word numbers, counted in the title and in the body apart. A *span* is a run of words. Words, phrases,
NEAR and what is built of them by OR have spans; AND, NOT, SENT, PARA, ATLEAST and the parts of an article only hold
or do not, and pass on the spans of what made them hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeGuard

import msgspec

OWN = "?"
"""In place of a language: that of the query."""


class _Node(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """Quick to make, compare and hash; and msgspec reads and writes it."""


class Word(_Node, frozen=True, tag=1):
    """`pledge`, `pledg*` (prefix), `wom?n` (one letter), `=Turkey` (cased), `~pledge` (any form of it).

    `text` is folded unless cased. `bare`: accents do not count, and `text` has none. `lemma` is the language whose
    forms count, `OWN` until the query's language is known.
    """

    text: str
    prefix: bool = False
    cased: bool = False
    bare: bool = False
    lemma: str = ""


class Phrase(_Node, frozen=True, tag=2):
    """Words side by side."""

    words: tuple[Word, ...]


class And(_Node, frozen=True, tag=3):
    children: tuple[Node, ...]


class Or(_Node, frozen=True, tag=4):
    children: tuple[Node, ...]


class Not(_Node, frozen=True, tag=5):
    child: Node


class Near(_Node, frozen=True, tag=6):
    """Both, apart from each other, at most `within` words from the end of one to the start of the other.

    Neighbours are 1 apart. `ordered`: the left one first.
    """

    left: Node
    right: Node
    within: int
    ordered: bool = False


class Within(_Node, frozen=True, tag=7):
    """The child holds inside one `unit`: `sentence` or `paragraph`."""

    unit: str
    child: Node


class Part(_Node, frozen=True, tag=8):
    """The child holds in the `title`, the `body`, or the `lead` (the body's first words)."""

    name: str
    child: Node


class AtLeast(_Node, frozen=True, tag=9):
    """At least `count` spans of the child that do not overlap."""

    count: int
    child: Node


class Listed(_Node, frozen=True, tag=10):
    """A list by its name and mark, until `spelled` puts its words there. It has spans and needs a word."""

    name: str


Node = Word | Phrase | And | Or | Not | Near | Within | Part | AtLeast | Listed


def children(node: Node) -> tuple[Node, ...]:
    """What a node is made of, one level down."""
    match node:
        case And() | Or():
            return node.children
        case Not() | Within() | Part() | AtLeast():
            return (node.child,)
        case Near():
            return (node.left, node.right)
        case _:
            return ()


def replaced(node: Node, change: Callable[[Word], Word]) -> Node:
    """The same query with every word changed."""
    match node:
        case Word():
            return change(node)
        case Phrase():
            return Phrase(tuple(change(word) for word in node.words))
        case And() | Or():
            return type(node)(tuple(replaced(child, change) for child in node.children))
        case Near():
            return Near(replaced(node.left, change), replaced(node.right, change), node.within, node.ordered)
        case Within():
            return Within(node.unit, replaced(node.child, change))
        case Part():
            return Part(node.name, replaced(node.child, change))
        case AtLeast():
            return AtLeast(node.count, replaced(node.child, change))
        case Not():
            return Not(replaced(node.child, change))
        case Listed():
            return node


def words(node: Node) -> Iterator[Word]:
    """Every word of a query."""
    waiting: list[Node] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Word):
            yield one
        elif isinstance(one, Phrase):
            yield from one.words
        else:
            waiting.extend(reversed(children(one)))


def spelled(node: Node, lists: Mapping[str, Node]) -> Node:
    """The query with the words of its lists in the place of their names. Raises KeyError for a list not there."""
    match node:
        case Listed():
            return lists[node.name]
        case Word() | Phrase():
            return node
        case And() | Or():
            return type(node)(flat([spelled(child, lists) for child in node.children], type(node)))
        case Near():
            return Near(spelled(node.left, lists), spelled(node.right, lists), node.within, node.ordered)
        case Within():
            return Within(node.unit, spelled(node.child, lists))
        case Part():
            return Part(node.name, spelled(node.child, lists))
        case AtLeast():
            return AtLeast(node.count, spelled(node.child, lists))
        case Not():
            return Not(spelled(node.child, lists))


def flat(found: Sequence[Node], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    """What AND or OR joins, children of the same kind taken up a level."""
    if any(type(node) is kind for node in found):
        return tuple(one for node in found for one in (node.children if isinstance(node, kind) else (node,)))
    return tuple(found)


def only_words(nodes: tuple[Node, ...]) -> TypeGuard[tuple[Word, ...]]:
    """Whether nodes are single words all of them, as in most lists."""
    return set(map(type, nodes)) == _WORD


_WORD = {Word}


def has_spans(node: Node) -> bool:
    """Whether a node has places of its own, so that NEAR can measure from it."""
    match node:
        case Word() | Phrase() | Near() | Listed():
            return True
        case Or():
            return only_words(node.children) or all(has_spans(child) for child in node.children)
        case _:
            return False


def needs_a_word(node: Node) -> bool:
    """Whether the query holds only where some word of it is there: whether `required` names any."""
    match node:
        case And() | Near():
            return any(needs_a_word(child) for child in children(node))
        case Or():
            return all(needs_a_word(child) for child in node.children)
        case Within() | Part() | AtLeast():
            return needs_a_word(node.child)
        case _:
            return not isinstance(node, Not)


def required(node: Node) -> tuple[frozenset[Word], ...]:
    """Sets of words of each of which one must stand in the article for the query to hold; none for a bare NOT."""
    match node:
        case Word():
            return (frozenset((node,)),)
        case Phrase():
            return tuple(frozenset((word,)) for word in node.words)
        case And() | Near():
            return tuple(clause for child in children(node) for clause in required(child))
        case Or() if only_words(node.children):
            return (frozenset(node.children),)
        case Or():
            either: set[Word] = set()
            for child in node.children:
                if isinstance(child, Word):
                    either.add(child)
                elif clauses := required(child):
                    best: frozenset[Word] = min(clauses, key=_cost) if len(clauses) > 1 else clauses[0]
                    either |= best
                else:
                    return ()
            return (frozenset(either),)
        case Within() | Part() | AtLeast():
            return required(node.child)
        case _:
            return ()


def _cost(clause: frozenset[Word]) -> tuple[int, int]:
    """Fewer words first, then longer ones: a guess at which is rarer."""
    return len(clause), -min(len(word.text) for word in clause)
