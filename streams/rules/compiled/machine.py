"""The kernel that runs one query's program. See `streams.rules.compiled.program.Op` for the operations."""

from __future__ import annotations

from typing import Any, NamedTuple

from streams.rules.compiled import spans
from streams.rules.compiled.jit import kernel
from streams.rules.compiled.program import Op

END, ANY, SPANS, AND, OR, NOT = int(Op.END), int(Op.ANY), int(Op.SPANS), int(Op.AND), int(Op.OR), int(Op.NOT)
JUMP_FALSE, JUMP_TRUE, COUNT = int(Op.JUMP_FALSE), int(Op.JUMP_TRUE), int(Op.COUNT)
WORDS, PHRASE, EITHER, NEAR = int(Op.WORDS), int(Op.PHRASE), int(Op.EITHER), int(Op.NEAR)
NEAR_ANY = int(Op.NEAR_ANY)
UNITS, U_ANY, U_SPANS, U_AND, U_OR = int(Op.UNITS), int(Op.U_ANY), int(Op.U_SPANS), int(Op.U_AND), int(Op.U_OR)
U_NOT, U_COUNT, U_JUMP_NONE, U_END = int(Op.U_NOT), int(Op.U_COUNT), int(Op.U_JUMP_NONE), int(Op.U_END)

FALSE, TRUE, MORE_ROOM = 0, 1, 2
"""What a run gives. MORE_ROOM: a stack was too small; nothing is decided."""


class Stacks(NamedTuple):
    """Working memory of a thread: spans, rows of truths, and truths."""

    low: Any  # int32 (n,)
    high: Any  # int32 (n,)
    lists: Any  # int32 (m,): where each list of spans begins
    rows: Any  # uint8 (r,)
    truths: Any  # uint8 (m,)


class Text(NamedTuple):
    """One article, looked up. Positions run over title, gap and body."""

    places: Any  # int32 (leaves, 2): occurrences of each leaf, and the first of them in `posts`
    posts: Any  # int32: positions, leaf by leaf
    scopes: Any  # int32 (5, 2): positions of each of `program.SCOPES`, half-open
    unit_of: Any  # int32 (2, positions): sentence and paragraph of each position
    unit_low: Any  # int32 (2, units)
    unit_high: Any  # int32 (2, units)
    unit_count: Any  # int32 (2,)


@kernel
def _mark(text: Text, stacks: Stacks, unit: int, scope: int, first: int, last: int, row: int) -> None:
    """Flag the units that hold one of the spans first:last of the stack, scope observed."""
    lowest, highest = text.scopes[scope, 0], text.scopes[scope, 1]
    units = text.unit_of[unit]
    for n in range(first, last):
        start, end = stacks.low[n], stacks.high[n]
        if start >= lowest and end <= highest and units[start] == units[end - 1]:
            stacks.rows[row + units[start]] = 1


@kernel
def _count(text: Text, stacks: Stacks, unit: int, scope: int, first: int, last: int, least: int, row: int) -> int:
    """The most spans in the scope that lie apart; with a row, flag the units that hold `least` of them."""
    lowest, highest = text.scopes[scope, 0], text.scopes[scope, 1]
    found, free, here = 0, -1, -1
    for n in range(first, last):
        start, end = stacks.low[n], stacks.high[n]
        if start < lowest or end > highest:
            continue
        if row >= 0:
            of = text.unit_of[unit, start]
            if of != text.unit_of[unit, end - 1]:
                continue
            if of != here:
                here, found, free = of, 0, -1
        if start >= free:
            found += 1
            free = end
            if row >= 0 and found >= least:
                stacks.rows[row + here] = 1
    return found


@kernel
def _any(code: Any, at: int, text: Text, scope: int, size: int) -> int:
    """Whether one of the leaves at code[at:] stands in the scope."""
    lowest, highest = text.scopes[scope, 0], text.scopes[scope, 1]
    for n in range(at, at + size):
        leaf = code[n]
        total = text.places[leaf, 0]
        if total and scope == 0:
            return 1
        first = text.places[leaf, 1]
        for post in range(first, first + total):
            if lowest <= text.posts[post] < highest:
                return 1
    return 0


@kernel
def run(code: Any, at: int, text: Text, stacks: Stacks, exact: int) -> int:
    """Whether the program at code[at:] holds.

    `exact` 0: a sentence of `text` may be more than one. TRUE then means that the query may hold, FALSE is certain.
    """
    top, lists, rows, truths = 0, 0, 0, 0
    unit, units = 0, 0
    low, high, begun, flags, stack = stacks.low, stacks.high, stacks.lists, stacks.rows, stacks.truths
    places, posts, scopes, unit_of = text.places, text.posts, text.scopes, text.unit_of
    deepest, deep = len(stack) - 2, len(begun) - 2
    while True:
        op = code[at]
        if truths >= deepest or lists >= deep:
            return MORE_ROOM
        if op == END:
            return int(stack[truths - 1])
        if op == ANY:
            stack[truths] = _any(code, at + 3, text, code[at + 1], code[at + 2])
            truths += 1
            at += 3 + code[at + 2]
        elif op == JUMP_FALSE or op == JUMP_TRUE:
            at = code[at + 1] if (stack[truths - 1] != 0) == (op == JUMP_TRUE) else at + 2
        elif op == AND or op == OR:
            truths -= 1
            if op == AND:
                stack[truths - 1] &= stack[truths]
            else:
                stack[truths - 1] |= stack[truths]
            at += 1
        elif op == WORDS or op == PHRASE:
            begun[lists] = top
            if op == WORDS:
                top = spans.words(code, at + 2, code[at + 1], places, posts, low, high, top)
            else:
                top = spans.phrase(code, at + 2, code[at + 1], places, posts, low, high, top)
            if top < 0:
                return MORE_ROOM
            lists += 1
            at += 2 + code[at + 1]
        elif op == EITHER or op == NEAR:
            base, middle = begun[lists - 2], begun[lists - 1]
            if op == NEAR:
                top = spans.near(low, high, base, middle, top, code[at + 1], code[at + 2])
            else:
                top = spans.either(low, high, base, middle, top)
            if top < 0:
                return MORE_ROOM
            lists -= 1
            at += 3 if op == NEAR else 1
        elif op == SPANS or op == COUNT:
            lists -= 1
            least = code[at + 2] if op == COUNT else 1
            found = _count(text, stacks, 0, code[at + 1], begun[lists], top, least, -1)
            stack[truths] = found >= least
            top = begun[lists]
            truths += 1
            at += 3 if op == COUNT else 2
        elif op == NEAR_ANY:
            lists -= 2
            base, middle = begun[lists], begun[lists + 1]
            lowest, highest = scopes[code[at + 1], 0], scopes[code[at + 1], 1]
            held = spans.any_before(low, high, base, middle, middle, top, code[at + 2], lowest, highest)
            if not held and code[at + 3] == 0:
                held = spans.any_before(low, high, middle, top, base, middle, code[at + 2], lowest, highest)
            stack[truths] = held
            top = base
            truths += 1
            at += 4
        elif op == NOT:
            negated = stack[truths - 1] == 0
            stack[truths - 1] = negated or (exact == 0 and code[at + 1] == 0)
            at += 2
        elif op == UNITS:
            unit = code[at + 1]
            units = text.unit_count[unit]
            at += 2
        elif op == U_ANY or op == U_SPANS or op == U_COUNT:
            if rows + units > len(flags):
                return MORE_ROOM
            for n in range(rows, rows + units):
                flags[n] = 0
            scope = code[at + 1]
            if op == U_ANY:
                lowest, highest = scopes[scope, 0], scopes[scope, 1]
                for n in range(at + 3, at + 3 + code[at + 2]):
                    first = places[code[n], 1]
                    for post in range(first, first + places[code[n], 0]):
                        position = posts[post]
                        if lowest <= position < highest:
                            flags[rows + unit_of[unit, position]] = 1
                at += 3 + code[at + 2]
            else:
                lists -= 1
                first = begun[lists]
                if op == U_SPANS:
                    _mark(text, stacks, unit, scope, first, top, rows)
                    at += 2
                else:
                    _count(text, stacks, unit, scope, first, top, code[at + 2], rows)
                    at += 3
                top = first
            rows += units
        elif op == U_AND or op == U_OR:
            rows -= units
            for n in range(rows, rows + units):
                if op == U_AND:
                    flags[n - units] &= flags[n]
                else:
                    flags[n - units] |= flags[n]
            at += 1
        elif op == U_NOT:
            for n in range(rows - units, rows):
                flags[n] = exact == 0 or flags[n] == 0
            at += 1
        elif op == U_JUMP_NONE:
            held = False
            for n in range(rows - units, rows):
                held = held or flags[n] != 0
            at = at + 2 if held else code[at + 1]
        else:  # U_END
            lowest, highest = scopes[code[at + 1], 0], scopes[code[at + 1], 1]
            rows -= units
            held = False
            for n in range(units):
                inside = text.unit_low[unit, n] < highest and text.unit_high[unit, n] > lowest
                held = held or (inside and flags[rows + n] != 0)
            stack[truths] = held
            truths += 1
            at += 2
