"""Feeds in three formats and article pages, as a publisher of middling skill would serve them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

from desk.newsroom.script import FeedContent, FeedFormat, Outlet, Piece

CONTENT_TYPES = {
    FeedFormat.RSS: "application/rss+xml",
    FeedFormat.ATOM: "application/atom+xml",
    FeedFormat.JSON: "application/feed+json",
}


@dataclass(frozen=True)
class Published:
    """A piece that is out: when, at which address, dates filled in."""

    piece: Piece
    at: datetime
    url: str
    title: str
    text: str

    @property
    def guid(self) -> str:
        return f"tag:{self.piece.outlet}.test,2026:{self.piece.id}"

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in self.text.split("\n\n") if part.strip()]

    @property
    def html(self) -> str:
        return "".join(f"<p>{escape(part, quote=False)}</p>" for part in self.paragraphs)


def feed_of(outlet: Outlet, home: str, items: list[Published]) -> bytes:
    """The outlet's feed, the newest piece first; `home` is its address."""
    newest = sorted(items, key=lambda item: item.at, reverse=True)
    if outlet.format is FeedFormat.JSON:
        return _json(outlet, home, newest)
    return (_rss if outlet.format is FeedFormat.RSS else _atom)(outlet, home, newest).encode()


def _rss(outlet: Outlet, home: str, items: list[Published]) -> str:
    rows = []
    for item in items:
        full = f"<content:encoded><![CDATA[{item.html}]]></content:encoded>" if _full(outlet) else ""
        rows.append(
            f"<item><title>{xml_escape(item.title)}</title><link>{xml_escape(item.url)}</link>"
            f'<guid isPermaLink="false">{xml_escape(item.guid)}</guid>'
            f"<pubDate>{format_datetime(item.at)}</pubDate>"
            f"<description>{xml_escape(item.paragraphs[0])}</description>{full}</item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{xml_escape(outlet.name)}</title><link>{xml_escape(home)}</link>"
        f"<description>News from {xml_escape(outlet.name)}</description><language>{outlet.language}</language>"
        + "\n".join(rows)
        + "</channel></rss>\n"
    )


def _atom(outlet: Outlet, home: str, items: list[Published]) -> str:
    rows = []
    for item in items:
        full = f'<content type="html">{xml_escape(item.html)}</content>' if _full(outlet) else ""
        rows.append(
            f"<entry><id>{xml_escape(item.guid)}</id><title>{xml_escape(item.title)}</title>"
            f'<link rel="alternate" href={quoteattr(item.url)}/><published>{item.at.isoformat()}</published>'
            f"<updated>{item.at.isoformat()}</updated><summary>{xml_escape(item.paragraphs[0])}</summary>{full}</entry>"
        )
    updated = items[0].at.isoformat() if items else "2026-01-01T00:00:00+00:00"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">'
        f"<id>tag:{outlet.id}.test,2026:feed</id><title>{xml_escape(outlet.name)}</title><updated>{updated}</updated>"
        f"<author><name>{xml_escape(outlet.name)}</name></author><link href={quoteattr(home)}/>"
        + "\n".join(rows)
        + "</feed>\n"
    )


def _json(outlet: Outlet, home: str, items: list[Published]) -> bytes:
    rows = []
    for item in items:
        row = {
            "id": item.guid,
            "url": item.url,
            "title": item.title,
            "summary": item.paragraphs[0],
            "date_published": item.at.isoformat(),
        }
        row["content_html" if _full(outlet) else "content_text"] = item.html if _full(outlet) else item.paragraphs[0]
        rows.append(row)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": home,
        "language": outlet.language,
        "items": rows,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _full(outlet: Outlet) -> bool:
    return outlet.content is FeedContent.FULL


def page_of(outlet: Outlet, item: Published, others: list[Published]) -> bytes:
    """The article's page, with all that stands around an article: navigation, captions, other headlines, consent."""
    first, *rest = item.paragraphs
    body = "\n".join(f"<p>{escape(part, quote=False)}</p>" for part in rest)
    related = "\n".join(f'<li><a href="{escape(o.url)}">{escape(o.title)}</a></li>' for o in others[:5])
    name, title = escape(outlet.name), escape(item.title)
    return f"""<!doctype html>
<html lang="{outlet.language}"><head><meta charset="utf-8"><title>{title} | {name}</title>
<link rel="canonical" href="{escape(item.url)}"><meta property="og:title" content="{title}">
<meta property="og:type" content="article"><meta property="article:published_time" content="{item.at.isoformat()}">
<meta property="og:site_name" content="{name}"></head>
<body>
<div class="cookie-banner" role="dialog"><p>We and our partners use cookies to make {name} better. You can change your
choice at any time.</p><button>Accept all</button> <button>Settings</button></div>
<header><a href="/">{name}</a>
<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/money">Money</a></li>
<li><a href="/sport">Sport</a></li><li><a href="/culture">Culture</a></li></ul></nav></header>
<main><article><h1>{title}</h1>
<p class="byline">By our staff | <time datetime="{item.at.isoformat()}">{item.at:%d.%m.%Y, %H:%M} UTC</time></p>
<div class="article-body">
<p>{escape(first, quote=False)}</p>
<figure><img src="/picture.jpg" alt=""><figcaption>A view of the square in the morning. Picture: {name}</figcaption>
</figure>
{body}
</div></article>
<aside class="related"><h2>More from {name}</h2><ul>
{related}
</ul></aside></main>
<footer><p>Subscribe to our newsletter: the day in five minutes.</p>
<p>&copy; {name}. All rights reserved.</p></footer>
</body></html>
""".encode()
