"""Runs compiled queries over articles.

An article's words are looked up in one vocabulary: each distinct word is resolved once to the *leaves* (words of
queries) that it meets, so that wildcards cost nothing later. From each query one set of leaves is its *anchor*: one
of them must be there for the query to hold, so an inverted index of anchors names the few candidates (the
presearcher of Lucene's Monitor). Candidates are run over lists of positions with minimal intervals (Clarke, Cormack
and Burkowski, "An algebra for structured text search", 1995).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from streams.rules import syntax as s
from streams.rules.shrinking import Shrinking
from streams.rules.words import WORD, bare, cased_forms, forms, lemmas
from streams.text import paragraphs, sentences

VOCABULARY = 200_000
"""Distinct words remembered; hostile text has no end of them, so the table starts anew when it is full."""

LEAD_WORDS = 60
"""How much of the body is its lead."""

_NONE: tuple[int, ...] = ()


class Span(NamedTuple):
    """Words `start` up to `end`; `pieces` are the words and phrases in it that were asked for."""

    start: int
    end: int
    pieces: tuple[tuple[int, int], ...]


class Scope(NamedTuple):
    """Words `low` up to `high` of a part."""

    part: PartIndex
    low: int
    high: int


class Found(NamedTuple):
    """A span and the part it is in."""

    part: PartIndex
    span: Span


class Kind(NamedTuple):
    """In which form a leaf is compared with the words of a text."""

    cased: bool
    bare: bool
    lemma: str

    def forms(self, surface: str) -> Iterable[str]:
        """The forms of a word as written."""
        if self.lemma:
            return lemmas(surface, self.lemma)
        found = cased_forms(surface) if self.cased else forms(surface)
        return {bare(form) for form in found} if self.bare else found


class _Table(NamedTuple):
    """Leaves of one kind by their text. Tuples of numbers, unlike lists, are nothing to the garbage collector."""

    exact: dict[str, tuple[int, ...]]
    stems: dict[str, tuple[int, ...]]
    patterns: list[tuple[re.Pattern[str], int]]


class Vocabulary:
    """From words as written to the leaves that they meet."""

    def __init__(self, leaves: Sequence[s.Word]) -> None:
        self._tables: dict[Kind, _Table] = {}
        for number, leaf in enumerate(leaves):
            kind = Kind(leaf.cased, leaf.bare, leaf.lemma)
            table = self._tables.get(kind) or self._tables.setdefault(kind, _Table({}, {}, []))
            if leaf.lemma:
                for form in lemmas(leaf.text, leaf.lemma):
                    table.exact[form] = (*table.exact.get(form, _NONE), number)
            elif "?" in leaf.text:
                letters = "".join(r"\w" if letter == "?" else re.escape(letter) for letter in leaf.text)
                pattern = re.compile(letters + (".*" if leaf.prefix else ""), re.DOTALL)
                table.patterns.append((pattern, number))
            else:
                (table.stems if leaf.prefix else table.exact)[leaf.text] = (number,)
        self._longest = max((len(text) for table in self._tables.values() for text in table.stems), default=0)
        self._known: dict[str, tuple[int, ...]] = {}

    def look_up(self, words: Sequence[str]) -> dict[int, list[int]]:
        """For each leaf that is met, the positions where."""
        known = self._known
        positions: dict[int, list[int]] = {}
        for position, word in enumerate(words):
            leaves = known.get(word)
            if leaves is None:
                leaves = self._resolve(word)
            for leaf in leaves:
                if leaf in positions:
                    positions[leaf].append(position)
                else:
                    positions[leaf] = [position]
        return positions

    def _resolve(self, word: str) -> tuple[int, ...]:
        if len(self._known) >= VOCABULARY:
            self._known.clear()
        leaves = self._known[word] = self.leaves_of(word)
        return leaves

    def leaves_of(self, word: str) -> tuple[int, ...]:
        """The leaves that a word meets, rising, worked out anew."""
        met: set[int] = set()
        for kind, table in self._tables.items():
            for form in kind.forms(word):
                met.update(table.exact.get(form, _NONE))
                for length in range(1, min(len(form), self._longest) + 1):
                    met.update(table.stems.get(form[:length], _NONE))
                met.update(leaf for pattern, leaf in table.patterns if pattern.fullmatch(form))
        return tuple(sorted(met)) if met else _NONE


@dataclass
class Words:
    """A text and where its words, sentences and paragraphs stand: the same for every rule."""

    text: str

    @cached_property
    def surfaces(self) -> list[str]:
        """The words as written."""
        return WORD.findall(self.text)

    @cached_property
    def offsets(self) -> list[tuple[int, int]]:
        """Character spans of the words."""
        return [match.span() for match in WORD.finditer(self.text)]

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Word ranges of the sentences."""
        return self._ranges(sentences(self.text))

    @cached_property
    def paragraphs(self) -> list[tuple[int, int]]:
        """Word ranges of the paragraphs."""
        return self._ranges(paragraphs(self.text))

    def _ranges(self, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        starts = [start for start, _ in self.offsets]
        return [(bisect_left(starts, start), bisect_left(starts, end)) for start, end in spans]

    def characters(self, span: tuple[int, int]) -> tuple[int, int]:
        """The characters of a run of words."""
        return self.offsets[span[0]][0], self.offsets[span[1] - 1][1]


@dataclass(frozen=True, eq=False)
class PartIndex:
    """One part of an article and the positions of each leaf in it."""

    name: str
    words: Words
    positions: Mapping[int, list[int]]

    @property
    def count(self) -> int:
        """How many words there are."""
        return len(self.words.surfaces)


@dataclass
class Query:
    """A query ready to run: its words as leaf numbers."""

    node: s.Node
    leaves: dict[s.Word, int]

    @cached_property
    def _shrinking(self) -> Shrinking:
        return Shrinking(self.leaves)

    def anchor(self) -> frozenset[int]:
        """Leaves of which one must be there."""
        return frozenset(self.leaves[word] for word in s.rarest(self._shrinking.required(self.node)))

    def run(self, parts: Sequence[PartIndex]) -> list[Found] | None:
        """What made the query hold, by part and position; None where it does not."""
        node = self._shrinking.left(self.node, {leaf for part in parts for leaf in part.positions})
        found = None if node is None else self.holds(node, [Scope(part, 0, part.count) for part in parts])
        if found is None:
            return None
        order = {id(part): number for number, part in enumerate(parts)}
        unique = {(order[id(one.part)], one.span): one for one in found}
        return [unique[key] for key in sorted(unique)]

    # -------------------------------------------------------------- what holds or does not

    def holds(self, node: s.Node, scopes: Sequence[Scope]) -> list[Found] | None:
        """What makes a node hold in the scopes; None where it does not."""
        match node:
            case s.And():
                return self._all(node, scopes)
            case s.Or() if not s.has_spans(node):
                found = [one for child in node.children if (one := self.holds(child, scopes)) is not None]
                return [item for one in found for item in one] if found else None
            case s.Not():
                return [] if self.holds(node.child, scopes) is None else None
            case s.Within():
                return self._within(node, scopes)
            case s.Part():
                return self.holds(node.child, [narrow for scope in scopes if (narrow := in_part(node.name, scope))])
            case s.AtLeast():
                spans = self.found(node.child, scopes)
                return spans if _disjoint(spans) >= node.count else None
            case _:
                return self.found(node, scopes) or None

    def _all(self, node: s.And, scopes: Sequence[Scope]) -> list[Found] | None:
        gathered: list[Found] = []
        for child in node.children:
            found = self.holds(child, scopes)
            if found is None:
                return None
            gathered += found
        return gathered

    def _within(self, node: s.Within, scopes: Sequence[Scope]) -> list[Found] | None:
        gathered: list[Found] = []
        any_holds = False
        clauses = s.required(node.child)
        for part, low, high in scopes:
            units = part.words.sentences if node.unit == "sentence" else part.words.paragraphs
            if clauses and not any(self.leaves[word] in part.positions for word in clauses[0]):
                continue
            for start, end in units:
                inner = Scope(part, max(low, start), min(high, end))
                if inner.low < inner.high and (found := self.holds(node.child, [inner])) is not None:
                    any_holds = True
                    gathered += found
        return gathered if any_holds else None

    def found(self, node: s.Node, scopes: Sequence[Scope]) -> list[Found]:
        """The spans of a node that has spans."""
        return [Found(scope.part, span) for scope in scopes for span in self._spans(node, scope)]

    # -------------------------------------------------------------- spans

    def _spans(self, node: s.Node, scope: Scope) -> list[Span]:
        """The minimal spans of a node, by start; none holds another."""
        match node:
            case s.Word():
                return [Span(at, at + 1, ((at, at + 1),)) for at in self._at(node, scope)]
            case s.Phrase():
                return self._phrase(node, scope)
            case s.Or():
                return _minimal([span for child in node.children for span in self._spans(child, scope)])
            case s.Near():
                left = self._spans(node.left, scope)
                right = self._spans(node.right, scope) if left else []
                return _near(left, right, node)
            case _:
                raise AssertionError(f"{type(node).__name__} has no spans")

    def _at(self, word: s.Word, scope: Scope) -> list[int]:
        positions = scope.part.positions.get(self.leaves[word])
        if not positions:
            return []
        if scope.low == 0 and scope.high == scope.part.count:
            return positions
        return positions[bisect_left(positions, scope.low) : bisect_left(positions, scope.high)]

    def _phrase(self, phrase: s.Phrase, scope: Scope) -> list[Span]:
        starts = set(self._at(phrase.words[0], scope))
        for distance, word in enumerate(phrase.words[1:], 1):
            if not starts:
                return []
            starts &= {at - distance for at in self._at(word, scope)}
        length = len(phrase.words)
        return [Span(at, at + length, ((at, at + length),)) for at in sorted(starts)]


def in_part(name: str, scope: Scope) -> Scope | None:
    """What of a scope lies in a part of the article; None where nothing does."""
    if name == "lead":
        high = min(scope.high, LEAD_WORDS)
        return Scope(scope.part, scope.low, high) if scope.part.name == "body" and scope.low < high else None
    return scope if scope.part.name == name else None


def _minimal(spans: list[Span]) -> list[Span]:
    """Without those that hold another; of equal ones the first by pieces. By start."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.pieces), reverse=True):
        # By falling start, and at one start by growing end: a span holds an earlier one iff it ends no sooner.
        if not kept or span.end < kept[-1].end:
            kept.append(span)
    kept.reverse()
    return kept


def _near(left: list[Span], right: list[Span], node: s.Near) -> list[Span]:
    """Pairs apart from each other and close enough. Only nearest neighbours can be minimal, so this is linear."""
    pairs = _before(left, right, node.within)
    if not node.ordered:
        pairs += _before(right, left, node.within)
    return _minimal(pairs)


def _before(first: list[Span], second: list[Span], within: int) -> list[Span]:
    """Each span of `second` with the last of `first` that ends at or before its start."""
    pairs: list[Span] = []
    ends = [span.end for span in first]
    for span in second:
        at = bisect_right(ends, span.start) - 1
        if at >= 0 and span.start - ends[at] + 1 <= within:
            pairs.append(Span(first[at].start, span.end, first[at].pieces + span.pieces))
    return pairs


def _disjoint(found: Sequence[Found]) -> int:
    """The most spans that do not overlap (earliest end first)."""
    count, ends = 0, dict[int, int]()
    for one in sorted(found, key=lambda one: one.span.end):
        if one.span.start >= ends.get(id(one.part), 0):
            ends[id(one.part)] = one.span.end
            count += 1
    return count


class Queries:
    """Queries by number, their words numbered by `leaves`."""

    def __init__(self, nodes: Sequence[s.Node], leaves: dict[s.Word, int]) -> None:
        self.leaves = leaves
        self.queries = [Query(node, leaves) for node in nodes]

    def run(self, number: int, parts: Sequence[PartIndex]) -> list[Found] | None:
        """What makes one query hold; None where it does not."""
        return self.queries[number].run(parts)


class Engine(Queries):
    """Many queries over one vocabulary."""

    def __init__(self, nodes: Sequence[s.Node]) -> None:
        leaves: dict[s.Word, int] = {}
        for node in nodes:
            for word in s.words(node):
                leaves.setdefault(word, len(leaves))
        super().__init__(nodes, leaves)
        self._vocabulary = Vocabulary(list(leaves))
        self._by_leaf: dict[int, list[int]] = defaultdict(list)
        for number, query in enumerate(self.queries):
            for leaf in query.anchor():
                self._by_leaf[leaf].append(number)

    def index(self, name: str, words: Words) -> PartIndex:
        """A part of an article, looked up."""
        return PartIndex(name, words, self._vocabulary.look_up(words.surfaces))

    def candidates(self, parts: Sequence[PartIndex]) -> set[int]:
        """The queries that may hold: no other can."""
        by_leaf = self._by_leaf
        return {number for part in parts for leaf in part.positions if leaf in by_leaf for number in by_leaf[leaf]}
