"""From a feed's change being visible at poll time to the webhook's arrival, page fetch included, all on loopback.

    python benchmarks/latency.py [--stories 60]

`tocsin run` is a process of its own; newsroom and receiver are in this one. Seconds: p50, p90, p99, most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import yaml

from desk.newsroom.busy import Busyness, busy_script
from desk.newsroom.newsroom import Newsroom
from desk.paths import DEPLOY
from desk.receiver import Receiver
from wire.clock import WallClock

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


async def measure(stories: int, folder: Path) -> list[float]:
    clock = WallClock()
    newsroom = Newsroom(busy_script(3, stories, 8, stories, Busyness(every_s=0.5, after_s=1.0)), clock)
    await newsroom.start()
    receiver = Receiver([SECRET], None, clock)
    await receiver.start()
    config = folder / "tocsin.yaml"
    feeds = [{"id": f.id, "url": f.url, "publisher": f.publisher, "interval": "1s"} for f in newsroom.feeds]
    config.write_text(
        yaml.safe_dump(
            {
                "data_dir": str(folder / "data"),
                "rules": [str(DEPLOY / "rules")],
                "feeds": feeds,
                "secrets": {"here": {"env": "BENCH_SECRET"}},
                "subscriptions": [{"id": "here", "url": receiver.url, "secrets": ["here"]}],
                "http": {"allow": [*newsroom.allow, receiver.peer]},
                "pages": {"host_delay": 0},
                "desk": {"port": 0},
            }
        )
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "desk.cli", "run", "--config", str(config)),
        env=os.environ | {"BENCH_SECRET": SECRET},
        stderr=asyncio.subprocess.DEVNULL,
    )
    await newsroom.play()
    await asyncio.sleep(5)
    process.send_signal(signal.SIGTERM)
    await process.wait()
    found = []
    for message in receiver.messages:
        if message.data.get("kind") == "new" and message.data.get("seen"):
            seen = datetime.fromisoformat(message.data["seen"].replace("Z", "+00:00"))
            found.append((datetime.fromisoformat(message.at) - seen).total_seconds())
    await receiver.close()
    await newsroom.close()
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(options.stories, Path(folder)))

    def at(share: float) -> float:
        return round(found[min(len(found) - 1, int(share * len(found)))], 3)

    print(json.dumps({"alerts": len(found), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "most": at(1.0)}))


if __name__ == "__main__":
    main()
