"""A role's web server: metrics, whether it is alive and ready, and what else it is given to serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web

from wire.errors import ConfigError, Problem
from wire.metrics import Metrics
from wire.settings import DeskSettings

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


class WebServer:
    """Serves `metrics` at the address of `settings`.

    `unready` gives the reasons why the role is not ready, `warnings` what is wrong though it works.
    """

    def __init__(
        self,
        metrics: Metrics,
        settings: DeskSettings,
        unready: Callable[[], list[str]],
        warnings: Callable[[], list[str]] = lambda: [],
    ) -> None:
        self._metrics = metrics
        self._settings = settings
        self._unready = unready
        self._warnings = warnings
        self._runner: web.AppRunner | None = None
        self._port = settings.port
        self._routes: list[tuple[str, Handler]] = [
            ("/metrics", self._exposition),
            ("/healthz", self._alive),
            ("/readyz", self._ready),
        ]

    @property
    def url(self) -> str:
        """Where it serves; known after `start`."""
        host = self._settings.host
        return f"http://[{host}]:{self._port}/" if ":" in host else f"http://{host}:{self._port}/"

    def serve(self, path: str, handler: Handler) -> None:
        """Answer GET requests for a path; before `start`."""
        self._routes.append((path, handler))

    async def start(self) -> None:
        """Listen. Raises ConfigError where the address cannot be had."""
        app = web.Application(middlewares=[self._guarded], client_max_size=1024)
        for path, handler in self._routes:
            app.router.add_get(path, handler)
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

    async def close(self) -> None:
        """Let every client go."""
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

    async def _exposition(self, _: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=self._metrics.exposition(), headers=headers)

    async def _alive(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.StreamResponse:
        reasons = self._unready()
        status = {"status": "not ready" if reasons else "ready", "reasons": reasons, "warnings": self._warnings()}
        return web.json_response(status, status=503 if reasons else 200)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host.casefold() == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
