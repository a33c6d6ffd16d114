"""The near-copy signature from the marks of words, by a kernel; `streams.signature` has the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from streams.rules.compiled.jit import kernel
from streams.signature import BASE, SIZE, WEIGHTS

_BASE, _WEIGHTS = np.uint64(BASE), np.array(WEIGHTS, np.uint64)


@kernel
def _smallest(marks: Any, base: Any, weights: Any, kept: Any) -> int:
    """The smallest hashes of runs of marks, each once, rising, as many as `kept` has room for. Gives how many."""
    count = 0
    for run in range(max(1, len(marks) - len(weights) + 1)):
        value = base
        for n in range(run, min(run + len(weights), len(marks))):
            value += marks[n] * weights[n - run]
        value >>= 32
        place = count
        while place > 0 and kept[place - 1] > value:
            place -= 1
        if place == len(kept) or (place > 0 and kept[place - 1] == value):
            continue
        count = min(count + 1, len(kept))
        for n in range(count - 1, place, -1):
            kept[n] = kept[n - 1]
        kept[place] = value
    return count


def sketch(marks: npt.NDArray[np.uint64]) -> tuple[int, ...]:
    """The signature of words by their marks, uint64 (words,)."""
    if not len(marks):
        return ()
    kept = np.empty(SIZE, np.uint64)
    return tuple(kept[: _smallest(marks, _BASE, _WEIGHTS, kept)].tolist())
