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

from connectors.feeds.charset import as_utf8
from connectors.markup import plain_text, printable
from wire.identity import digest
from wire.topics import TEXT_BYTES

TITLE_CHARACTERS = 1_000
GUID_CHARACTERS = 2_048
URL_CHARACTERS = 2_048
AUTHORS = 10

MAX_TAGS = 600_000
"""Beyond this a document would keep the parser busy for many seconds; large real feeds stay far below."""

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+));?")


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
    body = as_utf8(body, source.content_type)
    start = body.lstrip(b" \t\r\n")
    if not start:
        return ParsedFeed(problem="empty")
    if start[:1] == b"{":
        return _json_feed(start, source)
    if body.count(b"<") > MAX_TAGS:
        return ParsedFeed(problem=f"more than {MAX_TAGS} tags")
    return _xml_feed(_REFERENCE.sub(_character, _without_declarations(body)), source)


def _without_declarations(body: bytes) -> bytes:
    """Cut the document type out, with the entities that it declares; spoil any declaration hidden elsewhere."""
    begin = body.upper().find(b"<!DOCTYPE")
    if begin < 0:
        return _ENTITY.sub(b"<!NO", body)
    bracket, close = body.find(b"[", begin), body.find(b">", begin)
    if 0 <= bracket < close:
        ends = re.compile(rb"\]\s{0,100}>").search(body, bracket)
        body = body[:begin] + (body[ends.end() :] if ends else b"")
    else:
        body = body[:begin] + (body[close + 1 :] if close >= 0 else b"")
    return _ENTITY.sub(b"<!NO", body)


def _character(reference: re.Match[bytes]) -> bytes:
    """A numeric reference where it names a character; a space where not: one such would cost the whole feed."""
    hexadecimal, decimal = reference.groups()
    digits = hexadecimal or decimal
    number = int(digits, 16 if hexadecimal else 10) if len(digits) <= 7 else 0
    usable = (number >= 32 or number in (9, 10, 13)) and number < 0x110000 and not 0xD800 <= number < 0xE000
    return reference[0] if usable else b" "


def _xml_feed(body: bytes, source: Source) -> ParsedFeed:
    # No base address: feedparser would join guids to it too.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        found = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
    except Exception as error:  # feedparser lets the errors of half a dozen parsers through
        return ParsedFeed(problem=f"not a feed: {type(error).__name__}")
    language = _language(found.feed.get("language", ""))
    entries = [_xml_entry(item, source, language) for item in found.entries[: source.max_entries]]
    problem = ""
    if not entries and not found.get("version"):
        problem = printable("not a feed" + (f": {found.get('bozo_exception')}"[:200] if found.get("bozo") else ""))
    return ParsedFeed(_title(found.feed.get("title", "")), language, tuple(entries), problem)


def _xml_entry(item: Any, source: Source, language: str) -> ParsedEntry:
    link, stated = str(item.get("link", "")), str(item.get("id", ""))
    if link == stated or not _address(link, source.url):  # a guid stands in for a link only where it is an address
        link = stated if stated.startswith(("http://", "https://")) else ""
    url = _address(link, source.url)
    guid = _guid(stated or url or item.get("title", ""))
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
            if stated := dict.get(item, name):  # past feedparser's own get, which falls back and warns
                return datetime.fromtimestamp(calendar.timegm(stated), UTC)
        except (ValueError, OverflowError, OSError, TypeError):
            continue
    return None


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
    author: Any = None
    authors: Any = None


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
    authors = item.authors if isinstance(item.authors, list) else [item.author]
    content = _text(item.content_html) if item.content_html else _clipped(item.content_text or "")
    return ParsedEntry(
        guid=_guid(item.id if item.id is not None else url),
        url=url,
        title=_title(item.title or ""),
        summary=_text(item.summary or ""),
        content=content,
        authors=_names(_json_name(author) for author in authors),
        language=_language(item.language or "") or language,
        published=_iso(item.date_published) or _iso(item.date_modified),
    )


def _json_name(author: Any) -> str:
    """The name of `{"name": ...}`, or of a bare string, which is not by the format but common."""
    name = author.get("name") if isinstance(author, dict) else author
    return name if isinstance(name, str) else ""


def _iso(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _guid(stated: Any) -> str:
    """Long ones by their beginning and a digest: what follows may be all that differs."""
    guid = printable(str(stated))
    return guid if len(guid) <= GUID_CHARACTERS else guid[: GUID_CHARACTERS - 30] + digest((guid,))


def _address(link: str, base: str) -> str:
    try:
        url = printable(urljoin(base, str(link).strip())).replace(" ", "%20")
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= URL_CHARACTERS
        _ = parts.port
    except ValueError:
        return ""
    return url if usable and url != base else ""


def _title(markup: Any) -> str:
    return printable(plain_text(str(markup)[:TEXT_BYTES]).replace("\n\n", " ")).strip()[:TITLE_CHARACTERS]


def _text(markup: Any) -> str:
    return _clipped(plain_text(str(markup)[: 4 * TEXT_BYTES]))


def _clipped(text: str) -> str:
    """At most as many bytes as an article may have; a record with two of them stays below its topic's limit."""
    return printable(text).strip().encode()[:TEXT_BYTES].decode("utf-8", "ignore")


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in (_title(name)[:200] for name in names) if name)[:AUTHORS]


def _language(tag: Any) -> str:
    """The primary subtag, lower case: `en` of `en-GB`."""
    primary = re.split(r"[-_]", str(tag).strip().lower())[0]
    return primary if primary.isalpha() and len(primary) in (2, 3) else ""
