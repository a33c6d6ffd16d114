"""The shape of a query: what the parser makes and the engine runs.

Positions are word numbers, counted in the title and in the body apart. A *span* is a run of words. Words, phrases,
NEAR and what is built of them by OR have spans; AND, NOT, SENT, PARA, ATLEAST and the parts of an article only hold
or do not, and pass on the spans of what made them hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeGuard

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


Clauses: TypeAlias = tuple[frozenset[Word], ...]


def required(node: Node, known: dict[int, Clauses] | None = None) -> Clauses:
    """Sets of words of each of which one must stand in the article for the query to hold; none for a bare NOT.

    `known` keeps what was found by the identity of nodes, which the caller holds: lists are named often, and each is
    then gone through once.
    """
    match node:
        case Word():
            return (frozenset((node,)),)
        case Phrase():
            return tuple(frozenset((word,)) for word in node.words)
        case And() | Near():
            return tuple(clause for child in children(node) for clause in required(child, known))
        case Or() if only_words(node.children):
            return (frozenset(node.children),)
        case Or():
            found = None if known is None else known.get(id(node))
            if found is None:
                found = _either(node, known)
                if known is not None:
                    known[id(node)] = found
            return found
        case Within() | Part() | AtLeast():
            return required(node.child, known)
        case _:
            return ()


def _either(node: Or, known: dict[int, Clauses] | None) -> Clauses:
    either: set[Word] = set()
    for child in node.children:
        if isinstance(child, Word):
            either.add(child)
        elif clauses := required(child, known):
            either |= rarest(clauses)
        else:
            return ()
    return (frozenset(either),)


def rarest(clauses: Clauses) -> frozenset[Word]:
    """The clause that the fewest articles meet, guessed from its words alone: it has few, and none of all texts."""
    return min(clauses, key=_cost) if len(clauses) > 1 else clauses[0]


def _cost(clause: frozenset[Word]) -> tuple[int, int]:
    everywhere = sum(word.text in EVERYWHERE for word in clause)
    return len(clause) + _AS_MANY * everywhere, -min(len(word.text) for word in clause)


_AS_MANY = 200
"""Words of the usual kind that as many articles have as one word of all texts: a guess."""

EVERYWHERE = frozenset(
    # en
    """
    a after against all also an and any are as at be been before but by can could for from had has have he her his if
    in into is it its more new no not of off on one or other our out over said she so than that the their them they
    this to two under until up was we were what when which who will with would
    """.split()
    # ru, uk
    + "за из к на не о об от по при с у что это в и до или как а но".split()
    + "з із зі у в на не про від по при що це та й до або як а але за і щоб".split()
    # fr
    + """
    a à au aux avec ce ces dans de des du elle en est et il la le les leur ne ont ou par pas pour qui que sa se ses
    son sur un une
    """.split()
    # de
    + """
    als am an auf aus bei das dem den der des die ein eine einem einen einer es für im in ist mit nach nicht sich sie
    sind und um vom von vor werden wird zu zum zur
    """.split()
)
"""Function words, folded, of the languages that the default rules speak: nearly every article has them."""
