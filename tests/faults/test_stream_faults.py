"""Faults on three real brokers: workers and brokers die, stall and change, and the ledger finds nothing lost."""

import asyncio
import os
import random
import signal

import pytest

from tests.conftest import kafka_cluster
from tests.faults.clusterbench import Bench
from wire.log import Append

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]
SEED = int(os.environ.get("TEST_SEED", "20261124"))
ALL = pytest.mark.skipif(bool(os.environ.get("CI")), reason="CI runs a part, `make faults` all")


@pytest.fixture(scope="module")
def brokers(tmp_path_factory):
    module = kafka_cluster()
    cluster = module.KafkaCluster(tmp_path_factory.mktemp("kafka3"), brokers=3)
    try:
        cluster.start()
    except module.KafkaUnavailable as error:
        cluster.stop()
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield cluster
    cluster.stop()


@pytest.fixture
def bench(brokers, tmp_path):
    return Bench(brokers.bootstrap, tmp_path, SEED, replication=3)


async def until_idle(bench, feeding, fault):
    await feeding
    return await bench.judge(fault, await bench.settled())


async def test_t1_workers_killed_at_random_moments(bench):
    chance = random.Random(SEED)
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(30))
        await bench.progressed()
        for _ in range(6 if os.environ.get("CI") else 20):
            await asyncio.sleep(chance.uniform(0.3, 4.0))  # the moment is the experiment, not a wait
            await chance.choice(bench.workers).kill()
        await until_idle(bench, feeding, "T1 kill -9 a worker at random")


POINTS = ["after effect", "after memory", "before effect"]


@pytest.mark.parametrize("stage", ["detect", "correlate"])
async def test_t2_workers_killed_at_named_points(bench, stage):
    async with bench.running(workers=2, points=[f"{stage}:{POINTS[0]}#2", f"{stage}:{POINTS[1]}#3"]):
        await until_idle(
            bench, asyncio.create_task(bench.feed(15)), f"T2 kill -9 in {stage} after effect, after memory"
        )
        assert sum(len(worker.exits) for worker in bench.workers) >= 1, "no worker reached its point"


@ALL
async def test_t3_workers_stopped_under_load(bench):
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(30))
        await bench.progressed()
        codes = []
        for turn in range(6):
            worker = bench.workers[turn % 2]
            codes.append(await worker.stop())
            while not worker.alive() or worker.process.returncode is not None:
                await asyncio.sleep(0.1)
            await asyncio.sleep(2)
        await until_idle(bench, feeding, "T3 SIGTERM under load")
        assert codes == [0] * 6


@ALL
async def test_t4_workers_come_and_go(bench):
    async with bench.running(workers=3):
        bench.supervised = False
        feeding = asyncio.create_task(bench.feed(60))
        await bench.progressed()
        for turn in range(10):
            worker = bench.workers[turn % 3]
            await (worker.stop() if worker.alive() else worker.start())
            await asyncio.sleep(3)
        bench.supervised = True
        await until_idle(bench, feeding, "T4 three workers, added and removed ten times")


async def test_t5_a_worker_frozen_past_its_session_comes_back(bench):
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(20))
        await bench.progressed()
        bench.workers[0].send(signal.SIGSTOP)
        await asyncio.sleep(15)  # its session is ten seconds
        bench.workers[0].send(signal.SIGCONT)
        await until_idle(bench, feeding, "T5 SIGSTOP past the session, then SIGCONT")


async def leader_of(bench, topic="articles"):
    """The number of the node that leads the topic's first partition."""
    described = await bench.log._admin.describe_topics([bench.connection.topic(topic)])
    return next(part["leader"] for part in described[0]["partitions"] if part["partition"] == 0)


async def bounced(brokers, node, down_s):
    await asyncio.to_thread(brokers.kill, node)
    await asyncio.sleep(down_s)
    brokers.launch(node)
    await asyncio.to_thread(brokers.wait_ready, node)


async def test_t6_the_partition_leader_is_killed(brokers, bench):
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(25))
        await bench.progressed()
        for _ in range(2 if os.environ.get("CI") else 5):
            number = await leader_of(bench)
            await bounced(brokers, next(node for node in brokers.nodes if node.number == number), 4)
        await until_idle(bench, feeding, "T6 kill -9 of the partition leader, bounced")


@ALL
async def test_t7_the_controller_is_killed(brokers, bench):
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(25))
        await bench.progressed()
        number = await asyncio.to_thread(brokers.controller)
        await bounced(brokers, next(node for node in brokers.nodes if node.number == number), 8)
        assert await asyncio.to_thread(brokers.controller) != number
        await until_idle(bench, feeding, "T7 kill -9 of the active controller")


@ALL
async def test_t8_two_of_three_brokers_are_down(brokers, bench):
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(40))
        await bench.progressed()
        for node in brokers.nodes[1:]:
            await asyncio.to_thread(brokers.kill, node)
        await asyncio.sleep(5)
        before = len(bench.fed)
        await asyncio.sleep(15)
        assert len(bench.fed) <= before + 1, "the brokers acknowledged without their replicas"
        for node in brokers.nodes[1:]:
            brokers.launch(node)
        for node in brokers.nodes[1:]:
            await asyncio.to_thread(brokers.wait_ready, node)
        await until_idle(bench, feeding, "T8 two of three brokers down for 20 s")


@ALL
async def test_t9_all_brokers_are_killed(brokers, bench):
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(25))
        await bench.progressed()
        for node in brokers.nodes:
            await asyncio.to_thread(brokers.kill, node)
        await asyncio.sleep(5)
        for node in brokers.nodes:
            brokers.launch(node)
        for node in brokers.nodes:
            await asyncio.to_thread(brokers.wait_ready, node)
        await until_idle(bench, feeding, "T9 all brokers killed and restarted")


async def test_t10_garbage_between_good_records(bench):
    chance = random.Random(SEED)
    garbage = [b"", None, b"{", b"\xff\xfe", b'["article/9"]', b"0" * 1_000_000, b'{"type":"story/1"}', b"null"]
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(10))
        for n, value in enumerate(garbage):
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            await bench.append(Append("articles", f"bad-{n}", f"bad-{n}", value))
            bench.garbage.append(value)
        line = await until_idle(bench, feeding, "T10 garbage between good records")
        assert line["repeats"] == 0


async def test_t12_workers_killed_while_they_read_their_memory_back(bench):
    async with bench.running(workers=1):
        await bench.feed(10, share=0.5)
        await bench.settled()
        bench.supervised = False
        await bench.workers[0].kill()
        for stage in ("correlate", "detect"):
            await bench.workers[0].start(f"{stage}:recovering#2")
            assert await asyncio.wait_for(bench.workers[0].process.wait(), 60) == -signal.SIGKILL
        bench.supervised = True
        await until_idle(bench, asyncio.create_task(bench.feed(5)), "T12 kill -9 during recovery, twice")


@ALL
async def test_t13_compaction_while_the_memory_is_read_back(brokers, tmp_path):
    """Segments of a second, compacted as soon as they close; every turn rewrites the memory and kills a worker."""
    bench = Bench(brokers.bootstrap, tmp_path, SEED, replication=3, lag_s=0)
    async with bench.running(workers=2):
        tables = ("detect-memory", "correlate-memory", "route-memory")
        await bench.set_topics(tables, {"segment.ms": "1000", "max.compaction.lag.ms": "1000"})
        bench.supervised = False
        kept = []
        for _ in range(4):
            await bench.feed(10, share=0.25)
            await bench.settled()
            await bench.workers[0].kill()
            await bench.workers[0].start()
            kept.append(await bench.stored("correlate-memory"))
        bench.supervised = True
        end = await bench.count("correlate-memory")
        assert kept[-1] < end, "nothing was compacted"
        await until_idle(bench, asyncio.create_task(bench.feed(1)), "T13 compaction during recovery")


@ALL
@pytest.mark.parametrize("seconds", [5, 40])
async def test_t14_a_broker_stalls(brokers, bench, seconds):
    async with bench.running(workers=2):
        feeding = asyncio.create_task(bench.feed(30))
        await bench.progressed()
        number = await leader_of(bench)
        node = next(node for node in brokers.nodes if node.number == number)
        brokers.pause(node)
        await asyncio.sleep(seconds)
        brokers.resume(node)
        await until_idle(bench, feeding, f"T14 a broker stalls for {seconds} s")
