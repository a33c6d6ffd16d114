"""The desk's web server: the page and its live stream, beside what every role serves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from aiohttp import web

from desk.dashboard.view import DeskView
from desk.web import SECURITY, WebServer
from wire.metrics import Metrics
from wire.settings import DeskSettings

PAGE = Path(__file__).with_name("page")
MAX_CLIENTS = 64
HEARTBEAT_S = 15.0
SEND_TIMEOUT_S = 10.0


class Dashboard:
    """Serves `view` and `metrics` at the desk's address. `unready` gives the reasons why the product is not ready."""

    def __init__(
        self,
        view: DeskView,
        metrics: Metrics,
        settings: DeskSettings,
        unready: Callable[[], list[str]],
        warnings: Callable[[], list[str]] = lambda: [],
    ) -> None:
        self.max_clients = MAX_CLIENTS
        self._view = view
        self._web = WebServer(metrics, settings, unready, warnings)
        self._following: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._web.serve("/", self._index)
        self._web.serve("/page/{name:[a-z-]+\\.(?:js|css|svg)}", self._file)
        self._web.serve("/api/snapshot", self._snapshot)
        self._web.serve("/api/stream", self._stream)

    @property
    def url(self) -> str:
        """Where the page is; known after `start`."""
        return self._web.url

    async def start(self) -> None:
        """Listen. Raises ConfigError where the address cannot be had."""
        await self._web.start()
        await self._view.refresh()
        self._following = asyncio.create_task(self._view.follow(), name="dashboard")

    async def close(self) -> None:
        """Let every client go."""
        self._closing.set()
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        await self._web.close()

    # -------------------------------------------------------------- answers

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / "index.html", headers=SECURITY)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = PAGE / request.match_info["name"]
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=SECURITY)

    async def _snapshot(self, _: web.Request) -> web.StreamResponse:
        await self._view.refresh()
        return web.Response(body=msgspec.json.encode(self._view.snapshot()), content_type="application/json")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: `snapshot`, then `change` and `alert`. A client that reads too slowly is let go."""
        if self._view.watchers >= self.max_clients:
            return web.Response(status=503, text="too many clients\n", headers={"Retry-After": "10"})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **SECURITY})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(response.write(b"retry: 2000\n\n"), SEND_TIMEOUT_S)
            await self._send_changes(response)
        return response

    async def _send_changes(self, response: web.StreamResponse) -> None:
        changes = self._view.changes()
        closing = asyncio.create_task(self._closing.wait())
        pending = asyncio.ensure_future(anext(changes, None))
        try:
            while not closing.done():
                await asyncio.wait({pending, closing}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
                if closing.done():
                    return
                if not pending.done():
                    await asyncio.wait_for(response.write(b": still here\n\n"), SEND_TIMEOUT_S)
                    continue
                item = pending.result()
                if item is None:
                    return
                name, data = item
                event = b"event: %s\ndata: %s\n\n" % (name.encode(), data)
                await asyncio.wait_for(response.write(event), SEND_TIMEOUT_S)
                pending = asyncio.ensure_future(anext(changes, None))
        finally:
            for task in (pending, closing):
                task.cancel()
            await asyncio.gather(pending, closing, return_exceptions=True)
            await changes.aclose()  # type: ignore[attr-defined]
