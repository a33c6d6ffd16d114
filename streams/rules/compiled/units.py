"""Where sentences and paragraphs part, found between words by a kernel.

It decides as `streams.text.sentences` does. What hangs on an abbreviation it leaves open; `ends_sentence` is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.rules.compiled.characters import classes
from streams.rules.compiled.jit import kernel
from streams.rules.compiled.tokenise import MARGIN, Bytes, Known, add, decode, find, key
from streams.rules.compiled.vocabulary import Words, readable, writable
from streams.text import ABBREVIATIONS, ends_sentence

SENTENCE, PARAGRAPH = 1, 2
"""Flags of a word: a sentence, a paragraph begins with it."""

_SPACE, _STOP, _CLOSER, _OPENER, _INNER, _LOWER = 4, 8, 16, 32, 64, 128
_NO, _YES, _ASK = 0, 1, 2


@kernel
def _before(data: Any, at: int, start: int, classes: Any) -> int:
    """Flags of the character that ends at byte `at`; 0 at the start of the part."""
    if at <= start:
        return 0
    back = at - 1
    while back > start and data[back] & 0xC0 == 0x80:
        back -= 1
    code, _ = decode(data, back, at)
    return int(classes[code])


@kernel
def _plain_word(data: Any, begin: int, end: int, known: Known, buffer: Bytes) -> Any:
    """Whether data[begin:end] is ASCII letters, more than one, and no abbreviation."""
    size = end - begin
    if size < 2:
        return False
    for n in range(size):
        letter = data[begin + n] | 0x20
        if letter < 97 or letter > 122 or data[begin + n] >= 0x80:
            return False
        if n < len(buffer.small) - MARGIN:
            buffer.small[n] = letter
    if size > len(buffer.small) - MARGIN:
        return True
    one, two, hashed = key(buffer, 0, size, known.seed)
    return find(known, buffer, 0, size, one, two, hashed) < 0


@kernel
def _verdict(
    data: Any, stop: int, after: int, end: int, left: int, begin: int, start: int, marks: int, tables: Any
) -> int:
    """Whether the marks data[stop:after] end a sentence.

    The last word before them is data[left:begin], the next one begins at `end`; `marks` counts the characters.
    """
    classes, known, buffer = tables
    at, opened = after, False
    while at < end:
        code, step = decode(data, at, end)
        flags = classes[code]
        if flags & _OPENER and not opened:
            while at < end and classes[code] & _OPENER:
                at += step
                if at < end:
                    code, step = decode(data, at, end)
            opened = True
            continue
        if not flags & _SPACE:
            return _YES
        at += step
    code, _ = decode(data, end, end + 4 if end + 4 < len(data) else len(data))
    if classes[code] & _LOWER:
        return _NO
    if data[stop] != 46 or marks > 1:
        return _YES
    if stop == begin and not _before(data, left, start, classes) & _INNER:
        return _YES if _plain_word(data, left, begin, known, buffer) else _ASK
    lone = stop > start and data[stop - 1] != 10 and not _before(data, stop, start, classes) & _INNER
    return _YES if lone else _ASK


@kernel
def breaks(
    data: Any, begins: Any, ends: Any, first: int, last: int, start: int, tables: Any, flags: Any, asked: Any
) -> int:
    """Flag the words first:last of one part, which begins at byte `start`, with what begins at them.

    `asked` (n, 2) takes (word, byte of the marks) of what stays open. Gives how many those are, room or not.
    """
    classes = tables[0]
    open_cases = 0
    for word in range(first, last):
        flags[word] = 0
    for word in range(first + 1, last):
        at, end = ends[word - 1], begins[word]
        if end - at < 2:
            continue
        newline = False
        found = 0
        while at < end:
            code, step = decode(data, at, end)
            kind = classes[code]
            if code == 10:
                if newline:
                    found |= PARAGRAPH | SENTENCE
                newline = True
            elif not kind & _SPACE:
                newline = False
            if not kind & _STOP:
                at += step
                continue
            stop, marks = at, 0
            while at < end and classes[code] & _STOP:
                at += step
                marks += 1
                if at < end:
                    code, step = decode(data, at, end)
            while at < end and classes[code] & _CLOSER:
                at += step
                marks += 1
                if at < end:
                    code, step = decode(data, at, end)
            if at < end and classes[code] & _SPACE:
                says = _verdict(data, stop, at, end, begins[word - 1], ends[word - 1], start, marks, tables)
                if says == _YES:
                    found |= SENTENCE
                elif says == _ASK:
                    if open_cases < len(asked):
                        asked[open_cases, 0] = word
                        asked[open_cases, 1] = stop
                    open_cases += 1
        flags[word] = found
    return open_cases


@cache
def _abbreviations() -> tuple[Known, int]:
    """The abbreviations in ASCII as a table of known words, and the length of the longest."""
    plain = sorted(word for word in ABBREVIATIONS if word.isascii() and word.isalpha())
    arena = readable([word.encode() for word in plain])
    known = Known(np.zeros((1024, 4), np.uint64), arena.small, np.uint64(0))
    at = 0
    for word in plain:
        add(known, arena, at, at + len(word), at, 0, 0)
        at += len(word)
    return known, max(map(len, plain))


@kernel
def _all_breaks(
    data: Any, parts: Any, begins: Any, ends: Any, firsts: Any, tables: Any, flags: Any, asked: Any
) -> int:
    """`breaks` of every part. Gives how many cases stay open, which may be more than `asked` has room for."""
    count = 0
    for part in range(len(parts) - 1):
        room = asked[min(count, len(asked)) :]
        count += breaks(data, begins, ends, firsts[part], firsts[part + 1], parts[part], tables, flags, room)
    return count


@dataclass(frozen=True)
class Breaks:
    """What begins at each word of a batch, uint8 (words,). `asked` (n, 2) are open cases: (word, byte), rising."""

    flags: npt.NDArray[np.uint8]
    asked: npt.NDArray[np.int32]

    def settle(self, data: npt.NDArray[np.uint8], start: int, text: str, first: int, last: int) -> None:
        """Decide the open cases among the words first:last of a part, whose UTF-8 begins at data[start]."""
        low, high = np.searchsorted(self.asked[:, 0], (first, last)).tolist()
        plain = text.isascii()
        for word, byte in self.asked[low:high].tolist():
            at = byte - start
            if not plain:
                at = len(data[start:byte].tobytes().decode("utf-8", "surrogatepass"))
            if ends_sentence(text, at):
                self.flags[word] |= SENTENCE


def find_breaks(data: npt.NDArray[np.uint8], parts: npt.NDArray[np.int64], words: Words) -> Breaks:
    """What is plain about the breaks of a batch, and the cases that are not."""
    known, longest = _abbreviations()
    tables = (classes(), known, writable(longest))
    flags = np.empty(len(words.met), np.uint8)
    asked = np.empty((1024, 2), np.int32)
    while True:
        count = _all_breaks(data, parts, words.begins, words.ends, words.firsts, tables, flags, asked)
        if count <= len(asked):
            return Breaks(flags, asked[:count])
        asked = np.empty((count, 2), np.int32)
