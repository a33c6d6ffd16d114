"""From a query to the numbers that the kernel runs: a header, the clauses that must be there, a small stack program.

Record of a query, in one array of int32 together with all others:

    number  language  rule  flags  clauses  program      (HEADER numbers; `program` is an index into this array)
    size leaf leaf ...                                   (once for each clause)
    operations ...                                       (see `Op`)

Title and body share one line of positions with a gap between them that no NEAR spans. Two facts make one pass
enough: the minimal spans inside a scope are those of the whole text that lie in it, so a part of an article or a
sentence is a filter on spans; and NOT, AND, OR inside SENT or PARA act on every sentence at once, as rows of flags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from streams.rules import syntax as s

HEADER = 6
NEEDS_UNITS = 1
"""Flag: the program asks for sentences or paragraphs."""

SCOPES = {"all": 0, "title": 1, "body": 2, "lead": 3, "none": 4}
UNITS = {"sentence": 0, "paragraph": 1}


class Op(IntEnum):
    """Operations. Spans stand on one stack, truths on another, rows of truths (one for each unit) on a third."""

    END = 0
    ANY = 1  # scope n leaf...          a word is there: push a truth
    SPANS = 2  # scope                    take spans: push whether one lies in the scope
    AND = 3  # take two truths, push one
    OR = 4
    NOT = 5  # sure                     sure 0: what is negated asks for units
    JUMP_FALSE = 6  # target                   where the last truth is false
    JUMP_TRUE = 7  # target
    COUNT = 8  # scope least              take spans: push whether so many lie apart
    NEAR_ANY = 9  # scope within ordered     take two lists of spans: push whether a pair is near enough in the scope
    WORDS = 10  # n leaf...                push the spans of words
    PHRASE = 11  # n leaf...
    EITHER = 12  # take two lists of spans, push the minimal ones of both
    NEAR = 13  # within ordered           take two lists of spans, push the minimal pairs
    UNITS = 20  # unit                     what follows is about sentences or paragraphs
    U_ANY = 21  # scope n leaf...          push a row
    U_SPANS = 22  # scope                    take spans: push a row
    U_AND = 23
    U_OR = 24
    U_NOT = 25
    U_COUNT = 26  # scope least
    U_JUMP_NONE = 27  # target                  where the last row is all false
    U_END = 28  # scope                    take a row: push whether one unit in the scope is true


class Unusual(Exception):
    """A query that the kernel does not run; the plain engine does."""


def record(
    number: int, node: s.Node, leaves: Mapping[s.Word, int], language: int, rule: int, at: int
) -> tuple[list[int], int]:
    """The record of a query that will stand at index `at`, and its widest NEAR or phrase. Raises Unusual."""
    writing = _Writing(leaves)
    writing.truth(node, 0)
    writing.code.append(Op.END)
    clauses: list[int] = []
    required = sorted(s.required(node), key=len)
    for clause in required:
        clauses += [len(clause), *sorted(map(leaves.__getitem__, clause))]
    start = at + HEADER + len(clauses)
    for place in writing.jumps:
        writing.code[place] += start
    flags = NEEDS_UNITS if writing.units else 0
    header = [number, language, rule, flags, len(required), start]
    return [*header, *clauses, *writing.code], writing.widest


class _Writing:
    """The program of one query."""

    def __init__(self, leaves: Mapping[s.Word, int]) -> None:
        self._leaves = leaves
        self.code: list[int] = []
        self.jumps: list[int] = []
        self.units = False
        self.widest = 1

    def _words(self, words: Sequence[s.Word]) -> list[int]:
        numbers = dict.fromkeys(map(self._leaves.__getitem__, words))
        return [len(numbers), *numbers]

    # -------------------------------------------------------------- truths of the article

    def truth(self, node: s.Node, scope: int) -> None:
        """Push whether `node` holds in the scope."""
        match node:
            case s.And():
                self._joined(sorted(node.children, key=_work), scope, Op.AND)
            case s.Or():
                self._joined(_grouped(node), scope, Op.OR)
            case s.Not():
                self.truth(node.child, scope)
                self.code += [Op.NOT, int(not _has_units(node.child))]
            case s.Part():
                self.truth(node.child, _narrowed(scope, node.name))
            case s.Within():
                self.units = True
                self.code += [Op.UNITS, UNITS[node.unit]]
                self.row(node.child, scope)
                self.code += [Op.U_END, scope]
            case s.AtLeast():
                self.spans(node.child)
                self.code += [Op.COUNT, scope, node.count]
            case s.Word():
                self.code += [Op.ANY, scope, *self._words([node])]
            case s.Near():
                self._sides(node)
                self.code += [Op.NEAR_ANY, scope, node.within, int(node.ordered)]
            case _:
                self.spans(node)
                self.code += [Op.SPANS, scope]

    def _joined(self, children: Sequence[s.Node | tuple[s.Word, ...]], scope: int, op: Op) -> None:
        waiting: list[int] = []
        for n, child in enumerate(children):
            if isinstance(child, tuple):
                self.code += [Op.ANY, scope, *self._words(child)]
            else:
                self.truth(child, scope)
            if n:
                self.code.append(op)
            if n + 1 < len(children):
                self.code += [Op.JUMP_FALSE if op is Op.AND else Op.JUMP_TRUE, 0]
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
                self._row_joined(sorted(node.children, key=_work), scope, Op.U_AND)
            case s.Or():
                self._row_joined(_grouped(node), scope, Op.U_OR)
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
                self.code += [Op.U_ANY, scope, *self._words([node])]
            case _:
                self.spans(node)
                self.code += [Op.U_SPANS, scope]

    def _row_joined(self, children: Sequence[s.Node | tuple[s.Word, ...]], scope: int, op: Op) -> None:
        waiting: list[int] = []
        for n, child in enumerate(children):
            if isinstance(child, tuple):
                self.code += [Op.U_ANY, scope, *self._words(child)]
            else:
                self.row(child, scope)
            if n:
                self.code.append(op)
            if op is Op.U_AND and n + 1 < len(children):
                self.code += [Op.U_JUMP_NONE, 0]
                waiting.append(len(self.code) - 1)
        self._land(waiting)

    # -------------------------------------------------------------- spans

    def spans(self, node: s.Node) -> None:
        """Push the minimal spans of `node`."""
        match node:
            case s.Word():
                self.code += [Op.WORDS, *self._words([node])]
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
        self.spans(node.left)
        self.spans(node.right)
        self.widest = max(self.widest, node.within)


def _grouped(node: s.Or) -> list[s.Node | tuple[s.Word, ...]]:
    """The children, single words taken together and first."""
    if s.only_words(node.children):
        return [node.children]
    words: list[s.Word] = []
    others: list[s.Node | tuple[s.Word, ...]] = []
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


def _work(node: s.Node | tuple[s.Word, ...]) -> int:
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
