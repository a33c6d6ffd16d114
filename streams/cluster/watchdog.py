"""The watchdog: lag without progress is a process that must be started anew, not one that logs a warning."""

from __future__ import annotations

import time
from collections.abc import Callable


class Watchdog:
    """Looked at about once a second. `stuck_after_s` is how long there may be lag and no progress."""

    def __init__(self, stuck_after_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._stuck_after_s = stuck_after_s
        self._now = now
        self._progress = -1
        self._since = now()

    def look(self, progress: int, lagging: bool) -> str:
        """What is wrong, empty where all goes well. `progress` is any count that grows with the work done."""
        now = self._now()
        if progress != self._progress or not lagging:
            self._progress, self._since = progress, now
        if now - self._since < self._stuck_after_s:
            return ""
        return f"no progress for {now - self._since:.0f} s while there is lag"
