"""Time, as something handed in: the wall clock in production, a virtual one in tests and replays."""

from __future__ import annotations

import asyncio
import heapq
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """The one source of now, and of waiting."""

    def now(self) -> datetime:
        """The present moment, aware, UTC, whole milliseconds."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock."""


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return from_ms(self.now_ms())

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class VirtualClock:
    """A clock that moves only when told to; sleepers wake in the order of their due times."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now_ms = to_ms(start)
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        return from_ms(self._now_ms)

    def now_ms(self) -> int:
        return self._now_ms

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due_ms = self._now_ms + round(seconds * 1000)
        heapq.heappush(self._sleepers, (due_ms, next(self._order), woken))
        await woken

    def set_ms(self, now_ms: int) -> None:
        """Move forward to `now_ms` without waking anybody; for synchronous replays. Never moves back."""
        self._now_ms = max(self._now_ms, now_ms)

    async def advance(self, seconds: float, settle: int = 20) -> None:
        """Move forward, waking each sleeper at its own due time and letting it run `settle` loop turns."""
        target_ms = self._now_ms + round(seconds * 1000)
        for _ in range(settle):
            await asyncio.sleep(0)
        while self._sleepers and self._sleepers[0][0] <= target_ms:
            due_ms, _, woken = heapq.heappop(self._sleepers)
            self._now_ms = max(self._now_ms, due_ms)
            if not woken.done():
                woken.set_result(None)
            for _ in range(settle):
                await asyncio.sleep(0)
        self._now_ms = target_ms


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=milliseconds)


async def woken_or_slept(wake: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Return when `wake` is set, or after `seconds` of `clock`, whichever comes first."""
    waiters = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
