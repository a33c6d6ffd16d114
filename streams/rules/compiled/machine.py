"""The kernel that runs one query's program. See `streams.rules.compiled.program.Op` for the operations."""

from __future__ import annotations

from typing import Any

from streams.rules.compiled import operations as o
from streams.rules.compiled import spans
from streams.rules.compiled.jit import kernel
from streams.rules.compiled.operations import Stacks, Text
from streams.rules.compiled.program import Op

END, ANY, SPANS, AND, OR, NOT = int(Op.END), int(Op.ANY), int(Op.SPANS), int(Op.AND), int(Op.OR), int(Op.NOT)
JUMP_FALSE, JUMP_TRUE, COUNT = int(Op.JUMP_FALSE), int(Op.JUMP_TRUE), int(Op.COUNT)
WORDS, PHRASE, EITHER, NEAR = int(Op.WORDS), int(Op.PHRASE), int(Op.EITHER), int(Op.NEAR)
NEAR_ANY, NEAR_WORDS, TOGETHER = int(Op.NEAR_ANY), int(Op.NEAR_WORDS), int(Op.TOGETHER)
UNITS, U_ANY, U_SPANS, U_AND, U_OR = int(Op.UNITS), int(Op.U_ANY), int(Op.U_SPANS), int(Op.U_AND), int(Op.U_OR)
U_NOT, U_COUNT, U_JUMP_NONE, U_END = int(Op.U_NOT), int(Op.U_COUNT), int(Op.U_JUMP_NONE), int(Op.U_END)

FALSE, TRUE, MORE_ROOM = 0, 1, 2
"""What a run gives. MORE_ROOM: a stack was too small; nothing is decided."""


@kernel
def run(code: Any, at: int, text: Text, stacks: Stacks, exact: int) -> int:
    """Whether the program at code[at:] holds.

    `exact` 0: a sentence of `text` may be more than one. TRUE then means that the query may hold, FALSE is certain.
    """
    top, lists, rows, truths = 0, 0, 0, 0
    unit, units = 0, 0
    low, high, begun, flags, stack = stacks.low, stacks.high, stacks.lists, stacks.rows, stacks.truths
    places, posts, scopes, unit_of = text.places, text.posts, text.scopes, text.units.of
    deepest, deep = len(stack) - 2, len(begun) - 2
    while True:
        op = code[at]
        if truths >= deepest or lists >= deep:
            return MORE_ROOM
        if op == END:
            return int(stack[truths - 1])
        if op == ANY:
            stack[truths] = o.any_there(code, at + 3, text, code[at + 1], code[at + 2])
            truths += 1
            at += 3 + code[at + 2]
        elif op == NEAR_WORDS:
            near = o.near_words(code, at, text, stacks, top)
            if near < 0:
                return MORE_ROOM
            stack[truths] = near
            truths += 1
            at += 6
        elif op == TOGETHER:
            if rows + text.units.count[code[at + 1]] > len(flags):
                return MORE_ROOM
            stack[truths] = o.together(code, at, text, flags, rows)
            truths += 1
            at += 4 + code[at + 3]
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
            found = o.count(text, stacks, 0, code[at + 1], begun[lists], top, least, -1)
            stack[truths] = found >= least
            top = begun[lists]
            truths += 1
            at += 3 if op == COUNT else 2
        elif op == NEAR_ANY:
            lists -= 2
            base, middle = begun[lists], begun[lists + 1]
            lowest, highest = scopes[code[at + 1], 0], scopes[code[at + 1], 1]
            stack[truths] = spans.near_any(
                *(low, high, base, middle, top), *(code[at + 2], code[at + 3], lowest, highest)
            )
            top = base
            truths += 1
            at += 4
        elif op == NOT:
            negated = stack[truths - 1] == 0
            stack[truths - 1] = negated or (exact == 0 and code[at + 1] == 0)
            at += 2
        elif op == UNITS:
            unit = code[at + 1]
            units = text.units.count[unit]
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
                    o.mark(text, stacks, unit, scope, first, top, rows)
                    at += 2
                else:
                    o.count(text, stacks, unit, scope, first, top, code[at + 2], rows)
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
                inside = text.units.low[unit, n] < highest and text.units.high[unit, n] > lowest
                held = held or (inside and flags[rows + n] != 0)
            stack[truths] = held
            truths += 1
            at += 2
