"""The virtual clock, and what a dead letter keeps."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest

from wire.clock import VirtualClock, from_ms, to_ms, woken_or_slept
from wire.dead import DETAIL_CHARACTERS, dead_letter
from wire.log import LogRecord
from wire.records import DeadReason
from wire.topics import DEAD_BYTES

AT = datetime(2026, 3, 4, 12, 0, 0, 250_000, tzinfo=UTC)


def test_milliseconds_there_and_back():
    assert from_ms(to_ms(AT)) == AT


async def test_sleepers_wake_in_the_order_of_their_times():
    clock = VirtualClock(AT)
    woken = []

    async def sleeper(name, seconds):
        await clock.sleep(seconds)
        woken.append((name, (clock.now() - AT).total_seconds()))

    tasks = [asyncio.create_task(sleeper(name, after)) for name, after in (("late", 5), ("early", 1), ("never", 60))]
    await clock.advance(10)
    assert woken == [("early", 1), ("late", 5)]
    assert (clock.now() - AT).total_seconds() == 10
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_wait_ends_when_woken_or_when_the_time_is_over():
    clock, event = VirtualClock(AT), asyncio.Event()
    waiting = asyncio.create_task(woken_or_slept(event, clock, 5))
    await clock.advance(1)
    assert not waiting.done()
    event.set()
    await asyncio.wait_for(waiting, 1)
    event.clear()
    waiting = asyncio.create_task(woken_or_slept(event, clock, 5))
    await clock.advance(6)
    await asyncio.wait_for(waiting, 1)


def test_the_virtual_clock_never_goes_back():
    clock = VirtualClock(AT)
    clock.set_ms(to_ms(AT) - 1000)
    assert clock.now() == AT


@pytest.mark.parametrize(("size", "kept"), [(10, 10), (DEAD_BYTES, DEAD_BYTES), (DEAD_BYTES + 1, 0)])
def test_a_dead_letter_keeps_its_bytes_up_to_a_limit_and_always_their_hash(size, kept):
    record = LogRecord("articles", 3, 41, 0, "k", b"x" * size, (("h", b"1"),))
    letter = dead_letter(record, "detect", DeadReason.UNDECODABLE, "y" * 9999, AT)
    assert letter.origin == "articles/3/41"
    assert len(letter.value) == kept
    assert letter.value_hash == hashlib.blake2b(b"x" * size, digest_size=16).hexdigest()
    assert len(letter.detail) == DETAIL_CHARACTERS
    assert letter.headers == record.headers
