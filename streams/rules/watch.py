"""Rules that are edited while they are at work: looked at once a second, checked, and swapped whole or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from streams.rules.files import load_rules
from streams.rules.model import RuleSet
from wire.clock import Clock
from wire.errors import ConfigError

LOOK_S = 1.0
logger = logging.getLogger(__name__)
Signature = tuple[tuple[str, int, int], ...]


class RulesWatch:
    """Watches the files of a ruleset. `swap` is given each new one that is sound; a bad edit only sets `problem`."""

    def __init__(
        self, paths: Sequence[Path], ruleset: RuleSet, clock: Clock, swap: Callable[[RuleSet], Awaitable[None]]
    ) -> None:
        self.ruleset = ruleset
        self.problem = ""
        self._paths = tuple(paths)
        self._clock = clock
        self._swap = swap
        self._seen = signature(self._paths)

    async def run(self) -> None:
        """Look until cancelled."""
        changing: Signature | None = None
        while True:
            await self._clock.sleep(LOOK_S)
            now = signature(self._paths)
            if now == self._seen:
                changing = None
            elif now != changing:
                changing = now  # perhaps still being written: it must look the same twice
            else:
                self._seen, changing = now, None
                await self.reload()

    async def reload(self) -> None:
        """Read the files now; a sound ruleset that is another one takes over."""
        try:
            ruleset = await asyncio.to_thread(load_rules, *self._paths, before=self.ruleset)
        except ConfigError as error:
            self.problem = f"the rules on file cannot be used, {self.ruleset.id} stays: {error.problems[0]}"
            logger.warning("%s", self.problem)
            return
        self.problem = ""
        if ruleset.id != self.ruleset.id:
            await self._swap(ruleset)
            logger.info("rules %s in the place of %s", ruleset.id, self.ruleset.id)
            self.ruleset = ruleset


def signature(paths: Sequence[Path]) -> Signature:
    """Names, times and sizes of all files of rules; what cannot be looked at is as if it were not there."""
    found = []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            try:
                status = file.stat()
            except OSError:
                continue
            if file.is_file():
                found.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(found)
