"""The one HTTP client: every address it dials passes the guard, every exchange is bounded in bytes and seconds."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from connectors.addresses import is_public, parse_address
from connectors.exchange import FetchError, Limits, Response
from wire.identity import ascii_host
from wire.metrics import Metrics
from wire.records import FetchReason
from wire.settings import HttpSettings

URL_CHARACTERS = 4096
CHUNK_BYTES = 64 * 1024
HEADER_BYTES = 16 * 1024
PAGE_LIMITS = Limits()
POST_LIMITS = Limits(redirects=0)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_PRIVATE_HEADERS = frozenset({"authorization", "cookie"})
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class BlockedAddress(OSError):
    """The guard refused the address about to be dialled. It never says which."""


class Guard(AbstractResolver):
    """Decides over addresses twice: over all answers of a name, and over each address as its socket is made."""

    def __init__(self, allow: tuple[str, ...], metrics: Metrics | None = None) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._allow = frozenset(entry.lower() for entry in allow)
        self._named: set[tuple[str, int]] = set()
        self._metrics = metrics

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. One that may not be dialled is enough to refuse the name."""
        found = await self._resolver.resolve(host, port, family)
        if f"{ascii_host(host)}:{port}" in self._allow:
            self._named |= {(answer["host"], port) for answer in found}
        for answer in found:
            self.check(answer["host"], port)
        return found

    def make_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """The socket for an address about to be dialled, literal or resolved."""
        family, kind, protocol, _, address = info
        self.check(address[0], address[1])
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setblocking(False)
        return made

    def check(self, host: str, port: int) -> None:
        """Raise BlockedAddress unless `host` is a public address or an exception for this port."""
        address = parse_address(host)
        if address is not None and is_public(address):
            return
        if (host, port) in self._named or f"{_bracketed(host)}:{port}" in self._allow:
            return
        if self._metrics is not None:
            self._metrics.blocked.inc()
        raise BlockedAddress(errno.EACCES, "this address may not be dialled")

    async def close(self) -> None:
        await self._resolver.close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True)
class Request:
    """One hop of an exchange."""

    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | None = None

    def redirected(self, there: URL) -> Request:
        """The next hop; what is meant for one origin is not told to another."""
        headers = self.headers
        if there.origin() != self.url.origin():
            headers = {name: value for name, value in headers.items() if name.lower() not in _PRIVATE_HEADERS}
        return replace(self, url=there, headers=headers)


class HttpClient:
    """GET and POST through the guard. Any status is an answer; only the lack of one is a FetchError."""

    def __init__(self, settings: HttpSettings, metrics: Metrics | None = None) -> None:
        self._settings = settings
        self._metrics = metrics
        self._guard = Guard(settings.allow, metrics)
        self._session: aiohttp.ClientSession | None = None

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits = PAGE_LIMITS,
        purpose: str = "page",
    ) -> Response:
        """Fetch `url`, following redirects within `limits`. Raises FetchError."""
        return await self._counted(purpose, self._exchange("GET", url, headers or {}, limits))

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits = POST_LIMITS,
        purpose: str = "webhook",
    ) -> Response:
        """Send `body` to `url`; a redirect is a failure. Raises FetchError."""
        return await self._counted(purpose, self._exchange("POST", url, headers or {}, limits, body))

    async def close(self) -> None:
        """Let every connection go."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _counted(self, purpose: str, exchange: Any) -> Response:
        result = "error"
        try:
            response: Response = await exchange
            result = f"{response.status // 100}xx"
            return response
        except FetchError as error:
            result = str(error.reason)
            raise
        finally:
            if self._metrics is not None:
                self._metrics.requests.labels(purpose, result).inc()

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], limits: Limits, body: bytes | None = None
    ) -> Response:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(limits.total_s):
                answer = await self._hops(Request(method, checked_url(url), dict(headers), body), limits)
                return replace(answer, seconds=time.perf_counter() - started)
        except TimeoutError:
            raise FetchError(FetchReason.TIMEOUT, f"no whole answer within {limits.total_s:g} s") from None

    async def _hops(self, request: Request, limits: Limits) -> Response:
        for hop in range(limits.redirects + 1):
            async with self._sent(request) as answer:
                location = answer.headers.get("Location")
                if answer.status not in _REDIRECTS or not location:
                    content, cut = await _read(answer, limits)
                    names = {name.lower(): value for name, value in answer.headers.items()}
                    return Response(answer.status, names, content, str(request.url), 0.0, cut)
            if request.method == "POST":
                raise FetchError(FetchReason.REDIRECT, f"answered {answer.status}, which is not followed")
            if hop == limits.redirects:
                break
            request = request.redirected(checked_url(_joined(request.url, location)))
        raise FetchError(FetchReason.REDIRECT, f"more than {limits.redirects} redirects")

    @asynccontextmanager
    async def _sent(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._opened().request(
                request.method, request.url, headers=request.headers, data=request.body, allow_redirects=False
            ) as answer:
                yield answer
        except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
                raise
            raise told(error) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=self._guard,
                socket_factory=self._guard.make_socket,
                limit=self._settings.connections,
                limit_per_host=8,
                use_dns_cache=False,
                keepalive_timeout=15,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect_timeout_s),
                headers={"User-Agent": self._settings.user_agent, "Accept-Encoding": "gzip, deflate"},
                max_line_size=HEADER_BYTES,
                max_field_size=HEADER_BYTES,
                read_bufsize=CHUNK_BYTES,
            )
        return self._session


def checked_url(text: str) -> URL:
    """An address that may be asked for: http or https, with a host, without a user. Raises FetchError."""
    if len(text) > URL_CHARACTERS or any(ord(letter) < 33 for letter in text.strip()):
        raise FetchError(FetchReason.BAD_URL, "too long, or with spaces or control characters")
    try:
        url = URL(text.strip())
        port = url.port
    except ValueError:
        raise FetchError(FetchReason.BAD_URL, "not an address") from None
    if url.scheme not in _PORTS or not url.host or not port:
        raise FetchError(FetchReason.BAD_URL, "expected http:// or https:// and a host")
    if url.user is not None or url.password is not None:
        raise FetchError(FetchReason.BAD_URL, "an address with a user or password is not asked for")
    return url.with_fragment(None)


def told(error: BaseException) -> FetchError:
    """What an error of the client means, in our closed set; the text names no address."""
    causes = _causes(error)
    for reason, text, holds in _MEANINGS:
        if any(holds(cause) for cause in causes):
            return FetchError(reason, text)
    return FetchError(FetchReason.RESET, "the connection was cut")


def _is(*kinds: type[BaseException]) -> Callable[[BaseException], bool]:
    return lambda cause: isinstance(cause, kinds)


def _numbered(*numbers: int) -> Callable[[BaseException], bool]:
    return lambda cause: isinstance(cause, OSError) and cause.errno in numbers


# The first that holds of the error or of a cause of it.
_MEANINGS: tuple[tuple[FetchReason, str, Callable[[BaseException], bool]], ...] = (
    (FetchReason.BLOCKED_ADDRESS, "this address may not be dialled", _is(BlockedAddress)),
    (FetchReason.DNS, "the name was not found", _is(aiohttp.ClientConnectorDNSError, socket.gaierror)),
    (FetchReason.TLS, "no trusted connection", _is(ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError)),
    (FetchReason.TIMEOUT, "no connection in time", _is(TimeoutError)),
    (FetchReason.REFUSED, "the connection was refused", _numbered(errno.ECONNREFUSED)),
    (FetchReason.UNREACHABLE, "the host was not reached", _numbered(*_UNREACHABLE)),
    (FetchReason.RESET, "the connection was cut", _is(aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError)),
    (FetchReason.BAD_URL, "not an address", _is(aiohttp.InvalidURL)),
    (FetchReason.BAD_ANSWER, "not understood", _is(aiohttp.ClientResponseError, zlib.error, ValueError)),
)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in found:
            continue
        found.append(one)
        waiting += [one.__cause__, one.__context__, getattr(one, "os_error", None)]
        if isinstance(one, BaseExceptionGroup):
            waiting += list(one.exceptions)
    return found


def _joined(here: URL, location: str | None) -> str:
    try:
        return str(here.join(URL(location or "")))
    except ValueError:
        raise FetchError(FetchReason.REDIRECT, "redirected to what is not an address") from None


async def _read(answer: aiohttp.ClientResponse, limits: Limits) -> tuple[bytes, bool]:
    """The body, decompressed, at most `max_bytes` of it; and whether it was cut there."""
    inflate = _inflater(answer.headers.get("Content-Encoding", ""))
    parts: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        waiting = chunk
        while waiting:
            room = limits.max_bytes - size + 1
            part, waiting = inflate(waiting, room)
            parts.append(part)
            size += len(part)
            if size > limits.max_bytes:
                if not limits.cut:
                    raise FetchError(FetchReason.TOO_LARGE, f"more than {limits.max_bytes} bytes")
                return b"".join(parts)[: limits.max_bytes], True
    return b"".join(parts), False


def _inflater(encoding: str) -> Any:
    """A function (bytes, room) -> (at most `room` bytes out, bytes not yet taken in)."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return lambda data, room: (data[:room], b"")
    if name not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(FetchReason.BAD_ANSWER, "compressed in a way that was not asked for")
    state: list[Any] = [None]

    def inflate(data: bytes, room: int) -> tuple[bytes, bytes]:
        if state[0] is None:
            raw = name == "deflate" and (data[0] & 0x0F != 8 or data[0] >> 4 > 7)
            state[0] = zlib.decompressobj(
                -zlib.MAX_WBITS if raw else zlib.MAX_WBITS | (32 if name != "deflate" else 0)
            )
        out = state[0].decompress(data, room)
        return out, state[0].unconsumed_tail

    return inflate
