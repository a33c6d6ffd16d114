"""kill -9 of the whole product at random moments of a busy newsroom: every story rings, none under two ids."""

import asyncio
import json
import os
import random
import resource
import signal
import sys
from collections import defaultdict
from pathlib import Path

import aiohttp
import pytest
import yaml

from desk.newsroom.busy import Busyness, busy_script
from desk.newsroom.newsroom import Newsroom
from desk.newsroom.script import Script
from desk.receiver import Receiver
from wire.clock import WallClock
from wire.codec import decode
from wire.records import Article, Outcome
from wire.sqlite import SqliteLog

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]

SEED = int(os.environ.get("TEST_SEED", "20261124"))
KILLS = 10
STORIES, OUTLETS, NOISE = 40, 6, 40
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ROOT = Path(__file__).parents[2]


class Running:
    """`tocsin run` as a process of its own."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self.url = ""

    async def start(self, file_bytes: int | None = None) -> None:
        """`file_bytes` bounds every file that it writes: to the process this is a full disk."""

        def bound() -> None:
            if file_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

        environ = os.environ | {"TALLY_SECRET": SECRET}
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "desk.cli", "run", "--config", str(self._config)),
            cwd=ROOT,
            env=environ,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=bound,
        )
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        self.said = []
        async for line in self.process.stderr:
            text = line.decode(errors="replace").strip()
            self.said.append(text)
            if text.startswith("dashboard "):
                self.url = text.split()[1]

    async def kill(self) -> None:
        """kill -9 of the process and its extraction workers, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        await self._reading
        self.url = ""

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(self.process.wait(), 30)
        await self._reading
        return code

    async def snapshot(self) -> dict:
        try:
            async with aiohttp.ClientSession() as client, client.get(self.url + "api/snapshot") as response:
                return await response.json()
        except (aiohttp.ClientError, ValueError):
            return {}

    async def every_feed_is_polled(self) -> None:
        while True:
            feeds = (await self.snapshot()).get("feeds") if self.url else None
            if feeds and all(feed["state"] != "not_polled" for feed in feeds):
                return
            assert self.process.returncode is None, self.said
            await asyncio.sleep(0.1)


def config_of(newsroom: Newsroom, receiver: Receiver, folder: Path) -> Path:
    feeds = [
        {"id": one.id, "url": one.url, "title": one.title, "publisher": one.publisher, "interval": "1s"}
        for one in newsroom.feeds
    ]
    path = folder / "tocsin.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "data_dir": str(folder / "data"),
                "rules": [str(ROOT / "deploy/rules")],
                "feeds": feeds,
                "secrets": {"tally": {"env": "TALLY_SECRET"}},
                "subscriptions": [{"id": "tally", "url": receiver.url, "secrets": ["tally"]}],
                "http": {"allow": [*newsroom.allow, receiver.peer]},
                "polling": {"jitter": 0.0, "ceiling": "2s"},
                "pages": {"host_delay": 0, "workers": 1, "timeout": "5s", "retries": ["1s", "1s", "2s"]},
                "delivery": {"retries": ["1s", "1s", "2s", "2s", "5s", "5s"]},
                "desk": {"port": 0},
            }
        )
    )
    return path


async def test_ten_kills_lose_nothing_and_ring_nothing_twice(tmp_path):
    chance = random.Random(SEED)
    clock = WallClock()
    script = busy_script(SEED, STORIES, OUTLETS, NOISE, Busyness(every_s=1.0, after_s=0.5))
    newsroom = Newsroom(script, clock)
    await newsroom.start()
    receiver = Receiver([SECRET], tmp_path / "received.jsonl", clock)
    await receiver.start()
    running = Running(config_of(newsroom, receiver, tmp_path))
    try:
        await running.start()
        await running.every_feed_is_polled()
        playing = asyncio.create_task(newsroom.play())
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.2, 5.0))  # the moment is the experiment, not a wait
            await running.kill()
            await running.start()
        await playing
        events = {url: one.event for one in newsroom.expectations for url in one.urls}
        wanted = {one.event for one in newsroom.expectations if one.rings}
        await settled(running, tmp_path / "data", script, 120)
        assert not wanted - rang(receiver, events).keys()
        assert await running.stop() == 0, running.said
    finally:
        if running.process.returncode is None:
            await running.kill()
        await receiver.close()
        await newsroom.close()

    found = rang(receiver, events)
    assert {event: len(ids) for event, ids in found.items()} == dict.fromkeys(wanted, 1)
    assert receiver.tally().refused == 0
    print(json.dumps({"stories": len(found), "repeats": receiver.tally().repeats, "kills": KILLS, "seed": SEED}))


async def test_a_full_disk_stops_it_cleanly_and_loses_nothing(tmp_path):
    clock = WallClock()
    script = busy_script(SEED, 12, 4, 30, Busyness(every_s=0.4, after_s=0.5))
    newsroom = Newsroom(script, clock)
    await newsroom.start()
    receiver = Receiver([SECRET], tmp_path / "received.jsonl", clock)
    await receiver.start()
    running = Running(config_of(newsroom, receiver, tmp_path))
    try:
        await running.start(file_bytes=stored_at_start() + 325_000)
        await running.every_feed_is_polled()
        playing = asyncio.create_task(newsroom.play())
        code = await asyncio.wait_for(running.process.wait(), 60)
        await running._reading
        assert code == 3, running.said
        assert "Traceback" not in " ".join(running.said)
        assert any("full" in line or "disk" in line or "stored" in line for line in running.said), running.said
        running.url = ""
        await running.start()
        await playing
        events = {url: one.event for one in newsroom.expectations for url in one.urls}
        wanted = {one.event for one in newsroom.expectations if one.rings}
        await settled(running, tmp_path / "data", script, 60)
        assert {event: len(ids) for event, ids in rang(receiver, events).items()} == dict.fromkeys(wanted, 1)
        assert await running.stop() == 0
    finally:
        if running.process.returncode is None:
            await running.kill()
        await receiver.close()
        await newsroom.close()


def stored_at_start() -> int:
    """Bytes of the rule files, which are stored before the first feed is polled."""
    return sum(file.stat().st_size for file in (ROOT / "deploy/rules").glob("*.yaml"))


def rang(receiver: Receiver, events: dict[str, str]) -> dict[str, set[str]]:
    """For each event the ids of the `new` alerts that came for it."""
    found = defaultdict(set)
    for message in receiver.messages:
        if message.data.get("kind") == "new":
            for event in {events.get(report["url"], "?") for report in message.data["reports"]}:
                found[event].add(message.data["alert"])
    return found


async def settled(running: Running, data: Path, script: Script, within_s: float) -> None:
    """Return when every piece of the script is an article with an outcome and nothing is under way any more.

    A page that is to be fetched again waits on the agenda and is in nobody's lag: only the articles themselves tell.
    """
    try:
        async with asyncio.timeout(within_s):
            while await missing(data, script) or await busy(running):
                await asyncio.sleep(0.2)
    except TimeoutError:
        pytest.fail(f"missing after {within_s} s: {await missing(data, script)}; {await running.snapshot()}")


async def busy(running: Running) -> bool:
    """Whether a stage lags or a delivery is still owed."""
    snapshot = await running.snapshot() if running.url else {}
    states = snapshot.get("deliveries", {}).get("states", {})
    lagging = any(stage["records"] for stage in snapshot.get("stages", [{"records": 1}]))
    return lagging or bool(states.keys() - {"delivered"})


async def missing(data: Path, script: Script) -> set[str]:
    """Titles of the script that are no article, or articles' entries that have no outcome."""
    (file,) = data.glob("*.sqlite")
    log = SqliteLog(file, WallClock(), read_only=True)
    await log.start()
    try:
        articles = await everything(log, "articles", Article)
        outcomes = {one.entry for one in await everything(log, "outcomes", Outcome)}
        unsaid = {one.title for one in articles if one.entry not in outcomes}
        return ({piece.title for piece in script.pieces} - {one.title for one in articles}) | unsaid
    finally:
        await log.close()


async def everything(log: SqliteLog, topic: str, kind):
    found = []
    for partition, (start, end) in (await log.ends(topic)).items():
        at = start
        while at < end and (records := await log.read(topic, partition, at, 500)):
            found += [decode(one.value, kind) for one in records]
            at = records[-1].offset + 1
    return found
