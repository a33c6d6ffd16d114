"""Durations and sizes as people write them: `90`, `10m`, `72h`, `180d`; `5000`, `64kB`, `5MB`, `1GiB`."""

from __future__ import annotations

import re

_DURATION = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SIZE = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([A-Za-z]{0,3})")


def seconds_of(text: str) -> float:
    """Seconds of `10m`, `1.5h` or a bare number. Raises ValueError where it is not a duration."""
    return _quantity(text, _DURATION, bare="s")


def bytes_of(text: str) -> int:
    """Bytes of `5MB` (decimal), `5MiB` (binary) or a bare number. Raises ValueError where it is not a size."""
    return round(_quantity(text, _SIZE, bare="b"))


def _quantity(text: str, units: dict[str, float] | dict[str, int], bare: str) -> float:
    found = _QUANTITY.fullmatch(text.strip())
    factor = units.get(found[2].lower() or bare) if found else None
    if found is None or factor is None:
        raise ValueError(f"not a quantity in {', '.join(units)}")
    return float(found[1]) * factor
