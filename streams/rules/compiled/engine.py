"""The compiled engine, from articles to the numbers of the rules that they meet."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.rules.compiled import match as k
from streams.rules.compiled.build import Compiled, first_weights, presearch
from streams.rules.compiled.machine import Stacks
from streams.rules.compiled.vocabulary import Table, Words
from streams.rules.engine import LEAD_WORDS, Vocabulary
from streams.text import paragraphs, sentences

LEARN_AFTER = (256, 4_096)
"""Numbers of articles after which queries are anchored anew, by how often their words were really met."""

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
            np.zeros(leaves, np.int64),
            np.zeros(leaves, np.int32),
            np.zeros(leaves, np.int32),
            np.zeros(leaves, np.int32),
            np.zeros(queries, np.int64),
            np.zeros(compiled.rules, np.int64),
            np.zeros(4096, np.int32),
            np.zeros((5, 2), np.int32),
            np.zeros(leaves, np.int64),
        )
        self.work.scopes[4] = -1
        self.stacks = _stacks(4096, 256)
        self.units = _unit_arrays(4096, 2)
        self.answers = np.zeros((4096, 3), np.int32)
        self.stamp = 0

    def grow(self, positions: int) -> None:
        """Twice of everything, and at least room for so many positions."""
        size = max(2 * len(self.work.posts), positions)
        self.work = self.work._replace(posts=np.zeros(size, np.int32))
        self.stacks = _stacks(2 * len(self.stacks.low), 2 * len(self.stacks.truths))
        self.units = _unit_arrays(max(positions, self.units[0].shape[1]), 2)
        self.answers = np.concatenate([self.answers, np.zeros_like(self.answers)])


def _stacks(spans: int, depth: int) -> Stacks:
    return Stacks(
        np.zeros(spans, np.int32),
        np.zeros(spans, np.int32),
        np.zeros(depth, np.int32),
        np.zeros(spans, np.uint8),
        np.zeros(depth, np.uint8),
    )


def _unit_arrays(positions: int, units: int) -> tuple[Any, Any, Any, Any]:
    return (
        np.zeros((2, positions), np.int32),
        np.zeros((2, units), np.int32),
        np.zeros((2, units), np.int32),
        np.zeros(2, np.int32),
    )


class CompiledEngine:
    """Rules over one vocabulary. `decide(rule, article)` is the plain engine's word on rules that have no program."""

    def __init__(self, compiled: Compiled, decide: Callable[[int, Texts], bool]) -> None:
        self._compiled = compiled
        self._decide = decide
        self._languages = {name: number for number, name in enumerate(compiled.languages)}
        self._unknown_language = len(compiled.languages)
        self._table = Table(Vocabulary(compiled.leaves).leaves_of)
        self._rules = presearch(compiled, first_weights(compiled.leaves))
        self._memory = _Memory(compiled)
        self._lock = threading.Lock()
        self.counts = Counts()

    def match(self, articles: Sequence[Texts]) -> list[list[int]]:
        """For each article the rules that it meets, rising."""
        data, parts = _joined(articles)
        words = self._table.words(data, parts)
        languages = np.array([self._language(language) for _, _, language in articles], np.int32)
        found = self._run(words, languages)
        answers: list[list[int]] = [[] for _ in articles]
        asking: set[int] = set()
        for article, rule, answer in found:
            if answer == k.ANSWER_UNITS:
                asking.add(article)
        for article, rule, answer in found:
            if article not in asking and (answer == k.ANSWER_HELD or self._decide(rule, articles[article])):
                answers[article].append(rule)
        for article in asking:
            for _, rule, answer in self._exactly(articles[article], article, words, languages, data, parts):
                if answer == k.ANSWER_HELD or self._decide(rule, articles[article]):
                    answers[article].append(rule)
        for one in answers:
            one.sort()
        self._learn(len(articles))
        return answers

    def _language(self, language: str) -> int:
        return self._languages.get(language, self._unknown_language) if language else -1

    def _run(self, words: Words, languages: npt.NDArray[np.int32], units: Any = None) -> list[list[int]]:
        memory = self._memory
        sets = self._table.sets
        state = np.array([0, 0, memory.stamp, 0, 0], np.int64)
        while True:
            starts, leaves = sets.starts, sets.leaves
            given = (0, LEAD_WORDS, *memory.units) if units is None else units
            done = k.match(
                self._rules,
                memory.work,
                memory.stacks,
                given,
                words.met,
                words.firsts,
                starts,
                leaves,
                languages,
                memory.answers,
                state,
            )
            if done == k.DONE:
                break
            at = int(state[0])
            before = memory.answers
            memory.grow(int(words.firsts[2 * at + 2] - words.firsts[2 * at]) + self._rules.gap + 1)
            del before
        memory.stamp = int(state[2])
        self.counts.candidates += int(state[3])
        self.counts.evaluations += int(state[4])
        result: list[list[int]] = memory.answers[: int(state[1])].tolist()
        return result

    def _exactly(
        self,
        article: Texts,
        number: int,
        words: Words,
        languages: npt.NDArray[np.int32],
        data: npt.NDArray[np.uint8],
        parts: npt.NDArray[np.int64],
    ) -> list[list[int]]:
        """One article with its sentences and paragraphs known."""
        spans = [character_starts(words, data, parts, 2 * number + part) for part in (0, 1)]
        body_at = len(spans[0]) + self._rules.gap
        of = np.zeros((2, body_at + len(spans[1]) + 1), np.int32)
        ranges: list[list[tuple[int, int]]] = []
        for kind, split in enumerate((sentences, paragraphs)):
            found = [
                (low + offset, high + offset)
                for part, offset in ((0, 0), (1, body_at))
                for low, high in unit_ranges(spans[part], split(article[part]))
            ]
            for unit, (low, high) in enumerate(found):
                of[kind, low:high] = unit
            ranges.append(found)
        most = max(1, *(len(found) for found in ranges))
        bounds = np.zeros((2, 2, most), np.int32)
        for kind, found in enumerate(ranges):
            if found:
                bounds[:, kind, : len(found)] = np.array(found, np.int32).T
        counts = np.array([len(found) for found in ranges], np.int32)
        units = (1, LEAD_WORDS, of, bounds[0], bounds[1], counts)
        firsts = words.firsts[2 * number : 2 * number + 3]
        return self._run(
            Words(words.begins, words.ends, words.met, firsts), languages[number : number + 1], units
        )

    def _learn(self, articles: int) -> None:
        before, after = self.counts.articles, self.counts.articles + articles
        self.counts.articles = after
        if any(before < mark <= after for mark in LEARN_AFTER):
            with self._lock:
                seen = self._memory.work.seen_in.astype(np.float64)
                self._rules = presearch(self._compiled, seen + 0.1 * first_weights(self._compiled.leaves))


def _joined(articles: Sequence[Texts]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """UTF-8 of all titles and bodies in one buffer, and where each part begins, shape (2 * articles + 1,)."""
    encoded = [text.encode("utf-8", "surrogatepass") for article in articles for text in article[:2]]
    parts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=parts[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), parts


def character_starts(
    words: Words, data: npt.NDArray[np.uint8], parts: npt.NDArray[np.int64], part: int
) -> list[int]:
    """The character at which each word of a part begins."""
    begins = words.begins[int(words.firsts[part]) : int(words.firsts[part + 1])] - int(parts[part])
    here = data[parts[part] : parts[part + 1]]
    following = (here & 0xC0) == 0x80
    if following.any():
        begins = begins - np.concatenate([[0], np.cumsum(following)])[begins]
    result: list[int] = begins.tolist()
    return result


def unit_ranges(starts: Sequence[int], spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Words in each span of characters, without empty ones."""
    found = ((bisect_left(starts, start), bisect_left(starts, end)) for start, end in spans)
    return [(low, high) for low, high in found if low < high]
