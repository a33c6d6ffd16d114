"""From a query to its record, see `streams.rules.compiled.program`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from streams.rules import syntax as s
from streams.rules.compiled.program import HEADER, MOST_TOGETHER, NEEDS_UNITS, SCOPES, UNITS, Op

_Child: TypeAlias = "s.Node | tuple[s.Word, ...]"
_Push: TypeAlias = Callable[[s.Node, int], None]

_LEAVING = {Op.AND: Op.JUMP_FALSE, Op.OR: Op.JUMP_TRUE, Op.U_AND: Op.U_JUMP_NONE}
"""What goes on behind a join whose answer is known before its last child."""


LONGEST = 4_096
"""Numbers of a program at most. What names its lists often is longer; the plain engine works each list out once."""


class Unusual(Exception):
    """A query that the kernel does not run; the plain engine does."""


def record(
    number: int, node: s.Node, leaves: Mapping[s.Word, int], language: int, rule: int, at: int
) -> tuple[list[int], int]:
    """The record of a query that will stand at index `at`, and its widest NEAR or phrase. Raises Unusual."""
    writing = _Writing(leaves)
    writing.lists = sorted(writing.clauses(node), key=len)
    required = len(writing.lists)
    asked = _unanswered(node)
    if asked is not None:
        writing.truth(asked, 0)
        writing.code.append(Op.END)
    lists: list[int] = []
    places: list[int] = []
    for one in writing.lists:
        places.append(at + HEADER + len(lists))
        lists += [len(one), *one]
    start = at + HEADER + len(lists)
    for place in writing.jumps:
        writing.code[place] += start
    for place in writing.named:
        writing.code[place] = places[writing.code[place]]
    flags = NEEDS_UNITS if writing.units else 0
    header = [number, language, rule, flags, required, start if asked is not None else 0]
    return [*header, *lists, *writing.code], writing.widest


def _unanswered(node: s.Node) -> s.Node | None:
    """What of a query is still open where each of its clauses has a word in the article; None for nothing.

    An OR of words is a clause by itself.
    """
    if _only_words(node):
        return None
    if not isinstance(node, s.And):
        return node
    left = [one for child in node.children if (one := _unanswered(child)) is not None]
    return s.And(tuple(left)) if left else None


class _Writing:
    """The program of one query. `jumps` and `named` are places in `code` of targets and of numbers of `lists`."""

    def __init__(self, leaves: Mapping[s.Word, int]) -> None:
        self._leaves = leaves
        self._required: dict[int, s.Clauses] = {}
        self._numbered: dict[int, tuple[tuple[s.Word, ...], tuple[int, ...]]] = {}
        self.lists: list[tuple[int, ...]] = []
        self.code: list[int] = []
        self.jumps: list[int] = []
        self.named: list[int] = []
        self.units = False
        self.widest = 1

    def clauses(self, node: s.Node) -> list[tuple[int, ...]]:
        """`s.required` as numbers of leaves, rising."""
        match node:
            case s.Or() if s.only_words(node.children):
                return [self._leaves_of(node.children)]
            case s.And() | s.Near() | s.Within() | s.Part() | s.AtLeast():
                return [clause for child in s.children(node) for clause in self.clauses(child)]
            case _:
                return [self._leaves_of(tuple(clause)) for clause in s.required(node, self._required)]

    def _leaves_of(self, words: tuple[s.Word, ...]) -> tuple[int, ...]:
        """The numbers of words, each once, rising. A tuple that comes again is known by where it lies, being held."""
        known = self._numbered.get(id(words))
        if known is None:
            known = self._numbered[id(words)] = words, tuple(sorted(set(map(self._leaves.__getitem__, words))))
        return known[1]

    def _words(self, words: tuple[s.Word, ...]) -> list[int]:
        numbers = self._leaves_of(words)
        return [len(numbers), *numbers]

    def _name(self, words: tuple[s.Word, ...]) -> None:
        """Write the number of a list of words."""
        leaves = self._leaves_of(words)
        if leaves not in self.lists:
            self.lists.append(leaves)
        self.named.append(len(self.code))
        self.code.append(self.lists.index(leaves))

    # -------------------------------------------------------------- truths of the article

    def truth(self, node: s.Node, scope: int) -> None:
        """Push whether `node` holds in the scope."""
        match node:
            case s.And():
                self._joined(sorted(node.children, key=_work), scope, Op.AND, self.truth, Op.ANY)
            case s.Or():
                self._joined(_grouped(node), scope, Op.OR, self.truth, Op.ANY)
            case s.Not():
                self.truth(node.child, scope)
                self.code += [Op.NOT, int(not _has_units(node.child))]
            case s.Part():
                self.truth(node.child, _narrowed(scope, node.name))
            case s.Within():
                self._within(node, scope)
            case s.AtLeast():
                self.spans(node.child)
                self.code += [Op.COUNT, scope, node.count]
            case s.Word():
                self.code += [Op.ANY, scope, *self._words((node,))]
            case s.Near():
                self._near(node, scope)
            case _:
                self.spans(node)
                self.code += [Op.SPANS, scope]

    def _near(self, node: s.Near, scope: int) -> None:
        left, right = _only_words(node.left), _only_words(node.right)
        if left and right:
            self.widest = max(self.widest, node.within)
            self.code += [Op.NEAR_WORDS, scope, node.within, int(node.ordered)]
            self._name(left)
            self._name(right)
        else:
            self._sides(node)
            self.code += [Op.NEAR_ANY, scope, node.within, int(node.ordered)]

    def _within(self, node: s.Within, scope: int) -> None:
        self.units = True
        children = node.child.children if isinstance(node.child, s.And) else (node.child,)
        lists = [_only_words(child) for child in children]
        if all(lists) and len(lists) <= MOST_TOGETHER:
            self.code += [Op.TOGETHER, UNITS[node.unit], scope, len(lists)]
            for words in lists:
                self._name(words)
        else:
            self.code += [Op.UNITS, UNITS[node.unit]]
            self.row(node.child, scope)
            self.code += [Op.U_END, scope]

    def _joined(self, children: Sequence[_Child], scope: int, op: Op, push: _Push, words: Op) -> None:
        """Push what `op` makes of all children; `words` is what pushes words, `push` anything else."""
        waiting: list[int] = []
        for n, child in enumerate(children):
            if isinstance(child, tuple):
                self.code += [words, scope, *self._words(child)]
            else:
                push(child, scope)
            if n:
                self.code.append(op)
            if op in _LEAVING and n + 1 < len(children):
                self.code += [_LEAVING[op], 0]
                waiting.append(len(self.code) - 1)
        self._land(waiting)

    def _land(self, waiting: Sequence[int]) -> None:
        for place in waiting:
            self.code[place] = len(self.code)
            self.jumps.append(place)

    # -------------------------------------------------------------- rows, one truth for each unit

    def row(self, node: s.Node, scope: int) -> None:
        """Push where `node` holds, unit by unit."""
        match node:
            case s.And():
                self._joined(sorted(node.children, key=_work), scope, Op.U_AND, self.row, Op.U_ANY)
            case s.Or():
                self._joined(_grouped(node), scope, Op.U_OR, self.row, Op.U_ANY)
            case s.Not():
                self.row(node.child, scope)
                self.code.append(Op.U_NOT)
            case s.Part():
                self.row(node.child, _narrowed(scope, node.name))
            case s.Within():
                raise Unusual("SENT or PARA inside another")
            case s.AtLeast():
                self.spans(node.child)
                self.code += [Op.U_COUNT, scope, node.count]
            case s.Word():
                self.code += [Op.U_ANY, scope, *self._words((node,))]
            case _:
                self.spans(node)
                self.code += [Op.U_SPANS, scope]

    # -------------------------------------------------------------- spans

    def spans(self, node: s.Node) -> None:
        """Push the minimal spans of `node`."""
        match node:
            case s.Word():
                self.code += [Op.WORDS, *self._words((node,))]
            case s.Phrase():
                self.widest = max(self.widest, len(node.words))
                self.code += [Op.PHRASE, len(node.words), *(self._leaves[word] for word in node.words)]
            case s.Or():
                for n, child in enumerate(_grouped(node)):
                    if isinstance(child, tuple):
                        self.code += [Op.WORDS, *self._words(child)]
                    else:
                        self.spans(child)
                    if n:
                        self.code.append(Op.EITHER)
            case s.Near():
                self._sides(node)
                self.code += [Op.NEAR, node.within, int(node.ordered)]
            case _:
                raise Unusual(f"{type(node).__name__} has no spans")

    def _sides(self, node: s.Near) -> None:
        if len(self.code) > LONGEST:
            raise Unusual("a program of many thousand steps")
        self.spans(node.left)
        self.spans(node.right)
        self.widest = max(self.widest, node.within)


def _only_words(node: s.Node) -> tuple[s.Word, ...]:
    """The words of a word or an OR of words; none for any other node."""
    if isinstance(node, s.Word):
        return (node,)
    if not isinstance(node, s.Or):
        return ()
    if s.only_words(node.children):
        return node.children
    found = [_only_words(child) for child in node.children]
    return tuple(word for words in found for word in words) if all(found) else ()


def _grouped(node: s.Or) -> list[_Child]:
    """The children, single words taken together and first."""
    if s.only_words(node.children):
        return [node.children]
    words: list[s.Word] = []
    others: list[_Child] = []
    waiting = list(reversed(node.children))
    while waiting:
        child = waiting.pop()
        if isinstance(child, s.Word):
            words.append(child)
        elif isinstance(child, s.Or):
            waiting += reversed(child.children)
        else:
            others.append(child)
    others.sort(key=_work)
    return [tuple(words), *others] if words else others


def _work(node: _Child) -> int:
    """A guess at the cost of a node, to do cheap things first."""
    match node:
        case s.Word() | tuple():
            return 0
        case s.Phrase():
            return 2
        case s.Or() if s.only_words(node.children):
            return 1
        case s.Or():
            return 1 + max((_work(child) for child in node.children if not isinstance(child, s.Word)), default=0)
        case s.Near():
            return 4 + _work(node.left) + _work(node.right)
        case s.Not():
            return 50 + _work(node.child)
        case s.Within():
            return 30 + _work(node.child)
        case _:
            return 3 + max(_work(child) for child in s.children(node))


def _has_units(node: s.Node) -> bool:
    return isinstance(node, s.Within) or any(_has_units(child) for child in s.children(node))


def _narrowed(scope: int, name: str) -> int:
    """The scope in which both lie: title, body and lead are no more than parts of all, and lead a part of body."""
    inner = SCOPES[name]
    if scope in (SCOPES["all"], inner):
        return inner
    return SCOPES["lead"] if {scope, inner} == {SCOPES["body"], SCOPES["lead"]} else SCOPES["none"]
