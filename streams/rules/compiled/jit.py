"""The one door to numba: kernels release the interpreter's lock and are kept on disk between runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile `function` at its first call. Where no cache can be written, it is compiled anew in each process."""
    compiled: Any
    try:
        compiled = numba.njit(nogil=True, cache=True, boundscheck=False)(function)
    except RuntimeError:  # numba found no folder that it may write
        compiled = numba.njit(nogil=True, boundscheck=False)(function)
    return compiled  # type: ignore[no-any-return]
