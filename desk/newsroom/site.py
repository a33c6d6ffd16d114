"""One publisher's site on loopback: its feed with conditional GET, its pages, and its troubles."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

from desk.newsroom.render import CONTENT_TYPES, Published, feed_of, page_of
from desk.newsroom.script import Outlet, PageKind, Piece, TroubleKind, dated

_GARBAGE = b"<?xml version='1.0'?><rss><channel><item><title>&nosuch; \x00\xff<<item>"


class Site:
    """Serves one outlet on 127.0.0.1 at a free port. `asked` is set once its feed has answered with items' state."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.trouble: TroubleKind | None = None
        self.asked = asyncio.Event()
        self.requests = 0
        self.not_modified = 0
        self._items: dict[str, Published] = {}
        self._changed_at = datetime(2026, 1, 1, tzinfo=UTC)
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.peer = ""

    @property
    def home(self) -> str:
        return f"http://{self.peer}/"

    @property
    def feed_url(self) -> str:
        return f"{self.home}feed.{'json' if self.outlet.format == 'json' else 'xml'}"

    def page_url(self, piece: Piece) -> str:
        return f"{self.home}articles/{piece.id}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/feed.{suffix}", self._feed)
        app.router.add_get("/articles/{id}", self._page)
        app.router.add_get("/robots.txt", self._robots)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.peer = f"{host}:{port}"

    async def close(self) -> None:
        """Let go of every reader that hangs, and stop serving."""
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    def publish(self, piece: Piece, at: datetime) -> None:
        """Put the piece into the feed and its page on the site; publishing it again revises it."""
        self._items[piece.id] = Published(
            piece, at, self.page_url(piece), dated(piece.title, at), dated(piece.text, at)
        )
        self._changed_at = max(self._changed_at, at)

    # ------------------------------------------------------------------ answers

    async def _feed(self, request: web.Request) -> web.Response:
        self.requests += 1
        if self.trouble is TroubleKind.STATUS_500:
            return web.Response(status=500, text="out of order")
        if self.trouble is TroubleKind.GARBAGE:
            return web.Response(body=_GARBAGE, content_type="application/rss+xml")
        body = feed_of(self.outlet, self.home, list(self._items.values()))
        self.asked.set()
        return self._conditional(request, body, CONTENT_TYPES[self.outlet.format], self._changed_at)

    async def _page(self, request: web.Request) -> web.Response:
        item = self._items.get(request.match_info["id"])
        if item is None or item.piece.page is PageKind.MISSING:
            return web.Response(status=404, text="no such article")
        if item.piece.page is PageKind.HANGS:
            await self._closing.wait()
            return web.Response(status=503)
        others = [other for other in self._items.values() if other is not item]
        body = page_of(self.outlet, item, others[::-1])
        return self._conditional(request, body, "text/html", item.at)

    async def _robots(self, request: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nAllow: /\n")

    def _conditional(self, request: web.Request, body: bytes, content_type: str, at: datetime) -> web.Response:
        """200, or 304 by RFC 9110: If-None-Match decides alone where it is given, else If-Modified-Since."""
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        modified = at.replace(microsecond=0)
        headers = {"ETag": etag, "Last-Modified": format_datetime(modified, usegmt=True), "Cache-Control": "no-cache"}
        wanted = request.headers.get("If-None-Match")
        since = _http_date(request.headers.get("If-Modified-Since", ""))
        same = (
            etag in (tag.strip().removeprefix("W/") for tag in wanted.split(","))
            if wanted is not None
            else since is not None and modified <= since
        )
        if same:
            self.not_modified += 1
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers, content_type=content_type, charset="utf-8")


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
