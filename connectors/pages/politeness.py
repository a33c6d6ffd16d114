"""Who may be asked when: one request at a time to a host, and a pause between two."""

from __future__ import annotations

from collections import OrderedDict

HOSTS = 10_000
"""Hosts remembered; the longest unused are forgotten."""


class Politeness:
    """Keeps the pace of each host:port. Times in milliseconds of the caller's clock."""

    def __init__(self, delay_s: float) -> None:
        self._delay_ms = round(delay_s * 1000)
        self._booked_ms: OrderedDict[str, int] = OrderedDict()
        self._free_ms: OrderedDict[str, int] = OrderedDict()
        self._busy: set[str] = set()

    def book(self, host: str, now_ms: int) -> int:
        """When a new request to `host` should be due, behind those booked before."""
        due_ms = max(now_ms, self._booked_ms.pop(host, 0))
        self._booked_ms[host] = due_ms + self._delay_ms
        _bound(self._booked_ms)
        return due_ms

    def free(self, host: str, now_ms: int) -> bool:
        """Whether `host` may be asked now."""
        return host not in self._busy and self._free_ms.get(host, 0) <= now_ms

    def next_free_ms(self, host: str) -> int:
        """When `host` may be asked again, if no request is under way."""
        return self._free_ms.get(host, 0)

    def begin(self, host: str, now_ms: int) -> None:
        """A request to `host` begins."""
        self._busy.add(host)
        self._free_ms.pop(host, None)
        self._free_ms[host] = now_ms + self._delay_ms
        _bound(self._free_ms)

    def end(self, host: str) -> None:
        """It has ended."""
        self._busy.discard(host)


def _bound(table: OrderedDict[str, int]) -> None:
    while len(table) > HOSTS:
        table.popitem(last=False)
