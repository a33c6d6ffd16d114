"""Which remembered keys are due to be forgotten, by event time."""

from __future__ import annotations

import heapq
from datetime import datetime

from wire.clock import EPOCH
from wire.records import Stamps


def event_time(stamps: Stamps) -> datetime:
    """The moment a record counts as: when its entry was seen, else published, else 1970."""
    return stamps.seen or stamps.published or EPOCH


class Expiry:
    """Keys with a due time each; setting a key again replaces its time. O(log n) a change."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self._due_at: dict[str, datetime] = {}

    def set(self, key: str, due_at: datetime | None) -> None:
        """Set a key's due time, or with None drop the key."""
        if due_at is None:
            self._due_at.pop(key, None)
        elif self._due_at.get(key) != due_at:
            self._due_at[key] = due_at
            heapq.heappush(self._heap, (due_at, key))

    def due(self, now: datetime, limit: int) -> list[str]:
        """Up to `limit` keys whose time has come, the longest due first. Asking changes nothing."""
        found: list[tuple[datetime, str]] = []
        while self._heap and self._heap[0][0] <= now and len(found) < limit:
            item = heapq.heappop(self._heap)
            if self._due_at.get(item[1]) == item[0] and item not in found:
                found.append(item)
        for item in found:
            heapq.heappush(self._heap, item)
        return [key for _, key in found]
