"""Entries in, articles out, one outcome each: over real HTTP, with real workers, across restarts."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from connectors.pages.workers import ExtractionWorkers
from tests.connectors.pages.hostile import work
from wire.codec import decode, encode
from wire.log import AgendaWrite, Append, UnitOfWork
from wire.records import BodySource, DeadReason, ExtractReason, FetchReason, Outcome, OutcomeKind, PageVisit, Silence
from wire.settings import PagesSettings

START = datetime(2026, 3, 4, 9, tzinfo=UTC)
TEXT = "".join(
    f"<p>Paragraph {n}: nine ports had pledged ships for the winter fleet, the board said.</p>" for n in range(8)
)
PAGE = f"<html lang=en><head><title>Ports</title></head><body><article><h1>Ports</h1>{TEXT}</article></body></html>"
LONG = "Nine ports pledged ships for the fleet. " * 10


async def test_a_page_becomes_an_article(desk):
    desk.site.has("/a", PAGE)
    entry = desk.entry()
    await desk.put(entry)
    async with desk.connector():
        (outcome,) = await desk.settled(1)
    (article,) = await desk.articles()
    assert (outcome.entry, outcome.kind, outcome.reason, outcome.tries) == (
        entry.id,
        OutcomeKind.ARTICLE_FROM_PAGE,
        "",
        1,
    )
    assert (article.body_source, article.entry, article.id) == (BodySource.PAGE, entry.id, outcome.article)
    assert "Paragraph 7" in article.text
    assert article.stamps.fetched is not None
    assert desk.waiting() == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing", FetchReason.STATUS_4XX),
        ("/gone", FetchReason.GONE),
        ("/down", FetchReason.STATUS_5XX),
        ("/pdf", ExtractReason.NOT_HTML),
        ("/empty", ExtractReason.NO_BODY),
        ("/loop", FetchReason.REDIRECT),
        ("/inside", FetchReason.BLOCKED_ADDRESS),
        ("/hang", FetchReason.TIMEOUT),
    ],
)
async def test_the_feed_s_own_text_stands_in_and_says_why(desk, path, reason):
    desk.site.will("/gone", 410)
    desk.site.will("/down", 503)
    desk.site.has("/pdf", b"%PDF-1.7", "application/pdf")
    desk.site.has("/empty", "<html><body></body></html>")
    for _ in range(20):
        desk.site.will("/loop", 302, Location="/loop")
    desk.site.will("/inside", 302, Location="http://127.0.0.1:1/admin")
    desk.site.hold["/hang"] = asyncio.Event()
    await desk.put(desk.entry(path, content=LONG))
    async with desk.connector(timeout_s=0.2):
        (outcome,) = await desk.settled(1)
    (article,) = await desk.articles()
    assert (outcome.kind, outcome.reason) == (OutcomeKind.ARTICLE_FROM_FEED, reason)
    assert (article.body_source, article.body_reason, article.text) == (BodySource.FEED, reason, LONG)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"hang", ExtractReason.EXTRACTOR_TIMEOUT),
        (b"crash", ExtractReason.EXTRACTOR_CRASH),
        (b"greedy", ExtractReason.EXTRACTOR_MEMORY),
        (b"raise", ExtractReason.EXTRACTOR_CRASH),
    ],
)
async def test_an_extractor_that_fails_costs_its_own_page(desk, page, reason):
    settings = PagesSettings(workers=1, extract_timeout_s=0.3, memory_bytes=3_000_000_000)
    desk.workers = ExtractionWorkers(settings, work)
    desk.site.has("/bad", page)
    desk.site.has("/good", "good " * 100)
    await desk.put(desk.entry("/bad", content=LONG), desk.entry("/good"))
    async with desk.connector(host_delay_s=0):
        outcomes = await desk.settled(2)
    await desk.workers.close()
    assert {outcome.url[-4:]: (outcome.kind, outcome.reason) for outcome in outcomes} == {
        "/bad": (OutcomeKind.ARTICLE_FROM_FEED, reason),
        "good": (OutcomeKind.ARTICLE_FROM_PAGE, ""),
    }


async def test_nothing_from_page_or_feed(desk):
    await desk.put(desk.entry("/missing", title="", summary=""), desk.entry("/x", title="", summary="", page=False))
    async with desk.connector():
        outcomes = await desk.settled(2)
    assert {(outcome.kind, outcome.reason) for outcome in outcomes} == {
        (OutcomeKind.FAILED, FetchReason.STATUS_4XX),
        (OutcomeKind.NO_TEXT, ""),
    }
    assert await desk.articles() == []


async def test_a_feed_without_pages_asks_for_none(desk):
    await desk.put(*(desk.entry(f"/{n}", page=False, content=LONG) for n in range(5)))
    async with desk.connector():
        outcomes = await desk.settled(5)
    assert {(outcome.kind, outcome.reason) for outcome in outcomes} == {(OutcomeKind.ARTICLE_FROM_FEED, "")}
    assert desk.site.asked == []


async def test_a_short_text_is_told_at_once_and_the_page_when_it_comes(desk):
    desk.site.has("/a", PAGE)
    desk.site.will("/a", 503)
    await desk.put(desk.entry())
    async with desk.connector():
        await desk.until(lambda: desk.count("articles") == 1)
        assert desk.count("outcomes") == 0
        assert (await desk.articles())[0].body_source is BodySource.SUMMARY
    async with desk.connector():
        (outcome,) = await desk.settled(1, 1)
    assert (outcome.kind, outcome.tries) == (OutcomeKind.ARTICLE_FROM_PAGE, 2)
    first, second = await desk.articles()
    assert first.id == second.id and first.revision != second.revision
    assert desk.site.asked[1][1] - desk.site.asked[0][1] >= 60_000


async def test_a_page_that_never_comes_is_told_once_and_ends(desk):
    for _ in range(9):
        desk.site.will("/a", 500)
    await desk.put(desk.entry())
    async with desk.connector():
        (outcome,) = await desk.settled(1, 5)
        await desk.clock.advance(1000)
    assert (outcome.kind, outcome.reason, outcome.tries) == (
        OutcomeKind.ARTICLE_FROM_FEED,
        FetchReason.STATUS_5XX,
        3,
    )
    assert desk.count("articles") == desk.count("outcomes") == 1
    assert desk.site.count("/a") == 3


async def test_a_host_that_asks_for_a_pause_gets_it_and_the_feed_is_told_meanwhile(desk):
    desk.site.will("/a", 429, Retry_After="500")
    for path in ("/a", "/b"):
        desk.site.has(path, PAGE)
    await desk.put(desk.entry("/a"))
    async with desk.connector():
        await desk.until(lambda: desk.count("articles") == 1)
        await desk.put(desk.entry("/b"))
        await desk.until(lambda: desk.count("articles") == 2)
        assert [path for path, _ in desk.site.asked] == ["/a"]
        outcomes = await desk.settled(2, 1)
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ARTICLE_FROM_PAGE}
    assert desk.site.asked[1][1] - desk.site.asked[0][1] >= 500_000


async def test_one_request_at_a_time_to_a_host_and_a_pause_between(desk):
    for site in (desk.site, desk.other):
        for number in range(4):
            site.has(f"/{number}", PAGE)
    await desk.put(*(desk.entry(f"/{n}", site=site) for n in range(4) for site in (desk.site, desk.other)))
    async with desk.connector(host_delay_s=2):
        await desk.settled(8, 0.05)
    for site in (desk.site, desk.other):
        times = [at_ms for _, at_ms in site.asked]
        assert site.most_at_once == 1
        assert all(later - sooner >= 2000 for sooner, later in pairwise(times))
    assert abs(desk.site.asked[0][1] - desk.other.asked[0][1]) < 1000


async def test_a_slow_host_with_a_long_queue_holds_up_no_other(desk):
    slow = asyncio.Event()
    for number in range(600):
        desk.site.hold[f"/{number}"] = slow
    desk.other.has("/a", PAGE)
    await desk.put(*(desk.entry(f"/{number}") for number in range(600)))
    async with desk.connector(timeout_s=30):
        await desk.until(lambda: desk.site.asked)
        await desk.put(desk.entry("/a", site=desk.other))
        (outcome,) = await desk.settled(1)
        assert outcome.kind is OutcomeKind.ARTICLE_FROM_PAGE
        for _ in range(10):
            await desk.clock.advance(1)
            await asyncio.sleep(0.002)
        assert len(desk.site.asked) == 1
        assert len(desk.waiting()) == 600


async def test_no_entry_is_lost_or_told_twice_across_restarts(desk):
    entries = []
    for number in range(30):
        site = (desk.site, desk.other)[number % 2]
        site.has(f"/{number}", PAGE.replace("nine", str(number)))
        entries.append(desk.entry(f"/{number}", site=site, content=LONG))
    desk.site.pages.pop("/4")
    await desk.put(*entries)
    for stop_at in (1, 6, 11, 17, 30):
        async with desk.connector(host_delay_s=0.1):
            outcomes = await desk.settled(stop_at)
    assert Counter(outcome.entry for outcome in outcomes) == Counter(entry.id for entry in entries)
    assert len({article.id for article in await desk.articles()}) == 30
    assert desk.count("articles") == 30
    assert desk.waiting() == []


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
async def test_on_the_durable_log_nothing_is_lost_either(desk):
    """There a commit takes its time, and what is not stored yet cannot be read."""
    entries = [desk.entry(f"/{n}", site=(desk.site, desk.other)[n % 2], page=n % 3 > 0) for n in range(24)]
    for number in range(24):
        desk.site.has(f"/{number}", PAGE)
        desk.other.has(f"/{number}", PAGE)
    for batch in (entries[:8], entries[8:16], entries[16:]):
        async with desk.connector(host_delay_s=0):
            await desk.put(*batch)
            await desk.until(lambda: desk.site.asked and desk.other.asked)
    async with desk.connector(host_delay_s=0):
        await desk.put(desk.entry("/last", page=False))
        await asyncio.sleep(0.05)
        await desk.until(lambda: not desk.waiting())
    outcomes = [decode(record.value, Outcome) for record in await desk.records("outcomes")]
    assert Counter(outcome.entry for outcome in outcomes) == Counter(
        entry.id for entry in [*entries, desk.entry("/last", page=False)]
    )
    assert await desk.dead_letters() == []


async def test_an_entry_that_comes_twice_while_it_waits_ends_once(desk):
    desk.site.has("/a", PAGE)
    desk.site.will("/a", 500)
    await desk.put(desk.entry())
    async with desk.connector():
        await desk.until(lambda: desk.count("articles") == 1)
        await desk.put(desk.entry())
        (outcome,) = await desk.settled(1, 1)
        await desk.clock.advance(600)
    assert desk.count("outcomes") == 1
    assert outcome.tries == 2


async def test_one_page_in_two_feeds_is_fetched_once(desk):
    desk.site.has("/a", PAGE)
    await desk.put(desk.entry(), desk.entry(feed="other", url=f"http://{desk.site.peer}/a?utm_source=feed"))
    async with desk.connector(host_delay_s=0):
        outcomes = await desk.settled(2)
        assert Counter(outcome.kind for outcome in outcomes) == {
            OutcomeKind.ARTICLE_FROM_PAGE: 1,
            OutcomeKind.UNCHANGED: 1,
        }
        assert desk.count("articles") == 1
        await desk.clock.advance(700)
        await desk.put(desk.entry(feed="third"))
        await desk.settled(3)
    assert len(desk.site.asked) == 2


async def test_a_silent_telling_does_not_stand_for_one_that_rings(desk):
    desk.site.has("/a", PAGE)
    await desk.put(desk.entry(silence=Silence.FIRST_POLL), desk.entry(feed="other"))
    async with desk.connector(host_delay_s=0):
        await desk.settled(2)
    assert sorted(str(article.silence) for article in await desk.articles()) == ["None", "first_poll"]


async def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(desk):
    desk.site.has("/a", PAGE)
    bad = desk.entry("/b", url="ftp://a.example/b")
    work_ = UnitOfWork(appends=[Append("entries", "x", "x", b"\xff"), Append("entries", bad.id, "y", encode(bad))])
    left = desk.log.partition_of("entries", "z")
    work_.agenda.append(AgendaWrite("pages", left, "en1-left", desk.clock.now_ms(), b"{}"))
    spoilt = PageVisit(entry=bad)
    work_.agenda.append(AgendaWrite("pages", left, bad.id, desk.clock.now_ms(), encode(spoilt)))
    await desk.log.commit(work_)
    await desk.put(desk.entry())
    async with desk.connector():
        await desk.settled(1)
        await desk.until(lambda: not desk.waiting())
    letters = await desk.dead_letters()
    assert sorted(letter.reason for letter in letters) == [
        DeadReason.STAGE_ERROR,
        DeadReason.STAGE_ERROR,
        DeadReason.UNDECODABLE,
        DeadReason.UNDECODABLE,
    ]
    assert {letter.value for letter in letters} == {b"\xff", b"{}", encode(bad)}


async def test_headers_that_are_no_text(desk):
    desk.site.has("/a", PAGE, "image/\u00e9")
    await desk.put(desk.entry(content=LONG))
    async with desk.connector():
        (outcome,) = await desk.settled(1)
    assert outcome.reason == ExtractReason.NOT_HTML
    assert outcome.detail.startswith("image/")


async def test_a_page_above_the_limit_is_cut_and_marked(desk):
    desk.site.has("/a", PAGE.replace("</article>", TEXT * 50 + "</article>"))
    await desk.put(desk.entry())
    async with desk.connector(max_bytes=5000):
        (outcome,) = await desk.settled(1)
    (article,) = await desk.articles()
    assert (outcome.kind, article.cut) == (OutcomeKind.ARTICLE_FROM_PAGE, True)


async def test_the_loop_is_not_stalled_by_extraction(desk):
    heavy = PAGE.replace("</article>", TEXT * 1500 + "</article>")
    desk.site.has("/a", heavy)
    await desk.put(desk.entry())
    late = 0.0

    async def watch():
        nonlocal late
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await asyncio.sleep(0.01)
            late = max(late, loop.time() - begun - 0.01)

    watcher = asyncio.create_task(watch())
    async with desk.connector():
        await desk.settled(1)
    await asyncio.sleep(0.02)
    watcher.cancel()
    assert late < 0.25
    (article,) = await desk.articles()
    assert article.cut and article.body_source is BodySource.PAGE


async def test_latency_is_read_off_the_record(desk):
    desk.site.has("/a", PAGE)
    await desk.clock.advance(30)
    await desk.put(desk.entry())
    async with desk.connector():
        await desk.settled(1)
    stamps = (await desk.articles())[0].stamps
    assert stamps.seen == START <= START + timedelta(seconds=30) <= stamps.fetched <= stamps.extracted
    assert json.loads(encode((await desk.articles())[0]))["stamps"]["published"] == "2026-03-04T09:00:00Z"
