"""Compiled rules on disk, by the hash of all that they were made from: a large ruleset is compiled once.

Files hold arrays and words only, and nothing that could run. The newest `KEPT` stay.
"""

from __future__ import annotations

import msgspec
import numpy as np

from streams.rules import syntax as s
from streams.rules.compiled.build import Compiled, Ints
from streams.rules.compiled.cache import keep, kept, tidy
from streams.rules.compiled.jit import generation

KEPT = 8
"""Rulesets that stay on disk."""


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """`Compiled`, its arrays as the bytes of little-endian int32."""

    code: memoryview
    asked: memoryview
    bars: memoryview
    bar_rules: memoryview
    gap: int
    leaves: tuple[s.Word, ...]
    languages: tuple[str, ...]
    rules: int


def load(key: str) -> Compiled | None:
    """What was compiled from what `key` names; None where it is not there."""
    data = kept("rules", _key(key))
    if data is None:
        return None
    try:
        stored = msgspec.msgpack.decode(data, type=_Stored)
    except msgspec.MsgspecError:
        return None
    code, asked, bars, bar_rules = map(_numbers, (stored.code, stored.asked, stored.bars, stored.bar_rules))
    return Compiled(code, asked, bars, bar_rules, stored.gap, stored.leaves, stored.languages, stored.rules)


def save(key: str, compiled: Compiled) -> None:
    """Keep it."""
    arrays = (compiled.code, compiled.asked, compiled.bars, compiled.bar_rules)
    code, asked, bars, bar_rules = (array.astype("<i4", copy=False).data.cast("B") for array in arrays)
    words, languages = compiled.leaves, compiled.languages
    stored = _Stored(code, asked, bars, bar_rules, compiled.gap, words, languages, compiled.rules)
    keep("rules", _key(key), msgspec.msgpack.encode(stored))
    tidy("rules-*", KEPT)


def _key(key: str) -> bytes:
    return f"{generation()} {key}".encode()


def _numbers(data: memoryview) -> Ints:
    return np.frombuffer(data, "<i4").astype(np.int32)
