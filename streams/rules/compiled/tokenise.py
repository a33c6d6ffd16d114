"""Kernels from UTF-8 to words, and a table of known words that compares their bytes.

A *slot* of the table is four uint64: the word's first eight bytes, its next eight, a description, and its mark (see
`streams.signature.mark`). The description packs where all of its bytes stand in the arena (`offset`), how many they
are (`size`, 1 to 255) and the number of its set of leaves (`met`), as offset << 32 | size << 24 | met; zero is an
empty slot. Words of up to sixteen bytes are compared inside the slot, longer ones in the arena.

Text is read by the byte and, for keys, by eight bytes at once: beside an array of bytes goes a view of it in uint64.
It ends with at least `MARGIN` bytes that belong to no word.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from streams.rules.compiled.characters import APOSTROPHE, CLASS, LETTER, MARK, OTHER
from streams.rules.compiled.jit import kernel

MAX_SIZE = 255
"""Bytes of a word that is remembered; a longer one is worked out each time."""

MAX_MET = (1 << 24) - 1

MARGIN = 24

_FIRST = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
"""Masks of the first bytes of eight."""

_FACTORS = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)
"""Those of SplitMix64."""


class Bytes(NamedTuple):
    """Text, twice over the same memory."""

    small: Any  # uint8 (8 * n,)
    wide: Any  # uint64 (n,)


class Known(NamedTuple):
    """The table of known words."""

    slots: Any  # uint64 (a power of two, 4)
    arena: Any  # uint8
    seed: Any  # uint64


@kernel
def decode(data: Any, at: int, end: int) -> tuple[int, int]:
    """Code point and its size in bytes at `at` of well-formed UTF-8 (lone surrogates as three bytes)."""
    byte = data[at]
    if byte < 0x80:
        return int(byte), 1
    if byte < 0xE0 and at + 1 < end:
        return ((int(byte) & 0x1F) << 6) | (int(data[at + 1]) & 0x3F), 2
    if byte < 0xF0 and at + 2 < end:
        return ((int(byte) & 0x0F) << 12) | ((int(data[at + 1]) & 0x3F) << 6) | (int(data[at + 2]) & 0x3F), 3
    if at + 3 < end:
        code = ((int(byte) & 0x07) << 18) | ((int(data[at + 1]) & 0x3F) << 12)
        return (code | ((int(data[at + 2]) & 0x3F) << 6) | (int(data[at + 3]) & 0x3F)) & 0x1FFFFF, 4
    return 0, 1


@kernel
def _eight(wide: Any, at: int) -> Any:
    """The eight bytes from `at` on."""
    shift = (at & 7) * 8
    return wide[at >> 3] >> shift | wide[(at >> 3) + 1] << 1 << (63 - shift)


@kernel
def key(text: Bytes, begin: Any, end: Any, seed: Any) -> Any:
    """First and second eight bytes and the hash of a word."""
    size = end - begin
    one = _eight(text.wide, begin) & _FIRST[min(size, 8)]
    two = _eight(text.wide, begin + 8) & _FIRST[max(min(size - 8, 8), 0)]
    hashed = (one ^ seed) * _FACTORS[0]
    for at in range(begin + 16, end, 8):
        hashed = (hashed ^ hashed >> 32 ^ _eight(text.wide, at) & _FIRST[min(end - at, 8)]) * _FACTORS[0]
    hashed = (hashed ^ hashed >> 32 ^ two ^ np.uint64(size) << 56) * _FACTORS[1]
    hashed = (hashed ^ hashed >> 29) * _FACTORS[2]
    return one, two, hashed ^ hashed >> 32


@kernel
def find(known: Known, text: Bytes, begin: int, end: int, one: Any, two: Any, hashed: Any) -> Any:
    """The slot of a word; -1 where it is not known."""
    slots, arena, size = known.slots, known.arena, end - begin
    mask = len(slots) - 1
    slot = np.int64(hashed) & mask
    while True:
        packed = np.int64(slots[slot, 2])
        if packed == 0:
            return -1
        if slots[slot, 0] == one and slots[slot, 1] == two and ((packed >> 24) & 0xFF) == size:
            offset = packed >> 32
            same: Any = size <= 16 or offset + size <= len(arena)  # a word may be newer than the reader's arena
            for n in range(16, size if same else 0):
                if arena[offset + n] != text.small[begin + n]:
                    same = False
                    break
            if same:
                return slot
        slot = (slot + 1) & mask


@kernel
def _insert(slots: Any, one: Any, two: Any, packed: Any, mark: Any, hashed: Any) -> None:
    """Put a word that is not there into the first free slot; its description last, for readers in other threads."""
    mask = len(slots) - 1
    slot = np.int64(hashed) & mask
    while slots[slot, 2] != 0:
        slot = (slot + 1) & mask
    slots[slot, 0] = one
    slots[slot, 1] = two
    slots[slot, 3] = mark
    slots[slot, 2] = packed


@kernel
def add(known: Known, text: Bytes, begin: int, end: int, offset: int, met: int, mark: int) -> Any:
    """Make a word known whose bytes stand in the arena already; False where it was known."""
    one, two, hashed = key(text, begin, end, known.seed)
    if find(known, text, begin, end, one, two, hashed) >= 0:
        return False
    _insert(known.slots, one, two, np.uint64(offset << 32 | (end - begin) << 24 | met), np.uint64(mark), hashed)
    return True


@kernel
def rehash(known: Known, arena: Bytes, slots: Any) -> None:
    """All known words into empty slots."""
    for slot in range(len(known.slots)):
        packed = np.int64(known.slots[slot, 2])
        if packed != 0:
            offset, size = packed >> 32, (packed >> 24) & 0xFF
            one, two, hashed = key(arena, offset, offset + size, known.seed)
            _insert(slots, one, two, known.slots[slot, 2], known.slots[slot, 3], hashed)


@kernel
def _letter(data: Any, at: int, end: int, classes: Any) -> Any:
    """Whether the character at `at` may begin a word."""
    code, _ = decode(data, at, end)
    return classes[code] & CLASS == LETTER


@kernel
def _split(data: Any, parts: Any, classes: Any, begins: Any, ends: Any, firsts: Any) -> int:
    """Where the words of all parts begin and end, and the first word of each part. Gives how many they are.

    A place is written before it is known to be kept, so that there is no branch to guess at each end of a word.
    """
    begun, ended = 0, 0
    for part in range(len(parts) - 1):
        firsts[part] = begun
        at, end, inside = parts[part], parts[part + 1], 0
        while at < end:
            code, step = int(data[at]), 1
            if code >= 0x80:
                code, step = decode(data, at, end)
            now = int(classes[code] & CLASS)
            if now > LETTER:
                if now == APOSTROPHE:
                    now = MARK if at + step < end and _letter(data, at + step, end, classes) else OTHER
                now = inside if now == MARK else 0
            begins[begun] = at
            begun += now > inside
            ends[ended] = at
            ended += now < inside
            inside = now
            at += step
        ends[ended] = end
        ended += inside
    firsts[len(parts) - 1] = begun
    return begun


@kernel
def _look_up(text: Bytes, words: Any, count: int, known: Known, marks: Any) -> int:
    """Sets of leaves of the first `count` words, and, where there is room for them, their marks.

    A pass of its own, for nothing here waits for the word before: memory answers for many at once.
    """
    unknown = 0
    for n in range(count):
        begin, end = words[0, n], words[1, n]
        slot = -1
        if end - begin <= MAX_SIZE:
            one, two, hashed = key(text, begin, end, known.seed)
            slot = find(known, text, begin, end, one, two, hashed)
        if slot < 0:
            words[2, n] = -1
            unknown += 1
            continue
        words[2, n] = np.int64(known.slots[slot, 2]) & MAX_MET
        if n < len(marks):
            marks[n] = known.slots[slot, 3]
    return unknown


@kernel
def tokenise(text: Bytes, parts: Any, classes: Any, known: Known, words: Any, firsts: Any, marks: Any) -> int:
    """The words of many parts in one buffer. Gives how many are not known.

    `parts` int64 (k + 1,): part p is text.small[parts[p]:parts[p + 1]]. Fills `words` int32 (3, m) with the words'
    begins and ends (bytes) and sets of leaves (-1 for unknown words), `firsts` (k + 1,) with the first word of each
    part, and `marks` as far as there is room. For n bytes m is at least (n + k) // 2 + k + 1.
    """
    return _look_up(text, words, _split(text.small, parts, classes, words[0], words[1], firsts), known, marks)
