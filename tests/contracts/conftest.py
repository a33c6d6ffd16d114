"""One fixture for every log there is: a new log is one more line here."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

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


@pytest.fixture(params=MAKERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def log(kind: str, tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Log]:
    async with opened(kind, tmp_path, clock) as made:
        yield made


@asynccontextmanager
async def opened(kind: str, folder: Path, clock: VirtualClock) -> AsyncIterator[Log]:
    made = MAKERS[kind](folder, clock)
    await made.start()
    try:
        yield made
    finally:
        await made.close()
