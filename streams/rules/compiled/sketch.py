"""The near-copy signature from the marks of words, by kernels; `streams.signature` has the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from streams.rules.compiled.jit import kernel
from streams.signature import BASE, SHINGLE, SIZE, WEIGHTS

_BASE, _WEIGHTS = np.uint64(BASE), np.array(WEIGHTS, np.uint64)


@kernel
def _runs(marks: Any, base: Any, weights: Any, hashes: Any) -> None:
    """The hash of each run of marks."""
    for run in range(len(hashes)):
        value = base
        for n in range(run, min(run + len(weights), len(marks))):
            value += marks[n] * weights[n - run]
        hashes[run] = value >> 32


@kernel
def _first(hashes: Any, kept: Any) -> int:
    """The first of the rising hashes, each once, as many as `kept` has room for. Gives how many."""
    count = 0
    for n in range(len(hashes)):
        if count == len(kept):
            break
        if n == 0 or hashes[n] != hashes[n - 1]:
            kept[count] = hashes[n]
            count += 1
    return count


def sketch(marks: npt.NDArray[np.uint64]) -> tuple[int, ...]:
    """The signature of words by their marks, uint64 (words,)."""
    if not len(marks):
        return ()
    hashes, kept = np.empty(max(1, len(marks) - SHINGLE + 1), np.uint32), np.empty(SIZE, np.uint32)
    _runs(marks, _BASE, _WEIGHTS, hashes)
    hashes.sort()
    return tuple(kept[: _first(hashes, kept)].tolist())
