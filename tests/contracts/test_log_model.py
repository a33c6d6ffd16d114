"""Any sequence of units of work leaves a log as a plain model of it says, also after it is opened again."""

import asyncio
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.conftest import DURABLE, MAKERS
from wire.clock import VirtualClock
from wire.identity import partition_of
from wire.log import AgendaWrite, Append, Log, TableWrite, UnitOfWork

KEYS = st.sampled_from(["a", "b", "c", "é", ""])
VALUES = st.one_of(st.none(), st.binary(max_size=6))
UNITS = st.builds(
    UnitOfWork,
    group=st.sampled_from(["g", "h"]),
    appends=st.lists(st.builds(lambda k, v: Append("articles", k, k, v or b""), KEYS, VALUES), max_size=4),
    tables=st.lists(st.builds(TableWrite, st.just("checkpoints"), st.integers(0, 3), KEYS, VALUES), max_size=4),
    agenda=st.lists(
        st.builds(
            AgendaWrite,
            st.just("polls"),
            st.integers(0, 3),
            KEYS,
            st.one_of(st.none(), st.integers(0, 9)),
            st.binary(max_size=3),
        ),
        max_size=4,
    ),
    offsets=st.dictionaries(st.tuples(st.just("articles"), st.integers(0, 3)), st.integers(0, 5), max_size=2),
)


class Model:
    """What a log holds, said as plainly as it can be."""

    def __init__(self) -> None:
        self.records: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
        self.table: dict[tuple[int, str], bytes] = {}
        self.agenda: dict[tuple[int, str], tuple[int, bytes]] = {}
        self.offsets: dict[tuple[str, int], int] = {}

    def apply(self, unit: UnitOfWork) -> None:
        for append in unit.appends:
            self.records[partition_of(append.partition_key, 4)].append((append.key, append.value or b""))
        for write in unit.tables:
            if write.value is None:
                self.table.pop((write.partition, write.key), None)
            else:
                self.table[write.partition, write.key] = write.value
        for entry in unit.agenda:
            if entry.due_ms is None:
                self.agenda.pop((entry.partition, entry.key), None)
            else:
                self.agenda[entry.partition, entry.key] = (entry.due_ms, entry.value)
        for (_, partition), next_ in unit.offsets.items():
            place = (unit.group, partition)
            self.offsets[place] = max(next_, self.offsets.get(place, 0))


async def check(log: Log, model: Model) -> None:
    for partition in range(4):
        records = await log.read("articles", partition, 0)
        assert [(record.key, record.value) for record in records] == model.records[partition]
        assert [record.offset for record in records] == list(range(len(records)))
        held = {key: value for (number, key), value in model.table.items() if number == partition}
        assert dict(log.table("checkpoints").items(partition)) == held
    due = [(d.partition, d.key, d.due_ms, d.value) for d in log.agenda("polls").due(range(4), 5, 1000)]
    assert sorted(due) == sorted((*place, ms, value) for place, (ms, value) in model.agenda.items() if ms <= 5)
    for group in ("g", "h"):
        held_offsets = {partition: next_ for (name, partition), next_ in model.offsets.items() if name == group}
        assert await log.committed(group, "articles") == held_offsets


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=40, deadline=None)
@given(units=st.lists(UNITS, max_size=8), together=st.booleans())
def test_a_log_is_its_model(kind: str, units: list[UnitOfWork], together: bool) -> None:
    async def work(folder: Path) -> None:
        model, clock = Model(), VirtualClock()
        log = MAKERS[kind](folder, clock)
        await log.start()
        if together:
            await asyncio.gather(*(log.commit(unit) for unit in units))
        else:
            for unit in units:
                await log.commit(unit)
        for unit in units:
            model.apply(unit)
        await check(log, model)
        await log.close()
        if kind in DURABLE:
            log = MAKERS[kind](folder, clock)
            await log.start()
            await check(log, model)
            await log.close()

    with TemporaryDirectory() as folder:
        asyncio.run(work(Path(folder)))
