"""When a feed is polled next, and how much a failure weighs.

Weights and the linear back-off are those of Media Cloud's rss-fetcher; a feed is never given up.
"""

from __future__ import annotations

import random

from wire.records import Feed, FetchReason
from wire.settings import PollingSettings

RETRY_AFTER_CAP_S = 86_400.0
_HARD, _SOFT, _TEMPORARY = 1.0, 0.5, 0.25
_WEIGHT = {FetchReason.BAD_URL: _HARD, FetchReason.BLOCKED_ADDRESS: _HARD, FetchReason.GONE: _HARD}
_TRANSIENT = frozenset(
    {FetchReason.TIMEOUT, FetchReason.RESET, FetchReason.REFUSED, FetchReason.UNREACHABLE, FetchReason.THROTTLED}
)


def weight(reason: FetchReason) -> float:
    """How much a failure of this kind adds to a feed's failures."""
    return _TEMPORARY if reason in _TRANSIENT else _WEIGHT.get(reason, _SOFT)


def wait_s(
    feed: Feed, failures: float, settings: PollingSettings, rng: random.Random, retry_after_s: float | None = None
) -> float:
    """Seconds until the next poll: the interval, longer with failures, jittered, never under a server's wish."""
    interval_s = feed.interval_s or settings.interval_s
    waited_s = min(interval_s * max(1.0, failures), max(settings.ceiling_s, interval_s))
    waited_s *= 1 + rng.uniform(-settings.jitter, settings.jitter)
    return max(waited_s, min(retry_after_s or 0.0, RETRY_AFTER_CAP_S))
