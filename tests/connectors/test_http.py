"""The guarded client against a real server on loopback, and against addresses that must not be dialled."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from connectors.exchange import FetchError, Limits
from connectors.http import BlockedAddress, Guard, HttpClient
from wire.metrics import Metrics
from wire.records import FetchReason
from wire.settings import HttpSettings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(**handlers: Handler) -> AsyncIterator[str]:
    """An HTTP server with one handler a path; gives its host:port."""
    app = web.Application()
    for name, handler in handlers.items():
        app.router.add_route("*", f"/{name}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield "127.0.0.1:%d" % runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    try:
        yield "127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def client(*allow: str, metrics: Metrics | None = None) -> AsyncIterator[HttpClient]:
    made = HttpClient(HttpSettings(allow=allow), metrics)
    try:
        yield made
    finally:
        await made.close()


async def reason_of(fetch: Awaitable[object]) -> FetchReason:
    with pytest.raises(FetchError) as caught:
        await fetch
    assert "127." not in str(caught.value) and "10." not in str(caught.value)
    return caught.value.reason


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="hello", headers={"ETag": '"1"'})


async def test_any_status_is_an_answer() -> None:
    async def missing(request: web.Request) -> web.Response:
        return web.Response(status=404, text="no")

    async with serving(hello=hello, missing=missing) as host, client(host) as http:
        answer = await http.get(f"http://{host}/hello")
        assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", '"1"')
        assert (await http.get(f"http://{host}/missing")).status == 404


HOSTILE = [
    "127.0.0.1", "127.1", "0177.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.", "localhost",
    "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]",
    "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "0.0.0.0", "0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1",
    "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[fe80::1]", "[ff02::1]", "[fc00::1]",
    "[64:ff9b::169.254.169.254]", "[64:ff9b:1::a9fe:a9fe]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::]",
    "[2001:0:7f00:1::]", "[100::1]", "[5f00::1]", "[3fff::1]", "[2001:db8::1]", "[fec0::1]", "[::ffff:0:7f00:1]",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTILE)
async def test_a_hostile_host_is_never_dialled(host: str) -> None:
    metrics = Metrics()
    async with client(metrics=metrics) as http:
        reason = await reason_of(http.get(f"http://{host}:9/", limits=Limits(total_s=3)))
    assert reason in (FetchReason.BLOCKED_ADDRESS, FetchReason.BAD_URL, FetchReason.DNS)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "[::ffff:127.0.0.1]"]
)
async def test_the_guard_itself_refuses_loopback_however_it_is_written(host: str) -> None:
    async with serving(hello=hello) as served, client() as http:
        port = served.rpartition(":")[2]
        reason = await reason_of(http.get(f"http://{host}:{port}/hello"))
    assert reason in (FetchReason.BLOCKED_ADDRESS, FetchReason.BAD_URL)  # aiohttp itself refuses some spellings


@pytest.mark.parametrize("name", ["127.1", "2130706433", "0177.0.0.1", "0x7f000001", "localhost"])
async def test_the_guard_refuses_a_name_by_its_answers(name: str) -> None:
    guard = Guard(())
    with pytest.raises(BlockedAddress):
        await guard.resolve(name, 80)
    await guard.close()


async def test_an_exception_is_one_host_and_port() -> None:
    async with serving(hello=hello) as one, serving(hello=hello) as two, client(one) as http:
        assert (await http.get(f"http://{one}/hello")).status == 200
        assert await reason_of(http.get(f"http://{two}/hello")) is FetchReason.BLOCKED_ADDRESS


async def test_an_exception_may_name_a_host() -> None:
    async with serving(hello=hello) as host:
        port = host.rpartition(":")[2]
        async with client(f"localhost:{port}") as http:
            assert (await http.get(f"http://localhost:{port}/hello")).status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_each_hop_of_a_redirect_passes_the_guard(status: int) -> None:
    async with serving(hello=hello) as inner:

        async def away(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": f"http://{inner}/hello"})

        async with serving(away=away) as host, client(host) as http:
            assert await reason_of(http.get(f"http://{host}/away")) is FetchReason.BLOCKED_ADDRESS


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://x/", "dict://x:1/", "data:text/plain,x", "http://u:p@x/"]
)
async def test_a_redirect_to_another_scheme_is_refused(target: str) -> None:
    async def away(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    async with serving(away=away) as host, client(host) as http:
        assert await reason_of(http.get(f"http://{host}/away")) is FetchReason.BAD_URL


async def test_redirects_are_followed_up_to_the_limit_and_the_last_address_is_told() -> None:
    async def on(request: web.Request) -> web.Response:
        left = int(request.query["n"])
        if left == 0:
            return web.Response(text="there")
        return web.Response(status=302, headers={"Location": f"/on?n={left - 1}"})

    async with serving(on=on) as host, client(host) as http:
        answer = await http.get(f"http://{host}/on?n=3", limits=Limits(redirects=3))
        assert (answer.body, answer.url) == (b"there", f"http://{host}/on?n=0")
        assert await reason_of(http.get(f"http://{host}/on?n=4", limits=Limits(redirects=3))) is FetchReason.REDIRECT


async def test_what_is_meant_for_one_host_is_not_told_to_another() -> None:
    heard: list[dict[str, str]] = []

    async def tell(request: web.Request) -> web.Response:
        heard.append(dict(request.headers))
        return web.Response(text="ok")

    async with serving(tell=tell) as inner:

        async def away(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"http://{inner}/tell"})

        async with serving(away=away) as host, client(host, inner) as http:
            await http.get(f"http://{host}/away", headers={"Authorization": "secret", "X-Plain": "1"})
    assert "Authorization" not in heard[0] and heard[0]["X-Plain"] == "1"


async def test_a_post_is_never_redirected() -> None:
    async def away(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/hello"})

    async with serving(away=away, hello=hello) as host, client(host) as http:
        assert await reason_of(http.post(f"http://{host}/away", b"x")) is FetchReason.REDIRECT


async def test_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    async with serving(hello=hello) as host, client(host) as http:
        assert (await http.get(f"http://{host}/hello")).status == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_stopped_at_the_bound(encoding: str) -> None:
    plain = b"\0" * 50_000_000
    packed = gzip.compress(plain) if encoding == "gzip" else zlib.compress(plain)

    async def bomb(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": encoding})

    async with serving(bomb=bomb) as host, client(host) as http:
        assert (
            await reason_of(http.get(f"http://{host}/bomb", limits=Limits(max_bytes=100_000)))
            is FetchReason.TOO_LARGE
        )
        cut = await http.get(f"http://{host}/bomb", limits=Limits(max_bytes=100_000, cut=True))
        assert (len(cut.body), cut.cut) == (100_000, True)


@pytest.mark.parametrize("raw", [False, True])
async def test_both_kinds_of_deflate_are_read(raw: bool) -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS if raw else zlib.MAX_WBITS)
    packed = packer.compress(b"hello " * 1000) + packer.flush()

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "deflate"})

    async with serving(page=page) as host, client(host) as http:
        assert (await http.get(f"http://{host}/page")).body == b"hello " * 1000


async def test_a_body_of_exactly_the_bound_is_whole() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 1000)

    async with serving(page=page) as host, client(host) as http:
        answer = await http.get(f"http://{host}/page", limits=Limits(max_bytes=1000))
        assert (len(answer.body), answer.cut) == (1000, False)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
async def test_a_dripping_answer_ends_at_the_deadline(said: bytes) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        while True:
            writer.write(b"a" if said else b"")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with raw_server(drip) as host, client(host) as http:
        assert await reason_of(http.get(f"http://{host}/", limits=Limits(total_s=0.3))) is FetchReason.TIMEOUT


async def test_a_header_without_end_is_refused() -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            writer.write(b"a" * 65536)
            await writer.drain()

    async with raw_server(shout) as host, client(host) as http:
        assert await reason_of(http.get(f"http://{host}/")) is FetchReason.BAD_ANSWER


async def test_a_cut_line_is_a_reset() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort")

    async with raw_server(cut) as host, client(host) as http:
        assert await reason_of(http.get(f"http://{host}/")) is FetchReason.RESET


async def test_nonsense_is_a_bad_answer() -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"\x00\x01\x02 nothing like HTTP\r\n\r\n")

    async with raw_server(nonsense) as host, client(host) as http:
        assert await reason_of(http.get(f"http://{host}/")) is FetchReason.BAD_ANSWER


async def test_a_refused_connection() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        host = "127.0.0.1:%d" % holder.getsockname()[1]
        async with client(host) as http:
            assert await reason_of(http.get(f"http://{host}/")) is FetchReason.REFUSED


@pytest.mark.parametrize(
    "url", ["", "ftp://a.test/", "http://", "http://a.test:99999/", "http://a b/",
    "http://a.test/\r\nX: 1", "//a.test/",
            "http://user@a.test/", "javascript:alert(1)", "http://" + "a" * 5000, "http://[::1", "http://a.test:0/"]
)  # fmt: skip
async def test_what_is_not_an_address_is_refused(url: str) -> None:
    async with client() as http:
        assert await reason_of(http.get(url)) is FetchReason.BAD_URL


async def test_cookies_are_not_kept() -> None:
    heard: list[str | None] = []

    async def cookie(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "a=1"})

    async with serving(cookie=cookie) as host, client(host) as http:
        await http.get(f"http://{host}/cookie")
        await http.get(f"http://{host}/cookie")
    assert heard == [None, None]
