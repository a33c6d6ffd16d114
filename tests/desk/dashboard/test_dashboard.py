"""The dashboard over real HTTP: what it shows, what it streams, what it refuses, what it never tells."""

import asyncio
import json

import aiohttp
import pytest

from desk.dashboard.view import pieces
from wire.errors import ConfigError

from .conftest import SENTENCE, Desk, an_alert


@pytest.fixture
async def get(desk):
    async with aiohttp.ClientSession() as client:

        async def get(path, **headers):
            async with client.get(desk.dashboard.url.rstrip("/") + path, headers=headers) as response:
                return response.status, response.headers, await response.text()

        yield get


async def test_the_snapshot_has_alerts_feeds_stages_and_deliveries(desk, get):
    await desk.ring(an_alert())
    _, _, text = await get("/api/snapshot")
    snapshot = json.loads(text)
    (alert,) = snapshot["alerts"]
    assert alert["speaker"] == "Rui Tavares"
    assert (alert["since_seen_s"], alert["since_published_s"]) == (2.0, 62.0)
    assert alert["reports"][0]["pieces"] == [
        ["𝐀 Portugal ", False],
        ["pledged", True],
        [" ", False],
        ["troops", True],
        [".", False],
    ]
    assert [(feed["id"], feed["state"]) for feed in snapshot["feeds"]] == [("bad", "failing"), ("good", "not_polled")]
    assert snapshot["feeds"][0]["reason"] == "timeout"
    assert {stage["stage"]: stage["records"] for stage in snapshot["stages"]}["route"] == 1
    assert snapshot["counts"]["alerts"] == 1
    assert snapshot["deliveries"]["states"] == {"pending": 1}


async def test_addresses_that_may_hold_secrets_are_never_told(desk, get):
    for path in ("/api/snapshot", "/metrics", "/readyz"):
        _, _, text = await get(path)
        assert "s3cret-path" not in text


async def test_every_answer_carries_the_security_headers(get):
    for path in ("/", "/page/desk.js", "/api/snapshot", "/metrics", "/nowhere"):
        _, headers, _ = await get(path)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_a_foreign_host_header_is_refused(get):
    assert (await get("/", Host="evil.test"))[0] == 421
    assert (await get("/", Host="localhost:1"))[0] == 200


async def test_paths_lead_nowhere_else(get):
    for path in ("/page/../server.py", "/page/..%2fserver.py", "/page/index.html", "/page/none.js"):
        assert (await get(path))[0] == 404


async def test_ready_only_without_reasons(desk, get):
    status, _, text = await get("/readyz")
    assert (status, json.loads(text)["reasons"]) == (503, ["starting"])
    desk.unready.clear()
    assert (await get("/readyz"))[0] == 200
    assert (await get("/healthz"))[0] == 200


async def test_metrics_are_prometheus_text(desk, get):
    desk.metrics.alerts.labels("pledge", "new").inc()
    status, headers, text = await get("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    assert 'tocsin_alerts_total{kind="new",rule="pledge"} 1.0' in text


async def events(response):
    """Events of a stream: name and data."""
    name = ""
    async for line in response.content:
        text = line.decode().rstrip("\n")
        if text.startswith("event: "):
            name = text[7:]
        elif text.startswith("data: "):
            yield name, json.loads(text[6:])


async def test_the_stream_begins_with_a_snapshot_and_rings(desk):
    async with aiohttp.ClientSession() as client, client.get(desk.dashboard.url + "api/stream") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        stream = events(response)
        name, snapshot = await anext(stream)
        assert (name, snapshot["alerts"]) == ("snapshot", [])
        await desk.ring(an_alert())
        while (found := await anext(stream))[0] != "alert":
            assert found[0] == "change"
        assert found[1]["id"] == "al1-1"
        await desk.ring(an_alert(2))
        while (found := await anext(stream))[0] != "alert":
            pass
        assert found[1]["number"] == 2


async def test_more_clients_than_allowed_are_turned_away(desk, get):
    desk.dashboard.max_clients = 1
    async with aiohttp.ClientSession() as client, client.get(desk.dashboard.url + "api/stream") as response:
        await anext(events(response))
        assert (await get("/api/stream"))[0] == 503


async def test_a_reader_that_is_too_slow_is_let_go(desk):
    changes = desk.view.changes(waiting=2)
    assert (await anext(changes))[0] == "snapshot"
    for number in range(1, 6):
        await desk.ring(an_alert(number))
        await desk.view.refresh()
    with pytest.raises(StopAsyncIteration):
        while True:
            await asyncio.wait_for(anext(changes), 2)
    assert desk.view.watchers == 0


async def test_a_taken_port_is_a_clear_error(desk):
    other = Desk(port=int(desk.dashboard.url.rsplit(":", 1)[1][:-1]))
    await other.log.start()
    with pytest.raises(ConfigError, match="cannot listen"):
        await other.dashboard.start()
    await other.log.close()


def test_pieces_are_cut_by_characters_and_lose_nothing():
    assert "".join(text for text, _ in pieces(SENTENCE, ((11, 18), (19, 25)))) == SENTENCE
    assert pieces("abc", ()) == [("abc", False)]
    assert pieces("abc", ((0, 3),)) == [("abc", True)]
    assert pieces("abc", ((0, 2), (1, 3), (2, 9))) == [("ab", True), ("c", False)]
