"""What the log on Kafka promises beyond the contract: groups share, take-overs fence, topics are verified."""

import asyncio
import uuid

import pytest

from wire.clock import WallClock
from wire.errors import ConfigError, LogError, NotOwner
from wire.kafka import Connection, KafkaLog
from wire.kafka.topics import apply, differences, opened_admin, wanted
from wire.log import ANEW, AgendaWrite, Append, TableWrite, UnitOfWork

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(90)]
TABLE = "checkpoints"


@pytest.fixture
def connection(kafka):
    return Connection(kafka, prefix=f"k{uuid.uuid4().hex[:8]}.")


@pytest.fixture
async def start(connection):
    """Starts logs on the same topics; closes them in the end."""
    logs = []

    async def start(**given):
        log = KafkaLog(connection, WallClock(), partitions=4, **given)
        await log.start()
        logs.append(log)
        return log

    yield start
    for log in reversed(logs):
        await log.close()


async def until(met, seconds=30.0):
    async with asyncio.timeout(seconds):
        while not met():
            await asyncio.sleep(0.05)


def writes(value, partition=0, key="k"):
    return UnitOfWork(tables=[TableWrite(TABLE, partition, key, value)])


async def test_two_members_share_the_partitions_and_the_second_takes_over_from_the_first(start):
    one, two = await start(), await start()
    first = await one.consumer("g", ["entries"])
    assert len(first.assignment) == 4
    before = first.generation
    joining = asyncio.create_task(two.consumer("g", ["entries"]))
    async with asyncio.timeout(30):
        while not joining.done() or len(first.assignment) != 2:
            await first.poll(10, 0.1)
    second = await joining
    assert first.generation > before
    assert not first.assignment & second.assignment
    assert len(first.assignment | second.assignment) == 4
    await first.close()
    async with asyncio.timeout(30):
        while len(second.assignment) != 4:
            await second.poll(10, 0.1)


async def test_what_was_polled_before_a_rebalance_cannot_be_acknowledged_after_it(start):
    one, two = await start(), await start()
    await one.commit(UnitOfWork(appends=[Append("entries", "k", "k", b"x", partition=n) for n in range(4)]))
    first = await one.consumer("g", ["entries"])
    records = []
    while len(records) < 4:
        records += await first.poll(10, 0.2)
    joining = asyncio.create_task(two.consumer("g", ["entries"]))
    async with asyncio.timeout(30):
        while not joining.done() or len(first.assignment) != 2:
            await first.poll(10, 0.1)
    lost = next(record for record in records if ("entries", record.partition) not in first.assignment)
    work = UnitOfWork(group="g")
    work.advance(lost)
    with pytest.raises(LogError, match="no longer assigned"):
        await one.commit(work)


async def test_no_record_is_passed_over_while_members_come_and_go(start):
    """aiokafka fetches for a new assignment while it is still being taken over."""
    feeder = await start(keeps=())
    seen, feeding = set(), asyncio.create_task(fed(feeder, 1200))
    members = [asyncio.create_task(consumed(await start(keeps=()), seen, chance)) for chance in (1, 2)]
    await feeding
    await until(lambda: len(seen) == 1200)
    for member in members:
        member.cancel()
    await asyncio.gather(*members, return_exceptions=True)
    assert (await feeder.lag("g", "entries")).records == 0


async def fed(log, count):
    for n in range(count):
        await log.commit(UnitOfWork(appends=[Append("entries", str(n), str(n), b"x")]))


async def consumed(log, seen, chance):
    """A member that reads and acknowledges, leaves, and joins again."""
    while True:
        consumer = await log.consumer("g", ["entries"], ["pages", "polls", "retries", "checkpoints", "deliveries"])
        try:
            for _ in range(20 * chance):
                records = await consumer.poll(50, 0.1)
                work = UnitOfWork(group="g")
                for record in records:
                    work.advance(record)
                try:
                    await log.commit(work)
                except NotOwner:
                    consumer.rewind()
                else:
                    seen |= {record.key for record in records}
        finally:
            await consumer.close()


async def test_a_former_owner_is_fenced_and_what_it_wrote_counts_for_nobody(start):
    former, present = await start(), await start()
    await former.claim([TABLE, "polls"], [0])
    await former.commit(writes(b"old"))
    await present.claim([TABLE, "polls"], [0])
    assert present.table(TABLE).get(0, "k") == b"old"
    await present.commit(writes(b"new"))

    # A write that the former owner sent before it heard of the claim: it lands in the partition after it.
    await former._producer.send_and_wait(
        former._connection.topic(TABLE), b"zombie", b"k", 0, headers=[("owner", former.owner.encode())]
    )

    def holds(log, value):
        return lambda: log.table(TABLE).get(0, "k") == value

    await until(lambda: present._views._positions[next(p for p in present._claims if p.topic.endswith(TABLE))] >= 5)
    await until(holds(present, b"new"))
    third = await start()
    assert third.table(TABLE).get(0, "k") == b"new"

    # Its value was written again, so that compaction keeps it.
    records = await third.read(TABLE, 0, 0)
    assert records[-1].value == b"new"

    # And once it has heard, the former owner is told.
    await until(lambda: all(former._views.owner(pair) == present.owner.encode() for pair in former._claims))
    with pytest.raises(LogError, match="taken over"):
        await former.commit(writes(b"again"))


async def test_a_repeat_founds_a_key_and_never_overwrites_one_unless_people_put_it_back(start):
    stage, sink = await start(keeps=()), await start()
    pending = UnitOfWork(appends=[Append("deliveries", "s/a", "s", b"pending", partition=0)])
    await sink.claim(["deliveries", "retries"], [0])

    def holds(value):
        return lambda: sink.table("deliveries").get(0, "s/a") == value

    await stage.commit(pending)
    await until(holds(b"pending"))
    await sink.commit(UnitOfWork(appends=[Append("deliveries", "s/a", "s", b"delivered", partition=0)]))
    await stage.commit(pending)
    end = (await sink.ends("deliveries"))[0][1]
    await until(lambda: sink._views._positions[sink._pair("deliveries", 0)] >= end)
    assert holds(b"delivered")()
    third = await start()
    assert third.table("deliveries").get(0, "s/a") == b"delivered"
    await stage.commit(UnitOfWork(appends=[Append("deliveries", "s/a", "s", b"again", (ANEW,), partition=0)]))
    await until(holds(b"again"))


async def test_who_gave_a_partition_up_may_not_write_there(start):
    log = await start()
    await log.claim([TABLE], [0])
    await log.commit(writes(b"mine"))
    log.give_up([TABLE], [0])
    before = (await log.ends("entries"))[0]
    work = writes(b"late")
    work.appends.append(Append("entries", "k", "k", b"x", partition=0))
    with pytest.raises(NotOwner):
        await log.commit(work)
    assert (await log.ends("entries"))[0] == before, "nothing of a unit is sent that cannot be stored whole"


async def test_a_take_over_reads_the_tables_and_the_agenda_as_they_were_left(start):
    former = await start()
    await former.claim([TABLE, "polls"], range(4))
    for n in range(200):
        work = writes(b"%d" % n, n % 4, f"k{n % 20}")
        work.agenda.append(AgendaWrite("polls", n % 4, f"k{n % 20}", n, b"v"))
        await former.commit(work)
    await former.commit(UnitOfWork(agenda=[AgendaWrite("polls", 0, "k0", None)]))
    present = await start()
    consumer = await present.consumer("source", ["feeds"], owns=[TABLE, "polls"])
    assert len(consumer.assignment) == 4
    for number in range(4):
        assert dict(present.table(TABLE).items(number)) == dict(former.table(TABLE).items(number))
        assert list(present.agenda("polls").items(number)) == list(former.agenda("polls").items(number))
    assert len(list(present.agenda("polls").items(0))) == 4


async def test_topics_that_are_not_as_they_must_be_are_refused_with_the_way_to_mend_them(connection, start):
    await start()
    with pytest.raises(ConfigError, match="has 4 partitions, expected 8"):
        await KafkaLog(connection, WallClock(), partitions=8).start()


async def test_a_setting_that_differs_is_refused_and_applied(connection, start):
    await start()
    changed = Connection(connection.bootstrap, connection.prefix, min_insync=2)
    with pytest.raises(ConfigError, match=r"min\.insync\.replicas is 1, expected 2"):
        await KafkaLog(changed, WallClock(), partitions=4).start()
    admin = await opened_admin(changed)
    assert await apply(admin, wanted(changed, 4)) == []
    assert await differences(admin, wanted(changed, 4)) == []
    await admin.close()


async def test_missing_topics_are_refused_where_they_may_not_be_made(connection):
    with pytest.raises(ConfigError, match="is missing"):
        await KafkaLog(connection, WallClock(), partitions=4, create=False).start()


async def test_no_broker_is_a_clear_error():
    with pytest.raises(LogError, match="no broker answers"):
        await KafkaLog(Connection("127.0.0.1:9"), WallClock()).start()
