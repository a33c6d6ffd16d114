"""Large rule files are read by other processes too, where there are cores for them.

Whoever loads reads the files from the first on, its helpers from the last on. A helper only leaves on disk what a
file says, and the loading process looks there before it reads a file: so a helper that fails, or is late, costs
its own time only, and no answer hangs on it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

FROM_BYTES = 2_000_000
"""Less is read before a helper has begun."""

MOST_HELPERS = 3

_SEPARATOR = "\0"
_PROGRAM = "from streams.rules.ahead import main; main()"


@contextmanager
def reading_ahead(
    files: Sequence[Path], size: int, cores: int | None = None
) -> Iterator[Sequence[subprocess.Popen[str]]]:
    """While this is open, helpers read `files`, which have so many bytes together and are not known yet.

    `cores` are those that there are, by default what this process may use. Gives the helpers.
    """
    most = (cores or _cores()) - 1
    number = min(most, MOST_HELPERS, len(files) - 1) if size >= FROM_BYTES else 0
    helpers: list[subprocess.Popen[str]] = []
    try:
        with suppress(OSError):  # no process to be had, or it ended at once
            for first in range(number):
                helpers.append(_helper())
                _tell(helpers[-1], files[::-1][first::number])
        yield helpers
    finally:
        for helper in helpers:
            helper.kill()
            helper.wait()


def main() -> None:
    """What a helper does: read the files that its input names, one after the other, until it is stopped."""
    keep(Path(name) for name in sys.stdin.read().split(_SEPARATOR) if name)


def keep(files: Iterable[Path]) -> None:
    """Leave on disk what files say."""
    from streams.rules.sources import read_sources

    for file in files:
        read_sources([file], {})


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _helper() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  this very Python with a program of our own
        [sys.executable, "-c", _PROGRAM],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _tell(helper: subprocess.Popen[str], files: Sequence[Path]) -> None:
    assert helper.stdin is not None
    with helper.stdin as given:
        given.write(_SEPARATOR.join(map(str, files)))
