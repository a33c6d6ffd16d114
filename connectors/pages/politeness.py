"""Who may be asked when: one request at a time to a host, and a pause between two."""

from __future__ import annotations

from collections import OrderedDict

HOSTS = 10_000
"""Hosts remembered; the longest unused are forgotten."""


class Politeness:
    """Keeps the pace of each host:port. Times in milliseconds of the caller's clock."""

    def __init__(self, delay_s: float) -> None:
        self._delay_ms = round(delay_s * 1000)
        self._free_ms: OrderedDict[str, int] = OrderedDict()
        self._held_ms: OrderedDict[str, int] = OrderedDict()
        self._busy: set[str] = set()

    def free(self, host: str, now_ms: int) -> bool:
        """Whether `host` may be asked now."""
        return host not in self._busy and self.next_free_ms(host) <= now_ms

    def busy(self, host: str) -> bool:
        """Whether a request to `host` is under way."""
        return host in self._busy

    def next_free_ms(self, host: str) -> int:
        """When `host` may be asked again, if no request is under way."""
        return self._free_ms.get(host, 0)

    def begin(self, host: str, now_ms: int) -> None:
        """A request to `host` begins."""
        self._busy.add(host)
        _set(self._free_ms, host, now_ms + self._delay_ms)

    def end(self, host: str) -> None:
        """It has ended."""
        self._busy.discard(host)

    def hold(self, host: str, until_ms: int) -> None:
        """The host asked to be left alone until then."""
        _set(self._held_ms, host, max(until_ms, self._held_ms.get(host, 0)))

    def held_s(self, host: str, now_ms: int) -> float:
        """Seconds for which `host` wants to be left alone; 0 where it does not."""
        return max(0.0, (self._held_ms.get(host, 0) - now_ms) / 1000)


def _set(table: OrderedDict[str, int], host: str, at_ms: int) -> None:
    table.pop(host, None)
    table[host] = at_ms
    while len(table) > HOSTS:
        table.popitem(last=False)
