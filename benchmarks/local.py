"""Articles a second through the local runtime, from `articles` to `alerts`, durable, beside a bare loop that only
decodes and encodes the same records.

    python benchmarks/local.py [--articles 4000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk.newsroom.busy import busy_script
from desk.paths import DEPLOY
from streams.bench import Surroundings
from streams.local import LocalRuntime
from streams.pipeline import pipeline
from streams.rules import load_rules
from wire.clock import WallClock
from wire.codec import decode, encode
from wire.identity import article_id, revision_id
from wire.log import UnitOfWork
from wire.metrics import Metrics
from wire.records import Article, Stamps
from wire.sqlite import SqliteLog

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def articles(count: int, stories: int) -> list[Article]:
    """News of a busy newsroom: about one article in four tells an event, some 2 kB each."""
    script = busy_script(1, stories, 9, max(0, count - 3 * stories))
    found = []
    for number, piece in enumerate(script.pieces[:count]):
        url = f"https://{piece.outlet}.test/{piece.id}"
        at = NOON + timedelta(seconds=number)
        found.append(
            Article(
                id=article_id(url),
                revision=revision_id(piece.title, piece.text),
                url=url,
                title=piece.title,
                text=piece.text,
                publisher=piece.outlet,
                language="en",
                stamps=Stamps(published=at, seen=at),
            )
        )
    return found


def bare(values: list[bytes]) -> tuple[float, float]:
    """Seconds by the clock and of the processor for decoding and encoding every record."""
    started, busy = time.perf_counter(), time.process_time()
    for value in values:
        encode(decode(value, Article))
    return time.perf_counter() - started, time.process_time() - busy


async def through(found: list[Article], folder: Path) -> dict[str, float]:
    """The same records through the pipeline on a SQLite log."""
    log = SqliteLog(folder / "log.sqlite", WallClock(), partitions=8)
    await log.start()
    for at in range(0, len(found), 500):
        work = UnitOfWork()
        for article in found[at : at + 500]:
            work.append("articles", article.id, article.id, article)
        await log.commit(work)
    ruleset = load_rules(DEPLOY / "rules")
    ruleset.match(found[0])
    runtime = LocalRuntime(pipeline(ruleset), Surroundings(log, WallClock(), Metrics()))
    started, busy = time.perf_counter(), time.process_time()
    await runtime.drain()
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    counts = {}
    for topic in ("detections", "alerts"):
        counts[topic] = float(sum(end - start for start, end in (await log.ends(topic)).values()))
    await runtime.close()
    await log.close()
    return {"seconds": wall, "cpu": cpu, **counts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=4000)
    parser.add_argument("--stories", type=int, default=60)
    options = parser.parse_args()
    os.sched_setaffinity(0, {0})
    found = articles(options.articles, options.stories)
    values = [encode(article) for article in found]
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(through(found, Path(folder)))
    loop, _ = min(bare(values) for _ in range(3))
    rate, bare_rate = len(found) / ours["seconds"], len(found) / loop
    print(
        json.dumps(
            {
                "articles": len(found),
                "bytes_each": round(sum(map(len, values)) / len(values)),
                "detections": ours["detections"],
                "alerts": ours["alerts"],
                "articles_per_s": round(rate),
                "articles_per_cpu_s": round(len(found) / ours["cpu"]),
                "bare_loop_per_s": round(bare_rate),
                "bare_over_ours": round(bare_rate / rate, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
