"""From rules to the arrays of `match.Rules`, and the choice of each query's anchor."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streams.rules import syntax as s
from streams.rules.compiled.jit import kernel
from streams.rules.compiled.layout import EVERYWHERE, NOWHERE
from streams.rules.compiled.match import FLAG_PLAIN, SECOND, Rules
from streams.rules.compiled.program import HEADER
from streams.rules.compiled.writing import Unusual, record

Ints = npt.NDArray[np.int32]
ANY_LANGUAGE = -1


@dataclass(frozen=True)
class Compiled:
    """What can be kept on disk: `code` and where queries stand in it, by rule; the leaves; the languages.

    `asked` and `bars` int32 (n,) are indices into `code`; `bar_rules` (n,) the rule of each of `bars`.
    """

    code: Ints
    asked: Ints
    bars: Ints
    bar_rules: Ints
    gap: int
    leaves: tuple[s.Word, ...]
    languages: tuple[str, ...]
    rules: int


def compile_rules(
    rules: Iterable[tuple[Mapping[str, s.Node], Mapping[str, s.Node]]], any_language: str = "*"
) -> Compiled:
    """`rules` are (queries by language, `unless` queries by language)."""
    leaves = _Leaves()
    languages: dict[str, int] = {}
    code, asked = array("i"), array("i")
    bars: list[tuple[int, int]] = []
    widest = 1
    number = count = 0
    for rule, (queries, unless) in enumerate(rules):
        count += 1
        plain, places = False, []
        for barring, wanted in ((True, unless), (False, queries)):
            for language, node in wanted.items():
                of = ANY_LANGUAGE if language == any_language else languages.setdefault(language, len(languages))
                try:
                    made, wide = record(number, node, leaves, of, rule, len(code))
                    widest = max(widest, wide)
                except Unusual:
                    made, plain = _without_program(number, node, leaves, of, rule), True
                number += 1
                if barring:
                    bars.append((len(code), rule))
                else:
                    places.append(len(code))
                code.extend(made)
        if plain:
            for place in places:
                code[place + 3] |= FLAG_PLAIN
        asked.extend(places)
    return Compiled(
        np.asarray(code, np.int32),
        np.asarray(asked, np.int32),
        np.array([at for at, _ in bars], np.int32),
        np.array([rule for _, rule in bars], np.int32),
        widest + 1,
        tuple(leaves),
        tuple(languages),
        count,
    )


class _Leaves(dict[s.Word, int]):
    """Words by number, each numbered when it is first asked for."""

    def __missing__(self, word: s.Word) -> int:
        number = self[word] = len(self)
        return number


def _without_program(number: int, node: s.Node, leaves: Mapping[s.Word, int], language: int, rule: int) -> list[int]:
    clauses: list[int] = []
    for word in s.words(node):
        leaves[word]  # the plain engine will ask for it
    required = s.required(node, {})
    for clause in required:
        clauses += [len(clause), *sorted(leaves[word] for word in clause)]
    return [number, language, rule, FLAG_PLAIN, len(required), 0, *clauses]


@kernel
def _anchor(code: Ints, asked: Ints, weights: npt.NDArray[np.float64], chosen: Ints) -> int:
    """For each query the places in `code` of the clauses that weigh least and second least, -1 for none: (n, 2).

    Gives how many records that makes.
    """
    total = 0
    for n in range(len(asked)):
        at = asked[n]
        clause, least, next_least = at + HEADER, -1.0, -1.0
        chosen[n, 0] = chosen[n, 1] = -1
        for _ in range(code[at + 4]):
            weight = 0.0
            for leaf in range(clause + 1, clause + 1 + code[clause]):
                weight += weights[code[leaf]]
            if least < 0.0 or weight < least:
                next_least, chosen[n, 1] = least, chosen[n, 0]
                least, chosen[n, 0] = weight, clause
            elif next_least < 0.0 or weight < next_least:
                next_least, chosen[n, 1] = weight, clause
            clause += 1 + code[clause]
        total += code[chosen[n, 0]]
    return total


@kernel
def _fill(code: Ints, asked: Ints, chosen: Ints, starts: Ints, records: Ints) -> None:
    """The inverted index: at records[starts[leaf]:starts[leaf + 1]] stand the queries that the leaf anchors.

    A record is the query's place in `code` and the leaves of its second clause, where most queries fall and are never
    looked at. Where these are too many, or none, the leaf beside is one that every article has.
    """
    leaves = len(starts) - 1
    for n in range(len(asked)):
        clause = chosen[n, 0]
        for at in range(clause + 1, clause + 1 + code[clause]):
            starts[code[at] + 1] += 1
    for leaf in range(leaves):
        starts[leaf + 1] += starts[leaf]
    for n in range(len(asked) - 1, -1, -1):
        clause, second = chosen[n, 0], chosen[n, 1]
        size = code[second] if second >= 0 else 0
        for at in range(clause + 1, clause + 1 + code[clause]):
            starts[code[at] + 1] -= 1
            row = starts[code[at] + 1]
            records[row, 0] = asked[n]
            for column in range(SECOND):
                records[row, 1 + column] = code[second + 1 + column] if column < size else leaves + NOWHERE
            if size == 0 or size > SECOND:
                records[row, 1] = leaves + EVERYWHERE
    for leaf in range(leaves):
        starts[leaf] = starts[leaf + 1]
    starts[leaves] = len(records)


def presearch(compiled: Compiled, weights: npt.NDArray[np.float64]) -> Rules:
    """The rules ready to run, each query anchored where `weights` (leaves,), how often a leaf is met, are least."""
    asked = compiled.asked
    chosen = np.zeros((len(asked), 2), np.int32)
    total = _anchor(compiled.code, asked, weights, chosen)
    starts, records = np.zeros(len(compiled.leaves) + 1, np.int32), np.zeros((total, 1 + SECOND), np.int32)
    _fill(compiled.code, asked, chosen, starts, records)
    barred = np.zeros(compiled.rules + 1, np.int32)
    barred[1:] = np.cumsum(np.bincount(compiled.bar_rules, minlength=compiled.rules))
    return Rules(compiled.code, starts, records, barred, compiled.bars, compiled.gap)


def first_weights(leaves: Sequence[s.Word]) -> npt.NDArray[np.float64]:
    """A guess before any text was read: short words and short stems are common."""
    return np.array([0.1 + 8.0 * 0.7 ** len(w.text) * (3.0 if w.prefix else 1.0) for w in leaves], np.float64)
