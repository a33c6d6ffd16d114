"""What the cluster's fault tests stand on: brokers, stream workers as processes, and a ledger that judges.

The ledger feeds articles and notes which the brokers acknowledged. In the end: every acknowledged article has had its
effect, every event rang under one id, nothing but the garbage lies in the dead letters, and the group's lag is 0.
"""

import asyncio
import json
import os
import signal
import sys
import time
import uuid
from collections import Counter, defaultdict
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import yaml
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from desk.newsroom.busy import busy_script
from streams.bench import Surroundings
from streams.local import LocalRuntime
from streams.pipeline import pipeline
from streams.rules import load_rules
from tests.newsday import articles_of
from wire.clock import WallClock
from wire.codec import decode, encode
from wire.errors import LogError
from wire.kafka import Connection, KafkaLog
from wire.kafka.topics import wanted
from wire.log import Append, UnitOfWork
from wire.memory import MemoryLog
from wire.metrics import Metrics
from wire.records import Alert, AlertKind, DeadLetter, Detection
from wire.topics import GROUPS

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/rules"
PARTITIONS = 4
SETTLE_S = 120.0


class Worker:
    """A stream worker as a process of its own; `point` is a named place where it kills itself, once."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.process = None
        self.exits = []

    async def start(self, point=""):
        log = (self.bench.folder / f"{self.name}.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.worker", str(self.bench.config), self.name, point),
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def alive(self):
        return self.process is not None and self.process.returncode is None

    def send(self, number):
        if self.alive():
            os.kill(self.process.pid, number)

    async def kill(self):
        if self.alive():
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    async def stop(self, within_s=35.0):
        """SIGTERM; returns the exit code."""
        self.send(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), within_s)

    def said(self):
        return (self.bench.folder / f"{self.name}.log").read_text(errors="replace")[-3000:]


class Bench:
    """Workers on one prefix of a cluster, with a ledger. Workers that leave by themselves are started anew."""

    def __init__(self, bootstrap, folder, seed, *, stories=40, noise=200, replication=1, lag_s=600):
        self.folder, self.seed = folder, seed
        self.prefix = f"f{uuid.uuid4().hex[:8]}."
        insync = 2 if replication == 3 else 1
        self.connection = Connection(bootstrap, self.prefix, replication, insync, compaction_lag_s=lag_s)
        self.config = folder / "tocsin.yaml"
        kafka = {"bootstrap": bootstrap, "prefix": self.prefix, "replication": replication, "min_insync": insync}
        kafka["compaction_lag_s"] = lag_s
        self.config.write_text(
            yaml.safe_dump(
                {
                    "partitions": PARTITIONS,
                    "rules": [str(RULES)],
                    "kafka": kafka,
                    "data_dir": str(folder),
                    "feeds": [],
                }
            )
        )
        self.script = busy_script(seed, stories, 6, noise)
        self.articles = articles_of(self.script)
        self.workers = []
        self.fed = []
        self.garbage = []
        self._watching = None
        self.supervised = True

    @asynccontextmanager
    async def running(self, workers=2, points=()):
        self.log = KafkaLog(self.connection, WallClock(), partitions=PARTITIONS, keeps=())
        await self.log.start()
        self.workers = [Worker(self, f"worker-{n}") for n in range(workers)]
        points = [*points, *[""] * workers]
        for worker, point in zip(self.workers, points, strict=False):
            await worker.start(point)
        self._watching = asyncio.create_task(self._supervise())
        try:
            yield self
        finally:
            self._watching.cancel()
            for worker in self.workers:
                with suppress(ProcessLookupError):
                    worker.send(signal.SIGCONT)
                await worker.kill()
            with suppress(Exception):
                await self.log.close()

    async def _supervise(self):
        """Start anew who left by itself, as an operator's supervisor does."""
        while True:
            for worker in self.workers:
                if self.supervised and worker.process is not None and worker.process.returncode is not None:
                    worker.exits.append(worker.process.returncode)
                    await worker.start()
            await asyncio.sleep(0.2)

    async def feed(self, seconds, share=1.0):
        """Append the script's articles over some seconds; what the brokers refuse is tried again."""
        todo = self.articles[len(self.fed) : len(self.fed) + round(len(self.articles) * share)]
        pause = seconds / max(1, len(todo))
        started = time.monotonic()
        for n, article in enumerate(todo):
            await self.append(Append("articles", article.id, article.id, encode(article)))
            self.fed.append(article)
            await asyncio.sleep(max(0.0, started + (n + 1) * pause - time.monotonic()))

    async def append(self, append):
        while True:
            try:
                await self.log.commit(UnitOfWork(appends=[append]))
                return
            except LogError:
                await asyncio.sleep(0.5)

    async def progressed(self, past=0, within_s=60.0):
        """Return when more detections than `past` lie in the topic: the workers work."""
        async with asyncio.timeout(within_s):
            while (count := await self.count("detections")) <= past:
                await asyncio.sleep(0.2)
        return count

    async def count(self, topic):
        return sum(end - start for start, end in (await self.log.ends(topic)).values())

    async def stored(self, topic):
        """How many records of a topic the brokers still hold."""
        found = 0
        for partition, (start, end) in (await self.log.ends(topic)).items():
            at = start
            while at < end and (records := await self.log.read(topic, partition, at, 1000)):
                found, at = found + len(records), records[-1].offset + 1
        return found

    async def set_topics(self, topics, settings):
        """Change settings of topics on the brokers."""
        wants = {one.name: dict(one.configs) for one in wanted(self.connection, PARTITIONS)}
        names = [self.connection.topic(topic) for topic in topics]
        resources = [ConfigResource(ConfigResourceType.TOPIC, name, wants[name] | settings) for name in names]
        await self.log._admin.alter_configs(resources)

    async def settled(self):
        """Return the seconds until the lag is 0; fails after SETTLE_S."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(SETTLE_S):
                while sum([await self._lag(stage) for stage in ("detect", "correlate", "route")]):
                    await asyncio.sleep(0.25)
        except TimeoutError:
            raise AssertionError("\n".join(["no progress", *(worker.said() for worker in self.workers)])) from None
        return time.monotonic() - started

    async def _lag(self, stage):
        try:
            return (await self.log.lag(stage, GROUPS[stage])).records
        except LogError:
            return 1

    async def judge(self, fault, recovery_s):
        """The ledger's judgement; prints a line for the fault table."""
        expected = await self._expected()
        detections = await self._read("detections", Detection)
        lost = expected.keys() - {one.id for one in detections}
        assert not lost, f"lost: {len(lost)} of {len(expected)}"
        events = {f"https://{p.outlet}.test/{p.id}": p.event for p in self.script.pieces}
        fed = {article.url for article in self.fed}
        rings = defaultdict(set)
        contents = defaultdict(set)
        alerts = await self._read("alerts", Alert)
        for alert in alerts:
            contents[alert.id].add((alert.story, alert.number, alert.kind, alert.rule))
            if alert.kind is AlertKind.NEW:
                for url in {report.url for report in alert.reports}:
                    rings[events.get(url)].add(alert.story)
        wanted = {
            one.event for one in self.script.expect if one.rings and any(events.get(url) == one.event for url in fed)
        }
        assert wanted, "nothing was told"
        assert {event for event in wanted if not rings[event]} == set(), "an event did not ring"
        second = {event: ids for event, ids in rings.items() if len(ids) > 1}
        assert not second, f"second ids: {second}"
        assert all(len(what) == 1 for what in contents.values()), "one alert id, two contents"
        dead = Counter(letter.origin for letter in await self._read("dead-letters", DeadLetter))
        assert len(dead) == len(self.garbage), dead
        repeats = len(detections) - len({one.id for one in detections}) + len(alerts) - len(contents)
        line = {
            "fault": fault,
            "seed": self.seed,
            "inputs": len(self.fed) + len(self.garbage),
            "stories": len(wanted),
            "lost": 0,
            "second_ids": 0,
            "repeats": repeats,
            "recovery_s": round(recovery_s, 1),
            "exits": [worker.exits for worker in self.workers],
        }
        print(json.dumps(line))
        return line

    async def _expected(self):
        """The detections that the same articles bring in one process."""
        clock = WallClock()
        memory = MemoryLog(clock, partitions=PARTITIONS)
        await memory.start()
        appends = [Append("articles", one.id, one.id, encode(one)) for one in self.fed]
        await memory.commit(UnitOfWork(appends=appends))
        runtime = LocalRuntime(pipeline(load_rules(RULES))[:1], Surroundings(memory, clock, Metrics()))
        await runtime.drain()
        found = {}
        for partition, (start, end) in (await memory.ends("detections")).items():
            for record in await memory.read("detections", partition, start, end - start):
                one = decode(record.value, Detection)
                found[one.id] = one
        return found

    async def _read(self, topic, kind):
        found = []
        for partition, (start, end) in (await self.log.ends(topic)).items():
            at = start
            while at < end and (records := await self.log.read(topic, partition, at, 500)):
                found += [decode(record.value, kind) for record in records]
                at = records[-1].offset + 1
        return found
