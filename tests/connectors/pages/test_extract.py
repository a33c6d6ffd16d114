"""Pages to text, and which text becomes the article."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.exchange import FetchError
from connectors.pages.body import ENOUGH_CHARACTERS, Visit, compose, failed_visit, guess_language
from connectors.pages.extract import MIN_CHARACTERS, Extracted, cut_text, extract
from wire.codec import encode
from wire.identity import article_id
from wire.records import BodySource, Entry, ExtractReason, FetchReason, Silence, Stamps
from wire.topics import TEXT_BYTES, TOPICS

DATA = Path(__file__).parents[3].parent / "shared" / "data"
AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
URL = "https://outlet.example/story"
BODY = [
    f"Paragraph {n}: the harbour board said that nine ports had pledged ships for the winter fleet." for n in range(6)
]


def page(*paragraphs: str, head: str = "", lang: str = "en") -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>Ports pledge ships</title>{head}</head><body>'
        '<nav><a href="/">Home</a><a href="/s">Sport</a></nav><article><h1>Ports pledge ships</h1>'
        f"{text}</article><footer>All rights reserved</footer></body></html>"
    )


def test_the_body_without_what_stands_around_it():
    found = extract(page(*BODY, head=f'<link rel="canonical" href="{URL}?id=1">').encode(), URL, "text/html")
    assert found.text.split("\n\n")[-6:] == BODY
    assert "Sport" not in found.text and "rights" not in found.text
    assert (found.language, found.canonical_url, found.cut) == ("en", URL + "?id=1", False)
    assert found.title == "Ports pledge ships"


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 5000, b"%PDF-1.7", b"<html></html>", page("Short.").encode(), b"<" * 9999]
)
def test_what_has_no_body_gives_no_text(body):
    assert extract(body, URL).text == ""


@pytest.mark.parametrize(
    ("charset", "content_type", "meta"),
    [
        ("utf-8", "text/html", ""),
        ("windows-1251", "text/html; charset=windows-1251", ""),
        ("windows-1251", "text/html", '<meta charset="windows-1251">'),
        ("utf-8", "text/html; charset=nonsense", ""),
        ("utf-8", "text/html; charset=us-ascii", ""),
    ],
)
def test_the_charset_is_found(charset, content_type, meta):
    words = "Девять портов обещали корабли зимнему флоту, сообщил совет гавани в среду вечером."
    found = extract(
        page(*(f"{words} {n}" for n in range(5)), head=meta, lang="xx").encode(charset), URL, content_type
    )
    assert words in found.text


def test_everything_a_page_gives_is_bounded():
    """An article must stay below its topic's limit whatever the page holds."""
    long = "x" * 2_000_000
    head = f'<link rel="canonical" href="https://a.example/{long}"><meta name="author" content="{long}">'
    head += f"<title>{long}</title>"
    body = [f'"The board", it said, "of port {n}" and "of port {n + 1}", had "pledged" ships' for n in range(5000)]
    found = extract(page(*body, head=head).encode(), URL)
    assert (found.canonical_url, found.cut) == ("", True)
    assert len(found.title) <= 1000 and all(len(name) <= 200 for name in found.authors)
    article = compose(entry(title=""), Visit(found, fetched=AT), AT)
    assert 200_000 < len(encode(article)) < TOPICS["articles"].max_bytes


@settings(max_examples=100)
@given(st.text(max_size=300), st.integers(0, 3))
def test_a_cut_is_a_beginning(text, times):
    long = text * 10**times
    cut, shorter = cut_text(long)
    assert len(cut.encode()) <= TEXT_BYTES
    assert shorter == (len(cut) < len(long))


def test_halves_of_pairs_do_not_pass():
    assert cut_text("a\ud800b\x00c") == ("a b c", False)


@pytest.mark.skipif(not (DATA / "articles_fundus").exists(), reason="shared/data is not here")
def test_real_pages_have_bodies():
    files = sorted((DATA / "articles_fundus").rglob("*.html.gz"))[:12]
    found = [extract(gzip.decompress(path.read_bytes()), URL) for path in files]
    assert sum(bool(one.text) for one in found) >= 10


def entry(**fields: object) -> Entry:
    stated = {
        "id": "en1-a",
        "feed": "feed",
        "publisher": "Outlet",
        "guid": "a",
        "url": URL,
        "title": "Ports",
        **fields,
    }
    return Entry(**stated)


LONG, SHORT = "Nine ports. " * 30, "Nine ports."
PAGE = Extracted(
    text="The page says more. " * 40, title="Page title", language="en", canonical_url=URL, authors=("P",)
)


@pytest.mark.parametrize(
    ("own", "visit", "source", "reason"),
    [
        (SHORT, Visit(PAGE), BodySource.PAGE, ""),
        (LONG, Visit(PAGE), BodySource.PAGE, ""),
        ("y" * 2000, Visit(PAGE), BodySource.FEED, ExtractReason.SHORTER_THAN_FEED),
        (LONG, Visit(Extracted()), BodySource.FEED, ExtractReason.NO_BODY),
        (SHORT, Visit(Extracted()), BodySource.SUMMARY, ExtractReason.NO_BODY),
        (SHORT, failed_visit(FetchError(FetchReason.TIMEOUT)), BodySource.SUMMARY, FetchReason.TIMEOUT),
        (LONG, Visit(None, ExtractReason.NOT_HTML), BodySource.FEED, ExtractReason.NOT_HTML),
        ("", Visit(None, FetchReason.GONE), BodySource.SUMMARY, FetchReason.GONE),
    ],
)
def test_which_text_is_told_and_why(own, visit, source, reason):
    article = compose(entry(content=own, summary="s"), visit, AT)
    assert (article.body_source, article.body_reason) == (source, reason)
    assert article.text == (PAGE.text if source is BodySource.PAGE else max(own, "s", key=len))


def test_an_article_is_complete():
    stamps = Stamps(published=AT, seen=AT)
    article = compose(entry(silence=Silence.STALE, stamps=stamps, authors=("F",)), Visit(PAGE, fetched=AT), AT)
    assert (article.id, article.url, article.entry, article.feed) == (article_id(URL), URL, "en1-a", "feed")
    assert (article.title, article.authors, article.silence) == ("Ports", ("F",), Silence.STALE)
    assert article.stamps == Stamps(published=AT, seen=AT, fetched=AT, extracted=AT)


def test_nothing_anywhere_is_no_article():
    assert compose(entry(title=""), Visit(Extracted()), AT) is None
    assert compose(entry(title="", page=False), Visit(), AT) is None
    assert compose(entry(title="Only a title"), Visit(Extracted()), AT).text == ""


def test_a_feed_without_pages_has_no_reason():
    article = compose(entry(page=False, content="z" * ENOUGH_CHARACTERS), Visit(), AT)
    assert (article.body_source, article.body_reason) == (BodySource.FEED, "")
    assert MIN_CHARACTERS < ENOUGH_CHARACTERS


def test_letters_tell_two_languages_apart():
    assert guess_language("її ґанок") == "uk"
    assert guess_language("объём") == "ru"
    assert guess_language("порт") == guess_language("port") == ""
