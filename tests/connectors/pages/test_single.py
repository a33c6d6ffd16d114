"""One page read for a person: a real server on loopback, the guard, robots.txt, and each way it can fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from connectors.http import HttpClient
from connectors.pages.robots import product
from connectors.pages.single import Page, PageReader, PageUnread
from connectors.pages.workers import ExtractionWorkers
from tests.connectors.pages.hostile import work
from wire.records import ExtractReason, FetchReason
from wire.settings import HttpSettings, PagesSettings

BODY = "".join(
    f"<p>Paragraph {n}: the board said that nine ports pledged ships for the winter.</p>" for n in range(6)
)
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Ports pledge ships</title>'
    '<meta property="og:site_name" content="Harbour News"><meta property="article:published_time" '
    f'content="2026-03-04T09:00:00Z"></head><body><article><h1>Ports pledge ships</h1>{BODY}</article></body></html>'
)


@asynccontextmanager
async def serving(robots: str | int = 404) -> AsyncIterator[tuple[str, list[tuple[str, str]]]]:
    """A site with one article and what goes wrong; and which paths were asked for by whom."""
    asked: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append((request.path, request.headers.get("User-Agent", "")))
        if request.path == "/robots.txt":
            return web.Response(status=robots) if isinstance(robots, int) else web.Response(text=robots)
        match request.path.split("/")[1]:
            case "story":
                return web.Response(text=PAGE, content_type="text/html")
            case "moved":
                raise web.HTTPFound("/story")
            case "inward":
                raise web.HTTPFound("http://127.0.0.1:1/")
            case "picture":
                return web.Response(body=b"\x89PNG", content_type="image/png")
            case "as-asked":
                return web.Response(text=request.query_string, content_type="text/html")
            case "teaser":
                return web.Response(text="<html><body><p>Short.</p></body></html>", content_type="text/html")
            case status:
                return web.Response(status=int(status))

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def read(url: str, pool: ExtractionWorkers, *allow: str, **settings: object) -> Page:
    """The page, by a client of its own."""
    http = HttpClient(HttpSettings(allow=allow))
    try:
        return await PageReader(http, pool, PagesSettings(**settings), HttpSettings().user_agent).read(url)
    finally:
        await http.close()


async def test_a_page_is_asked_for_once_and_read_as_the_page_connector_reads_it(pool):
    async with serving() as (peer, asked):
        page = await read(f"http://{peer}/moved", pool, peer)
    assert (page.title, page.publisher, page.language) == ("Ports pledge ships", "Harbour News", "en")
    assert page.text.count("nine ports pledged ships") == 6
    assert (page.url, page.published.year, page.cut) == (f"http://{peer}/story", 2026, False)
    assert [path for path, _ in asked] == ["/robots.txt", "/moved", "/story"]
    assert {agent for _, agent in asked} == {HttpSettings().user_agent}


async def test_a_long_page_is_cut_and_says_so(pool):
    async with serving() as (peer, _):
        page = await read(f"http://{peer}/story", pool, peer, max_bytes=len(PAGE) - 40)
    assert page.cut and "nine ports" in page.text


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("404", FetchReason.STATUS_4XX),
        ("410", FetchReason.GONE),
        ("429", FetchReason.THROTTLED),
        ("503", FetchReason.STATUS_5XX),
        ("inward", FetchReason.BLOCKED_ADDRESS),
        ("picture", ExtractReason.NOT_HTML),
        ("teaser", ExtractReason.NO_BODY),
    ],
)
async def test_every_failure_has_its_reason(path, reason, pool):
    async with serving() as (peer, _):
        with pytest.raises(PageUnread) as caught:
            await read(f"http://{peer}/{path}", pool, peer)
    assert caught.value.reason == reason
    assert caught.value.detail and str(caught.value).startswith(f"{reason}: ")


async def test_the_guard_lets_no_private_address_pass_without_an_exception(pool):
    async with serving() as (peer, asked):
        with pytest.raises(PageUnread) as caught:
            await read(f"http://{peer}/story", pool)
    assert caught.value.reason == FetchReason.BLOCKED_ADDRESS
    assert asked == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("hang", ExtractReason.EXTRACTOR_TIMEOUT),
        ("crash", ExtractReason.EXTRACTOR_CRASH),
        ("greedy", ExtractReason.EXTRACTOR_MEMORY),
    ],
)
async def test_an_extraction_is_bounded(body, reason):
    hostile = ExtractionWorkers(PagesSettings(workers=1, extract_timeout_s=0.5, memory_bytes=3_000_000_000), work)
    async with serving() as (peer, _):
        try:
            with pytest.raises(PageUnread) as caught:
                await read(f"http://{peer}/as-asked?{body}", hostile, peer)
        finally:
            await hostile.close()
    assert caught.value.reason == reason


@pytest.mark.parametrize("robots", ["User-agent: *\nDisallow: /story\n", "User-agent: Tocsin\nDisallow: /\n", 503])
async def test_what_robots_txt_forbids_is_not_asked_for(robots, pool):
    async with serving(robots) as (peer, asked):
        with pytest.raises(PageUnread) as caught:
            await read(f"http://{peer}/story", pool, peer)
    assert caught.value.reason == "robots" and "robots.txt" in caught.value.detail
    assert [path for path, _ in asked] == ["/robots.txt"]


@pytest.mark.parametrize(
    "robots", ["User-agent: monitor\nDisallow: /\n", "User-agent: *\nDisallow: /404\n", "\x00", 403]
)
async def test_what_robots_txt_does_not_forbid_is_asked_for(robots, pool):
    async with serving(robots) as (peer, asked):
        with pytest.raises(PageUnread) as caught:
            await read(f"http://{peer}/410", pool, peer)
    assert caught.value.reason == FetchReason.GONE
    assert [path for path, _ in asked] == ["/robots.txt", "/410"]


def test_the_product_is_what_stands_before_the_version():
    assert product("Tocsin/0.1 (news monitor)") == "Tocsin"
    assert product("Tocsin") == "Tocsin"
