"""Rules edited while they are at work: swapped whole, or not at all and said so."""

import asyncio
import os

import pytest

from streams.rules import load_rules
from streams.rules.watch import RulesWatch
from wire.clock import VirtualClock

RULE = "rules:\n  - id: {id}\n    title: A title\n    when: {when}\n    tests: []\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "one.yaml").write_text(RULE.format(id="one", when="ships"))
    return tmp_path


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
async def watch(folder, clock):
    swapped = []

    async def swap(ruleset):
        swapped.append(ruleset)

    watch = RulesWatch([folder], load_rules(folder), clock, swap)
    watch.swapped = swapped
    running = asyncio.create_task(watch.run())
    yield watch
    running.cancel()


def write(path, text, turn):
    path.write_text(text)
    os.utime(path, ns=(turn * 10**9, turn * 10**9))  # two edits in one tick of the file system's clock


async def looked(watch, clock, met):
    """Let it look until something is true; reading the files takes real time in a thread."""
    async with asyncio.timeout(20):
        while not met():
            await clock.advance(1)
            await asyncio.sleep(0.01)


async def test_a_sound_edit_takes_over_and_the_same_rules_do_not(folder, clock, watch):
    write(folder / "one.yaml", RULE.format(id="one", when="boats"), 1)
    await looked(watch, clock, lambda: watch.swapped)
    assert [rule.id for rule in watch.ruleset.rules] == ["one"]
    assert watch.swapped[0].id == watch.ruleset.id == load_rules(folder).id
    write(folder / "one.yaml", RULE.format(id="one", when="boats"), 2)
    await clock.advance(5)
    assert len(watch.swapped) == 1


async def test_a_bad_edit_keeps_the_old_rules_and_says_where_and_a_good_one_ends_it(folder, clock, watch):
    before = watch.ruleset.id
    write(folder / "one.yaml", RULE.format(id="one", when="(ships"), 1)
    await looked(watch, clock, lambda: watch.problem)
    assert "one.yaml:4" in watch.problem and before in watch.problem
    assert watch.ruleset.id == before and not watch.swapped
    write(folder / "one.yaml", RULE.format(id="one", when="ships OR boats"), 2)
    await looked(watch, clock, lambda: watch.swapped)
    assert not watch.problem


async def test_new_and_removed_files_count(folder, clock, watch):
    write(folder / "two.yaml", RULE.format(id="two", when="trains"), 1)
    await looked(watch, clock, lambda: len(watch.swapped) == 1)
    assert [rule.id for rule in watch.ruleset.rules] == ["one", "two"]
    (folder / "one.yaml").unlink()
    await looked(watch, clock, lambda: len(watch.swapped) == 2)
    assert [rule.id for rule in watch.ruleset.rules] == ["two"]


async def test_a_file_that_stays_is_not_read_again(folder, clock, watch):
    write(folder / "two.yaml", RULE.format(id="two", when="trains"), 1)
    await looked(watch, clock, lambda: len(watch.swapped) == 1)
    write(folder / "one.yaml", RULE.format(id="one", when="boats"), 2)
    await looked(watch, clock, lambda: len(watch.swapped) == 2)
    before, after = ([source.written for source in one.rules.sources] for one in watch.swapped)
    assert [old is new for old, new in zip(before, after, strict=True)] == [False, True]
