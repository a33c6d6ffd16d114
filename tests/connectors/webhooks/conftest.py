"""The bench that the sink is tested on."""

from collections.abc import AsyncIterator

import pytest

from connectors.http import HttpClient
from tests.connectors.webhooks.bench import START, Bench, subscriber
from wire.clock import VirtualClock
from wire.memory import MemoryLog
from wire.settings import HttpSettings


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    clock = VirtualClock(START)
    log = MemoryLog(clock)
    await log.start()
    async with subscriber(clock) as server:
        http = HttpClient(HttpSettings(allow=(server.peer,)))
        try:
            yield Bench(log, clock, server, http)
        finally:
            await http.close()
            await log.close()
