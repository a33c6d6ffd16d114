"""A script played over real HTTP: one site for each publisher, pieces published at their times."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import msgspec

from desk.newsroom.script import Expectation, Piece, Script, Trouble
from desk.newsroom.site import Site
from wire.clock import Clock
from wire.records import Feed


class Newsroom:
    """Serves and plays `script`, `speed` times as fast as written.

    `feeds` and `allow` are what a product needs to read it; they, and the addresses in `expectations`, are known
    after `start`.
    """

    def __init__(self, script: Script, clock: Clock, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be above 0")
        self._script = script
        self._clock = clock
        self._speed = speed
        self._sites = {outlet.id: Site(outlet) for outlet in script.outlets}
        self.done = asyncio.Event()

    async def start(self) -> None:
        """Serve, with all that is scripted at or before 0 in the feeds already."""
        await asyncio.gather(*(site.start() for site in self._sites.values()))
        now = self._clock.now()
        for piece in self._script.pieces:
            if piece.at <= 0:
                self._sites[piece.outlet].publish(piece, now + timedelta(seconds=piece.at))

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """One feed for each outlet, to be polled every second."""
        return tuple(
            Feed(
                id=site.outlet.id,
                url=site.feed_url,
                title=site.outlet.name,
                publisher=site.outlet.name,
                language=site.outlet.language,
                interval_s=1,
            )
            for site in self._sites.values()
        )

    @property
    def allow(self) -> tuple[str, ...]:
        """The host:port pairs that a guarded client must be allowed to dial."""
        return tuple(site.peer for site in self._sites.values())

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """What the script must bring, each with the addresses of the pieces that tell its event."""
        return tuple(
            msgspec.structs.replace(
                expectation,
                urls=tuple(
                    self._sites[piece.outlet].page_url(piece)
                    for piece in self._script.pieces
                    if piece.event == expectation.event
                ),
            )
            for expectation in self._script.expect
        )

    def site(self, outlet: str) -> Site:
        """One outlet's site, for tests that make trouble."""
        return self._sites[outlet]

    async def polled(self) -> None:
        """Return once every feed has been read once: what is published from then on is news to the reader."""
        for site in self._sites.values():
            await site.asked.wait()

    async def play(self, readers_timeout_s: float = 20.0) -> None:
        """Publish by the script's times. The clock starts once every feed has been read, or after the timeout."""
        if readers_timeout_s > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.polled(), readers_timeout_s)
        start_ms = self._clock.now_ms()
        for at, act in self._acts():
            due_ms = start_ms + at * 1000 / self._speed
            await self._clock.sleep((due_ms - self._clock.now_ms()) / 1000)
            act()
        self.done.set()

    async def close(self) -> None:
        await asyncio.gather(*(site.close() for site in self._sites.values()))

    def _acts(self) -> list[tuple[float, Callable[[], None]]]:
        acts: list[tuple[float, Callable[[], None]]] = []
        for piece in self._script.pieces:
            if piece.at > 0:
                acts.append((piece.at, partial(self._publish, piece)))
        for trouble in self._script.troubles:
            acts.append((trouble.at, partial(self._break, trouble)))
            acts.append((trouble.until, partial(self._heal, trouble)))
        return sorted(acts, key=lambda act: act[0])

    def _publish(self, piece: Piece) -> None:
        self._sites[piece.outlet].publish(piece, self._clock.now())

    def _break(self, trouble: Trouble) -> None:
        self._sites[trouble.outlet].trouble = trouble.kind

    def _heal(self, trouble: Trouble) -> None:
        """End a trouble, unless another has taken its place."""
        site = self._sites[trouble.outlet]
        if site.trouble is trouble.kind:
            site.trouble = None
