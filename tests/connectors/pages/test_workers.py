"""Worker processes that hang, crash and eat: really killed, each at the cost of its own page."""

import asyncio
import os
from contextlib import asynccontextmanager

import pytest

from connectors.pages.workers import ExtractFailed, ExtractionWorkers
from tests.connectors.pages.hostile import work
from wire.records import ExtractReason
from wire.settings import PagesSettings


@asynccontextmanager
async def pool(**settings):
    made = ExtractionWorkers(PagesSettings(**{"workers": 1, **settings}), work)
    try:
        yield made
    finally:
        await made.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int) -> None:
    """The kernel tells nobody: look until it is so; the test's timeout is the bound."""
    if alive(pid):
        await asyncio.sleep(0.01)
        await gone(pid)


async def reason_of(workers: ExtractionWorkers, page: bytes) -> ExtractReason:
    with pytest.raises(ExtractFailed) as caught:
        await workers.extract(page, "https://a.example/")
    return caught.value.reason


async def test_what_goes_wrong_is_named_and_the_next_page_is_served():
    async with pool(extract_timeout_s=0.5, memory_bytes=3_000_000_000) as workers:
        pids = [int((await workers.extract(b"pid", "")).title)]
        assert pids[0] != os.getpid()
        assert await reason_of(workers, b"raise") is ExtractReason.EXTRACTOR_CRASH
        assert await reason_of(workers, b"greedy") is ExtractReason.EXTRACTOR_MEMORY
        assert await reason_of(workers, b"hang") is ExtractReason.EXTRACTOR_TIMEOUT
        await gone(pids[0])
        pids.append(int((await workers.extract(b"pid", "")).title))
        assert await reason_of(workers, b"crash") is ExtractReason.EXTRACTOR_CRASH
        await gone(pids[1])
        pids.append(int((await workers.extract(b"pid", "")).title))
        assert len(set(pids)) == 3
    await gone(pids[2])


async def test_a_worker_that_hangs_holds_up_no_other_and_not_the_loop():
    async with pool(workers=2, extract_timeout_s=30) as workers:
        hanging = asyncio.create_task(workers.extract(b"hang", ""))
        pages = [await workers.extract(b"page %d" % number, "") for number in range(5)]
        assert [page.text for page in pages] == [f"page {number}" for number in range(5)]
        assert not hanging.done()
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)


async def test_many_at_once_start_one_pool():
    async with pool(workers=2) as workers:
        pages = await asyncio.gather(*(workers.extract(b"sleep 0.05", "") for _ in range(8)))
        assert 1 <= len({page.title for page in pages}) <= 2


async def test_closing_ends_a_hanging_worker():
    workers = ExtractionWorkers(PagesSettings(workers=1, extract_timeout_s=60), work)
    pid = int((await workers.extract(b"pid", "")).title)
    hanging = asyncio.create_task(workers.extract(b"hang", ""))
    await asyncio.sleep(0.1)
    await workers.close()
    await gone(pid)
    with pytest.raises(ExtractFailed):
        await hanging
    await workers.close()
