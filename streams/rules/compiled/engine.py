"""The compiled engine, from articles to the numbers of the rules that they meet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.rules import syntax as s
from streams.rules.compiled import match as k
from streams.rules.compiled.build import Compiled, first_weights, presearch
from streams.rules.compiled.evidence import Evidence
from streams.rules.compiled.machine import Stacks
from streams.rules.compiled.program import NEEDS_UNITS
from streams.rules.compiled.units import Breaks, find_breaks
from streams.rules.compiled.vocabulary import Table
from streams.rules.compiled.vocabulary import Words as Tokens
from streams.rules.engine import LEAD_WORDS, Vocabulary

LEARN_AFTER = (256, 4_096)
"""Numbers of articles after which queries are anchored anew, by how often their words were really met."""

MOST_BYTES = 2**31 - 1
"""Places in a batch are numbers of 32 bits."""

Texts = tuple[str, str, str]
"""Title, body and language of an article."""


@dataclass
class Counts:
    """What was done so far: articles, candidates of the presearcher, programs run."""

    articles: int = 0
    candidates: int = 0
    evaluations: int = 0


class _Memory(threading.local):
    """Working memory of each thread; it grows with the articles and never shrinks."""

    def __init__(self, compiled: Compiled) -> None:
        leaves, queries = len(compiled.leaves), len(compiled.asked) + len(compiled.bars)
        self.work = k.Work(
            np.zeros((leaves, 2), np.int32),
            np.zeros(leaves, np.int32),
            np.zeros(queries, np.int64),
            np.zeros(compiled.rules, np.int64),
            np.zeros(4096, np.int32),
            np.zeros((5, 2), np.int32),
            np.zeros(leaves, np.int64),
        )
        self.work.scopes[4] = -1
        self.stacks = _stacks(4096, 256)
        self.units = _unit_arrays(4096)
        self.answers = np.zeros((4096, 3), np.int32)
        self.stamp = 0

    def grow(self, positions: int) -> None:
        """Twice of everything, and at least room for so many positions."""
        size = max(2 * len(self.work.posts), positions)
        self.work = self.work._replace(posts=np.zeros(size, np.int32))
        self.stacks = _stacks(2 * len(self.stacks.low), 2 * len(self.stacks.truths))
        self.units = _unit_arrays(max(positions, self.units[0].shape[1]))
        self.answers = np.concatenate([self.answers, np.zeros_like(self.answers)])


def _stacks(spans: int, depth: int) -> Stacks:
    return Stacks(
        np.zeros(spans, np.int32),
        np.zeros(spans, np.int32),
        np.zeros(depth, np.int32),
        np.zeros(spans, np.uint8),
        np.zeros(depth, np.uint8),
    )


def _unit_arrays(positions: int) -> tuple[Any, Any, Any, Any]:
    """Room for as many units as positions."""
    shape = (2, positions)
    return np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(2, np.int32)


class CompiledEngine:
    """Rules over one vocabulary. `decide(rule, language, article)` is the plain engine on a rule without program."""

    def __init__(self, compiled: Compiled, decide: Callable[[int, str, Evidence], bool]) -> None:
        self._compiled = compiled
        self._decide = decide
        self._languages = {name: number for number, name in enumerate(compiled.languages)}
        self._unknown_language = len(compiled.languages)
        self.table = Table(Vocabulary(compiled.leaves).leaves_of)
        self._rules = presearch(compiled, first_weights(compiled.leaves))
        self._memory = _Memory(compiled)
        self._lock = threading.Lock()
        self.counts = Counts()
        self._asks_units = any(compiled.code[at + 3] & NEEDS_UNITS for at in [*compiled.asked, *compiled.bars])

    def match(self, articles: Sequence[Texts]) -> list[list[int]]:
        """For each article the rules that it meets, rising. Raises ValueError for an article of over 2 GB."""
        data, parts = joined(articles)
        if len(data) > MOST_BYTES:
            if len(articles) == 1:
                raise ValueError(f"an article of {len(data)} bytes; at most {MOST_BYTES} can be matched")
            half = len(articles) // 2
            return self.match(articles[:half]) + self.match(articles[half:])
        words = self.table.words(data, parts)
        units = find_breaks(data, parts, words) if self._asks_units else _NO_BREAKS
        batch = _Batch(articles, data, parts, words, units, self._numbered(articles))
        answers: list[list[int]] = [[] for _ in articles]
        found = self._run(batch, list(range(len(articles))))
        asking = {article for article, _, answer in found if answer == k.ANSWER_UNITS}
        self._decided(batch, [row for row in found if row[0] not in asking], answers)
        if asking:
            batch.settle(asking)
            self._decided(batch, self._run(batch, sorted(asking)), answers)
        for one in answers:
            one.sort()
        self._learn(len(articles))
        return answers

    @cached_property
    def leaves(self) -> dict[s.Word, int]:
        """The rules' words by number."""
        return {word: number for number, word in enumerate(self._compiled.leaves)}

    def evidence(self, article: Texts) -> Evidence:
        """An article for the plain engine, which finds the spans of matched rules."""
        return Evidence(article[:2], lambda: joined([article]), self.table)

    def _decided(self, batch: _Batch, found: list[list[int]], answers: list[list[int]]) -> None:
        for article, rule, answer in found:
            if answer == k.ANSWER_HELD or self._decide(
                rule, batch.articles[article][2], self.evidence(batch.articles[article])
            ):
                answers[article].append(rule)

    def _numbered(self, articles: Sequence[Texts]) -> npt.NDArray[np.int32]:
        """The articles' languages by number, -1 where it is not known."""
        numbers = [self._languages.get(one[2], self._unknown_language) if one[2] else -1 for one in articles]
        return np.array(numbers, np.int32)

    def _run(self, batch: _Batch, chosen: list[int]) -> list[list[int]]:
        """Rows of (article, rule, answer) for the articles chosen."""
        memory, words, sets = self._memory, batch.words, self.table.sets
        state = np.array([0, 0, memory.stamp, 0, 0], np.int64)
        numbers = np.array(chosen, np.int64)
        starts = sets.starts
        while (
            k.match(
                *(self._rules, memory.work, memory.stacks, memory.units),
                *(words.met, batch.units.flags, batch.open, numbers, words.firsts, starts, sets.leaves),
                *(batch.languages, memory.answers, state, (LEAD_WORDS, int(self._asks_units))),
            )
            != k.DONE
        ):
            at = 2 * chosen[int(state[0])]
            memory.grow(int(words.firsts[at + 2] - words.firsts[at]) + self._rules.gap + 1)
        memory.stamp = int(state[2])
        self.counts.candidates += int(state[3])
        self.counts.evaluations += int(state[4])
        result: list[list[int]] = memory.answers[: int(state[1])].tolist()
        return result

    def _learn(self, articles: int) -> None:
        """Go by experience: anchor queries at words that turned out to be rare."""
        before, after = self.counts.articles, self.counts.articles + articles
        self.counts.articles = after
        if any(before < mark <= after for mark in LEARN_AFTER):
            with self._lock:
                seen = self._memory.work.seen_in.astype(np.float64)
                self._rules = presearch(self._compiled, seen + 0.1 * first_weights(self._compiled.leaves))


_NO_BREAKS = Breaks(np.zeros(1, np.uint8), np.zeros((0, 2), np.int32))


class _Batch:
    """Articles that go through together. `open` uint8 (articles,) is 1 where sentences are not settled."""

    def __init__(
        self,
        articles: Sequence[Texts],
        data: npt.NDArray[np.uint8],
        parts: npt.NDArray[np.int64],
        words: Tokens,
        units: Breaks,
        languages: npt.NDArray[np.int32],
    ) -> None:
        self.articles, self.words, self.units, self.languages = articles, words, units, languages
        self._data, self._parts = data, parts
        self.open = np.zeros(len(articles), np.uint8)
        self.open[np.searchsorted(words.firsts[::2], units.asked[:, 0], "right") - 1] = 1

    def settle(self, chosen: Iterable[int]) -> None:
        """Decide every open case of the chosen articles."""
        firsts = self.words.firsts
        for article in chosen:
            for part in (2 * article, 2 * article + 1):
                text, start = self.articles[article][part % 2], int(self._parts[part])
                self.units.settle(self._data, start, text, int(firsts[part]), int(firsts[part + 1]))
            self.open[article] = 0


def joined(articles: Sequence[Texts]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """UTF-8 of all titles and bodies in one buffer, and where each part begins, shape (2 * articles + 1,)."""
    encoded = [text.encode("utf-8", "surrogatepass") for article in articles for text in article[:2]]
    parts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=parts[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), parts
