"""One page for a person who asks for it: robots.txt, one GET, the article on it. Nothing is stored or tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from yarl import URL

from connectors.exchange import FetchError, Response
from connectors.http import HttpClient, checked_url
from connectors.pages.body import guess_language
from connectors.pages.extract import Extracted
from connectors.pages.fetch import get_page, kind_of, readable
from connectors.pages.robots import forbidden
from connectors.pages.workers import ExtractFailed, ExtractionWorkers
from wire.errors import TocsinError
from wire.records import ExtractReason
from wire.settings import PagesSettings

ROBOTS = "robots"
"""The reason where robots.txt forbids the page."""

_SAID = {
    ExtractReason.NO_BODY: "no article was found on the page",
    ExtractReason.EXTRACTOR_TIMEOUT: "finding the article took longer than a page may take",
    ExtractReason.EXTRACTOR_MEMORY: "finding the article took more memory than a page may take",
    ExtractReason.EXTRACTOR_CRASH: "finding the article failed",
}


class PageUnread(TocsinError):
    """No article came of an address. `reason` is a FetchReason's or ExtractReason's name, or `robots`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Page:
    """An article as its page gives it. `url` is the address that answered; `publisher` its host if it names none."""

    url: str
    title: str
    text: str
    publisher: str
    language: str
    published: datetime | None
    cut: bool = False


@dataclass(frozen=True)
class PageReader:
    """Reads single pages through a client and workers that its maker closes. `settings` are the page connector's.

    The site that is asked for its robots.txt is that of the address as given, wherever this leads.
    """

    http: HttpClient
    workers: ExtractionWorkers
    settings: PagesSettings
    user_agent: str

    async def read(self, url: str) -> Page:
        """The article at `url`, through the guard and within the page connector's limits. Raises PageUnread."""
        try:
            address = str(checked_url(url))
            if why := await forbidden(self.http, address, self.user_agent):
                raise PageUnread(ROBOTS, why)
            response = await get_page(self.http, address, self.settings, datetime.now(UTC))
            kind = kind_of(response)
            if not readable(kind):
                raise PageUnread(ExtractReason.NOT_HTML, f"the answer is {kind[:100]}, not a page")
            found = await self.workers.extract(response.body, response.url, kind)
        except FetchError as error:
            raise PageUnread(error.reason, error.detail) from error
        except ExtractFailed as error:
            raise PageUnread(error.reason, _SAID[error.reason]) from error
        if not found.text:
            raise PageUnread(ExtractReason.NO_BODY, _SAID[ExtractReason.NO_BODY])
        return _page(response, found)


def _page(response: Response, found: Extracted) -> Page:
    url, cut = response.url, response.cut or found.cut
    host = (URL(url).host or "").removeprefix("www.")
    language = found.language or guess_language(found.text)
    return Page(url, found.title, found.text, found.publisher or host, language, found.published, cut)
