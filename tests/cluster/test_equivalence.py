"""Two runtimes, same bytes: a day through the local runtime and through Faust on a real Kafka."""

import asyncio
import contextlib
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.bench import Surroundings
from streams.cluster import FaustRuntime
from streams.local import LocalRuntime
from streams.pipeline import pipeline
from streams.rules import load_rules
from tests.newsday import a_day
from wire.clock import VirtualClock
from wire.codec import decode
from wire.kafka import Connection, KafkaLog
from wire.log import Append, UnitOfWork
from wire.memory import MemoryLog
from wire.metrics import Metrics
from wire.records import Alert, AlertKind, Detection, Story, Subscription

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
PARTITIONS = 3
OUT = {
    "detect": ("detections", "detect-memory", "dead-letters"),
    "correlate": ("alerts", "correlate-memory", "dead-letters"),
    "route": ("deliveries", "route-memory", "dead-letters"),
}
SUBSCRIPTIONS = (
    Subscription(id="all", url="https://one.test/in"),
    Subscription(id="sanctions", url="https://two.test/in", rules=("sanctions_*",)),
)


@pytest.fixture(scope="module")
def stages():
    return pipeline(load_rules(Path(__file__).parents[2] / "deploy/rules"), SUBSCRIPTIONS)


async def locally(stages, day, clock):
    log = MemoryLog(clock, partitions=PARTITIONS)
    await log.start()
    await log.commit(UnitOfWork(appends=[Append("articles", key, key, value) for key, value in day]))
    runtime = LocalRuntime(stages, Surroundings(log, clock, Metrics()))
    await runtime.drain()
    await runtime.close()
    return log


async def on_kafka(bootstrap, stages, inputs, clock, then=()):
    """Run some stages on Kafka until nothing lags; returns the log, still open.

    `then` are other stages of the same names to go on with, and further inputs for them.
    """
    connection = Connection(bootstrap, prefix=f"q{uuid.uuid4().hex[:8]}.")
    log = KafkaLog(connection, clock, partitions=PARTITIONS)
    await log.start()
    for topic, partition, key, value in inputs:
        await log.commit(UnitOfWork(appends=[Append(topic, key, key, value, partition=partition)]))
    working = KafkaLog(connection, clock, partitions=PARTITIONS, keeps=())
    await working.start()
    runtime = FaustRuntime(stages, Surroundings(working, clock, Metrics()), working, connection)
    running = asyncio.create_task(runtime.run())
    try:
        async with asyncio.timeout(60):
            while not await drained(log, stages):
                assert not running.done(), running.exception()
                await asyncio.sleep(0.1)
            for others, further in then:
                runtime.swap(others)
                for topic, partition, key, value in further:
                    await log.commit(UnitOfWork(appends=[Append(topic, key, key, value, partition=partition)]))
                while not await drained(log, stages):
                    await asyncio.sleep(0.1)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await working.close()
    return log


async def drained(log, stages):
    for stage in stages:
        if (await log.lag(stage.name, stage.source)).records:
            return False
    return True


async def contents(log, topic):
    """For each partition and key the bytes, in the order of appending, repeats collapsed."""
    found = {}
    for partition, (start, end) in (await log.ends(topic)).items():
        for record in await log.read(topic, partition, start, end - start):
            values = found.setdefault((partition, record.key), [])
            if record.value not in values:
                values.append(record.value)
    return found


async def table(log, topic):
    return {(n, key): value for n in range(PARTITIONS) for key, value in log.table(topic).items(n)}


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_each_stage_gives_the_same_bytes_for_the_same_records_in_the_same_order(kafka, stages, number):
    clock = VirtualClock(datetime.now(UTC))
    stage = stages[number]
    local = await locally(stages, a_day(7), clock)
    inputs = []
    for partition, (start, end) in (await local.ends(stage.source)).items():
        inputs += [
            (stage.source, partition, record.key, record.value)
            for record in await local.read(stage.source, partition, start, end - start)
        ]
    assert len(inputs) > 20
    cluster = await on_kafka(kafka, [stage], inputs, clock)
    output, memory, dead = OUT[stage.name]
    here, there = await contents(local, output), await contents(cluster, output)
    assert len(here) > 5
    assert there == here
    remembered = await table(local, memory)
    assert remembered
    assert await table(cluster, memory) == remembered
    if number == 0:
        bad = await contents(cluster, dead)
        assert len(bad) == 5
        assert bad == {key: values for key, values in (await contents(local, dead)).items() if key in bad}
    await cluster.close()


async def test_rules_edited_at_noon_judge_the_afternoon_on_both(kafka, stages, tmp_path):
    clock = VirtualClock(datetime.now(UTC))
    day = a_day(5)
    half = len(day) // 2
    other = tmp_path / "other.yaml"
    other.write_text(
        "rules:\n  - id: any_sanctions\n    title: Sanctions of any kind\n    when: sanction*\n    tests: []\n"
    )
    afternoon = pipeline(load_rules(other), SUBSCRIPTIONS)
    local = MemoryLog(clock, partitions=PARTITIONS)
    await local.start()
    runtime = LocalRuntime(stages[:1], Surroundings(local, clock, Metrics()))
    for part, swapped in ((day[:half], None), (day[half:], afternoon[:1])):
        if swapped:
            runtime.swap(swapped)
        await local.commit(UnitOfWork(appends=[Append("articles", key, key, value) for key, value in part]))
        await runtime.drain()
    placed = [("articles", local.partition_of("articles", key), key, value) for key, value in day]
    cluster = await on_kafka(kafka, stages[:1], placed[:half], clock, [(afternoon[:1], placed[half:])])
    here = await contents(local, "detections")
    rules = {decode(value, Detection).rule for values in here.values() for value in values}
    assert "any_sanctions" in rules and len(rules) > 1
    assert await contents(cluster, "detections") == here
    assert await table(cluster, "detect-memory") == await table(local, "detect-memory")
    await cluster.close()


async def test_the_whole_day_in_another_order_tells_the_same_stories(kafka, stages):
    """Three stages side by side read detections in another order than one process: the stories agree.

    Not on a day with old or withdrawn texts: whether these come before or after a story rings is told by their order.
    """
    clock = VirtualClock(datetime.now(UTC))
    day = a_day(11, silenced=False)
    local = await locally(stages, day, clock)
    cluster = await on_kafka(
        kafka, stages, [("articles", local.partition_of("articles", key), key, value) for key, value in day], clock
    )
    assert await contents(cluster, "detections") == await contents(local, "detections")
    here, there = await stories(local), await stories(cluster)
    assert len(here) > 20
    assert there.keys() == here.keys(), "no telling is lost"
    assert bcubed(here, there) >= 0.98
    assert await rung(cluster) == await rung(local)
    await cluster.close()


async def stories(log):
    """The story of each detection, as the stage remembers it."""
    found = {}
    for value in (await table(log, "correlate-memory")).values():
        story = decode(value, Story)
        found |= {telling.detection: story.id for telling in story.tellings}
    return found


async def rung(log):
    """How many stories of each rule rang."""
    alerts = [decode(value, Alert) for values in (await contents(log, "alerts")).values() for value in values]
    return Counter(alert.rule for alert in alerts if alert.kind is AlertKind.NEW)


def bcubed(one, other):
    """B-cubed F1 of two groupings of the same things (Bagga and Baldwin, 1998)."""

    def mates(groups, thing):
        return {key for key, group in groups.items() if group == groups[thing]}

    shared = [(len(mates(one, t) & mates(other, t)), len(mates(one, t)), len(mates(other, t))) for t in one]
    recall = sum(both / a for both, a, _ in shared) / len(shared)
    precision = sum(both / b for both, _, b in shared) / len(shared)
    return 2 * precision * recall / (precision + recall)
