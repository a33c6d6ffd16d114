"""From words as written to sets of leaves, for the kernels: each distinct word is resolved once in Python.

The table is bounded. When it is full, words are still answered, only not remembered, until the next batch starts it
anew. Readers in other threads keep the arrays that they began with: rows are added, never changed.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streams.rules.compiled import tokenise as k
from streams.rules.compiled.characters import classes

Ints = npt.NDArray[np.int32]
MAX_WORDS = 200_000
MAX_BYTES = 8_000_000
"""Limits of what is remembered: distinct words, and their bytes together."""

_START = 1 << 12


@dataclass(frozen=True)
class Words:
    """The words of a batch: byte spans and sets of leaves, shape (words,); `firsts` (parts + 1,)."""

    begins: Ints
    ends: Ints
    met: Ints
    firsts: Ints


class Sets:
    """Distinct sets of leaves, numbered; 0 is the empty one. `starts` and `leaves` are the rows, for kernels."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, ...], int] = {(): 0}
        self.starts = np.zeros(1026, np.int32)
        self.leaves = np.zeros(1024, np.int32)
        self._used = 0

    def number(self, leaves: tuple[int, ...]) -> int:
        """The number of a set, given for ever."""
        known = self._numbers.get(leaves)
        if known is not None:
            return known
        number = len(self._numbers)
        if number > k.MAX_MET:
            raise OverflowError("more distinct sets of leaves than 24 bits can number")
        end = self._used + len(leaves)
        if end > len(self.leaves):
            self.leaves = np.concatenate([self.leaves, np.zeros(max(len(self.leaves), len(leaves)), np.int32)])
        if number + 1 >= len(self.starts):
            self.starts = np.concatenate([self.starts, np.zeros(len(self.starts), np.int32)])
        self.leaves[self._used : end] = leaves
        self.starts[number + 1] = self._used = end
        self._numbers[leaves] = number
        return number


class Table:
    """Known words. `resolve` gives the leaves of a word that is seen for the first time."""

    def __init__(self, resolve: Callable[[str], tuple[int, ...]], *, max_words: int = MAX_WORDS) -> None:
        self._resolve = resolve
        self._max_words = max_words
        self._lock = threading.Lock()
        self._seed = secrets.randbits(62)
        self.sets = Sets()
        self._clear()

    def _clear(self) -> None:
        self._slots = np.zeros((_START, 4), np.int64)
        self._arena = np.zeros(1 << 15, np.uint8)
        self._count = self._used = 0
        self._full = False

    def words(self, data: npt.NDArray[np.uint8], parts: npt.NDArray[np.int64]) -> Words:
        """The words of all parts. `data` is UTF-8, part p is data[parts[p]:parts[p + 1]]."""
        most = (len(data) + len(parts)) // 2 + len(parts) + 1
        begins, ends, met = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
        firsts = np.empty(len(parts), np.int32)
        if self._full:
            with self._lock:
                self._clear()
        slots, arena = self._slots, self._arena
        unknown = k.tokenise(data, parts, classes(), slots, arena, self._seed, begins, ends, met, firsts)
        if unknown:
            count = int(firsts[-1])
            self._learn(data, begins, ends, met, np.flatnonzero(met[:count] < 0).tolist())
        return Words(begins, ends, met, firsts)

    def _learn(self, data: npt.NDArray[np.uint8], begins: Ints, ends: Ints, met: Ints, unknown: list[int]) -> None:
        seen: dict[bytes, int] = {}
        with self._lock:
            for at in unknown:
                surface = data[begins[at] : ends[at]].tobytes()
                number = seen.get(surface)
                if number is None:
                    text = surface.decode("utf-8", "surrogatepass")
                    number = seen[surface] = self.sets.number(self._resolve(text))
                    self._remember(surface, number)
                met[at] = number

    def _remember(self, surface: bytes, number: int) -> None:
        size = len(surface)
        if size > k.MAX_SIZE or self._full:
            return
        if self._count >= self._max_words or self._used + size > MAX_BYTES:
            self._full = True
            return
        word = np.frombuffer(surface, np.uint8)
        one, two, hashed = k.key_of(word, 0, size, self._seed)
        if k.find(self._slots, self._arena, word, 0, size, one, two, hashed) >= 0:
            return  # another thread was first
        if self._used + size > len(self._arena):
            self._arena = np.concatenate([self._arena, np.zeros(len(self._arena), np.uint8)])
        if 2 * self._count >= len(self._slots):
            grown = np.zeros((2 * len(self._slots), 4), np.int64)
            k.rehash(self._slots, grown)
            self._slots = grown
        self._arena[self._used : self._used + size] = word
        k.insert(self._slots, one, two, self._used << 32 | size << 24 | number, hashed)
        self._used += size
        self._count += 1
