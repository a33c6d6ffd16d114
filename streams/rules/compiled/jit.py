"""The one door to numba: kernels release the interpreter's lock and are kept on disk between runs.

numba looks only at the file of a kernel to see whether what it kept is still true, not at the files of the kernels
that it calls. So all that is kept hangs on the sources of all kernels together.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numba

from streams.rules.compiled.cache import folder, tidy

F = TypeVar("F", bound=Callable[..., Any])

_settings: Any = numba.config
_njit: Any = numba.njit

_TOLD = ("characters.py", "jit.py", "program.py", "writing.py")
"""What has no kernel, but constants and programs of kernels."""

KEPT = 3
"""Generations of kernels that stay on disk."""


def generation() -> str:
    """A name for the sources of all kernels and of their programs, and for how and by what they are compiled."""
    digest = sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        source = path.read_bytes()
        if b"import kernel\n" in source or path.name in _TOLD:
            digest.update(source)
    return f"kernels-{digest.hexdigest()[:20]}"


def _keep() -> None:
    """Tell numba where to keep what it compiles."""
    path = folder() / generation()
    with suppress(OSError):
        path.mkdir(parents=True, exist_ok=True)
        os.utime(path)
        _settings.CACHE_DIR = str(path)
        tidy("kernels-*", KEPT)


_keep()


def kernel(function: F) -> F:
    """Compile `function` at its first call. Where nothing can be kept, it is compiled anew in each process.

    A kernel works on its caller's arrays and makes none (numba refuses it), so that none need be counted: counting
    them, atomically, at every call from kernel to kernel, took half of the time.
    """
    kept = bool(_settings.CACHE_DIR)
    return _njit(nogil=True, cache=kept, boundscheck=False, _nrt=False)(function)  # type: ignore[no-any-return]
