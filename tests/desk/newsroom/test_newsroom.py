"""The newsroom over real HTTP: feeds, pages, conditional GET, troubles, and the script itself."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import aiohttp
import pytest
import trafilatura

from desk.newsroom.busy import Busyness, busy_script, words
from desk.newsroom.newsroom import Newsroom
from desk.newsroom.render import Published, page_of
from desk.newsroom.script import (
    Expectation,
    FeedContent,
    FeedFormat,
    Outlet,
    PageKind,
    Piece,
    Script,
    Trouble,
    TroubleKind,
    dated,
    load_script,
)
from wire.clock import VirtualClock, WallClock
from wire.errors import ConfigError

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def titles(outlet: Outlet, body: bytes) -> list[str]:
    if outlet.format is FeedFormat.JSON:
        return [item["title"] for item in json.loads(body)["items"]]
    path = ".//item/title" if outlet.format is FeedFormat.RSS else f"{ATOM}entry/{ATOM}title"
    return [element.text or "" for element in ET.fromstring(body).findall(path)]


@pytest.fixture
async def day():
    clock = VirtualClock(datetime(2026, 3, 4, 9, tzinfo=UTC))
    newsroom = Newsroom(load_script(), clock)
    await newsroom.start()
    async with aiohttp.ClientSession() as client:
        yield newsroom, clock, client
    await newsroom.close()


async def body_of(client: aiohttp.ClientSession, url: str) -> bytes:
    async with client.get(url) as answer:
        assert answer.status == 200
        return await answer.read()


async def test_every_feed_is_well_formed_and_grows_by_the_script(day):
    newsroom, clock, client = day
    script = load_script()
    playing = asyncio.create_task(newsroom.play())
    for feed in newsroom.feeds:
        outlet = next(outlet for outlet in script.outlets if outlet.id == feed.id)
        early = [piece.title for piece in script.pieces if piece.outlet == feed.id and piece.at <= 0]
        assert sorted(titles(outlet, await body_of(client, feed.url))) == sorted(early)
    await asyncio.wait_for(newsroom.polled(), 5)
    await clock.advance(script.seconds + 1)
    await asyncio.wait_for(playing, 5)
    for feed in newsroom.feeds:
        outlet = next(outlet for outlet in script.outlets if outlet.id == feed.id)
        wanted = [piece.title for piece in script.pieces if piece.outlet == feed.id]
        assert sorted(titles(outlet, await body_of(client, feed.url))) == sorted(wanted)


async def test_items_carry_address_guid_and_the_time_of_publishing(day):
    newsroom, clock, client = day
    feeds = {feed.id: feed for feed in newsroom.feeds}
    item = ET.fromstring(await body_of(client, feeds["harbour-wire"].url)).find(".//item")
    assert item is not None
    assert item.findtext("link") == newsroom.site("harbour-wire").page_url(load_script().pieces[0])
    assert item.findtext("guid") == "tag:harbour-wire.test,2026:harbour-cup-final"
    assert item.findtext("pubDate") == "Wed, 04 Mar 2026 07:30:00 +0000"
    row = json.loads(await body_of(client, feeds["capital-courier"].url))["items"][0]
    assert datetime.fromisoformat(row["date_published"]) == clock.now() - timedelta(seconds=900)
    assert len({feed.url for feed in newsroom.feeds}) == len(set(newsroom.allow)) == 8


async def test_conditional_get(day):
    newsroom, clock, client = day
    url = newsroom.feeds[0].url
    async with client.get(url) as answer:
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    for headers, status in (
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f'"other", W/{etag}'}, 304),
        ({"If-Modified-Since": modified}, 304),
        ({"If-None-Match": '"other"', "If-Modified-Since": modified}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ):
        async with client.get(url, headers=headers) as answer:
            assert answer.status == status, headers
    newsroom.site("harbour-wire").publish(load_script().pieces[5], clock.now())
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        async with client.get(url, headers=headers) as answer:
            assert answer.status == 200


async def test_a_feed_breaks_and_heals():
    outlet = Outlet(id="a", name="A")
    troubles = (
        Trouble(outlet="a", at=2, until=3, kind=TroubleKind.GARBAGE),
        Trouble(outlet="a", at=1, until=2, kind=TroubleKind.STATUS_500),
    )
    clock = VirtualClock()
    newsroom = Newsroom(Script(outlets=(outlet,), pieces=(), troubles=troubles), clock)
    await newsroom.start()
    playing = asyncio.create_task(newsroom.play(readers_timeout_s=0))
    seen = []
    async with aiohttp.ClientSession() as client:
        for seconds in (0.5, 1, 1, 1):
            await clock.advance(seconds)
            async with client.get(newsroom.feeds[0].url) as answer:
                body = await answer.read()
                try:
                    ET.fromstring(body)
                    seen.append((answer.status, "good"))
                except ET.ParseError:
                    seen.append((answer.status, "bad"))
    await playing
    await newsroom.close()
    assert seen == [(200, "good"), (500, "bad"), (200, "bad"), (200, "good")]


async def test_a_page_hangs_until_the_newsroom_closes():
    piece = Piece(id="p", outlet="a", at=0, title="T", text="One.\n\nTwo.", page=PageKind.HANGS)
    newsroom = Newsroom(
        Script(outlets=(Outlet(id="a", name="A", content=FeedContent.FULL),), pieces=(piece,)), WallClock()
    )
    await newsroom.start()
    async with aiohttp.ClientSession() as client:
        feed = ET.fromstring(await body_of(client, newsroom.feeds[0].url))
        assert feed.findtext(f".//item/{CONTENT}") == "<p>One.</p><p>Two.</p>"
        with pytest.raises(TimeoutError):
            async with client.get(newsroom.site("a").page_url(piece), timeout=aiohttp.ClientTimeout(total=0.2)):
                pass
        async with asyncio.timeout(20):
            await newsroom.close()


async def test_pages_that_are_not_there(day):
    newsroom, _, client = day
    for path in ("articles/none", "articles/lantern-film"):
        async with client.get(f"{newsroom.site('evening-lantern').home}{path}") as answer:
            assert answer.status == 404


def test_the_body_can_be_extracted_from_every_page():
    script = load_script()
    now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    items = [
        Published(p, now, f"http://a.test/{p.id}", dated(p.title, now), dated(p.text, now)) for p in script.pieces
    ]
    for item in items:
        others = [other for other in items if other is not item]
        text = trafilatura.extract(page_of(script.outlets[0], item, others).decode(), include_comments=False) or ""
        assert all(part in text for part in item.paragraphs), item.piece.id
        assert "cookies" not in text and "newsletter" not in text
        assert not [other.title for other in others if other.title in text and other.title != item.title]


# ------------------------------------------------------------------ the script


def test_the_day_has_what_the_demo_promises():
    script = load_script()
    assert len(script.outlets) >= 6
    assert script.seconds < 30
    assert {outlet.format for outlet in script.outlets} == set(FeedFormat)
    told = {
        expectation.event: {piece.outlet for piece in script.pieces if piece.event == expectation.event}
        for expectation in script.expect
    }
    assert len(told["canada-pledge"] - {"coastline-today"}) == 4
    assert len(told["russia-rejection"]) == 2
    assert {expectation.event for expectation in script.expect if expectation.rings == 0} == {
        "sweden-denial",
        "old-pledge-recap",
    }
    assert all(100 <= len(piece.text.split()) <= 300 for piece in script.pieces)
    by_id = {piece.id: piece for piece in script.pieces}
    original, reprint = by_id["wire-canada-pledge"].text, by_id["coastline-canada-reprint"].text
    assert original != reprint
    shared = set(original.split("\n\n")) & set(reprint.split("\n\n"))
    assert len(shared) == 3
    texts = [piece.text for piece in script.pieces if piece is not by_id["coastline-canada-reprint"]]
    paragraphs = [part for text in texts for part in text.split("\n\n")]
    assert len(set(paragraphs)) == len(paragraphs)


async def test_expectations_name_the_pages_that_tell_them(day):
    newsroom, _, _ = day
    urls = {expectation.event: expectation.urls for expectation in newsroom.expectations}
    assert len(urls["canada-pledge"]) == 5
    assert urls["new-zealand-pledge"][0].endswith("/articles/gazette-new-zealand-pledge")
    assert all(url.startswith("http://127.0.0.1:") for told in urls.values() for url in told)


def test_words_for_days_are_filled_in():
    now = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert dated("{weekday} {yesterday} {date} {other}", now) == "Sunday Saturday 1 March 2026 {other}"
    assert not [piece.id for piece in load_script().pieces if "{" in dated(piece.title + piece.text, now)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("outlets: []\npieces: [{id: a, outlet: b, at: 1, title: t, text: x}]", "unknown outlet 'b'"),
        ("outlets: [{id: b, name: B}]\npieces: [{id: a, outlet: b, at: 1, title: t, text: x, event: e}]", "'e', of"),
        ("outlets: []\npieces: []\nzebra: 1", "zebra"),
        ("outlets: [{id: b, name: B}, {id: b, name: B}]\npieces: []", "called the same outlet"),
    ],
)
def test_a_bad_script_is_refused(tmp_path, text, told):
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=told):
        load_script(path)


def test_a_busy_script_is_the_same_for_the_same_seed():
    first = busy_script(7, stories=40, outlets=6, noise=30)
    assert first == busy_script(7, stories=40, outlets=6, noise=30)
    assert first != busy_script(8, stories=40, outlets=6, noise=30)


def test_a_busy_script_tells_each_event_in_different_words():
    script = busy_script(1, stories=words().capacity, outlets=5, noise=10, busyness=Busyness(every_s=0.01))
    assert len(script.expect) == len({expectation.event for expectation in script.expect}) == words().capacity
    assert [piece.at for piece in script.pieces] == sorted(piece.at for piece in script.pieces)
    for expectation in script.expect:
        told = [piece for piece in script.pieces if piece.event == expectation.event]
        assert len({piece.outlet for piece in told}) == len({piece.text for piece in told}) == 3
    assert not [piece.id for piece in script.pieces if {"{A}", "{N}", "{T}"} & set(piece.text.split())]
    with pytest.raises(ValueError, match="expected 0 to"):
        busy_script(1, stories=words().capacity + 1, outlets=5, noise=0)
    assert Expectation(event="a", rule="b").rings == 1


async def test_speed_shortens_the_day():
    piece = Piece(id="p", outlet="a", at=10, title="T", text="One.")
    clock = VirtualClock()
    newsroom = Newsroom(Script(outlets=(Outlet(id="a", name="A"),), pieces=(piece,)), clock, speed=5)
    await newsroom.start()
    playing = asyncio.create_task(newsroom.play(readers_timeout_s=0))
    await clock.advance(1.9)
    assert not newsroom.done.is_set()
    await clock.advance(0.2)
    assert newsroom.done.is_set()
    await playing
    await newsroom.close()
