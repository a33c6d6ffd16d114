"""Which text becomes the article: the page's, or the feed's own where the page fails or says less."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from connectors.exchange import FetchError
from connectors.pages.extract import Extracted, cut_text
from wire.identity import article_id, revision_id
from wire.records import Article, BodySource, Entry, ExtractReason, FetchReason

ENOUGH_CHARACTERS = 250
"""A feed's own text of this length stands for the article where the page fails; a shorter one is told, and the page
tried again."""

RETRYABLE = frozenset(
    {
        FetchReason.DNS,
        FetchReason.REFUSED,
        FetchReason.RESET,
        FetchReason.UNREACHABLE,
        FetchReason.TIMEOUT,
        FetchReason.STATUS_5XX,
        FetchReason.THROTTLED,
    }
)

_UK = re.compile("[іїєґІЇЄҐ]")
_RU = re.compile("[ыэъёЫЭЪЁ]")


@dataclass(frozen=True)
class Visit:
    """How one visit to a page went. `extracted` is None where nothing came; `reason` then says why."""

    extracted: Extracted | None = None
    reason: str = ""
    detail: str = ""
    retry: bool = False
    retry_after_s: float | None = None
    url: str = ""
    fetched: datetime | None = None


def failed_visit(error: FetchError) -> Visit:
    """A visit that gave no page."""
    retry = error.reason in RETRYABLE
    return Visit(None, str(error.reason), error.detail, retry, error.retry_after_s)


def own_text(entry: Entry) -> str:
    """The most that the feed itself says."""
    return max(entry.content, entry.summary, key=len)


def compose(entry: Entry, visit: Visit, now: datetime) -> Article | None:
    """The article of an entry after a visit; None where neither page nor feed has a word."""
    page, own = visit.extracted or Extracted(), own_text(entry)
    if page.text and len(page.text) >= len(own):
        text, source, reason, cut = page.text, BodySource.PAGE, "", page.cut
    else:
        text, cut = cut_text(own)
        source = BodySource.FEED if len(own) >= ENOUGH_CHARACTERS else BodySource.SUMMARY
        reason = visit.reason or str(ExtractReason.SHORTER_THAN_FEED if page.text else ExtractReason.NO_BODY)
    title = entry.title or page.title
    if not (text or title):
        return None
    if not entry.page:
        reason = ""
    return Article(
        id=article_id(entry.url),
        revision=revision_id(title, text),
        url=entry.url,
        title=title,
        text=text,
        publisher=entry.publisher,
        feed=entry.feed,
        entry=entry.id,
        language=page.language or entry.language or guess_language(text or title),
        canonical_url=page.canonical_url,
        authors=entry.authors or page.authors,
        body_source=source,
        body_reason=reason,
        cut=cut,
        silence=entry.silence,
        stamps=replace(entry.stamps, fetched=visit.fetched, extracted=now),
    )


def guess_language(text: str) -> str:
    """`uk` or `ru` by letters that only one of them has; empty where the letters do not say."""
    sample = text[:2000]
    uk, ru = len(_UK.findall(sample)), len(_RU.findall(sample))
    if uk == ru:
        return ""
    return "uk" if uk > ru else "ru"
