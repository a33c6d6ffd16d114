"""What one exchange over HTTP is allowed, what came back, and how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from wire.errors import TocsinError
from wire.records import FetchReason


@dataclass(frozen=True)
class Limits:
    """Bounds of a whole exchange, redirects included. `max_bytes` counts decompressed bytes of the body."""

    total_s: float = 30.0
    max_bytes: int = 5_000_000
    redirects: int = 10
    cut: bool = False
    """True: a longer body is cut at `max_bytes` and marked; False: it is an error."""


@dataclass(frozen=True)
class Response:
    """A finished exchange. Header names are lower-case; `url` is the address that answered at last."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    seconds: float
    cut: bool = False


class FetchError(TocsinError):
    """An exchange that gave no answer worth having. `detail` never names a private address."""

    def __init__(self, reason: FetchReason, detail: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
        self.retry_after_s = retry_after_s


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, whole seconds or an HTTP date (RFC 9110, 10.2.3); None if neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
