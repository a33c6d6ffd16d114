"""The desk's web server: the page, its live stream, metrics, and whether the product is alive and ready."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

import msgspec
from aiohttp import web

from desk.dashboard.view import DeskView
from wire.errors import ConfigError, Problem
from wire.metrics import Metrics
from wire.settings import DeskSettings

PAGE = Path(__file__).with_name("page")
MAX_CLIENTS = 64
HEARTBEAT_S = 15.0
SEND_TIMEOUT_S = 10.0
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Dashboard:
    """Serves `view` and `metrics` at the desk's address. `unready` gives the reasons why the product is not ready."""

    def __init__(
        self, view: DeskView, metrics: Metrics, settings: DeskSettings, unready: Callable[[], list[str]]
    ) -> None:
        self.max_clients = MAX_CLIENTS
        self._view = view
        self._metrics = metrics
        self._settings = settings
        self._unready = unready
        self._runner: web.AppRunner | None = None
        self._following: asyncio.Task[None] | None = None
        self._port = settings.port
        self._closing = asyncio.Event()

    @property
    def url(self) -> str:
        """Where the page is; known after `start`."""
        host = self._settings.host
        return f"http://[{host}]:{self._port}/" if ":" in host else f"http://{host}:{self._port}/"

    async def start(self) -> None:
        """Listen. Raises ConfigError where the address cannot be had."""
        app = web.Application(middlewares=[self._guarded], client_max_size=1024)
        app.router.add_get("/", self._index)
        app.router.add_get("/page/{name:[a-z-]+\\.(?:js|css|svg)}", self._file)
        app.router.add_get("/api/snapshot", self._snapshot)
        app.router.add_get("/api/stream", self._stream)
        app.router.add_get("/metrics", self._exposition)
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._settings.host, self._settings.port).start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._settings.host}:{self._settings.port}"
            hint = "is another Tocsin running? TOCSIN_DESK__PORT=0 takes any free port"
            raise ConfigError(Problem("desk", 0, 0, f"cannot listen at {where}: {error.strerror}", hint)) from error
        self._port = self._runner.addresses[0][1]
        await self._view.refresh()
        self._following = asyncio.create_task(self._view.follow(), name="dashboard")

    async def close(self) -> None:
        """Let every client go."""
        self._closing.set()
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        if self._runner is not None:
            await self._runner.cleanup()

    # -------------------------------------------------------------- guard

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign Host headers (DNS rebinding), and set the security headers on every answer."""
        if not self._is_ours(request.host):
            response: web.StreamResponse = web.Response(status=421, text="this host is not served here\n")
        else:
            try:
                response = await handler(request)
            except web.HTTPException as error:
                response = web.Response(status=error.status, text=f"{error.reason}\n")
        if not response.prepared:
            response.headers.update(SECURITY)
        return response

    def _is_ours(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        name = name.strip("[]").casefold()
        if name in (*_LOOPBACK, self._settings.host.casefold()):
            return True
        return not _is_loopback(self._settings.host) and _is_address(name)

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

    async def _exposition(self, _: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=self._metrics.exposition(), headers=headers)

    async def _alive(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.StreamResponse:
        reasons = self._unready()
        status = {"status": "not ready" if reasons else "ready", "reasons": reasons}
        return web.json_response(status, status=503 if reasons else 200)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host.casefold() == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
