"""Feeds of every format, and what real and hostile ones do to them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.feeds.charset import as_utf8
from connectors.feeds.parse import MAX_TAGS, ParsedFeed, Source, parse
from wire.topics import TEXT_BYTES

DATA = Path(__file__).parents[3].parent / "shared" / "data"
AT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
FEED = "https://outlet.example/feed"


def read(body: str | bytes, content_type: str = "", **source: object) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    return parse(data, Source(FEED, content_type, **source))


def rss(*items: str, head: str = "") -> str:
    channel = f"<channel><title>Outlet</title>{head}{''.join(items)}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'


def item(title: str = "Ports pledge ships", link: str = "/story/1", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


RSS = rss(
    item(
        more="<guid>g1</guid><pubDate>Wed, 04 Mar 2026 10:30:00 +0100</pubDate>"
        "<description>Nine &lt;b&gt;ports&lt;/b&gt;</description>"
    ),
    head="<language>en-GB</language>",
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Outlet</title><entry><id>g1</id>
<title type="html">Ports &lt;i&gt;pledge&lt;/i&gt; ships</title><link rel="alternate" href="/story/1"/>
<published>2026-03-04T09:30:00Z</published><updated>2026-03-05T00:00:00Z</updated><summary>Nine ports</summary>
</entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://outlet.example/"><title>Outlet</title>
<dc:language>en</dc:language></channel><item rdf:about="g1"><title>Ports pledge ships</title>
<link>https://outlet.example/story/1</link><description>Nine ports</description>
<dc:date>2026-03-04T09:30:00Z</dc:date></item></rdf:RDF>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Outlet",
        "language": "en-GB",
        "items": [
            {
                "id": "g1",
                "url": "/story/1",
                "title": "Ports pledge ships",
                "summary": "Nine ports",
                "date_published": "2026-03-04T10:30:00+01:00",
            }
        ],
    }
)


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, JSON], ids=["rss", "atom", "rdf", "json"])
def test_every_format_says_the_same(body):
    feed = read(body)
    assert (feed.title, feed.language, feed.problem) == ("Outlet", "en", "")
    (entry,) = feed.entries
    assert (entry.guid, entry.url) == ("g1", "https://outlet.example/story/1")
    assert (entry.title, entry.summary, entry.published) == ("Ports pledge ships", "Nine ports", AT)


def test_what_a_feed_does_not_state_is_empty():
    (entry,) = read(rss("<item><link>https://outlet.example/a b</link></item>")).entries
    assert (entry.guid, entry.url) == ("https://outlet.example/a%20b",) * 2
    assert (entry.title, entry.summary, entry.content, entry.authors, entry.published) == ("", "", "", (), None)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "javascript:alert(1)",
        "mailto:a@b.example",
        "http://[::1/x",
        "https://",
        "file:///etc/passwd",
        FEED,
        "http://a.example:99999/",
    ],
)
def test_what_is_no_address_is_none(link):
    assert [entry.url for entry in read(rss(item(link=link))).entries] == [""]


def test_a_guid_that_is_an_address_stands_for_a_missing_link():
    (entry,) = read(rss("<item><title>t</title><guid>https://outlet.example/7</guid></item>")).entries
    assert entry.url == "https://outlet.example/7"


@pytest.mark.parametrize("date", ["yesterday", "Mon, 32 Foo 2026", "0000-00-00", "-1", "\u0661", ""])
def test_a_bad_date_is_no_date_and_costs_nothing_else(date):
    feed = read(
        rss(item(more=f"<pubDate>{date}</pubDate>"), item(more="<pubDate>Wed, 04 Mar 2026 09:30:00 GMT</pubDate>"))
    )
    assert [entry.published for entry in feed.entries] == [None, AT]


@pytest.mark.parametrize("date", ["2026-13-45T99:99:99Z", "99999-01-01", "9" * 5000])
def test_an_impossible_date_is_none_or_lies_ahead(date):
    """Where the source takes it for none."""
    (entry,) = read(rss(item(more=f"<pubDate>{date}</pubDate>"))).entries
    assert entry.published is None or entry.published.year >= 2027


def test_a_guid_is_kept_as_it_is_stated():
    entries = read(rss(item(more="<guid>tag:7</guid>"), item("no link", "", "<guid>7</guid>"))).entries
    assert [(entry.guid, entry.url) for entry in entries] == [
        ("tag:7", "https://outlet.example/story/1"),
        ("7", ""),
    ]


def test_json_dates_and_authors_that_break_the_format():
    items = [
        {"id": 1, "url": "https://a.example/1", "date_published": "soon", "authors": ["Bo", {"name": "Cy"}, 7]},
        {
            "id": 2.5,
            "external_url": "https://a.example/2",
            "date_modified": "2026-03-04T09:30:00Z",
            "author": {"name": "Bo"},
        },
        {"id": {"no": "id"}, "url": 9},
        {
            "id": 3,
            "url": "https://a.example/3",
            "date_published": "9999-12-31T23:59:59-12:00",
            "content_html": "<p>x</p><p>y</p>",
        },
    ]
    feed = read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}))
    assert [(entry.guid, entry.published) for entry in feed.entries] == [("1", None), ("2.5", AT), ("3", None)]
    assert [entry.authors for entry in feed.entries] == [("Bo", "Cy"), ("Bo",), ()]
    assert feed.entries[2].content == "x\n\ny"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "empty"),
        ("\ufeff \r\n", "empty"),
        ("<!DOCTYPE html><html><head><title>Log in</title></head><body><p>Please</p></body></html>", "not a feed"),
        ("Service unavailable", "not a feed"),
        ('{"error": "no"}', "JSON, but not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "not a JSON Feed"),
        ('{"version":"https://jsonfeed.org/version/1","items":[' + "[" * 100_000, "not a JSON Feed"),
        ("<rss>" + "<a>" * (MAX_TAGS + 1), f"more than {MAX_TAGS} tags"),
    ],
)
def test_what_is_not_a_feed_has_a_problem(body, problem):
    feed = read(body, "text/html")
    assert feed.problem.startswith(problem)
    assert not feed.entries


def test_an_empty_feed_is_no_problem():
    assert read(rss()).problem == ""


def test_a_feed_that_breaks_off_keeps_what_came():
    whole = rss(*(item(f"t{n}", f"/{n}", f"<guid>{n}</guid>") for n in range(5)))
    feed = read(whole[: whole.index("t4")])
    assert [entry.title for entry in feed.entries][:4] == ["t0", "t1", "t2", "t3"]
    assert len(read(whole.replace("</channel>", "<b>&nbsp;&bogus; & </channel>")).entries) == 5


WORD = "Обещание — «корабли»"


@pytest.mark.parametrize(
    ("charset", "declared", "content_type"),
    [
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "windows-1251", "text/xml; charset=iso-8859-1"),
        ("windows-1251", "windows-1251", "text/xml"),
        ("windows-1251", "utf-8", "text/xml; charset=windows-1251"),
        ("windows-1251", "windows-1251", "text/xml; charset=utf-8"),
        ("windows-1251", "windows-1251", "text/xml; charset=us-ascii-or-so"),
        ("utf-16", "utf-16", "application/xml"),
        ("utf-16-le", "utf-8", "application/xml"),
        ("utf-32", "utf-8", "application/xml; charset=utf-8"),
        ("utf-8-sig", "utf-16", "application/xml"),
        ("utf-8", "punycode", "application/xml; charset=\udce9"),
    ],
)
def test_the_charset_is_found_whatever_is_declared(charset, declared, content_type):
    body = rss(item(WORD)).replace('version="1.0"', f'version="1.0" encoding="{declared}"', 1)
    (entry,) = read(body.encode(charset), content_type).entries
    assert entry.title == WORD


@pytest.mark.parametrize("charset", ["iso-2022-jp", "utf-7", "shift_jis", "euc-jp"])
def test_charsets_that_look_like_ascii(charset):
    body = rss(item("約束")).replace('version="1.0"', f'version="1.0" encoding="{charset}"', 1)
    assert read(body.encode(charset)).entries[0].title == "約束"


def test_one_broken_byte_does_not_break_the_rest():
    body = rss(item(WORD)).replace("Outlet", "Out\x00let").encode().replace(b"\x00", b"\xff")
    feed = read(body, "text/xml; charset=utf-8")
    assert feed.entries[0].title == WORD


def test_json_in_utf_16():
    assert read(JSON.encode("utf-16")).entries[0].guid == "g1"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=30))
def test_no_bytes_raise(body, content_type):
    as_utf8(body, content_type)
    for start in (b"", b"{", b"<rss version='2.0'><channel><item>", b"<?xml version='1.0' encoding='"):
        assert isinstance(read(start + body, content_type), ParsedFeed)


BOMB = '[<!ENTITY a "' + "A" * 20_000 + '">]>'
PROLOGS = {
    "plain": "<!DOCTYPE r " + BOMB,
    "lower": "<!doctype r " + BOMB.lower().replace("<!entity", "<!eNtItY"),
    "decoy": "<!-- <!DOCTYPE x> --><!DOCTYPE r " + BOMB,
    "quoted": '<!DOCTYPE r SYSTEM ">" ' + BOMB,
    "external": '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
}


@pytest.mark.parametrize("prolog", PROLOGS.values(), ids=PROLOGS)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-32", "utf-7", "cp037"])
def test_no_entity_is_ever_expanded(prolog, charset):
    body = (
        f'<?xml version="1.0" encoding="{charset}"?>{prolog}'
        + rss(item(more="<description>" + "&a;" * 2000 + "</description>")).partition("?>")[2]
    )
    feed = read(body.encode(charset), f"text/xml; charset={charset}")
    for entry in feed.entries:
        assert len(entry.summary) <= 4 * 2000
        assert "AA" not in entry.summary and "aa" not in entry.summary


def test_what_is_too_much_is_cut():
    huge = "ж" * 300_000
    body = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1",
            "items": [
                {
                    "id": "i" * 5000 + str(n),
                    "url": f"https://a.example/{n}",
                    "title": huge,
                    "summary": huge,
                    "content_text": huge,
                    "authors": [{"name": "ж" * 5000}] * 30,
                }
                for n in range(3)
            ],
        }
    )
    feed = read(body, max_entries=2)
    assert len(feed.entries) == 2
    one, two = feed.entries
    assert len(one.title) == 1000
    assert len(one.summary.encode()) <= TEXT_BYTES and len(one.content.encode()) <= TEXT_BYTES
    assert len(one.authors) == 10 and len(one.authors[0]) <= 200
    assert len(one.guid) <= 2048 and one.guid != two.guid


def test_a_very_deep_summary():
    (entry,) = read(rss(item(more="<description>" + "&lt;div&gt;" * 30_000 + "x</description>"))).entries
    assert len(entry.summary) <= TEXT_BYTES


def test_control_characters_and_halves_of_pairs_do_not_come_through():
    body = '{"version":"https://jsonfeed.org/version/1","items":[{"id":"a\\u0000b","url":"https://a.example/1","title":"x\\u0001y\\u0008","content_text":"p\\u000bq\\nr"}]}'
    (entry,) = read(body).entries
    assert (entry.guid, entry.title, entry.content) == ("a b", "x y", "p q\nr")
    other, _ = read(rss(item("x&#xD800;&#1;&#x110000;&#99999999999;y&#x436;"), item())).entries
    assert other.title == "x yж"


@pytest.mark.skipif(not DATA.exists(), reason="shared/data is not here")
@pytest.mark.parametrize("folder", ["feeds_real", "hostile_xml", "hostile_encoding"])
def test_real_and_hostile_files_never_raise(folder):
    files = [path for path in sorted((DATA / folder).rglob("*")) if path.is_file() and path.stat().st_size < 300_000]
    found = [parse(path.read_bytes(), Source(FEED)) for path in files]
    assert len(found) >= 5
    for feed in found:
        for entry in feed.entries:
            json.dumps([entry.guid, entry.title, entry.summary, entry.content, entry.url]).encode("ascii")
            entry.content.encode(), entry.title.encode()
            assert "root:x:" not in entry.summary
    if folder == "feeds_real":
        assert sum(bool(feed.entries) for feed in found) >= 0.8 * len(found)
