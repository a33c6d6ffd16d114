"""T15: hours of random faults on three brokers, judged after every round. `make soak HOURS=2`

A round feeds a newsroom's articles over some minutes while workers and brokers die, stop, freeze and stall at random;
then the ledger judges it. A watcher notes the longest time without progress while there was lag: never 60 s.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.conftest import kafka_cluster
from tests.faults.clusterbench import Bench
from wire.errors import LogError

ROUND_S = 180.0
STALL_S = 60.0


class Watcher:
    """The longest time with lag and without a further commit."""

    def __init__(self, bench):
        self._bench = bench
        self.longest_s = 0.0

    async def run(self):
        before, since = -1, time.monotonic()
        while True:
            with suppress(LogError):
                lag = sum([await self._bench._lag(stage) for stage in ("detect", "correlate", "route")])
                done = sum((await self._bench.log.committed("detect", "articles")).values())
                if done != before or not lag:
                    before, since = done, time.monotonic()
                self.longest_s = max(self.longest_s, time.monotonic() - since)
            await asyncio.sleep(1)


async def fault(chance, bench, brokers):
    """One random fault; returns its name."""
    worker, node = chance.choice(bench.workers), chance.choice(brokers.nodes)
    name = chance.choice(["kill", "stop", "freeze", "kill broker", "stall broker"])
    match name:
        case "kill":
            await worker.kill()
        case "stop":
            worker.send(signal.SIGTERM)
        case "freeze":
            worker.send(signal.SIGSTOP)
            await asyncio.sleep(chance.uniform(2, 20))
            worker.send(signal.SIGCONT)
        case "kill broker":
            await asyncio.to_thread(brokers.kill, node)
            await asyncio.sleep(chance.uniform(1, 8))
            brokers.launch(node)
            await asyncio.to_thread(brokers.wait_ready, node)
        case "stall broker":
            brokers.pause(node)
            await asyncio.sleep(chance.uniform(2, 15))
            brokers.resume(node)
    return name


async def round_of(number, chance, brokers, folder):
    bench = Bench(brokers.bootstrap, folder, chance.randrange(10**6), replication=3)
    async with bench.running(workers=2):
        watcher = Watcher(bench)
        watching = asyncio.create_task(watcher.run())
        feeding = asyncio.create_task(bench.feed(ROUND_S))
        await bench.progressed()
        faults = []
        while not feeding.done():
            await asyncio.sleep(chance.uniform(5, 25))
            faults.append(await fault(chance, bench, brokers))
        await feeding
        line = await bench.judge(f"T15 round {number}: {', '.join(faults)}", await bench.settled())
        watching.cancel()
    return {**line, "longest_without_progress_s": round(watcher.longest_s, 1)}


async def soak(hours, seed):
    chance, ends = random.Random(seed), time.monotonic() + hours * 3600
    with tempfile.TemporaryDirectory() as folder:
        brokers = kafka_cluster().KafkaCluster(Path(folder) / "kafka", brokers=3)
        brokers.start()
        try:
            number, longest, inputs, faults = 0, 0.0, 0, 0
            while time.monotonic() < ends:
                number += 1
                place = Path(folder) / str(number)
                place.mkdir()
                line = await round_of(number, chance, brokers, place)
                longest = max(longest, line["longest_without_progress_s"])
                inputs, faults = inputs + line["inputs"], faults + line["fault"].count(",") + 1
            print(json.dumps({"rounds": number, "faults": faults, "inputs": inputs, "lost": 0, "longest_s": longest}))
            return 0 if longest < STALL_S else 1
        finally:
            brokers.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    sys.exit(asyncio.run(soak(options.hours, options.seed)))
