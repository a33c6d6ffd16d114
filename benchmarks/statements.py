"""What judging costs: an article that no rule meets, one that a rule meets, and a detection as open stories grow.

python benchmarks/statements.py [--stories 10 1000 100000]
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from datetime import timedelta

from local import NOON, articles
from msgspec.structs import replace

from desk.paths import DEPLOY
from streams.correlate import correlate_stage
from streams.memory import PlainMemory
from streams.pipeline import READER
from streams.rules import load_rules
from wire.identity import detection_id, story_id
from wire.records import Detection, Story


def judging() -> tuple[dict[str, float], list[Detection]]:
    """Microseconds an article, without and with detections."""
    ruleset = load_rules(DEPLOY / "rules")
    found = articles(count=580, stories=60)
    for article in found[:50]:
        READER.judge(article, ruleset)
    spent: dict[bool, list[float]] = {False: [], True: []}
    detections: list[Detection] = []
    for article in found:
        started = time.perf_counter()
        judgement = READER.judge(article, ruleset)
        spent[bool(judgement.detections)].append(time.perf_counter() - started)
        detections += judgement.detections
    us = {met: 1e6 * sum(times) / len(times) for met, times in spent.items()}
    return {"us_without_detection": round(us[False]), "us_with_detection": round(us[True])}, detections


def growing(detections: list[Detection], stories: int) -> dict[str, float]:
    """Microseconds a detection, and megabytes, with so many open stories of its rule."""
    stage = correlate_stage()
    assert stage.index is not None
    tracemalloc.start()
    rule = detections[0].rule
    entries = (
        (
            key,
            Story(
                id=key,
                rule=rule,
                actors=(f"Actor {n}",),
                sentences=(f"Actor {n} did it on Monday.",),
                opened_at=NOON,
                last_at=NOON,
                closes_at=NOON + timedelta(days=3),
                forget_at=NOON + timedelta(days=180),
            ),
        )
        for n in range(stories)
        for key in (story_id(rule, str(n)),)
    )
    memory = PlainMemory(entries, stage.index())
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    mine = [one for one in detections if one.rule == rule][:50]
    again = [replace(one, id=detection_id(f"a{n}", rule, str(n)), article=f"a{n}") for n, one in enumerate(mine * 4)]
    started = time.perf_counter()
    for detection in again:
        memory.apply(stage.run(detection, memory).changes)
    return {
        "open_stories": stories,
        "us_per_detection": round(1e6 * (time.perf_counter() - started) / len(again)),
        "memory_mb": round(megabytes, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, nargs="*", default=[10, 1000, 10_000, 100_000])
    options = parser.parse_args()
    costs, detections = judging()
    print(json.dumps(costs))
    for stories in options.stories:
        print(json.dumps(growing(detections, stories)))


if __name__ == "__main__":
    main()
