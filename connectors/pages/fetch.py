"""The GET of one page: how much of it is taken, which answers are pages, and what the others mean."""

from __future__ import annotations

from datetime import datetime

from connectors.exchange import FetchError, Limits, Response, parse_retry_after
from connectors.http import HttpClient
from connectors.markup import printable
from wire.records import FetchReason
from wire.settings import PagesSettings

HEADERS = {"Accept": "text/html, application/xhtml+xml, */*;q=.5"}
_READABLE = ("html", "xml", "text/plain")


async def get_page(http: HttpClient, url: str, settings: PagesSettings, now: datetime) -> Response:
    """The page's answer, a long one cut. Raises FetchError, also for every status but 200."""
    limits = Limits(total_s=settings.timeout_s, max_bytes=settings.max_bytes, cut=True)
    response = await http.get(url, headers=HEADERS, limits=limits)
    if response.status == 200:
        return response
    wait = parse_retry_after(response.headers.get("retry-after", ""), now)
    raise FetchError(reason_of(response.status), f"answered {response.status}", wait)


def reason_of(status: int) -> FetchReason:
    """What a status that brings no page means."""
    if status in (408, 429):
        return FetchReason.THROTTLED
    if status == 410:
        return FetchReason.GONE
    return {4: FetchReason.STATUS_4XX, 5: FetchReason.STATUS_5XX}.get(status // 100, FetchReason.BAD_ANSWER)


def kind_of(response: Response) -> str:
    """The content type, as the server says it."""
    return printable(response.headers.get("content-type", ""))


def readable(kind: str) -> bool:
    """Whether an answer of this content type may hold an article; one without a type may."""
    return not kind or any(word in kind.lower() for word in _READABLE)
