"""Kernels from UTF-8 to word classes: a scan by code point, and a table of known words that compares their bytes.

A *slot* of the table is four int64: the word's first eight bytes, its next eight, a description, and its hash. The
description packs where all of its bytes stand in the arena (`offset`), how many they are (`size`, 1 to 255) and the
number of its set of leaves (`met`), as offset << 32 | size << 24 | met; zero is an empty slot. Words of up to sixteen
bytes are compared inside the slot, longer ones in the arena.
"""

from __future__ import annotations

from typing import Any

from streams.rules.compiled.jit import kernel

MAX_SIZE = 255
"""Bytes of a word that is remembered; a longer one is worked out each time."""

MAX_MET = (1 << 24) - 1


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
def mixed(one: int, two: int, rest: int, size: int, seed: int) -> int:
    """The hash of a word from its first and second eight bytes, the running hash of the rest, and its size."""
    hashed = (one ^ seed) * -7046029254386353131
    hashed ^= (hashed >> 32) & 0xFFFFFFFF
    hashed = (hashed ^ two ^ rest ^ (size << 56)) * -4658895280553007687
    hashed ^= (hashed >> 29) & 0x7FFFFFFFF
    hashed *= -7723592293110705685
    return hashed ^ ((hashed >> 32) & 0xFFFFFFFF)


@kernel
def find(table: Any, arena: Any, word: Any, start: int, size: int, one: int, two: int, hashed: int) -> Any:
    """The number of the set of leaves that a word meets; -1 where the word is not known."""
    mask = len(table) - 1
    slot = hashed & mask
    while True:
        packed = table[slot, 2]
        if packed == 0:
            return -1
        if table[slot, 0] == one and table[slot, 1] == two and ((packed >> 24) & 0xFF) == size:
            offset = packed >> 32
            same = size <= 16 or offset + size <= len(arena)  # a word may be newer than the reader's arena
            for n in range(16, size if same else 0):
                if arena[offset + n] != word[start + n]:
                    same = False
                    break
            if same:
                return packed & 0xFFFFFF
        slot = (slot + 1) & mask


@kernel
def key_of(word: Any, start: int, end: int, seed: int) -> tuple[int, int, int]:
    """First and second eight bytes and the hash of a word, as `tokenise` makes them."""
    one, two, rest = 0, 0, 0
    for n in range(end - start):
        byte = int(word[start + n])
        if n < 8:
            one |= byte << (8 * n)
        elif n < 16:
            two |= byte << (8 * (n - 8))
        else:
            rest = (rest ^ byte) * 1099511628211
    return one, two, mixed(one, two, rest, end - start, seed)


@kernel
def insert(table: Any, one: int, two: int, packed: int, hashed: int) -> None:
    """Put a word that is not there into the first free slot; its description last, for readers in other threads."""
    mask = len(table) - 1
    slot = hashed & mask
    while table[slot, 2] != 0:
        slot = (slot + 1) & mask
    table[slot, 0] = one
    table[slot, 1] = two
    table[slot, 3] = hashed
    table[slot, 2] = packed


@kernel
def rehash(old: Any, new: Any) -> None:
    """All words of one table into an empty one."""
    for slot in range(len(old)):
        if old[slot, 2] != 0:
            insert(new, old[slot, 0], old[slot, 1], old[slot, 2], old[slot, 3])


@kernel
def tokenise(
    data: Any,
    parts: Any,
    classes: Any,
    table: Any,
    arena: Any,
    seed: int,
    begins: Any,
    ends: Any,
    met: Any,
    firsts: Any,
) -> int:
    """Words of many parts in one buffer.

    `data` uint8 (n,), `parts` int64 (k + 1,): part p is data[parts[p]:parts[p + 1]]. Fills `begins`, `ends` (byte
    offsets) and `met` (sets of leaves, -1 for unknown words), each of at least (n + k) // 2 + k + 1, and `firsts`
    (k + 1,): the first word of each part. Gives the number of unknown words.
    """
    count, unknown = 0, 0
    for part in range(len(parts) - 1):
        firsts[part] = count
        at, end = parts[part], parts[part + 1]
        while at < end:
            byte = data[at]
            if byte < 0x80:
                if classes[byte] & 3 != 1:
                    at += 1
                    continue
                step = 1
            else:
                code, step = decode(data, at, end)
                if classes[code] & 3 != 1:
                    at += step
                    continue
            begin = at
            one, two, rest, size = 0, 0, 0, 0
            while True:
                for _ in range(step):
                    letter = int(data[at])
                    if size < 8:
                        one |= letter << (8 * size)
                    elif size < 16:
                        two |= letter << (8 * (size - 8))
                    else:
                        rest = (rest ^ letter) * 1099511628211
                    size += 1
                    at += 1
                if at >= end:
                    break
                byte = data[at]
                if byte < 0x80:
                    kind, step = classes[byte] & 3, 1
                else:
                    code, step = decode(data, at, end)
                    kind = classes[code] & 3
                if kind == 1 or kind == 2:
                    continue
                if kind == 3 and at + step < end:
                    code, _ = decode(data, at + step, end)
                    if classes[code] & 3 == 1:
                        continue
                break
            begins[count] = begin
            ends[count] = at
            known = -1
            if size <= 255:
                known = find(table, arena, data, begin, size, one, two, mixed(one, two, rest, size, seed))
            met[count] = known
            if known < 0:
                unknown += 1
            count += 1
    firsts[len(parts) - 1] = count
    return unknown
