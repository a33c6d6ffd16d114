"""A backlog of articles drained by stream workers on a real Kafka, beside a bare aiokafka loop on the same records.

    python benchmarks/cluster.py [--articles 6000] [--workers 1 2] [--stories 10000]

It starts one broker of its own (Java and Maven needed) and stops it. Workers are processes; their processor seconds
come from the kernel. 64 rules; about one article in five brings a detection.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import signal
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from wire.clock import WallClock
from wire.codec import encode
from wire.identity import article_id, digest, revision_id, story_id
from wire.kafka import Connection, KafkaLog
from wire.log import TableWrite, UnitOfWork
from wire.records import Article, Stamps, Story

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
PARTITIONS = 8
RULES = 64
STATES = ("Portugal", "Norway", "Chile", "Ghana", "Peru", "Latvia", "Kenya", "Japan", "Mexico", "Tunisia", "Finland")
WORDS = tuple(digest((str(n),))[:6] for n in range(3000))


def kafka_module() -> Any:
    """The module that starts Kafka."""
    spec = importlib.util.spec_from_file_location("kafka_cluster", ROOT / "deploy/kafka/cluster.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kafka_cluster"] = module
    spec.loader.exec_module(module)
    return module


def rules() -> dict[str, Any]:
    """64 rules, each on a word of its own."""
    return {
        "rules": [
            {
                "id": f"grain_{n}",
                "title": f"Grain {n}",
                "when": f"SENT(pledg* NEAR/10 grain{n:02d})",
                "statement": {"require": ["asserted"], "act": "pledg*", "actor": "state"},
            }
            for n in range(RULES)
        ]
    }


def articles(count: int, one_rule: bool = False) -> list[Article]:
    """About 3 kB each; one in five pledges one of 64 grains."""
    chance, found = Random(1), []
    for n in range(count):
        url, at = f"https://outlet{n % 40}.test/{n}", NOON + timedelta(seconds=n)
        told = f"{chance.choice(STATES)} pledged {n} tons of grain{0 if one_rule else n // 5 % RULES:02d} on Monday. "
        body = " ".join(chance.choices(WORDS, k=420))
        text = (told if one_rule or n % 5 == 0 else "Nothing of note was said. ") + body + "."
        article = Article(
            id=article_id(url),
            revision=revision_id("", text),
            url=url,
            title=f"Number {n}",
            text=text,
            publisher=f"outlet{n % 40}.test",
            language="en",
            stamps=Stamps(published=at, seen=at),
        )
        found.append(article)
    return found


def cpu_s(pid: int) -> float:
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """One prefix of topics, prefilled."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.connection = Connection(bootstrap, prefix=f"b{uuid.uuid4().hex[:8]}.")
        self.folder = folder / self.connection.prefix
        self.folder.mkdir()
        (self.folder / "rules.yaml").write_text(yaml.safe_dump(rules()))
        self.config = self.folder / "tocsin.yaml"
        self.config.write_text(
            yaml.safe_dump(
                {
                    "partitions": PARTITIONS,
                    "rules": ["rules.yaml"],
                    "data_dir": "data",
                    "feeds": [],
                    "kafka": {"bootstrap": bootstrap, "prefix": self.connection.prefix},
                }
            )
        )
        self.processes: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        self.log = KafkaLog(self.connection, WallClock(), partitions=PARTITIONS, keeps=())
        await self.log.start()

    async def fill(self, found: list[Article]) -> None:
        for at in range(0, len(found), 500):
            work = UnitOfWork()
            for article in found[at : at + 500]:
                work.append("articles", article.id, article.id, article)
            await self.log.commit(work)

    async def work(self, workers: int) -> None:
        """Start stream workers and return when each is ready."""
        for n in range(workers):
            port = free_port()
            with (self.folder / f"worker-{n}.log").open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "desk.cli", "stream", "--config", str(self.config), "--port", str(port)),
                    cwd=ROOT,
                    stderr=log,
                )
            self.processes.append(process)

    async def until(self, count: int, topic: str = "articles", group: str = "detect") -> None:
        """Return when `count` records of a topic have been acknowledged."""
        while sum((await self.log.committed(group, topic)).values()) < count:
            await asyncio.sleep(0.05)

    async def lag(self) -> int:
        return sum(
            [
                (await self.log.lag(group, topic)).records
                for group, topic in (("detect", "articles"), ("correlate", "detections"), ("route", "alerts"))
            ]
        )

    async def close(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await process.wait()
        await self.log.close()


def free_port() -> int:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return int(holder.getsockname()[1])


async def drained(bootstrap: str, folder: Path, found: list[Article], workers: int) -> dict[str, Any]:
    """A backlog through some workers: from the first tenth to the last record, so that joining is not counted."""
    bench = Bench(bootstrap, folder)
    await bench.start()
    await bench.fill(found)
    await bench.work(workers)
    await bench.until(len(found) // 10)
    done = sum((await bench.log.committed("detect", "articles")).values())
    started, busy = time.perf_counter(), [cpu_s(process.pid) for process in bench.processes]
    await bench.until(len(found))
    while await bench.lag():
        await asyncio.sleep(0.05)
    wall = time.perf_counter() - started
    cpu = sum(cpu_s(process.pid) for process in bench.processes) - sum(busy)
    detections = sum(end - start for start, end in (await bench.log.ends("detections")).values())
    await bench.close()
    count = len(found) - done
    return {
        "workers": workers,
        "articles": count,
        "detections_per_article": round(detections / len(found), 2),
        "articles_per_s": round(count / wall),
        "articles_per_cpu_s": round(count / cpu),
    }


async def bare(bootstrap: str, folder: Path, found: list[Article]) -> dict[str, Any]:
    """Consume every article and produce it again, acks from all, with aiokafka alone."""
    bench = Bench(bootstrap, folder)
    await bench.start()
    await bench.fill(found)
    source, target = bench.connection.topic("articles"), bench.connection.topic("detections")
    consumer = AIOKafkaConsumer(source, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    started, busy, count = time.perf_counter(), time.process_time(), 0
    while count < len(found):
        batches = await consumer.getmany(timeout_ms=1000, max_records=500)
        futures = [await producer.send(target, r.value, r.key) for records in batches.values() for r in records]
        await asyncio.gather(*futures)
        count += len(futures)
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    await consumer.stop()
    await producer.stop()
    await bench.close()
    return {"bare_per_s": round(count / wall), "bare_per_cpu_s": round(count / cpu)}


async def recovered(bootstrap: str, folder: Path, stories: int) -> dict[str, Any]:
    """How long a worker takes from its start to its first alert with so many stories to read back."""
    bench = Bench(bootstrap, folder)
    await bench.start()
    at = datetime.now(UTC)
    for start in range(0, stories, 1000):
        work = UnitOfWork()
        for n in range(start, min(stories, start + 1000)):
            rule = f"grain_{n % RULES}"
            story = Story(
                id=story_id(rule, str(n)),
                rule=rule,
                actors=(STATES[n % len(STATES)],),
                sentences=(f"{STATES[n % len(STATES)]} pledged {n} tons of grain on Monday.",),
                opened_at=at,
                last_at=at,
                closes_at=at + timedelta(days=3),
                forget_at=at + timedelta(days=180),
            )
            partition = bench.log.partition_of("detections", rule)
            work.tables.append(TableWrite("correlate-memory", partition, story.id, encode(story)))
        await bench.log.commit(work)
    await bench.fill(articles(200))
    started = time.perf_counter()
    await bench.work(1)
    while not sum(end - start for start, end in (await bench.log.ends("alerts")).values()):
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - started
    await bench.close()
    return {"stories": stories, "start_to_first_alert_s": round(seconds, 1)}


async def paced(bootstrap: str, folder: Path, rate: int, seconds: int) -> dict[str, Any]:
    """One worker at a steady rate: its lag in records, once a second."""
    bench = Bench(bootstrap, folder)
    await bench.start()
    found = articles(rate * (seconds + 15))
    await bench.fill(found[:rate])
    await bench.work(1)
    await bench.until(rate)
    started, lags = time.perf_counter(), []
    for n in range(seconds):
        await bench.fill(found[rate * (n + 1) : rate * (n + 2)])
        await asyncio.sleep(max(0.0, started + n + 1 - time.perf_counter()))
        lags.append((await bench.log.lag("detect", "articles")).records)
    await bench.close()
    half = len(lags) // 2
    return {
        "rate_per_s": rate,
        "seconds": seconds,
        "lag_median_first_half": sorted(lags[:half])[half // 2],
        "lag_median_second_half": sorted(lags[half:])[half // 2],
    }


async def run(options: argparse.Namespace, bootstrap: str, folder: Path) -> None:
    found = articles(options.articles)
    print(json.dumps(await bare(bootstrap, folder, found)), flush=True)
    rates = {}
    for workers in options.workers:
        line = await drained(bootstrap, folder, found, workers)
        rates[workers] = line["articles_per_cpu_s"]
        print(json.dumps(line), flush=True)
    if {1, 2} <= rates.keys():
        print(json.dumps({"two_workers_efficiency_per_cpu_s": round(rates[2] / rates[1], 2)}), flush=True)
    one = await drained(bootstrap, folder, articles(options.articles // 4, one_rule=True), 1)
    print(json.dumps({"one_rule": one}), flush=True)
    print(json.dumps(await paced(bootstrap, folder, options.rate, 20)), flush=True)
    for stories in options.stories:
        print(json.dumps(await recovered(bootstrap, folder, stories)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=6000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--stories", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--rate", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cluster = kafka_module().KafkaCluster(Path(folder) / "kafka")
        cluster.start()
        try:
            asyncio.run(run(options, cluster.bootstrap, Path(folder)))
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
