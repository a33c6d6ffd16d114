"""The bench that the sink is tested on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.http import HttpClient
from tests.connectors.webhooks.bench import START, Bench, subscriber
from wire.clock import VirtualClock
from wire.memory import MemoryLog
from wire.settings import HttpSettings
from wire.sqlite import SqliteLog


@pytest.fixture
async def bench(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    clock = VirtualClock(START)
    durable = getattr(request, "param", "memory") == "sqlite"
    log = SqliteLog(tmp_path / "log.sqlite", clock) if durable else MemoryLog(clock)
    await log.start()
    async with subscriber(clock) as server:
        http = HttpClient(HttpSettings(allow=(server.peer,)))
        try:
            yield Bench(log, clock, server, http)
        finally:
            await http.close()
            await log.close()
