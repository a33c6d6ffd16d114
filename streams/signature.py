"""Near-copies: a small signature of a text, the same in every process, and how alike two of them are.

The signature is a bottom sketch: the smallest 64 of the 32-bit hashes of the text's four-word runs (Cohen and
Kaplan's bottom-k). It is made only for articles that have detections.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from zlib import crc32

SIZE = 64
SHINGLE = 4
NEAR = 0.7
"""From this similarity on, two texts count as one."""

_WORD = re.compile(r"\w+")
_MASK = 0xFFFFFFFF


def signature(text: str) -> tuple[int, ...]:
    """At most 64 rising numbers of 32 bits; empty where the text has no word."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if not words:
        return ()
    runs = {" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}
    return tuple(heapq.nsmallest(SIZE, {_mixed(crc32(run.encode("utf-8", "surrogatepass"))) for run in runs}))


def similarity(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Estimated Jaccard index of two texts' runs, 0 to 1; 0 where either signature is empty."""
    if not a or not b:
        return 0.0
    ours, theirs = set(a), set(b)
    smallest = heapq.nsmallest(SIZE, ours | theirs)
    return sum(value in ours and value in theirs for value in smallest) / len(smallest)


def _mixed(value: int) -> int:
    """MurmurHash3's finaliser: CRC-32 alone is linear, so its smallest values are no fair sample."""
    value = ((value ^ value >> 16) * 0x85EBCA6B) & _MASK
    value = ((value ^ value >> 13) * 0xC2B2AE35) & _MASK
    return value ^ value >> 16
