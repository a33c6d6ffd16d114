"""The words of one matched article, found by the kernels, in the form in which the plain engine asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.rules.compiled.sketch import sketch
from streams.rules.compiled.tokenise import Bytes
from streams.rules.compiled.units import PARAGRAPH, SENTENCE, Breaks, find_breaks
from streams.rules.compiled.vocabulary import Ints, Table
from streams.rules.compiled.vocabulary import Words as Tokens
from streams.rules.engine import PartIndex, Words

Joined = tuple[Bytes, npt.NDArray[np.int64]]


class Evidence:
    """Title and body, parted into words when they are first asked for."""

    def __init__(self, texts: tuple[str, str], joined: Callable[[], Joined], table: Table) -> None:
        self._texts, self._joined, self._table = texts, joined, table

    @cached_property
    def parts(self) -> list[PartIndex]:
        """Title and body with the positions of the compiled rules' leaves."""
        _, tokens = self.tokens
        made = []
        for part, name in enumerate(("title", "body")):
            met = tokens.met[int(tokens.firsts[part]) : int(tokens.firsts[part + 1])]
            positions = _Positions(met, self._table.sets.starts, self._table.sets.leaves)
            made.append(PartIndex(name, _Part(self._texts[part], part, self), positions))
        return made

    @cached_property
    def tokens(self) -> tuple[Joined, Tokens]:
        """UTF-8, where its parts begin, and the words."""
        joined = self._joined()
        return joined, self._table.words(*joined, marked=True)

    @cached_property
    def signature(self) -> tuple[int, ...]:
        """The near-copy signature of the body, as `streams.signature.signature` gives it."""
        _, tokens = self.tokens
        return sketch(tokens.marks[int(tokens.firsts[1]) : int(tokens.firsts[2])])

    @cached_property
    def breaks(self) -> Breaks:
        """Where sentences and paragraphs begin, every case settled."""
        (data, parts), tokens = self.tokens
        found = find_breaks(data.small, parts, tokens)
        for part, text in enumerate(self._texts):
            found.settle(data.small, int(parts[part]), text, int(tokens.firsts[part]), int(tokens.firsts[part + 1]))
        return found


class _Positions(Mapping[int, list[int]]):
    """Where each leaf is met. `met` (words,) are sets of leaves, set n is leaves[starts[n]:starts[n + 1]]."""

    def __init__(self, met: Ints, starts: Ints, leaves: Ints) -> None:
        first, sizes = starts[met], starts[met + 1] - starts[met]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        found = leaves[np.repeat(first, sizes) + within]
        order = np.argsort(found, kind="stable")
        self._leaves = found[order]
        self._at = np.repeat(np.arange(len(met)), sizes)[order]

    def __getitem__(self, leaf: int) -> list[int]:
        low, high = np.searchsorted(self._leaves, (leaf, leaf + 1)).tolist()
        if low == high:
            raise KeyError(leaf)
        found: list[int] = self._at[low:high].tolist()
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(np.unique(self._leaves).tolist())

    def __len__(self) -> int:
        return len(np.unique(self._leaves))


class _Part(Words):
    """As `Words`, of one part of an article."""

    def __init__(self, text: str, part: int, article: Evidence) -> None:
        super().__init__(text)
        self._part, self._article = part, article

    @property
    def _rows(self) -> slice:
        _, tokens = self._article.tokens
        return slice(int(tokens.firsts[self._part]), int(tokens.firsts[self._part + 1]))

    @cached_property
    def surfaces(self) -> list[str]:
        return [self.text[start:end] for start, end in self.offsets]

    @cached_property
    def offsets(self) -> list[tuple[int, int]]:
        (data, parts), tokens = self._article.tokens
        start, end = int(parts[self._part]), int(parts[self._part + 1])
        bounds: Any = np.stack([tokens.begins[self._rows], tokens.ends[self._rows]]) - start
        if not self.text.isascii():
            following = (data.small[start:end] & 0xC0) == 0x80
            bounds = bounds - np.concatenate([[0], np.cumsum(following)])[bounds]
        return list(zip(*bounds.tolist(), strict=True))

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        return self._units(SENTENCE)

    @cached_property
    def paragraphs(self) -> list[tuple[int, int]]:
        return self._units(PARAGRAPH)

    def _units(self, flag: int) -> list[tuple[int, int]]:
        rows = self._rows
        count = rows.stop - rows.start
        if not count:
            return []
        inner = np.flatnonzero(self._article.breaks.flags[rows] & flag).tolist()
        starts = [0, *(at for at in inner if at)]
        return list(zip(starts, [*starts[1:], count], strict=True))
