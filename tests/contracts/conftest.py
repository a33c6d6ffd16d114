"""One fixture for every log there is: a new log is one more line here."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wire.clock import VirtualClock
from wire.log import Log
from wire.memory import MemoryLog
from wire.sqlite import SqliteLog

MAKERS: dict[str, Callable[[Path, VirtualClock], Log]] = {
    "memory": lambda folder, clock: MemoryLog(clock, partitions=4),
    "sqlite": lambda folder, clock: SqliteLog(folder / "log.sqlite", clock, partitions=4),
}
DURABLE = ("sqlite",)
KINDS = [*MAKERS, pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.timeout(60)])]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock(kind: str) -> VirtualClock:
    """Brokers apply retention by their own clock: there the virtual one begins at the present."""
    return VirtualClock(datetime.now(UTC)) if kind == "kafka" else VirtualClock()


@pytest.fixture
def make(kind: str, request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Callable[[], Log]:
    """Makes logs on the same data, one after the other."""
    if kind != "kafka":
        return lambda: MAKERS[kind](tmp_path, clock)
    from wire.kafka import Connection, KafkaLog

    connection = Connection(request.getfixturevalue("kafka"), prefix=f"t{uuid.uuid4().hex[:8]}.")
    return lambda: KafkaLog(connection, clock, partitions=4)


@pytest.fixture
async def log(make: Callable[[], Log]) -> AsyncIterator[Log]:
    async with opened(make) as made:
        yield made


@pytest.fixture
def brokers_own_time(kind: str) -> None:
    """For tests of what the brokers do in their own time: compaction, retention, waits by the machine's clock."""
    if kind == "kafka":
        pytest.skip("the brokers do this in their own time, by their own clock")


@asynccontextmanager
async def opened(make: Callable[[], Any]) -> AsyncIterator[Any]:
    made = make()
    await made.start()
    try:
        yield made
    finally:
        await made.close()
