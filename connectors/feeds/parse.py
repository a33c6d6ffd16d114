"""A feed's bytes to entries: RSS, Atom, RDF by feedparser; JSON Feed here, which feedparser does not read.

Declarations of entities are cut out before parsing: no feed needs them and a hostile one is a bomb.
"""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import msgspec

from connectors.markup import plain_text

TITLE_CHARACTERS = 1_000
TEXT_CHARACTERS = 200_000
GUID_CHARACTERS = 2_048
URL_CHARACTERS = 2_048
AUTHORS = 10

_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}\?>")
_WIDE = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\x00?\x00": "utf-16-le",
    b"\x00<\x00?": "utf-16-be",
    b"<\x00r\x00": "utf-16-le",
    b"\x00<\x00r": "utf-16-be",
}


@dataclass(frozen=True)
class Source:
    """Where a body came from, for charsets and relative addresses."""

    url: str
    content_type: str = ""
    max_entries: int = 2_000


@dataclass(frozen=True)
class ParsedEntry:
    """One item as the feed states it, markup removed. `url` is empty where there is no web address."""

    guid: str
    url: str
    title: str
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    published: datetime | None = None


@dataclass(frozen=True)
class ParsedFeed:
    """A feed's entries in its own order. `problem` says what is wrong with it, though entries may be there."""

    title: str = ""
    language: str = ""
    entries: tuple[ParsedEntry, ...] = ()
    problem: str = ""


def parse(body: bytes, source: Source) -> ParsedFeed:
    """Read a feed. Never raises: what cannot be read has a problem and no entries."""
    body = _narrow(body)
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return ParsedFeed(problem="empty")
    if start[:1] == b"{":
        return _json_feed(start, source)
    return _xml_feed(_without_declarations(body), source)


def _narrow(body: bytes) -> bytes:
    """UTF-16 as UTF-8, so that what is looked for in bytes is found."""
    for mark, encoding in _WIDE.items():
        if body.startswith(mark):
            return _XML_DECLARATION.sub(b"", body.decode(encoding, "replace").lstrip("\ufeff").encode())
    return body


def _without_declarations(body: bytes) -> bytes:
    """Cut the document type out, with the entities that it declares."""
    begin = body.upper().find(b"<!DOCTYPE")
    if begin < 0:
        return body
    bracket, close = body.find(b"[", begin), body.find(b">", begin)
    if 0 <= bracket < close:
        ends = re.compile(rb"\]\s*>").search(body, bracket)
        return body[:begin] + (body[ends.end() :] if ends else b"")
    return body[:begin] + (body[close + 1 :] if close >= 0 else b"")


def _xml_feed(body: bytes, source: Source) -> ParsedFeed:
    headers = {"content-location": source.url, "content-type": source.content_type or "application/xml"}
    try:
        found = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
    except Exception as error:  # feedparser lets the errors of half a dozen parsers through
        return ParsedFeed(problem=f"not a feed: {type(error).__name__}")
    language = _language(found.feed.get("language", ""))
    entries = [_xml_entry(item, source, language) for item in found.entries[: source.max_entries]]
    problem = ""
    if not entries and not found.get("version"):
        problem = "not a feed" + (f": {found.get('bozo_exception')}"[:200] if found.get("bozo") else "")
    return ParsedFeed(_title(found.feed.get("title", "")), language, tuple(entries), problem)


def _xml_entry(item: Any, source: Source, language: str) -> ParsedEntry:
    url = _address(item.get("link", ""), source.url)
    guid = str(item.get("id") or url or item.get("title", ""))[:GUID_CHARACTERS]
    if not url and item.get("id", "").startswith(("http://", "https://")):
        url = _address(item["id"], source.url)
    contents = [str(part.get("value", "")) for part in item.get("content", ())]
    return ParsedEntry(
        guid=guid,
        url=url,
        title=_title(item.get("title", "")),
        summary=_text(item.get("summary", "")),
        content=_text(max(contents, key=len, default="")),
        authors=_names(part.get("name", "") for part in item.get("authors", ()) if part),
        language=_language(item.get("language", "")) or language,
        published=_moment(item),
    )


def _moment(item: Any) -> datetime | None:
    for name in ("published_parsed", "created_parsed", "updated_parsed"):
        try:
            if item.get(name):
                return datetime.fromtimestamp(calendar.timegm(item[name]), UTC)
        except (ValueError, OverflowError, OSError, TypeError):
            continue
    return None


class _JsonAuthor(msgspec.Struct):
    name: str | None = None


class _JsonItem(msgspec.Struct):
    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    summary: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    language: str | None = None
    author: _JsonAuthor | None = None
    authors: list[_JsonAuthor] | None = None


class _JsonFeed(msgspec.Struct):
    version: str = ""
    title: str | None = None
    language: str | None = None
    items: list[msgspec.Raw] | None = None


def _json_feed(body: bytes, source: Source) -> ParsedFeed:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org). An item that breaks the format is left out; the others stay."""
    try:
        found = msgspec.json.decode(body, type=_JsonFeed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return ParsedFeed(problem=f"not a JSON Feed: {str(error)[:200]}")
    if "jsonfeed" not in found.version and found.items is None:
        return ParsedFeed(problem="JSON, but not a JSON Feed")
    entries: list[ParsedEntry] = []
    bad = 0
    language = _language(found.language or "")
    for raw in (found.items or [])[: source.max_entries]:
        try:
            entries.append(_json_entry(msgspec.json.decode(raw, type=_JsonItem), source, language))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            bad += 1
    problem = f"{bad} items were not understood" if bad and not entries else ""
    return ParsedFeed(_title(found.title or ""), language, tuple(entries), problem)


def _json_entry(item: _JsonItem, source: Source, language: str) -> ParsedEntry:
    url = _address(item.url or item.external_url or "", source.url)
    authors = item.authors or ([item.author] if item.author else [])
    content = _text(item.content_html) if item.content_html else _clipped(item.content_text or "")
    return ParsedEntry(
        guid=str(item.id if item.id is not None else url)[:GUID_CHARACTERS],
        url=url,
        title=_title(item.title or ""),
        summary=_text(item.summary or ""),
        content=content,
        authors=_names(author.name or "" for author in authors),
        language=_language(item.language or "") or language,
        published=_iso(item.date_published) or _iso(item.date_modified),
    )


def _iso(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _address(link: str, base: str) -> str:
    try:
        url = urljoin(base, str(link).strip())
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= URL_CHARACTERS
        _ = parts.port
    except ValueError:
        return ""
    return url if usable and url != base else ""


def _title(markup: Any) -> str:
    return plain_text(str(markup)).replace("\n\n", " ")[:TITLE_CHARACTERS]


def _text(markup: Any) -> str:
    return _clipped(plain_text(str(markup)[: 4 * TEXT_CHARACTERS]))


def _clipped(text: str) -> str:
    return text.strip()[:TEXT_CHARACTERS]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in (_title(name)[:200] for name in names) if name)[:AUTHORS]


def _language(tag: Any) -> str:
    """The primary subtag, lower case: `en` of `en-GB`."""
    primary = re.split(r"[-_]", str(tag).strip().lower())[0]
    return primary if primary.isalpha() and len(primary) in (2, 3) else ""
