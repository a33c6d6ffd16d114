"""A page's bytes to an article's text. The one door to trafilatura; it runs in worker processes only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import trafilatura
from lxml import html as lxml_html
from trafilatura.settings import use_config

from connectors.markup import printable
from wire.topics import TEXT_BYTES

MIN_CHARACTERS = 120
"""A body shorter than this is no body: a teaser, a consent text, a title."""

TITLE_CHARACTERS = 1_000
NAME_CHARACTERS = 200
URL_CHARACTERS = 2_048

_CONFIG = use_config()
_CONFIG.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(MIN_CHARACTERS))
_CONFIG.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")  # the worker's own limit holds

_WEB = ("http://", "https://")
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<html[^>]{0,400}?\blang=[\"']?([A-Za-z]{2,3})", re.IGNORECASE)


@dataclass(frozen=True)
class Extracted:
    """What a page says. `text` is paragraphs split by a blank line; empty where no body was found."""

    title: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str = ""
    canonical_url: str = ""
    cut: bool = False
    publisher: str = ""


def extract(page: bytes, url: str, content_type: str = "") -> Extracted:
    """The article on a page: main text without navigation, related items or comments (trafilatura, for precision)."""
    markup = _decoded(page, content_type)
    found = trafilatura.bare_extraction(
        markup,
        url=url,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        include_images=False,
        include_links=False,
        with_metadata=True,
        deduplicate=False,
        config=_CONFIG,
    )
    language = _LANGUAGE.search(page[:4096])
    said = language[1].decode().lower() if language else ""
    if found is None or isinstance(found, dict):
        return Extracted(language=said)
    text, cut = cut_text("\n\n".join(line.strip() for line in (found.text or "").split("\n") if line.strip()))
    return Extracted(
        title=_line(found.title, TITLE_CHARACTERS),
        text=text if len(text) >= MIN_CHARACTERS else "",
        authors=tuple(_line(name, NAME_CHARACTERS) for name in (found.author or "").split(";") if name.strip())[:10],
        published=_moment(found.date),
        language=said,
        canonical_url=_canonical(markup),
        cut=cut,
        publisher=_line(found.sitename, NAME_CHARACTERS),
    )


def cut_text(text: str) -> tuple[str, bool]:
    """At most 200 kB of text, ending at a character, without control characters; and whether it was cut."""
    text = printable(text)
    data = text.encode()
    if len(data) <= TEXT_BYTES:
        return text, False
    return data[:TEXT_BYTES].decode("utf-8", "ignore"), True


def _line(text: str | None, characters: int) -> str:
    return printable(text or "").strip()[:characters]


def _decoded(page: bytes, content_type: str) -> str | bytes:
    """Text by the server's or the page's charset; where neither is right, trafilatura guesses from the bytes."""
    named = _CHARSET.search(content_type)
    said = named[1] if named else ""
    if not said and (meta := _META_CHARSET.search(page[:4096])):
        said = meta[1].decode("ascii", "ignore")
    for encoding in filter(None, (said, "utf-8")):
        try:
            return page.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return page


def _moment(date: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _canonical(markup: str | bytes) -> str:
    text = markup if isinstance(markup, str) else markup.decode("utf-8", "replace")
    head = text[: max(text.find("</head>"), 0) or 50_000]
    try:
        links = lxml_html.document_fromstring(head).xpath('//link[@rel="canonical"]/@href')
    except Exception:  # lxml raises three families of errors on broken heads; a canonical address is only a hint
        return ""
    found = (printable(str(link).strip()) for link in links)
    return next((link for link in found if link.startswith(_WEB) and len(link) <= URL_CHARACTERS), "")
