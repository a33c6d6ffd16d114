"""Compiled rules on disk, by the hash of all that they were made from: a large ruleset is compiled once.

Files hold arrays only, and nothing that could run. A file that cannot be read counts as missing; one that cannot be
written is not. The newest `KEPT` stay.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np

from streams.rules import syntax as s
from streams.rules.compiled.build import Compiled
from streams.rules.compiled.cache import folder, tidy
from streams.rules.compiled.jit import generation

KEPT = 8
"""Rulesets that stay on disk."""

_FIELDS = attrgetter("text", "prefix", "cased", "bare", "lemma")


def _path(key: str) -> Path:
    name = hashlib.sha256(f"{generation()} {key}".encode()).hexdigest()[:40]
    return folder() / f"rules-{name}.npz"


def load(key: str) -> Compiled | None:
    """What was compiled from what `key` names; None where it is not there."""
    path = _path(key)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found = {name: stored[name] for name in stored.files}
        leaves = msgspec.json.decode(found["leaves"].tobytes(), type=list[tuple[str, bool, bool, bool, str]])
        numbers = found["numbers"].tolist()
        languages = found["languages"].tobytes().decode().split()
        made = Compiled(
            found["code"],
            found["asked"],
            found["bars"],
            found["bar_rules"],
            int(numbers[0]),
            tuple(s.Word(*leaf) for leaf in leaves),
            tuple(languages),
            int(numbers[1]),
        )
    except (OSError, ValueError, KeyError, BadZipFile, EOFError, TypeError, msgspec.MsgspecError):
        return None
    with suppress(OSError):
        path.touch()
    return made


def save(key: str, compiled: Compiled) -> None:
    """Keep it, as one whole file or not at all."""
    arrays: dict[str, Any] = {
        "code": compiled.code,
        "asked": compiled.asked,
        "bars": compiled.bars,
        "bar_rules": compiled.bar_rules,
        "numbers": np.array([compiled.gap, compiled.rules], np.int64),
        "leaves": np.frombuffer(msgspec.json.encode([_FIELDS(leaf) for leaf in compiled.leaves]), np.uint8),
        "languages": np.frombuffer(" ".join(compiled.languages).encode(), np.uint8),
    }
    path = _path(key)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            try:
                np.savez(file, allow_pickle=False, **arrays)
                file.close()
                Path(file.name).replace(path)
            finally:
                Path(file.name).unlink(missing_ok=True)
        tidy("rules-*.npz", KEPT)
