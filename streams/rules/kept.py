"""What rule files say, on disk by the hash of their text: a file that has not changed is not read as YAML again."""

from __future__ import annotations

import unicodedata
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
import yaml

from streams.rules.actors import TABLE
from streams.rules.compiled.cache import is_there, keep, kept, tidy
from streams.rules.written import Written
from wire import positioned, records, units

FROM_BYTES = 16_000
"""A smaller file is as soon read as looked up."""

MOST_FILES = 1_000
MOST_BYTES = 256_000_000
"""What stays on disk."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Written).decode


@cache
def generation() -> bytes:
    """A hash of all that decides what is made of a file's text: sources, the table of actors, Unicode's tables."""
    versions = (msgspec.__version__, yaml.__version__, unicodedata.unidata_version)
    digest = sha256(repr(versions).encode())
    modules = [Path(str(module.__file__)) for module in (positioned, records, units)]
    for path in [*sorted(Path(__file__).parent.glob("*.py")), *modules, TABLE]:
        digest.update(path.read_bytes())
    return digest.digest()


def is_kept(text: bytes) -> bool:
    """Whether there is something to `recall`."""
    return is_there("file", generation() + text)


def recall(text: bytes) -> Written | None:
    """What a text with this hash says, if it is known. Only texts without a fault are."""
    data = kept("file", generation() + text)
    try:
        return None if data is None else _decode(data)
    except msgspec.MsgspecError:
        return None


def remember(text: bytes, written: Written) -> None:
    """Keep what a text with this hash says."""
    keep("file", generation() + text, _encode(written))


def recall_sound(rules: bytes) -> list[str] | None:
    """The lists that nothing names, where the rules that this key stands for were found sound."""
    data = kept("sound", rules)
    try:
        return None if data is None else msgspec.msgpack.decode(data, type=list[str])
    except msgspec.MsgspecError:
        return None


def remember_sound(rules: bytes, unused: list[str]) -> None:
    """Keep that these rules are sound."""
    keep("sound", rules, _encode(unused))


def forget() -> None:
    """Let go of what has not been asked for longest."""
    tidy("file-*", MOST_FILES, MOST_BYTES)
    tidy("sound-*", MOST_FILES)
