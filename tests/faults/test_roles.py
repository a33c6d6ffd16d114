"""Every role of a cluster as a process of its own, from a newsroom's feeds to a receiver; each kind is killed."""

import asyncio
import json
import os
import random
import signal
import sys
import uuid
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from desk.newsroom.busy import Busyness, busy_script
from desk.newsroom.newsroom import Newsroom
from desk.receiver import Conduct, Receiver
from wire.clock import WallClock
from wire.codec import decode
from wire.kafka import Connection, KafkaLog
from wire.records import Alert, Article, DeadLetter, Delivery, Entry, Outcome
from wire.topics import GROUPS

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]
SEED = int(os.environ.get("TEST_SEED", "20261124"))
ROOT = Path(__file__).parents[2]
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ROLES = ("desk", "source", "source", "extract", "extract", "stream", "deliver", "deliver")


TROUBLE = (
    *(Conduct.ANSWER_500, Conduct.HANG, Conduct.CUT, Conduct.CUT_AFTER_EFFECT),
    *(Conduct.HANG_AFTER_EFFECT, Conduct.ANSWER_500, Conduct.CUT_AFTER_EFFECT),
)


class RoleProcess:
    """`tocsin ROLE` as a process of its own, started anew when it is killed."""

    def __init__(self, role, number, folder, config):
        self.role, self._config = role, config
        self._log = folder / f"{role}-{number}.log"

    async def start(self):
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "desk.cli", self.role, "--config", str(self._config), "--port", "0"),
                cwd=ROOT,
                env=os.environ | {"TALLY_SECRET": SECRET},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def kill(self):
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    async def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 35)

    def said(self):
        return f"{self.role} ({self.process.returncode}):\n{self._log.read_text(errors='replace')[-1500:]}"


def config_of(bootstrap, prefix, newsroom, receiver, folder):
    path = folder / "tocsin.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "data_dir": str(folder / "data"),
                "partitions": 4,
                "rules": [str(ROOT / "deploy/rules")],
                "kafka": {"bootstrap": bootstrap, "prefix": prefix},
                "feeds": [
                    {"id": one.id, "url": one.url, "title": one.title, "publisher": one.publisher, "interval": "1s"}
                    for one in newsroom.feeds
                ],
                "secrets": {"tally": {"env": "TALLY_SECRET"}},
                "subscriptions": [{"id": "tally", "url": receiver.url, "secrets": ["tally"]}],
                "http": {"allow": [*newsroom.allow, receiver.peer]},
                "polling": {"jitter": 0.0, "ceiling": "2s"},
                "pages": {"host_delay": 0, "workers": 1, "timeout": "5s", "retries": ["1s", "1s", "2s"]},
                "delivery": {"retries": ["1s", "1s", "2s", "2s", "5s", "5s"], "timeout": "2s"},
            }
        )
    )
    return path


async def test_every_role_dies_and_nothing_is_lost(kafka, tmp_path):
    chance, clock = random.Random(SEED), WallClock()
    prefix = f"r{uuid.uuid4().hex[:8]}."
    script = busy_script(SEED, 30, 6, 30, Busyness(every_s=1.5, after_s=0.5))
    newsroom = Newsroom(script, clock)
    await newsroom.start()
    receiver = Receiver([SECRET], tmp_path / "received.jsonl", clock)
    receiver.misbehave(*TROUBLE)  # T11: how the first POSTs are met
    await receiver.start()
    config = config_of(kafka, prefix, newsroom, receiver, tmp_path)
    roles = [RoleProcess(role, number, tmp_path, config) for number, role in enumerate(ROLES)]
    log = KafkaLog(Connection(kafka, prefix), clock, partitions=4, keeps={"deliveries", "pages"})
    await log.start()
    try:
        for role in roles:
            await role.start()
        playing = asyncio.create_task(newsroom.play(60))
        await asyncio.wait_for(newsroom.polled(), 60)
        for role in chance.sample(roles[1:], len(roles) - 1):
            await asyncio.sleep(chance.uniform(1.0, 5.0))  # the moment is the experiment, not a wait
            await role.kill()
            await role.start()
        await playing
        events = {url: one.event for one in newsroom.expectations for url in one.urls}
        wanted = {one.event for one in newsroom.expectations if one.rings}
        titles = {piece.title for piece in script.pieces}
        try:
            async with asyncio.timeout(100):
                while wanted - rang(receiver, events).keys() or titles - await told(log):
                    await asyncio.sleep(0.5)
        except TimeoutError:
            pytest.fail("\n".join([await where_it_stands(log, wanted, receiver, events, titles), *map(said, roles)]))
        assert {event: len(ids) for event, ids in rang(receiver, events).items()} == dict.fromkeys(wanted, 1)
        assert receiver.tally().refused == 0
        assert receiver.tally().repeats, "what was cut after its effect comes again under its id, unless superseded"
        outcomes = {one.entry for one in await everything(log, "outcomes", Outcome)}
        assert {one.entry for one in await everything(log, "articles", Article)} <= outcomes
        assert Counter([await role.stop() for role in roles]) == {0: len(roles)}, [role.said() for role in roles]
        line = {
            "fault": "T11 kill -9 of every role, trouble at the receiver",
            "seed": SEED,
            "stories": len(wanted),
            "lost": 0,
            "second_ids": 0,
        }
        print(json.dumps({**line, "repeats": receiver.tally().repeats}))
    finally:
        for role in roles:
            await role.kill()
        await log.close()
        await receiver.close()
        await newsroom.close()


def said(role):
    return role.said()


async def where_it_stands(log, wanted, receiver, events, titles):
    """Where what is missing got stuck."""
    entries = {one.title for one in await everything(log, "entries", Entry)}
    lags = {group: (await log.lag(group, topic)).records for group, topic in GROUPS.items()}
    unread, unfetched = titles - entries, entries - await told(log)
    deliveries = Counter(
        f"{one.state} {one.reason}" for one in await everything(log, "deliveries", Delivery, table=True)
    )
    alerts = Counter(one.kind for one in await everything(log, "alerts", Alert))
    silent = Counter(str(one.silence) for one in await everything(log, "entries", Entry))
    print(f"{deliveries}\n{alerts}\n{silent}\n{list(log.table('deliveries').items())[:3]}")
    dead = await everything(log, "dead-letters", DeadLetter)
    print([(one.origin, one.stage, one.reason, one.detail) for one in dead][:20])
    missing = {one.id for one in await everything(log, "entries", Entry) if one.title in unfetched}
    outcomes = [one for one in await everything(log, "outcomes", Outcome) if one.entry in missing]
    waiting = [due for n in range(4) for due in log.agenda("pages").items(n)]
    return (
        f"rings missing: {wanted - rang(receiver, events).keys()}; lags {lags}\nnot read: {unread}\n"
        f"not fetched: {unfetched}; outcomes {outcomes}\nwaiting: {[due[:3] for due in waiting]}"
    )


def rang(receiver, events):
    """For each event the stories that came for it; a later alert may have superseded a first one that was retried."""
    found = defaultdict(set)
    for message in receiver.messages:
        for event in {events.get(report["url"], "?") for report in message.data["reports"]}:
            found[event].add(message.data["story"])
    return found


async def told(log):
    return {one.title for one in await everything(log, "articles", Article)}


async def everything(log, topic, kind, table=False):
    if table:
        return [decode(value, kind) for _, value in log.table(topic).items()]
    found = []
    for partition, (start, end) in (await log.ends(topic)).items():
        at = start
        while at < end and (records := await log.read(topic, partition, at, 500)):
            found += [decode(one.value, kind) for one in records]
            at = records[-1].offset + 1
    return found
