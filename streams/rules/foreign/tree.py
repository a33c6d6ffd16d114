"""What a query of another tool says, before it is turned into ours. Every part knows where it stands in the text.

`at` and `end` are characters of the text, half-open.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say of a piece of the text: what was changed, or what was refused and why.

    `changed`: the query meets other articles than before. `effect`: what leaving a refused piece out does.
    """

    at: int
    end: int
    message: str
    hint: str = ""
    changed: bool = False
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A word, or several side by side. `cased`: with exactly these capitals."""

    at: int
    end: int
    text: str
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What stood in brackets."""

    at: int
    end: int
    child: Tree


@dataclass(frozen=True, slots=True)
class All:
    at: int
    end: int
    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Any:
    at: int
    end: int
    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least `count` of the children."""

    at: int
    end: int
    count: int
    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Not:
    at: int
    end: int
    child: Tree


@dataclass(frozen=True, slots=True)
class Close:
    """The children apart from each other with at most `gap` words between two (None: any number)."""

    at: int
    end: int
    children: tuple[Tree, ...]
    gap: int | None
    ordered: bool


@dataclass(frozen=True, slots=True)
class Field:
    """The child holds in a named field."""

    at: int
    end: int
    name: str
    child: Tree


@dataclass(frozen=True, slots=True)
class Unknown:
    """A piece that was read and that has no counterpart here."""

    at: int
    end: int
    reason: str
    hint: str = ""


Tree = Text | Group | All | Any | Some | Not | Close | Field | Unknown


def bare(tree: Tree) -> Tree:
    """The tree without the brackets around it."""
    while isinstance(tree, Group):
        tree = tree.child
    return tree


def below(tree: Tree) -> tuple[Tree, ...]:
    """What a tree is made of, one level down."""
    match tree:
        case All() | Any() | Some() | Close():
            return tree.children
        case Group() | Not() | Field():
            return (tree.child,)
        case _:
            return ()


def height(tree: Tree) -> int:
    """How many levels a tree has."""
    levels = 0
    level: tuple[Tree, ...] = (tree,)
    while level:
        levels += 1
        level = tuple(one for parent in level for one in below(parent))
    return levels


def around(trees: tuple[Tree, ...]) -> tuple[int, int]:
    """From where the first begins to where the last ends."""
    return trees[0].at, trees[-1].end
