"""What every log promises."""

import asyncio
from collections.abc import Callable

import pytest

from wire.clock import VirtualClock
from wire.errors import LogClosed, LogError, LogFull
from wire.identity import partition_of
from wire.log import AgendaWrite, Append, Log, LogRecord, TableWrite, UnitOfWork
from wire.topics import DAY_S, TOPICS

T = "articles"  # kept by age and size
C = "checkpoints"  # compacted


def work(*appends: tuple[str, str, bytes | None], group: str = "") -> UnitOfWork:
    """Appends of (topic, key, value), partitioned by key."""
    return UnitOfWork(group=group, appends=[Append(topic, key, key, value) for topic, key, value in appends])


async def everything(log: Log, topic: str) -> list[LogRecord]:
    return [record for number in range(log.partitions(topic)) for record in await log.read(topic, number, 0, 10_000)]


async def test_the_partition_comes_from_the_partition_key(log: Log) -> None:
    keys = [f"key-{n}" for n in range(40)]
    stored = await log.commit(work(*((T, key, b"x") for key in keys)))
    assert [place.partition for place in stored] == [partition_of(key, 4) for key in keys]
    assert {place.partition for place in stored} == {0, 1, 2, 3}


async def test_an_append_may_name_its_partition(log: Log) -> None:
    stored = await log.commit(UnitOfWork(appends=[Append(T, "k", "k", b"x", partition=n) for n in (3, 0)]))
    assert [place.partition for place in stored] == [3, 0]


async def test_offsets_count_up_in_each_partition_and_order_is_kept(log: Log) -> None:
    for n in range(20):
        await log.commit(work((T, "same", b"%d" % n)))
    records = await log.read(T, log.partition_of(T, "same"), 0)
    assert [record.offset for record in records] == list(range(20))
    assert [record.value for record in records] == [b"%d" % n for n in range(20)]


async def test_headers_come_back_with_their_repeats(log: Log) -> None:
    headers = (("a", b"1"), ("a", b"\xff"), ("b", b""))
    await log.commit(UnitOfWork(appends=[Append(T, "k", "k", b"x", headers)]))
    assert (await everything(log, T))[0].headers == headers


@pytest.mark.usefixtures("brokers_own_time")
async def test_timestamps_are_of_appending_and_never_go_back(log: Log, clock: VirtualClock) -> None:
    await log.commit(work((T, "k", b"1")))
    clock.set_ms(clock.now_ms() + 5000)
    await log.commit(work((T, "k", b"2")))
    first, second = await everything(log, T)
    assert second.timestamp_ms - first.timestamp_ms == 5000


async def test_a_unit_with_a_record_too_large_stores_nothing(log: Log) -> None:
    unit = work((T, "good", b"x"), ("alerts", "big", b"x" * (TOPICS["alerts"].max_bytes + 1)))
    unit.agenda.append(AgendaWrite("polls", 0, "k", 1))
    with pytest.raises(LogFull, match="big"):
        await log.commit(unit)
    assert await everything(log, T) == []
    assert log.agenda("polls").get(0, "k") is None


async def test_an_unknown_topic_is_refused_and_others_still_land(log: Log) -> None:
    bad, good = log.commit(work(("nonsense", "k", b"x"))), log.commit(work((T, "k", b"x")))
    results = await asyncio.gather(bad, good, return_exceptions=True)
    assert isinstance(results[0], LogError) and not isinstance(results[1], BaseException)
    assert len(await everything(log, T)) == 1


async def test_what_is_not_committed_is_polled_again(log: Log) -> None:
    await log.commit(work(*((T, f"k{n}", b"x") for n in range(10))))
    consumer = await log.consumer("g", [T])
    first = await consumer.poll(100, 0)
    assert len(first) == 10
    assert await consumer.poll(100, 0) == []
    consumer.rewind()
    assert sorted(await consumer.poll(100, 0)) == sorted(first)
    done = UnitOfWork(group="g")
    for record in first[:4]:
        done.advance(record)
    await log.commit(done)
    consumer.rewind()
    again = await consumer.poll(100, 0)
    expected = {record.origin for record in first} - {
        record.origin for record in first if record.offset < done.offsets.get((T, record.partition), 0)
    }
    assert {record.origin for record in again} == expected
    await consumer.close()


async def test_groups_are_independent(log: Log) -> None:
    await log.commit(work((T, "k", b"x")))
    one, two = await log.consumer("one", [T]), await log.consumer("two", [T])
    (record,) = await one.poll(10, 0)
    unit = UnitOfWork(group="one")
    unit.advance(record)
    await log.commit(unit)
    two.rewind()
    assert await two.poll(10, 0) == [record]


async def test_an_acknowledgement_never_goes_back(log: Log) -> None:
    await log.commit(work(*((T, "k", b"x") for _ in range(5))))
    number = log.partition_of(T, "k")
    for next_ in (4, 2):
        await log.commit(UnitOfWork(group="g", offsets={(T, number): next_}))
    assert await log.committed("g", T) == {number: 4}


async def test_poll_wakes_when_something_is_appended(log: Log) -> None:
    consumer = await log.consumer("g", [T])
    waiting = asyncio.create_task(consumer.poll(10, 3600))
    await asyncio.sleep(0)
    await log.commit(work((T, "k", b"x")))
    assert [record.value for record in await waiting] == [b"x"]


@pytest.mark.usefixtures("brokers_own_time")
async def test_poll_gives_up_after_its_time(log: Log, clock: VirtualClock) -> None:
    consumer = await log.consumer("g", [T])
    waiting = asyncio.create_task(consumer.poll(10, 5))
    await clock.advance(6)
    assert await waiting == []


async def test_poll_is_bounded_and_fair(log: Log) -> None:
    await log.commit(
        UnitOfWork(appends=[Append(T, "k", "k", b"x", partition=n) for n in range(4) for _ in range(50)])
    )
    consumer = await log.consumer("g", [T])
    seen: list[int] = []
    while records := await consumer.poll(20, 0):
        assert len(records) <= 20
        seen += [record.partition for record in records]
    assert len(seen) == 200
    assert len(set(seen[:80])) == 4, "every partition had its turn early"


@pytest.mark.usefixtures("brokers_own_time")
async def test_a_compacted_topic_keeps_the_latest_of_each_key(log: Log) -> None:
    for n in range(3):
        await log.commit(work((C, "a", b"%d" % n), (C, "b", b"b%d" % n)))
    assert sorted(record.value or b"" for record in await everything(log, C)) == [b"2", b"b2"]
    consumer = await log.consumer("late", [C])
    assert {record.key: record.value for record in await consumer.poll(10, 0)} == {"a": b"2", "b": b"b2"}


async def test_a_table_is_the_compacted_topic_as_a_map(log: Log) -> None:
    await log.commit(work((C, "a", b"1"), (C, "b", b"2")))
    table, place = log.table(C), log.partition_of(C, "a")
    assert table.get(place, "a") == b"1"
    assert dict(table.items()) == {"a": b"1", "b": b"2"}
    await log.commit(UnitOfWork(tables=[TableWrite(C, place, "a", None)]))
    assert table.get(place, "a") is None
    assert dict(table.items()) == {"b": b"2"}


async def test_a_table_write_goes_to_its_own_partition(log: Log) -> None:
    await log.commit(UnitOfWork(tables=[TableWrite("detect-memory", n, f"k{n}", b"%d" % n) for n in range(4)]))
    table = log.table("detect-memory")
    assert [dict(table.items(n)) for n in range(4)] == [{f"k{n}": b"%d" % n} for n in range(4)]


async def test_items_come_in_the_order_of_their_last_write(log: Log) -> None:
    for key in ("a", "b", "c", "a"):
        await log.commit(UnitOfWork(tables=[TableWrite(C, 1, key, b"x")]))
    assert [key for key, _ in log.table(C).items(1)] == ["b", "c", "a"]


async def test_only_compacted_topics_are_tables(log: Log) -> None:
    with pytest.raises(LogError, match="not compacted"):
        log.table(T)


@pytest.mark.usefixtures("brokers_own_time")
async def test_a_tombstone_is_told_for_a_day_then_swept(log: Log, clock: VirtualClock) -> None:
    await log.commit(work((C, "a", b"1")))
    await log.commit(work((C, "a", None)))
    assert [record.value for record in await everything(log, C)] == [None]
    assert await log.sweep() == 0
    clock.set_ms(clock.now_ms() + (DAY_S + 1) * 1000)
    assert await log.sweep() == 1
    assert await everything(log, C) == []
    (place,) = await log.commit(work((C, "a", b"2")))
    assert place.offset == 2, "offsets are never used twice"


async def test_the_agenda_gives_what_is_due_the_longest_due_first(log: Log) -> None:
    agenda = log.agenda("polls")
    unit = UnitOfWork(
        agenda=[
            AgendaWrite("polls", n % 2, key, due)
            for n, (key, due) in enumerate([("c", 30), ("a", 10), ("b", 10), ("d", 40)])
        ]
    )
    await log.commit(unit)
    assert [(due.key, due.due_ms) for due in agenda.due((0, 1), 30)] == [("a", 10), ("b", 10), ("c", 30)]
    assert [due.key for due in agenda.due((0, 1), 30, 2)] == ["a", "b"]
    assert [due.key for due in agenda.due((0,), 100)] == ["b", "c"]
    assert agenda.next_due_ms((0, 1)) == 10
    assert agenda.next_due_ms((2,)) is None


async def test_an_agenda_entry_is_replaced_and_removed(log: Log) -> None:
    agenda = log.agenda("polls")
    await log.commit(UnitOfWork(agenda=[AgendaWrite("polls", 0, "k", 10, b"first")]))
    await log.commit(UnitOfWork(agenda=[AgendaWrite("polls", 0, "k", 99, b"second")]))
    assert agenda.due((0,), 50) == []
    found = agenda.get(0, "k")
    assert found is not None and (found.due_ms, found.value) == (99, b"second")
    assert [due.key for due in agenda.items(0)] == ["k"]
    await log.commit(UnitOfWork(agenda=[AgendaWrite("polls", 0, "k", None)]))
    assert agenda.get(0, "k") is None and agenda.next_due_ms((0,)) is None


async def test_lag_counts_records_and_the_age_of_the_oldest(log: Log, clock: VirtualClock) -> None:
    assert await log.lag("g", T) == (0, 0.0)
    await log.commit(work((T, "a", b"1")))
    clock.set_ms(clock.now_ms() + 7000)
    await log.commit(work((T, "b", b"2")))
    assert await log.lag("g", T) == (2, 7.0)
    await log.commit(UnitOfWork(group="g", offsets={(T, log.partition_of(T, "a")): 1}))
    assert await log.lag("g", T) == (1, 0.0)


async def test_ends_and_offset_at(log: Log, clock: VirtualClock) -> None:
    place, start_ms = log.partition_of(T, "k"), clock.now_ms()
    for n in range(10):
        clock.set_ms(start_ms + n * 1000)
        await log.commit(work((T, "k", b"x")))
    assert (await log.ends(T))[place] == (0, 10)
    assert await log.offset_at(T, place, start_ms + 3500) == 4
    assert await log.offset_at(T, place, start_ms + 4000) == 4
    assert await log.offset_at(T, place, 0) == 0
    assert await log.offset_at(T, place, start_ms + 99_000) == 10


@pytest.mark.usefixtures("brokers_own_time")
async def test_retention_by_age(log: Log, clock: VirtualClock) -> None:
    await log.commit(work((T, "old", b"1")))
    clock.set_ms(clock.now_ms() + (TOPICS[T].keep_s + 10) * 1000)
    await log.commit(work((T, "young", b"2")))
    assert await log.sweep() == 1
    assert [record.key for record in await everything(log, T)] == ["young"]
    assert (await log.ends(T))[log.partition_of(T, "old")][1] >= 1


@pytest.mark.usefixtures("brokers_own_time")
async def test_a_gap_is_skipped(log: Log) -> None:
    place = log.partition_of(C, "a")
    for key, value in (("a", b"1"), ("a", b"2"), ("a", b"3")):
        await log.commit(UnitOfWork(tables=[TableWrite(C, place, key, value)]))
    assert [(record.offset, record.value) for record in await log.read(C, place, 0)] == [(2, b"3")]


async def test_before_start_and_after_close(make: Callable[[], Log]) -> None:
    made = make()
    with pytest.raises(LogClosed):
        await made.commit(work((T, "k", b"x")))
    await made.start()
    await made.close()
    await made.close()
    with pytest.raises(LogClosed):
        await made.commit(work((T, "k", b"x")))
    with pytest.raises(LogClosed):
        await made.read(T, 0, 0)
