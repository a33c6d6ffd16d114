"""What an answer means, and when to try again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.exchange import FetchError, Response, parse_retry_after
from wire.records import FetchReason
from wire.settings import DeliverySettings

_SLOW_DOWN = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Verdict:
    """What came of one POST. `reason` None is a success; `slow` holds the whole subscription back."""

    status: int = 0
    reason: FetchReason | None = None
    gone: bool = False
    slow: bool = False
    retry_after_s: float | None = None
    answer: bytes = b""
    seconds: float = 0.0


def judge(response: Response, now: datetime) -> Verdict:
    """2xx is delivered, 410 ends the subscription, everything else is tried again."""
    status = response.status
    if 200 <= status < 300:
        return Verdict(status, answer=response.body)
    if status == 410:
        return Verdict(status, FetchReason.GONE, gone=True, answer=response.body)
    wait = parse_retry_after(response.headers.get("retry-after", ""), now)
    if status == 429:
        reason = FetchReason.THROTTLED
    else:
        reason = {4: FetchReason.STATUS_4XX, 5: FetchReason.STATUS_5XX}.get(status // 100, FetchReason.BAD_ANSWER)
    return Verdict(status, reason, slow=status in _SLOW_DOWN, retry_after_s=wait, answer=response.body)


def judge_error(error: FetchError) -> Verdict:
    """No answer: tried again."""
    return Verdict(0, error.reason, retry_after_s=error.retry_after_s, answer=error.detail.encode())


def next_wait_s(
    attempt: int, schedule_s: Sequence[float], settings: DeliverySettings, verdict: Verdict, rng: random.Random
) -> float | None:
    """Seconds from attempt number `attempt` (from 1) to the next; None where the schedule has ended.

    A delivery that was given up and put back goes through the schedule once more, its attempts counted on.
    Jitter is ± the setting's share; a server's Retry-After is honoured up to the cap.
    """
    step = (attempt - 1) % (len(schedule_s) + 1)
    if step == len(schedule_s):
        return None
    wait_s = schedule_s[step] * (1 + rng.uniform(-settings.jitter, settings.jitter))
    return max(wait_s, min(verdict.retry_after_s or 0.0, settings.retry_after_cap_s))
