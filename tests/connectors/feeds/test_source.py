"""The feed source over real HTTP: what is new, what is silent, what a failure costs, what a restart keeps."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from connectors.feeds.schedule import weight
from connectors.feeds.source import KNOWN
from wire.log import UnitOfWork
from wire.records import FetchReason, OutcomeKind, Silence
from wire.topics import TOPICS

START = datetime(2026, 3, 4, 9, tzinfo=UTC)


@asynccontextmanager
async def running(source):
    task = asyncio.create_task(source.run())
    try:
        yield task
        assert not task.done(), task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def seeded(desk, rss, source, *items):
    """A first poll, silent, then a minute."""
    desk.outlets.pages["/feed"] = rss(*items)
    await source.poll(desk.feed())
    await desk.clock.advance(60)


async def test_the_first_poll_is_silent_and_the_next_is_not(desk, rss):
    source = desk.source()
    await seeded(desk, rss, source, ("a", "Old"))
    desk.outlets.pages["/feed"] = rss(("b", "New"), ("a", "Old"))
    assert await source.poll(desk.feed()) == 1
    old, new = sorted(await desk.entries(), key=lambda entry: entry.title, reverse=True)
    assert (old.title, old.silence) == ("Old", Silence.FIRST_POLL)
    assert (new.title, new.silence, new.guid) == ("New", None, "b")
    assert new.url == desk.outlets.url("/b")
    assert (new.stamps.published, new.stamps.seen) == (START, START + timedelta(seconds=60))
    assert (new.publisher, new.feed, new.page) == ("Outlet", "feed", True)


async def test_a_failed_first_poll_is_not_the_first(desk, rss):
    source = desk.source()
    desk.outlets.will("/feed", 500)
    assert await source.poll(desk.feed()) == 0
    desk.outlets.pages["/feed"] = rss(("a", "Old"))
    await source.poll(desk.feed())
    assert [entry.silence for entry in await desk.entries()] == [Silence.FIRST_POLL]


@pytest.mark.parametrize(
    ("at", "silence"),
    [
        (START, None),
        (START - timedelta(hours=23), None),
        (START - timedelta(hours=25), Silence.STALE),
        (None, Silence.UNDATED),
        (START + timedelta(minutes=50), None),
        (START + timedelta(hours=3), Silence.UNDATED),
        (datetime(9999, 11, 1, tzinfo=UTC), Silence.UNDATED),
        (datetime(1970, 1, 1, tzinfo=UTC), Silence.STALE),
    ],
)
async def test_what_is_old_or_may_be_is_silent(desk, rss, at, silence):
    source = desk.source()
    await seeded(desk, rss, source)
    desk.outlets.pages["/feed"] = rss(("b", "New"), at=at)
    await source.poll(desk.feed())
    (entry,) = await desk.entries()
    assert entry.silence is silence


async def test_what_an_outage_hid_is_silent(desk, rss):
    source = desk.source()
    await seeded(desk, rss, source)
    await desk.clock.advance(6 * 3600 + 1, settle=1)
    desk.outlets.pages["/feed"] = rss(("b", "New"), at=START + timedelta(hours=5))
    await source.poll(desk.feed())
    await desk.clock.advance(600)
    desk.outlets.pages["/feed"] = rss(("c", "Newer"), at=START + timedelta(hours=6))
    await source.poll(desk.feed())
    assert {entry.title: entry.silence for entry in await desk.entries()} == {"New": Silence.OUTAGE, "Newer": None}


async def test_a_feed_that_is_polled_rarely_is_no_outage(desk, rss):
    source, feed = desk.source(), desk.feed(interval_s=8 * 3600)
    await source.poll(feed)
    desk.outlets.pages["/feed"] = rss()
    await source.poll(feed)
    await desk.clock.advance(8 * 3600, settle=1)
    desk.outlets.pages["/feed"] = rss(("b", "New"), at=START + timedelta(hours=7))
    await source.poll(feed)
    assert [entry.silence for entry in await desk.entries()] == [None]


async def test_entries_are_told_once_and_changes_are_new_entries(desk, rss):
    source = desk.source()
    await seeded(desk, rss, source, ("a", "One"), ("b", "Two"))
    assert await source.poll(desk.feed()) == 0
    desk.outlets.pages["/feed"] = rss(("a", "One, corrected"), ("b", "Two "))
    assert await source.poll(desk.feed()) == 1
    again = desk.source()
    assert await again.poll(desk.feed()) == 0
    entries = await desk.entries()
    assert sorted(entry.title for entry in entries) == ["One", "One, corrected", "Two"]
    assert len({entry.id for entry in entries}) == 3
    assert len({entry.url for entry in entries}) == 2


async def test_the_oldest_of_a_feed_comes_first(desk, rss):
    desk.outlets.pages["/feed"] = rss(("c", "3"), ("b", "2"), ("a", "1"))
    await desk.source().poll(desk.feed())
    assert [entry.title for entry in await desk.entries()] == ["1", "2", "3"]


async def test_ids_do_not_depend_on_when_or_by_whom(desk, rss):
    await seeded(desk, rss, desk.source(), ("a", "One"))
    (first,) = await desk.entries()
    await desk.log.commit(tombstone("checkpoints", "feed"))
    await desk.source().poll(desk.feed())
    assert {entry.id for entry in await desk.entries()} == {first.id}


def tombstone(topic, key):
    work = UnitOfWork()
    work.append(topic, key, key, None)
    return work


async def test_a_feed_that_makes_up_guids_or_addresses_says_nothing_new(desk, rss):
    source = desk.source()
    await seeded(desk, rss, source, ("a", "One"))
    page = rss(("a", "One"))
    desk.outlets.pages["/feed"] = page.replace("<guid>a", "<guid>other")
    assert await source.poll(desk.feed()) == 0
    desk.outlets.pages["/feed"] = page.replace("<link>/a", "<link>/a?session=2")
    assert await source.poll(desk.feed()) == 0


async def test_one_guid_for_all(desk, rss):
    source = desk.source()
    page = rss(("a", "One"), ("b", "Two")).replace("<guid>b", "<guid>a")
    desk.outlets.pages["/feed"] = page
    assert await source.poll(desk.feed()) == 2
    assert await source.poll(desk.feed()) == 0


async def test_an_entry_without_an_address_has_its_outcome(desk, rss):
    desk.outlets.pages["/feed"] = rss(("a", "No page")).replace("<link>/a", "<link>")
    assert await desk.source().poll(desk.feed()) == 0
    assert await desk.source().poll(desk.feed()) == 0
    (outcome,) = await desk.outcomes()
    assert (outcome.kind, outcome.feed) == (OutcomeKind.BAD_ADDRESS, "feed")
    assert "No page" in outcome.detail


async def test_what_a_checkpoint_remembers_is_bounded(desk, rss):
    source = desk.source()
    for turn in range(4):
        desk.outlets.pages["/feed"] = rss(*((f"{turn}-{n}", f"t{turn}-{n}") for n in range(2000)))
        assert await source.poll(desk.feed()) == 2000
    assert len(desk.checkpoint().known) == 2 * KNOWN
    assert await source.poll(desk.feed()) == 0
    (record,) = await desk.records("checkpoints")
    assert len(record.value) < TOPICS["checkpoints"].max_bytes


async def test_huge_texts_stay_below_the_limits_of_the_topic(desk):
    """One entry too large would otherwise end the product, again at every start."""
    huge = '"\\\u0001\u0416' * 200_000
    items = [{"id": "a", "url": "https://a.example/", "title": huge, "summary": huge, "content_text": huge}]
    desk.outlets.pages["/feed"] = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items})
    assert await desk.source().poll(desk.feed()) == 1
    (record,) = await desk.records("entries")
    assert 400_000 < len(record.value) < TOPICS["entries"].max_bytes


async def test_304_keeps_what_is_known(desk, rss):
    source = desk.source(full_get_every=100)
    desk.outlets.etag = '"v1"'
    await seeded(desk, rss, source, ("a", "One"))
    before = desk.checkpoint()
    assert await source.poll(desk.feed()) == 0
    after = desk.checkpoint()
    assert desk.outlets.asked[-1][1]["if-none-match"] == '"v1"'
    assert (after.known, after.etag, after.full_get_at) == (before.known, before.etag, before.full_get_at)
    assert (after.polls, after.epoch) == (2, before.epoch + 1)
    assert after.succeeded_at == START + timedelta(seconds=60)
    assert desk.due_s() == 600


async def test_everything_is_asked_for_from_time_to_time_and_after_a_failure(desk, rss):
    source = desk.source(full_get_every=3)
    desk.outlets.etag = '"v1"'
    desk.outlets.pages["/feed"] = rss(("a", "One"))
    for _ in range(4):
        await source.poll(desk.feed())
    assert ["if-none-match" in headers for _, headers in desk.outlets.asked] == [False, True, True, False]
    desk.outlets.will("/feed", 500)
    await source.poll(desk.feed())
    await source.poll(desk.feed())
    assert "if-none-match" not in desk.outlets.asked[-1][1]
    await source.poll(desk.feed())
    await desk.clock.advance(24 * 3600, settle=1)
    await source.poll(desk.feed())
    assert "if-none-match" not in desk.outlets.asked[-1][1]


async def test_a_304_that_nobody_asked_for_is_a_failure(desk):
    desk.outlets.will("/feed", 304)
    await desk.source().poll(desk.feed())
    assert desk.checkpoint().last_reason == FetchReason.BAD_ANSWER


async def test_a_validator_that_is_no_text_is_not_kept(desk, rss):
    desk.outlets.pages["/feed"] = rss(("a", "One"))
    desk.outlets.etag = '"\u00e9"'
    assert await desk.source().poll(desk.feed()) == 1
    assert desk.checkpoint().etag == ""


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        (404, {}, FetchReason.STATUS_4XX),
        (410, {}, FetchReason.GONE),
        (500, {}, FetchReason.STATUS_5XX),
        (429, {"Retry_After": "5000"}, FetchReason.THROTTLED),
        (204, {}, FetchReason.BAD_ANSWER),
        (302, {"Location": "http://127.0.0.1:1/"}, FetchReason.BLOCKED_ADDRESS),
        (302, {"Location": "/feed"}, None),
    ],
)
async def test_a_failure_has_its_reason_and_keeps_the_checkpoint(desk, rss, status, headers, reason):
    source = desk.source()
    await seeded(desk, rss, source, ("a", "One"))
    before = desk.checkpoint()
    desk.outlets.will("/feed", status, **headers)
    assert await source.poll(desk.feed()) == 0
    after = desk.checkpoint()
    assert after.last_reason == (reason or "")
    assert after.failures == (weight(reason) if reason else 0)
    assert after.known == before.known
    if reason:
        assert after.succeeded_at == before.succeeded_at
    assert desk.due_s() == (5000 if "Retry_After" in headers else 600)


async def test_failures_stretch_the_wait_to_a_ceiling_and_a_success_ends_them(desk, rss):
    source, waits = desk.source(interval_s=100, ceiling_s=350), []
    for _ in range(5):
        desk.outlets.will("/feed", 410)
        await source.poll(desk.feed())
        waits.append(desk.due_s())
    assert waits == [100, 200, 300, 350, 350]
    desk.outlets.pages["/feed"] = rss(("a", "One"))
    await source.poll(desk.feed())
    assert (desk.due_s(), desk.checkpoint().failures, desk.checkpoint().last_reason) == (100, 0, "")


async def test_what_is_no_feed_is_a_failure_that_heals(desk, rss):
    source = desk.source()
    await seeded(desk, rss, source, ("a", "One"))
    for page in ("<html><body>Log in</body></html>", "", "{}"):
        desk.outlets.pages["/feed"] = page
        assert await source.poll(desk.feed()) == 0
        assert desk.checkpoint().last_reason == FetchReason.BAD_ANSWER
    desk.outlets.pages["/feed"] = rss(("b", "Two"), ("a", "One"))
    assert await source.poll(desk.feed()) == 1
    assert [entry.silence for entry in await desk.entries() if entry.title == "Two"] == [None]


async def test_a_feed_that_is_too_large_or_too_slow(desk, rss):
    desk.outlets.pages["/feed"] = rss(*((str(n), "x" * 100) for n in range(100)))
    await desk.source(max_bytes=2000).poll(desk.feed())
    assert desk.checkpoint().last_reason == FetchReason.TOO_LARGE
    desk.outlets.hang.add("/feed")
    await desk.source(timeout_s=0.1).poll(desk.feed())
    assert desk.checkpoint().last_reason == FetchReason.TIMEOUT


async def test_a_redirect_is_followed_and_entries_keep_their_ids(desk, rss):
    source = desk.source()
    await seeded(desk, rss, source, ("a", "One"))
    desk.outlets.pages["/moved/feed"] = desk.outlets.pages["/feed"]
    for _ in range(2):
        desk.outlets.will("/feed", 301, Location="/moved/feed")
        assert await source.poll(desk.feed()) == 0
    assert desk.checkpoint().last_reason == ""


async def test_a_broken_and_a_hanging_feed_stop_no_other(desk, rss):
    desk.outlets.hang.add("/slow")
    desk.outlets.pages |= {"/bad": "<html>", "/good": rss(("a", "One"))}
    source = desk.source(interval_s=10, concurrency=3, timeout_s=5)
    await desk.keep(*(desk.feed(name) for name in ("slow", "bad", "good")))
    async with running(source):
        await desk.until(lambda: desk.outlets.count("/good") >= 3 and desk.outlets.count("/bad") >= 2, 0.25)
        assert desk.outlets.count("/slow") == 1
    assert desk.checkpoint("good").failures == 0
    assert desk.checkpoint("bad").failures > 0


async def test_the_bound_on_polls_at_once(desk):
    names = [f"slow{n}" for n in range(5)]
    desk.outlets.hang.update(f"/{name}" for name in names)
    await desk.keep(*(desk.feed(name) for name in names))
    async with running(desk.source(concurrency=2)):
        await desk.until(lambda: len(desk.outlets.asked) == 2)
        for _ in range(20):
            await desk.clock.advance(0.5)
            await asyncio.sleep(0.002)
        assert len(desk.outlets.asked) == 2


async def test_feeds_come_and_go_while_it_runs(desk, rss):
    desk.outlets.pages |= {"/one": rss(("a", "One")), "/two": rss(("b", "Two"))}
    await desk.keep(desk.feed("one", interval_s=60))
    async with running(desk.source()):
        await desk.until(lambda: desk.checkpoint("one").polls == 1)
        await desk.keep(desk.feed("two", interval_s=60))
        await desk.until(lambda: desk.checkpoint("two").polls == 1)
        await desk.drop("one")
        await desk.until(lambda: desk.due_s("one") is None)
        await desk.until(lambda: desk.checkpoint("two").polls == 3, 1)
        await desk.keep(desk.feed("two", interval_s=5))
        before = desk.clock.now_ms()
        await desk.until(lambda: desk.checkpoint("two").polls == 4, 0.25)
        assert desk.clock.now_ms() - before < 10_000
    assert desk.checkpoint("one").polls == 1


async def test_feeds_that_left_while_nothing_ran_do_not_stand_before_the_others(desk, rss):
    gone = [f"gone{n}" for n in range(30)]
    desk.outlets.pages |= {f"/{name}": rss() for name in gone} | {"/kept": rss(("a", "One"))}
    await desk.keep(*(desk.feed(name, interval_s=60) for name in gone))
    async with running(desk.source()):
        await desk.until(lambda: all(desk.checkpoint(name).polls for name in gone))
    await desk.clock.advance(100)
    await desk.drop(*gone)
    await desk.keep(desk.feed("kept"))
    async with running(desk.source(concurrency=4)):
        await desk.until(lambda: desk.checkpoint("kept").polls == 1)
        await desk.until(lambda: not any(desk.due_s(name) for name in gone))


async def test_a_restart_keeps_the_pace_and_what_is_known(desk, rss):
    desk.outlets.pages["/feed"] = rss(("a", "One"))
    await desk.keep(desk.feed(interval_s=100))
    async with running(desk.source()):
        await desk.until(lambda: desk.checkpoint().polls == 1)
    async with running(desk.source()):
        for _ in range(10):
            await desk.clock.advance(9)
            await asyncio.sleep(0.002)
        assert desk.checkpoint().polls == 1
        await desk.until(lambda: desk.checkpoint().polls == 2, 1)
    assert len(await desk.entries()) == 1


async def test_a_stop_in_the_middle_of_a_poll_loses_nothing(desk, rss):
    desk.outlets.hang.add("/feed")
    await desk.keep(desk.feed())
    async with running(desk.source(timeout_s=30)):
        await desk.until(lambda: desk.outlets.asked)
    desk.outlets.hang.clear()
    desk.outlets.pages["/feed"] = rss(("a", "One"))
    async with running(desk.source()):
        await desk.until(lambda: desk.checkpoint().polls == 1)
    assert [entry.title for entry in await desk.entries()] == ["One"]


async def test_an_unreadable_checkpoint_makes_the_next_poll_a_silent_first_one(desk, rss):
    await seeded(desk, rss, desk.source(), ("a", "One"))
    (record,) = await desk.records("checkpoints")
    work = tombstone("checkpoints", "feed")
    work.appends[0] = work.appends[0]._replace(value=b"{}", partition=record.partition)
    await desk.log.commit(work)
    assert await desk.source().poll(desk.feed()) == 1
    assert {entry.silence for entry in await desk.entries()} == {Silence.FIRST_POLL}


async def test_reading_a_large_feed_does_not_stall_the_loop(desk, rss):
    page = rss(*((str(n), f"Title {n} " + "word " * 150) for n in range(1500)))
    desk.outlets.pages["/feed"] = page
    turns = 0

    async def watch():
        nonlocal turns
        while True:
            await asyncio.sleep(0.005)
            turns += 1

    watcher = asyncio.create_task(watch())
    assert await desk.source().poll(desk.feed()) == 1500
    watcher.cancel()
    assert turns > 10, "others had hardly a turn while the feed was read"
