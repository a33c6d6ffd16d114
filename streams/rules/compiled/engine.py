"""The compiled engine, from articles to the numbers of the rules that they meet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from streams.rules import syntax as s
from streams.rules.compiled import match as k
from streams.rules.compiled.build import Compiled, first_weights, presearch
from streams.rules.compiled.evidence import Evidence, Joined
from streams.rules.compiled.layout import EVERYWHERE, Units, Work
from streams.rules.compiled.operations import Stacks
from streams.rules.compiled.program import NEEDS_UNITS
from streams.rules.compiled.units import Breaks, find_breaks
from streams.rules.compiled.vocabulary import Table, readable
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
        self.work = Work(
            places=np.zeros((leaves, 2), np.int32),
            there=np.zeros(leaves + 2, np.uint8),
            touched=np.zeros(leaves + 1, np.int32),
            candidates=np.zeros(_START, np.int32),
            seen=np.zeros(queries, np.int64),
            held=np.zeros(compiled.rules, np.int64),
            seen_in=np.zeros(leaves, np.int64),
            spots=np.zeros(_START, np.int32),
            posts=np.zeros(_START, np.int32),
            scopes=np.zeros((5, 2), np.int32),
        )
        self.work.there[leaves + EVERYWHERE] = 1
        self.work.scopes[4] = -1
        self.stacks = _stacks(_START, 256)
        self.units = _units(_START)
        self.answers = np.zeros((2, _START), np.int64)
        self.stamp = 0

    def grow(self, positions: int) -> None:
        """Twice of everything, and at least room for so many positions."""
        size = max(2 * len(self.work.posts), positions)
        self.work = self.work._replace(
            candidates=np.zeros(2 * len(self.work.candidates), np.int32),
            spots=np.zeros(size, np.int32),
            posts=np.zeros(size, np.int32),
        )
        self.stacks = _stacks(2 * len(self.stacks.low), 2 * len(self.stacks.truths))
        self.units = _units(max(positions, self.units.of.shape[1]))
        self.answers = np.concatenate([self.answers, np.zeros_like(self.answers)], axis=1)


_START = 4096


def _stacks(spans: int, depth: int) -> Stacks:
    return Stacks(
        np.zeros(spans, np.int32),
        np.zeros(spans, np.int32),
        np.zeros(depth, np.int32),
        np.zeros(spans, np.uint8),
        np.zeros(depth, np.uint8),
    )


def _units(positions: int) -> Units:
    """Room for as many units as positions."""
    shape = (2, positions)
    return Units(
        np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(2, np.int32)
    )


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
        text, parts = joined(articles)
        if parts[-1] > MOST_BYTES:
            if len(articles) == 1:
                raise ValueError(f"an article of {parts[-1]} bytes; at most {MOST_BYTES} can be matched")
            half = len(articles) // 2
            return self.match(articles[:half]) + self.match(articles[half:])
        words = self.table.words(text, parts)
        breaks = find_breaks(text.small, parts, words) if self._asks_units else _NO_BREAKS
        languages = [self._languages.get(one[2], self._unknown_language) if one[2] else -1 for one in articles]
        batch = _Articles(articles, (text, parts), words, breaks, np.array(languages, np.int32))
        answers, asking = self._answers(batch, np.arange(len(articles)))
        if asking:
            batch.settle(asking)
            for article, rules in zip(asking, self._answers(batch, np.array(asking))[0], strict=True):
                answers[article] = rules
        self._learn(len(articles))
        return answers

    @cached_property
    def leaves(self) -> dict[s.Word, int]:
        """The rules' words by number."""
        return {word: number for number, word in enumerate(self._compiled.leaves)}

    def evidence(self, article: Texts) -> Evidence:
        """An article for the plain engine, which finds the spans of matched rules."""
        return Evidence(article[:2], lambda: joined([article]), self.table)

    def _answers(self, batch: _Articles, chosen: npt.NDArray[np.int64]) -> tuple[list[list[int]], list[int]]:
        """For each of the articles chosen the rules that it meets, and the articles that need their sentences."""
        packed, ends, undecided = self._run(batch, chosen)
        rules = (packed >> k.ANSWER_BITS).tolist()
        answers = [rules[start:end] for start, end in pairwise([0, *ends])]
        asking: list[int] = []
        says = packed & ((1 << k.ANSWER_BITS) - 1)
        open_places = np.unique(np.searchsorted(ends, np.flatnonzero(says), "right")).tolist() if undecided else []
        for place in open_places:
            article, here = int(chosen[place]), says[ends[place] - len(answers[place]) : ends[place]].tolist()
            if k.ANSWER_UNITS in here:
                asking.append(article)
                continue
            evidence, language = self.evidence(batch.articles[article]), batch.articles[article][2]
            answers[place] = [
                rule
                for rule, answer in zip(answers[place], here, strict=True)
                if answer == k.ANSWER_HELD or self._decide(rule, language, evidence)
            ]
        return answers, asking

    def _run(self, batch: _Articles, chosen: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], list[int], bool]:
        """The answers of the articles chosen, where those of each end, and whether one is not HELD."""
        memory, words, sets, rules = self._memory, batch.words, self.table.sets, self._rules
        state = np.array([0, 0, memory.stamp, 0, 0, 0])
        ends = np.empty(len(chosen), np.int64)
        given = k.Batch(
            *(words.met, batch.breaks.flags, words.firsts, sets.starts, sets.leaves),
            *(batch.languages, batch.unsettled, LEAD_WORDS, int(self._asks_units)),
        )
        while True:
            results = k.Results(memory.answers, ends, state)
            if k.match(rules, memory.work, memory.stacks, memory.units, given, chosen, results) == k.DONE:
                break
            at = 2 * int(chosen[state[0]])
            memory.grow(int(words.firsts[at + 2] - words.firsts[at]) + rules.gap + 1)
        _, found, memory.stamp, candidates, evaluations, undecided = state.tolist()
        self.counts.candidates += candidates
        self.counts.evaluations += evaluations
        return memory.answers[0, :found], ends.tolist(), undecided > 0

    def _learn(self, articles: int) -> None:
        """Go by experience: anchor queries at words that turned out to be rare."""
        before, after = self.counts.articles, self.counts.articles + articles
        self.counts.articles = after
        if any(before < mark <= after for mark in LEARN_AFTER):
            with self._lock:
                seen = self._memory.work.seen_in.astype(np.float64)
                self._rules = presearch(self._compiled, seen + 0.1 * first_weights(self._compiled.leaves))


_NO_BREAKS = Breaks(np.zeros(1, np.uint8), np.zeros((0, 2), np.int32))


class _Articles:
    """Articles that go through together. `unsettled` uint8 (articles,) is 1 where a sentence may have more ends."""

    def __init__(
        self,
        articles: Sequence[Texts],
        text: Joined,
        words: Tokens,
        breaks: Breaks,
        languages: npt.NDArray[np.int32],
    ) -> None:
        self.articles, self.words, self.breaks, self.languages = articles, words, breaks, languages
        self._text, self._parts = text
        self.unsettled = np.zeros(len(articles), np.uint8)
        if len(breaks.asked):
            self.unsettled[np.searchsorted(words.firsts[::2], breaks.asked[:, 0], "right") - 1] = 1

    def settle(self, chosen: Iterable[int]) -> None:
        """Decide every open case of the chosen articles."""
        firsts = self.words.firsts
        for article in chosen:
            for part in (2 * article, 2 * article + 1):
                text, start = self.articles[article][part % 2], int(self._parts[part])
                self.breaks.settle(self._text.small, start, text, int(firsts[part]), int(firsts[part + 1]))
            self.unsettled[article] = 0


def joined(articles: Sequence[Texts]) -> Joined:
    """UTF-8 of all titles and bodies in one buffer, and where each part begins, shape (2 * articles + 1,)."""
    encoded = [text.encode("utf-8", "surrogatepass") for article in articles for text in article[:2]]
    parts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=parts[1:])
    return readable(encoded), parts
