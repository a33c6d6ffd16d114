"""Near-copies: a small signature of a text, the same in every process, and how alike two of them are.

The signature is a bottom sketch: the smallest 64 of the 32-bit hashes of the text's four-word runs (Cohen and
Kaplan's bottom-k). Words are those of the rules, folded. The compiled engine makes the same numbers from the words
that it has found already (`streams.rules.compiled.sketch`).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from zlib import crc32

from streams.rules.words import WORD, fold

SIZE = 64
SHINGLE = 4
NEAR = 0.7
"""From this similarity on, two texts count as one."""

BASE = 0x6A09E667F3BCC908
WEIGHTS = (0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1, 0x510E527FADE682D1)
"""What a run's marks are hashed with, by place: the fractions of the square roots of 2, and of 3, 5, 7 and 11."""

_MASK = 0xFFFFFFFFFFFFFFFF


def signature(text: str) -> tuple[int, ...]:
    """At most 64 rising numbers of 32 bits; empty where the text has no word."""
    return sketch(WORD.findall(text))


def mark(word: str) -> int:
    """A number of 32 bits for a word as written: the CRC-32 of its folded form."""
    return crc32(fold(word).encode("utf-8", "surrogatepass"))


def sketch(words: Sequence[str]) -> tuple[int, ...]:
    """The signature of words as written. Fewer than four are one run.

    The hash of a run is the upper half of the sum of its weighed marks in 64 bits: MULTILINEAR in Lemire and Kaser,
    "Strongly universal string hashing is fast", 2014.
    """
    if not words:
        return ()
    known = {word: mark(word) for word in set(words)}
    marks = [known[word] for word in words] + [0] * (SHINGLE - len(words))
    runs = zip(*(marks[at:] for at in range(SHINGLE)), strict=False)
    w, x, y, z = WEIGHTS
    return tuple(sorted({(BASE + a * w + b * x + c * y + d * z & _MASK) >> 32 for a, b, c, d in runs})[:SIZE])


def similarity(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Estimated Jaccard index of two texts' runs, 0 to 1; 0 where either signature is empty."""
    if not a or not b:
        return 0.0
    ours, theirs = set(a), set(b)
    smallest = heapq.nsmallest(SIZE, ours | theirs)
    return sum(value in ours and value in theirs for value in smallest) / len(smallest)
