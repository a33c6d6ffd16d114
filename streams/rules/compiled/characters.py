"""What each character is, for the byte kernels: read off Python's own rules, so that both engines part words alike."""

from __future__ import annotations

import re
import sys
from functools import cache

import numpy as np
import numpy.typing as npt

from streams.rules.words import APOSTROPHES, WORD

OTHER, LETTER, MARK, APOSTROPHE = range(4)
"""Classes: parts words; may begin one; may go on in one; may go on where a letter follows."""

_WORD_CHARACTERS = re.compile(r"[^\W_]+")


@cache
def classes() -> npt.NDArray[np.uint8]:
    """The class of each code point, shape (0x110000,)."""
    table = np.zeros(sys.maxunicode + 1, np.uint8)
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    for run in _WORD_CHARACTERS.finditer(everything):
        table[run.start() : run.end()] = LETTER
    for code in range(0x300, 0x370):
        if table[code] == OTHER and WORD.fullmatch("a" + chr(code)):
            table[code] = MARK
    for letter in APOSTROPHES:
        if table[ord(letter)] == OTHER:
            table[ord(letter)] = APOSTROPHE
    return table
