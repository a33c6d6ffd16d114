"""Moments as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

_AGE = re.compile(r"^(\d{1,6})([smhdw])$")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_moment(text: str, now: datetime | None = None) -> datetime:
    """`2026-01-31`, `2026-01-31T12:00Z` (UTC where no zone is given), or an age before now: `90s`, `2h`, `3d`.

    Raises click.BadParameter.
    """
    if age := _AGE.match(text.strip()):
        return (now or datetime.now(UTC)) - timedelta(**{_UNIT[age[2]]: int(age[1])})
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no moment: write 2026-01-31, 2026-01-31T12:00Z or an age such as 2h"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
