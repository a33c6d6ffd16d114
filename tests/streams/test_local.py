"""The local runtime on real logs: one unit of work for each step, restarts, dead letters, the same bytes again."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from streams.bench import Surroundings
from streams.local import LocalRuntime
from streams.pipeline import pipeline
from streams.rules import load_rules
from wire.clock import VirtualClock
from wire.codec import decode, encode
from wire.errors import LogError
from wire.identity import article_id, revision_id
from wire.log import Append, UnitOfWork
from wire.memory import MemoryLog
from wire.metrics import Metrics
from wire.records import Alert, AlertKind, Article, DeadLetter, DeadReason, Delivery, Detection, Stamps, Subscription
from wire.sqlite import SqliteLog

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
RULES = """
rules:
  - id: pledge
    title: A pledge
    when: SENT(pledg* AND ships)
    statement: {require: [asserted], actor: state, act: pledg*}
    tests: []
"""
SUBSCRIPTION = Subscription(id="desk", url="https://desk.test/in")


def an_article(number: int, text: str, outlet: str = "") -> Article:
    url = f"https://{outlet or f'outlet{number}.test'}/{number}"
    at = NOON + timedelta(minutes=number)
    return Article(
        id=article_id(url),
        revision=revision_id("", text),
        url=url,
        title="",
        text=text,
        publisher=outlet or f"outlet{number}.test",
        language="en",
        stamps=Stamps(published=at, seen=at),
    )


DAY = [
    an_article(1, "Portugal pledged four ships to guard the strait. The ships leave in May from the port of Sines."),
    an_article(2, "Nothing happened in the harbour today, and nobody expected that anything would."),
    an_article(3, "Four ships were pledged by Portugal, an offer welcomed by those who sail through the strait."),
    an_article(4, "Norway has not pledged ships."),
    an_article(5, "Chile pledged two ships as well, a minister said after a long night of talks about the canal."),
]


@pytest.fixture
def ruleset(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return load_rules(path)


@pytest.fixture(params=["memory", "sqlite"])
async def opened(request, tmp_path):
    """Opens a log; called again it closes the first and opens the same data (memory: the same log)."""
    clock = VirtualClock(NOON + timedelta(hours=1))
    make = partial(SqliteLog, tmp_path / "log.sqlite", clock, partitions=4)
    logs = []

    async def opened(**_):
        if logs and request.param == "sqlite":
            await logs[-1].close()
        if not logs or request.param == "sqlite":
            logs.append(make() if request.param == "sqlite" else MemoryLog(clock, partitions=4))
            await logs[-1].start()
        return logs[-1], clock

    yield opened
    for log in logs:
        await log.close()


async def put(log, *articles):
    work = UnitOfWork()
    for article in articles:
        work.append("articles", article.id, article.id, article)
    await log.commit(work)


async def run(log, clock, ruleset, metrics=None):
    runtime = LocalRuntime(pipeline(ruleset, [SUBSCRIPTION]), Surroundings(log, clock, metrics or Metrics()))
    taken = await runtime.drain()
    await runtime.close()
    return taken


async def everything(log, topic, kind):
    found = []
    for partition, (start, end) in (await log.ends(topic)).items():
        found += [decode(one.value, kind) for one in await log.read(topic, partition, start, max(1, end))]
    return found


async def test_articles_become_deliveries(opened, ruleset):
    log, clock = await opened()
    await put(log, *DAY)
    metrics = Metrics()
    await run(log, clock, ruleset, metrics)
    detections = await everything(log, "detections", Detection)
    assert {one.statement.actors for one in detections} == {("Portugal",), ("Chile",)}
    alerts = await everything(log, "alerts", Alert)
    assert sorted((one.actors, one.kind) for one in alerts) == [
        (("Chile",), AlertKind.NEW),
        (("Portugal",), AlertKind.CONFIRMED),
        (("Portugal",), AlertKind.NEW),
    ]
    assert len(await everything(log, "deliveries", Delivery)) == 3
    assert b'tocsin_suppressed_matches_total{reason="negation",rule="pledge"} 1.0' in metrics.exposition()


async def test_nothing_is_done_twice_after_a_restart(opened, ruleset):
    log, clock = await opened()
    await put(log, *DAY[:3])
    await run(log, clock, ruleset)
    first = {one.id for one in await everything(log, "alerts", Alert)}
    log, clock = await opened()
    assert await run(log, clock, ruleset) == 0
    await put(log, *DAY[3:], replace(DAY[0], stamps=DAY[0].stamps))  # the first article comes a second time
    await run(log, clock, ruleset)
    alerts = await everything(log, "alerts", Alert)
    assert len(alerts) == len({one.id for one in alerts}) == len(first) + 1


async def test_the_memory_is_read_back_after_a_restart(opened, ruleset):
    log, clock = await opened()
    await put(log, DAY[0])
    await run(log, clock, ruleset)
    log, clock = await opened()
    await put(log, DAY[2])
    await run(log, clock, ruleset)
    assert {one.kind for one in await everything(log, "alerts", Alert)} == {AlertKind.NEW, AlertKind.CONFIRMED}


async def test_a_record_that_cannot_be_read_is_set_aside_with_its_bytes(opened, ruleset):
    log, clock = await opened()
    await log.commit(UnitOfWork(appends=[Append("articles", "x", "x", b'{"record":"article/1","broken')]))
    await put(log, *DAY)
    await run(log, clock, ruleset)
    (letter,) = await everything(log, "dead-letters", DeadLetter)
    assert (letter.reason, letter.value, letter.stage) == (
        DeadReason.UNDECODABLE,
        b'{"record":"article/1","broken',
        "detect",
    )
    assert len(await everything(log, "alerts", Alert)) == 3


async def test_a_stage_that_fails_on_a_record_sets_it_aside_and_goes_on(opened, ruleset):
    log, clock = await opened()
    stages = pipeline(ruleset, [SUBSCRIPTION])

    def failing(article, memory):
        if article.id == DAY[0].id:
            raise ValueError("no way")
        return stages[0].run(article, memory)

    await put(log, *DAY)
    broken = (replace_stage(stages[0], failing), *stages[1:])
    runtime = LocalRuntime(broken, Surroundings(log, clock, Metrics()))
    await runtime.drain()
    await runtime.close()
    (letter,) = await everything(log, "dead-letters", DeadLetter)
    assert (letter.reason, letter.detail) == (DeadReason.STAGE_ERROR, "ValueError: no way")
    assert letter.value == encode(DAY[0])
    assert {one.actors for one in await everything(log, "alerts", Alert)} == {("Portugal",), ("Chile",)}


def replace_stage(stage, run):
    from dataclasses import replace as changed

    return changed(stage, run=run)


class Failing(MemoryLog):
    """A log whose commits fail while `broken`: what a full disk looks like from here."""

    broken = False

    async def commit(self, work):
        if self.broken and work.group:
            raise LogError("no space left")
        return await super().commit(work)


async def test_what_could_not_be_stored_is_done_again(ruleset):
    clock = VirtualClock(NOON)
    log = Failing(clock, partitions=4)
    await log.start()
    await put(log, *DAY)
    runtime = LocalRuntime(pipeline(ruleset, [SUBSCRIPTION]), Surroundings(log, clock, Metrics()))
    log.broken = True
    with pytest.raises(LogError):
        await runtime.drain()
    assert await everything(log, "alerts", Alert) == []
    log.broken = False
    await runtime.drain()
    assert len(await everything(log, "alerts", Alert)) == 3
    await runtime.close()
    await log.close()


async def test_two_runs_of_one_day_give_the_same_bytes(ruleset):
    async def once():
        clock = VirtualClock(NOON)
        log = MemoryLog(clock, partitions=4)
        await log.start()
        await put(log, *DAY)
        await run(log, clock, ruleset)
        found = {}
        for topic in ("detections", "alerts", "deliveries"):
            for partition, (start, end) in (await log.ends(topic)).items():
                for one in await log.read(topic, partition, start, max(1, end)):
                    found.setdefault((topic, one.key), []).append(one.value)
        await log.close()
        return found

    assert await once() == await once()


def test_the_default_rules_keep_their_promises():
    from streams.pipeline import judged
    from streams.rules import run_tests

    ruleset = load_rules(Path(__file__).parents[2] / "deploy/rules")
    results = list(run_tests(ruleset, judged))
    assert len(results) >= 24
    assert all(any(result.rule == rule.id for result in results) for rule in ruleset.rules)
    assert [f"{result.test.path}:{result.test.line}: {result.why}" for result in results if not result.passed] == []
