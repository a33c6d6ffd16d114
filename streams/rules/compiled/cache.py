"""Where compiled rules and compiled kernels are kept between runs, and how many of them."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

FOLDER = "RULES_CACHE"
"""Environment variable: the folder; else `tocsin` in the user's cache folder."""


def folder() -> Path:
    """Where compiled things are kept. It need not exist."""
    chosen = os.environ.get(FOLDER)
    if chosen:
        return Path(chosen)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin"
    except RuntimeError:  # nobody's home
        return Path(os.devnull)


def tidy(pattern: str, keep: int) -> None:
    """Keep the newest that match a pattern, files or folders."""
    with suppress(OSError):
        found = sorted(folder().glob(pattern), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in found[keep:]:
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink(missing_ok=True)
