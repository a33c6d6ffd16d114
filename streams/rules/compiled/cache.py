"""What is kept on disk between runs: compiled kernels, compiled rules, and what rule files say.

A kept file is written beside its place and renamed, so that nobody reads half of it. It begins with the key that it
was stored under and a hash of the rest: one that is damaged, foreign or renamed counts as missing, as one does that
cannot be read. One that cannot be written is not.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

FOLDER = "RULES_CACHE"
"""Environment variable: the folder; else `tocsin` in the user's cache folder."""

_HASH = 32


def folder() -> Path:
    """Where compiled things are kept. It need not exist."""
    chosen = os.environ.get(FOLDER)
    if chosen:
        return Path(chosen)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin"
    except RuntimeError:  # nobody's home
        return Path(os.devnull)


def kept(kind: str, key: bytes) -> memoryview | None:
    """What was kept of a kind under a key of any length; None where it is not there."""
    path = _path(kind, key)
    try:
        data = memoryview(path.read_bytes())
    except OSError:
        return None
    if data[:_HASH] != _seal(key, data[_HASH:]):
        return None
    with suppress(OSError):
        path.touch()
    return data[_HASH:]


def is_there(kind: str, key: bytes) -> bool:
    """Whether something of a kind lies under a key; whether it is whole is not looked at."""
    try:
        return _path(kind, key).is_file()
    except OSError:
        return False


def keep(kind: str, key: bytes, data: bytes) -> None:
    """Keep it, as one whole file or not at all."""
    path = _path(kind, key)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            try:
                file.write(_seal(key, data))
                file.write(data)
                file.close()
                Path(file.name).replace(path)
            finally:
                Path(file.name).unlink(missing_ok=True)


def _path(kind: str, key: bytes) -> Path:
    return folder() / f"{kind}-{blake2b(key, digest_size=20).hexdigest()}"


def _seal(key: bytes, data: bytes | memoryview) -> bytes:
    """What a file begins with."""
    digest = blake2b(key, digest_size=_HASH)
    digest.update(data)
    return digest.digest()


def tidy(pattern: str, keep: int, most_bytes: int | None = None) -> None:
    """Keep the newest that match a pattern, files or folders; of files no more than so many bytes together."""
    with suppress(OSError):
        found = sorted(folder().glob(pattern), key=lambda one: one.stat().st_mtime, reverse=True)
        size = 0
        for number, old in enumerate(found):
            size += old.stat().st_size
            if number < keep and (most_bytes is None or size <= most_bytes):
                continue
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink(missing_ok=True)
