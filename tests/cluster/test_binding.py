"""Stock Faust and ours on a real broker: what each commits while a record is in hand, skipped or failed."""

import asyncio
import contextlib
import uuid

import faust
import pytest

from streams.cluster.binding import SafeApp, broker_urls
from wire.clock import WallClock
from wire.kafka import Connection, KafkaLog
from wire.log import Append, UnitOfWork

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(90)]
COUNT = 20


@pytest.fixture
async def log(kafka):
    log = KafkaLog(Connection(kafka, prefix=f"b{uuid.uuid4().hex[:8]}."), WallClock(), partitions=1, keeps=())
    await log.start()
    for n in range(COUNT):
        await log.commit(UnitOfWork(appends=[Append("articles", f"k{n}", "k", b"%d" % n)]))
    yield log
    await log.close()


class Stock(faust.App):
    """Faust as shipped."""


async def committed_by(kind, log, tmp_path, act, seconds=6.0):
    """What the group has committed some seconds after `act(app, event)` was given every record."""
    connection = log._connection
    app = kind(
        connection.group("stream"),
        broker=broker_urls(connection.bootstrap),
        store="memory://",
        datadir=tmp_path / uuid.uuid4().hex,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=0.5,
        broker_session_timeout=10.0,
        broker_request_timeout=30.0,
    )
    topic = app.topic(
        connection.topic("articles"), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )
    seen = []

    async def agent(stream):
        async for event in stream.noack().events():
            seen.append(event.message.offset)
            await act(app, event)

    app.agent(topic, name="held")(agent)
    await app.start()
    try:
        async with asyncio.timeout(30):
            while len(seen) < COUNT:
                await asyncio.sleep(0.1)
        await asyncio.sleep(seconds)  # several commits' time, in which nothing may move
        return (await log.committed("detect", "articles")).get(0, 0)
    finally:
        app.conf.stream_wait_empty = False
        with contextlib.suppress(Exception):
            await asyncio.wait_for(app.stop(), 20)


async def but_the_first(app, event):
    """Record 0 stays in hand, the others are done."""
    if event.message.offset:
        if isinstance(app, SafeApp):
            app.consumer.done(event.message)
        event.ack()


@pytest.mark.parametrize(("kind", "expected"), [(Stock, COUNT), (SafeApp, 0)])
async def test_record_0_is_in_hand_and_the_others_are_done(kind, expected, log, tmp_path):
    """Stock Faust commits past it: a kill then loses record 0 (hazard 1). Ours commits nothing."""
    assert await committed_by(kind, log, tmp_path, but_the_first) == expected


async def test_stock_faust_acknowledges_what_its_agent_failed_on(log, tmp_path):
    """Hazard 3: the record is neither processed nor given again."""
    connection = log._connection
    app = Stock(
        connection.group("stream"),
        broker=broker_urls(connection.bootstrap),
        store="memory://",
        datadir=tmp_path / "stock",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=0.5,
    )
    topic = app.topic(connection.topic("articles"), key_type=bytes, value_type=bytes, value_serializer="raw")
    seen = []

    async def agent(stream):
        async for event in stream.events():
            seen.append(event.message.offset)
            if len(seen) == 1:
                raise ValueError("no effect")

    app.agent(topic, name="fails")(agent)
    await app.start()
    try:
        async with asyncio.timeout(45):
            while (await log.committed("detect", "articles")).get(0, 0) < COUNT:
                await asyncio.sleep(0.1)
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(app.stop(), 20)
    assert seen.count(0) == 1


async def test_an_acknowledgement_by_faust_alone_moves_no_offset(log, tmp_path):
    """As when it skips an event in a rebalance, or an agent raised."""

    async def only_acked(app, event):
        event.ack()

    assert await committed_by(SafeApp, log, tmp_path, only_acked, 3.0) == 0
