"""What each character is, for the byte kernels: read off Python's rules, so that both engines part words alike."""

from __future__ import annotations

import re
import sys
from functools import cache

import numpy as np
import numpy.typing as npt

from streams.rules.words import APOSTROPHES, WORD
from streams.text import CLOSERS, MARKS, OPENERS

OTHER, LETTER, MARK, APOSTROPHE = range(4)
"""Classes: parts words; may begin one; may go on in one; may go on where a letter follows."""

SPACE, STOP, CLOSER, OPENER, INNER, LOWER = 4, 8, 16, 32, 64, 128
"""Flags beside the class: white space; what ends a sentence, may stand after that, may stand before the next one;
what may belong to an abbreviation; a small letter."""

CLASS = 3
"""The bits of the class."""

_WORD_CHARACTERS = re.compile(r"[^\W_]+")


@cache
def classes() -> npt.NDArray[np.uint8]:
    """Class and flags of each code point, uint8 (0x110000,)."""
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
    for code in np.flatnonzero(table == LETTER).tolist():
        if chr(code).islower():
            table[code] |= LOWER
    for pattern, flag in ((r"\s+", SPACE), (r"[\w.'’-]+", INNER)):
        for run in re.finditer(pattern, everything):
            table[run.start() : run.end()] |= flag
    for letters, flag in ((MARKS, STOP), (CLOSERS, CLOSER), (OPENERS, OPENER)):
        for letter in letters:
            table[ord(letter)] |= flag
    return table
