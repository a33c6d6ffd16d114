"""The receiver over real HTTP: signatures, the idempotent inbox, the store, and scripted misconduct."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import aiohttp
import pytest

from desk.receiver import Conduct, Receiver
from wire.clock import VirtualClock

SECRET = "whsec_" + base64.b64encode(b"a key of two dozen bytes, and more").decode()
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


def signed(message_id: str, body: bytes, secret: str = SECRET, at_s: int = int(NOW.timestamp())) -> dict[str, str]:
    """Headers by the Standard Webhooks text, written here on its own so that two readings of it meet."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message_id}.{at_s}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
        "content-type": "application/cloudevents+json",
    }


def event(alert: str = "al1-a", story: str = "st1-a") -> bytes:
    return json.dumps({"specversion": "1.0", "data": {"alert": alert, "story": story}}).encode()


@pytest.fixture
async def standing(tmp_path):
    receiver = Receiver([SECRET], tmp_path / "in" / "box.jsonl", VirtualClock(NOW))
    await receiver.start()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client:

        async def post(message_id: str, body: bytes, headers: dict[str, str] | None = None) -> int:
            async with client.post(receiver.url, data=body, headers=headers or signed(message_id, body)) as answer:
                return answer.status

        yield receiver, post
    await receiver.close()


async def test_a_message_is_verified_stored_and_answered(standing, tmp_path):
    receiver, post = standing
    assert await post("m1", event()) == 204
    lines = (tmp_path / "in" / "box.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": "m1", "at": "2026-03-04T09:00:00+00:00", "event": json.loads(event())}
    ]
    assert receiver.messages[0].data["alert"] == "al1-a"


async def test_repeats_are_counted_apart(standing, tmp_path):
    receiver, post = standing
    for message_id, alert, story in (("m1", "a1", "s1"), ("m1", "a1", "s1"), ("m2", "a2", "s1"), ("m3", "a3", "s2")):
        assert await post(message_id, event(alert, story)) == 204
    tally = receiver.tally()
    assert (tally.verified, tally.refused, tally.repeats) == (4, 0, 1)
    assert tally.by_id == {"m1": 2, "m2": 1, "m3": 1}
    assert tally.alerts == {"a1": 1, "a2": 1, "a3": 1}
    assert tally.stories == {"s1": 2, "s2": 1}
    assert len((tmp_path / "in" / "box.jsonl").read_text().splitlines()) == 3


async def test_what_is_not_signed_well_is_refused(standing):
    receiver, post = standing
    body = event()
    good = signed("m1", body)
    at_s = int(NOW.timestamp())
    for headers in (
        {"content-type": "application/json"},
        good | {"webhook-id": "m2"},
        good | {"webhook-timestamp": "soon"},
        good | {"webhook-signature": "v1,####"},
        signed("m1", body, secret="whsec_" + base64.b64encode(b"another key of enough bytes").decode()),
        signed("m1", body, at_s=at_s - 400),
        signed("m1", body, at_s=at_s + 400),
        signed("m1", body + b" "),
    ):
        assert await post("m1", body, headers) == 401, headers
    assert await post("m1", b"[1]") == 400
    assert await post("m1", b"\xff{") == 400
    tally = receiver.tally()
    assert (tally.verified, tally.refused, receiver.messages) == (0, 10, ())
    assert await post("m1", b"x" * 300_000) == 413


async def test_it_misbehaves_as_told_then_accepts(standing):
    receiver, post = standing
    receiver.misbehave(Conduct.ANSWER_500, Conduct.ANSWER_500, Conduct.ANSWER_410, Conduct.CUT)
    assert [await post("m1", event()) for _ in range(3)] == [500, 500, 410]
    with pytest.raises(aiohttp.ClientError):
        await post("m1", event())
    assert receiver.messages == ()
    assert await post("m1", event()) == 204


async def test_it_can_fail_after_the_effect(standing):
    receiver, post = standing
    receiver.misbehave(Conduct.CUT_AFTER_EFFECT)
    with pytest.raises(aiohttp.ClientError):
        await post("m1", event())
    assert [message.id for message in receiver.messages] == ["m1"]
    assert await post("m1", event()) == 204
    assert receiver.tally().repeats == 1


async def test_it_hangs_as_told(standing):
    receiver, post = standing
    receiver.misbehave(Conduct.HANG)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await post("m1", event())
    assert receiver.messages == ()


async def test_the_inbox_outlives_the_receiver_and_a_cut_line(tmp_path):
    store = tmp_path / "box.jsonl"
    body = event()
    whole = json.dumps({"id": "m1", "at": "2026-03-04T09:00:00+00:00", "event": json.loads(body)}) + "\n"
    store.write_text(whole + '{"id": "m2", "at": "20')
    printed = []
    receiver = Receiver([SECRET], store, VirtualClock(NOW), on_receipt=printed.append)
    await receiver.start()
    async with aiohttp.ClientSession() as client:
        for message_id in ("m1", "m2"):
            async with client.post(receiver.url, data=body, headers=signed(message_id, body)) as answer:
                assert answer.status == 204
    await asyncio.wait_for(receiver.wait_for(2), 1)
    await receiver.close()
    assert receiver.tally().repeats == 1
    assert [line["id"] for line in printed] == ["m2"]
    assert [json.loads(line)["id"] for line in store.read_text().splitlines()] == ["m1", "m2"]
