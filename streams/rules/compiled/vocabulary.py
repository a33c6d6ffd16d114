"""From words as written to sets of leaves and marks, for the kernels: each distinct word is resolved once in Python.

The table is bounded. When it is full, words are still answered, only not remembered, until the next batch starts it
anew. Readers in other threads keep the arrays that they began with: rows are added, never changed.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.rules.compiled import tokenise as k
from streams.rules.compiled.characters import classes
from streams.signature import mark

Ints = npt.NDArray[np.int32]
MAX_WORDS = 200_000
MAX_BYTES = 8_000_000
"""Limits of what is remembered: distinct words, and their bytes together."""

_START = 1 << 12


class Words(NamedTuple):
    """The words of a batch: byte spans and sets of leaves, shape (words,); `firsts` (parts + 1,).

    `marks` uint64 (words,), or empty where they were not asked for.
    """

    begins: Ints
    ends: Ints
    met: Ints
    firsts: Ints
    marks: npt.NDArray[np.uint64]


def readable(pieces: Sequence[bytes]) -> k.Bytes:
    """Pieces of text, joined for the kernels."""
    size = sum(map(len, pieces))
    small = np.frombuffer(b"".join([*pieces, bytes(k.MARGIN + -size % 8)]), np.uint8)
    return k.Bytes(small, small.view(np.uint64))


def writable(size: int, old: npt.NDArray[np.uint8] | None = None) -> k.Bytes:
    """Room for so many bytes and the margin, beginning with the old ones."""
    small = np.zeros(size + k.MARGIN + -size % 8, np.uint8)
    if old is not None:
        small[: len(old)] = old
    return k.Bytes(small, small.view(np.uint64))


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
        self._seed = np.uint64(secrets.randbits(64))
        self.sets = Sets()
        self._clear()

    def _clear(self) -> None:
        self._arena = writable(1 << 15)
        self._known = k.Known(np.zeros((_START, 4), np.uint64), self._arena.small, self._seed)
        self._count = self._used = 0
        self._full = False

    def words(self, text: k.Bytes, parts: npt.NDArray[np.int64], *, marked: bool = False) -> Words:
        """The words of all parts, with their marks where these are asked for. Part p is parts[p]:parts[p + 1]."""
        most = (int(parts[-1]) + len(parts)) // 2 + len(parts) + 1
        found, firsts = np.empty((3, most), np.int32), np.empty(len(parts), np.int32)
        marks = np.empty(most if marked else 0, np.uint64)
        if self._full:
            with self._lock:
                self._clear()
        unknown = k.tokenise(text, parts, classes(), self._known, found, firsts, marks)
        count = int(firsts[-1])
        words = Words(found[0, :count], found[1, :count], found[2, :count], firsts, marks[:count])
        if unknown:
            self._learn(text, words, np.flatnonzero(words.met < 0).tolist())
        return words

    def _learn(self, text: k.Bytes, words: Words, unknown: list[int]) -> None:
        seen: dict[bytes, tuple[int, int]] = {}
        with self._lock:
            for at in unknown:
                begin, end = int(words.begins[at]), int(words.ends[at])
                surface = text.small[begin:end].tobytes()
                found = seen.get(surface)
                if found is None:
                    word = surface.decode("utf-8", "surrogatepass")
                    found = seen[surface] = self.sets.number(self._resolve(word)), mark(word)
                    self._remember(text, begin, end, *found)
                words.met[at] = found[0]
                if len(words.marks):
                    words.marks[at] = found[1]

    def _remember(self, text: k.Bytes, begin: int, end: int, met: int, marked: int) -> None:
        size = end - begin
        if size > k.MAX_SIZE or self._full:
            return
        if self._count >= self._max_words or self._used + size > MAX_BYTES:
            self._full = True
            return
        if self._used + size > len(self._arena.small) - k.MARGIN:
            self._arena = writable(2 * len(self._arena.small), self._arena.small)
            self._known = self._known._replace(arena=self._arena.small)
        if 2 * self._count >= len(self._known.slots):
            grown = np.zeros((2 * len(self._known.slots), 4), np.uint64)
            k.rehash(self._known, self._arena, grown)
            self._known = self._known._replace(slots=grown)
        self._arena.small[self._used : self._used + size] = text.small[begin:end]
        if k.add(self._known, text, begin, end, self._used, met, marked):  # else another thread was first
            self._used += size
            self._count += 1
