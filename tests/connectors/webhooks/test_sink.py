"""The sink over real HTTP: order, retries that survive a restart, every attempt recorded, nothing sent twice."""

import asyncio
import json
import random
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest

from connectors.exchange import Response
from connectors.webhooks.retry import Verdict, judge, next_wait_s
from connectors.webhooks.sign import verify
from tests.connectors.webhooks.bench import SECRET, SETTINGS, START, Answer, alert
from wire.codec import decode, encode
from wire.log import AgendaWrite, Append, UnitOfWork
from wire.records import DeadReason, Delivery, DeliveryState, FetchReason, Subscription
from wire.settings import DeliverySettings


async def test_a_delivery_is_signed_sent_once_and_recorded(bench):
    await bench.subscribe()
    (owed,) = await bench.owe(alert())
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED)
        await bench.quiet(600)
    (post,) = bench.server.posts
    assert post.id == owed
    assert post.headers["content-type"] == "application/cloudevents+json"
    verify(post.headers, post.body, [SECRET], bench.clock.now_ms() / 1000 - 600)
    assert json.loads(post.body)["id"] == owed
    (attempt,) = await bench.attempts()
    assert (attempt.number, attempt.status, attempt.reason, attempt.retry) == (1, 204, None, False)
    assert attempt.delivery == owed
    settled = bench.delivery(alert())
    assert (settled.attempts, settled.next_at) == (1, None)
    assert settled.settled_at is not None
    assert bench.due() == []


async def test_after_a_restart_nothing_is_sent_a_second_time(bench):
    await bench.subscribe()
    await bench.owe(alert())
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED)
    async with bench.sink():
        await bench.quiet(1200)
    assert len(bench.server.posts) == 1


async def test_a_retry_survives_a_restart_under_the_same_id_and_bytes(bench):
    await bench.subscribe()
    (owed,) = await bench.owe(alert())
    bench.server.will("/desk", Answer(500, body=b"no"), Answer(500))
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).attempts == 1)
    assert bench.delivery(alert()).state is DeliveryState.RETRYING
    assert bench.delivery(alert()).next_at - START >= timedelta(seconds=10)
    async with bench.sink():
        await bench.quiet(8)
        assert len(bench.server.posts) == 1
        await bench.until(lambda: bench.delivery(alert()).attempts == 2, 3)
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED, 101)
    assert bench.server.to("/desk") == [owed] * 3
    assert len({post.body for post in bench.server.posts}) == 1
    assert len({post.headers["webhook-timestamp"] for post in bench.server.posts}) == 3
    attempts = await bench.attempts()
    assert [(one.number, one.status, one.reason, one.retry) for one in attempts] == [
        (1, 500, FetchReason.STATUS_5XX, True),
        (2, 500, FetchReason.STATUS_5XX, True),
        (3, 204, None, False),
    ]
    assert attempts[0].answer == "no"
    waits = [later.at_ms - sooner.at_ms for sooner, later in pairwise(bench.server.posts)]
    assert waits[0] >= 10_000
    assert waits[1] >= 100_000


async def test_a_stop_between_the_post_and_its_record_repeats_the_same_message(bench):
    await bench.subscribe()
    (owed,) = await bench.owe(alert())
    bench.server.will("/desk", Answer(hold=asyncio.Event()))
    async with bench.sink():
        await bench.until(lambda: bench.server.posts)
    assert await bench.attempts() == []
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED)
    assert bench.server.to("/desk") == [owed, owed]
    assert [one.number for one in await bench.attempts()] == [1]


async def test_an_exhausted_schedule_ends_in_a_dead_letter_that_can_be_put_back(bench):
    await bench.subscribe()
    (owed,) = await bench.owe(alert())
    bench.server.will("/desk", *[Answer(503)] * 4)
    async with bench.sink():
        for tries, wait_s in ((1, 0), (2, 11), (3, 101), (4, 1001)):
            await bench.until(lambda tries=tries: bench.delivery(alert()).attempts == tries, wait_s)
        assert bench.delivery(alert()).state is DeliveryState.FAILED
        assert [one.retry for one in await bench.attempts()] == [True, True, True, False]
        (letter,) = await bench.dead_letters()
        assert letter.reason is DeadReason.DELIVERY_EXHAUSTED
        assert bench.due() == []
        await bench.quiet(2000)
        assert len(bench.server.posts) == 4
        kept = decode(letter.value, Delivery)
        again = msgspec.structs.replace(kept, state=DeliveryState.PENDING)
        await bench.log.commit(
            UnitOfWork(appends=[Append("deliveries", letter.key, "desk", encode(again), partition=letter.partition)])
        )
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED)
    assert bench.server.to("/desk") == [owed] * 5
    assert [one.number for one in await bench.attempts()] == [1, 2, 3, 4, 5]


async def test_a_gone_subscriber_is_paused_at_once_and_the_rest_is_parked(bench):
    await bench.subscribe()
    await bench.owe(alert(), alert(story="st1-b"))
    bench.server.will("/desk", Answer(410))
    async with bench.sink():
        await bench.until(lambda: bench.server.posts and bench.due() and len(bench.due()) == 1)
        await bench.quiet(600)
        states = {bench.delivery(one).state for one in (alert(), alert(story="st1-b"))}
        assert states == {DeliveryState.FAILED, DeliveryState.PENDING}
        assert len(bench.server.posts) == 1
        partition = bench.log.partition_of("subscriptions", "desk")
        stored = decode(bench.log.table("subscriptions").get(partition, "desk"), Subscription)
        assert stored.paused
        assert [one.reason for one in await bench.attempts()] == [FetchReason.GONE]
        await bench.subscribe()
        await bench.until(lambda: not bench.due(), 61)
    assert len(bench.server.posts) == 2


async def test_retry_after_is_honoured_holds_the_subscription_and_survives_a_restart(bench):
    await bench.subscribe()
    await bench.subscribe("other")
    bench.server.will("/desk", Answer(429, {"Retry-After": "500"}))
    await bench.owe(alert())
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).attempts == 1)
        await bench.owe(alert(story="st1-b"))
        await bench.owe(alert(), subscription="other")
        await bench.until(lambda: bench.delivery(alert(), "other").state is DeliveryState.DELIVERED)
        await bench.quiet(400)
    async with bench.sink():
        await bench.quiet(80)
        assert len(bench.server.to("/desk")) == 1
        await bench.until(lambda: len(bench.server.to("/desk")) == 3, 30)
    assert sorted(str(one.reason) for one in await bench.attempts()) == ["None", "None", "None", "throttled"]


async def test_trouble_without_a_time_holds_the_others_five_minutes_at_most(bench):
    """A late step of one alert's schedule is hours; a new alert must not wait that long."""
    await bench.subscribe(retries_s=(50_000.0,))
    bench.server.will("/desk", Answer(503))
    await bench.owe(alert())
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).attempts == 1)
        await bench.owe(alert(story="st1-b"))
        await bench.quiet(290)
        assert len(bench.server.posts) == 1
        await bench.until(lambda: bench.delivery(alert(story="st1-b")).state is DeliveryState.DELIVERED, 20)
    assert bench.delivery(alert()).state is DeliveryState.RETRYING


@pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
async def test_on_the_durable_log_each_is_sent_once_in_order(bench):
    await bench.subscribe()
    alerts = [alert(story=f"st1-{n}") for n in range(12)]
    bench.server.will("/desk", Answer(), Answer(500))
    async with bench.sink():
        owed = await bench.owe(*alerts[:6])
        await bench.until(lambda: len(bench.server.posts) >= 3)
    async with bench.sink():
        owed += await bench.owe(*alerts[6:])
        await bench.until(lambda: all(bench.delivery(one).state is DeliveryState.DELIVERED for one in alerts), 11)
    sent = bench.server.to("/desk")
    assert sorted(set(sent)) == sorted(owed)
    assert len(sent) <= 12 + 2  # one failed, one may have been under way at the stop
    assert bench.due() == []


async def test_one_post_at_a_time_in_the_order_of_the_topic(bench):
    await bench.subscribe()
    owed = await bench.owe(*(alert(story=f"st1-{n}") for n in range(12)))
    async with bench.sink():
        await bench.until(lambda: not bench.due() and len(bench.server.posts) == 12)
    assert bench.server.to("/desk") == owed
    assert bench.server.most_at_once == 1


async def test_numbers_of_a_story_arrive_in_order_after_a_restart_too(bench):
    await bench.subscribe(paused=True)
    owed = await bench.owe(*(alert(number) for number in (1, 2, 3)))
    async with bench.sink():
        await bench.until(lambda: len(bench.due()) == 3)
    await bench.subscribe()
    async with bench.sink():
        await bench.until(lambda: len(bench.server.posts) == 3, 120)
    assert bench.server.to("/desk") == owed


async def test_a_newer_alert_supersedes_the_one_that_is_being_retried(bench):
    await bench.subscribe()
    first, second = await bench.owe(alert(1), alert(2))
    bench.server.will("/desk", Answer(500))
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert(2)).state is DeliveryState.DELIVERED)
        await bench.quiet(2000)
    assert bench.server.to("/desk") == [first, second]
    assert json.loads(bench.server.posts[1].body)["data"]["includes"] == [1]
    old = bench.delivery(alert(1))
    assert (old.state, old.reason) == (DeliveryState.SUPPRESSED, "superseded")
    assert bench.due() == []


async def test_what_was_superseded_is_not_forgotten_when_the_process_stops(bench):
    await bench.subscribe()
    await bench.owe(alert(1), alert(2))
    bench.server.will("/desk", Answer(500), Answer(hold=asyncio.Event()))
    async with bench.sink():
        await bench.until(lambda: len(bench.server.posts) == 2)
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert(2)).state is DeliveryState.DELIVERED)
        await bench.owe(alert(3))
        await bench.until(lambda: bench.delivery(alert(3)).state is DeliveryState.DELIVERED)
    assert [json.loads(post.body)["data"].get("includes", []) for post in bench.server.posts] == [[], [1], [1], []]


async def test_a_long_queue_of_one_hides_no_other(bench):
    """Six hundred waiting for a subscriber that hangs; another is served meanwhile."""
    await bench.subscribe()
    await bench.subscribe("other")
    hang = asyncio.Event()
    bench.server.will("/desk", Answer(hold=hang))
    await bench.owe(*(alert(story=f"st1-{n}") for n in range(600)))
    async with bench.sink():
        await bench.until(lambda: bench.server.posts)
        await bench.owe(alert(story="st1-late"), subscription="other")
        await bench.until(lambda: bench.server.to("/other"))
        assert len(bench.server.to("/desk")) == 1


async def test_the_bound_on_posts_at_once_holds(bench):
    hang = asyncio.Event()
    for number in range(6):
        await bench.subscribe(f"s{number}")
        bench.server.will(f"/s{number}", Answer(hold=hang))
        await bench.owe(alert(), subscription=f"s{number}")
    async with bench.sink(msgspec.structs.replace(SETTINGS, concurrency=4)):
        await bench.until(lambda: len(bench.server.posts) == 4)
        await bench.quiet(0.5)
        assert len(bench.server.posts) == 4
        hang.set()
        await bench.until(lambda: not bench.due() and len(bench.server.posts) == 6)
    assert bench.server.most_at_once == 4


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(302, {"Location": "http://127.0.0.1:9/"}), FetchReason.REDIRECT),
        (Answer(404), FetchReason.STATUS_4XX),
        (Answer(500), FetchReason.STATUS_5XX),
        (Answer(cut=True), FetchReason.RESET),
        (Answer(hold=asyncio.Event()), FetchReason.TIMEOUT),
    ],
)
async def test_every_failure_has_its_reason_and_is_tried_again(bench, answer, reason):
    await bench.subscribe()
    await bench.owe(alert())
    bench.server.will("/desk", answer)
    async with bench.sink(msgspec.structs.replace(SETTINGS, timeout_s=0.2)):
        await bench.until(lambda: bench.delivery(alert()).attempts == 1)
        assert bench.delivery(alert()).reason == reason
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED, 11)
    assert [one.reason for one in await bench.attempts()] == [reason, None]


async def test_an_address_that_must_not_be_dialled(bench):
    await bench.subscribe(url="http://127.0.0.1:1/in")
    await bench.owe(alert())
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).attempts == 1)
    (attempt,) = await bench.attempts()
    assert attempt.reason is FetchReason.BLOCKED_ADDRESS
    assert "127.0.0.1" not in attempt.answer


async def test_the_secret_is_nowhere(bench, caplog):
    """Not in a record though the subscriber prints it, and not in one where it cannot sign."""
    await bench.subscribe()
    await bench.subscribe("short", secrets=("short",))
    await bench.subscribe("none", secrets=("absent",))
    bench.secrets["short"] = "whsec_dG9vc2hvcnQ="
    echo = f"expected {SECRET}".encode()
    bench.server.will("/desk", Answer(401, body=echo))
    for name in ("desk", "short", "none"):
        await bench.owe(alert(), subscription=name)
    async with bench.sink():
        names = ("desk", "short", "none")
        await bench.until(lambda: all(bench.delivery(alert(), name).attempts for name in names))
    records = await bench.records("attempts") + await bench.records("deliveries")
    stored = b"".join(record.value for record in records)
    for secret in bench.secrets.values():
        assert secret.removeprefix("whsec_").encode() not in stored
        assert secret.removeprefix("whsec_") not in caplog.text
    answers = {one.subscription: one.answer for one in await bench.attempts()}
    assert answers["desk"] == "expected whsec_***"
    assert answers["none"].startswith("not sent: ")
    assert len(bench.server.posts) == 1


async def test_an_answer_is_kept_to_four_kibibytes(bench):
    await bench.subscribe()
    await bench.owe(alert())
    bench.server.will("/desk", Answer(500, body=b"\xff" + b"x" * 500_000))
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).attempts == 1)
    (attempt,) = await bench.attempts()
    assert attempt.status == 500
    assert len(attempt.answer) == 4096


async def test_too_late_ends_unsent_but_a_started_delivery_goes_on(bench):
    await bench.subscribe(deliver_by_s=60)
    old = alert(at=START - timedelta(seconds=61))
    begun = alert(story="st1-b", at=START - timedelta(seconds=30))
    bench.server.will("/desk", Answer(500), Answer(500))
    await bench.owe(old, begun)
    async with bench.sink():
        await bench.until(lambda: bench.delivery(begun).attempts == 1)
        await bench.until(lambda: bench.delivery(begun).state is DeliveryState.DELIVERED, 200)
    ended = bench.delivery(old)
    assert (ended.state, ended.reason, ended.attempts) == (DeliveryState.EXPIRED, "too_late", 0)


async def test_a_delivery_without_a_subscription_ends(bench):
    await bench.owe(alert(), subscription="nobody")
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert(), "nobody").state is DeliveryState.SUPPRESSED)
    assert bench.due() == []


async def test_an_undecodable_delivery_is_set_aside_and_the_next_goes_out(bench):
    await bench.subscribe()
    await bench.log.commit(UnitOfWork(appends=[Append("deliveries", "desk/x", "desk", b'{"record":"delivery/9"}')]))
    await bench.owe(alert())
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED)
    (letter,) = await bench.dead_letters()
    assert (letter.reason, letter.value) == (DeadReason.UNDECODABLE, b'{"record":"delivery/9"}')


async def test_an_agenda_entry_left_behind_by_a_crash_sends_nothing(bench):
    """Where the parts of a unit of work are stored one by one, the end may be there and its agenda entry too."""
    await bench.subscribe()
    await bench.owe(alert())
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).state is DeliveryState.DELIVERED)
    partition = bench.log.partition_of("deliveries", "desk")
    for key in ("desk/al1-st1-a-1", "desk/unknown"):
        left = AgendaWrite("retries", partition, key, bench.clock.now_ms())
        await bench.log.commit(UnitOfWork(agenda=[left]))
    async with bench.sink():
        await bench.until(lambda: not bench.due())
    assert len(bench.server.posts) == 1


async def test_a_delivery_told_twice_keeps_its_time(bench):
    await bench.subscribe()
    await bench.owe(alert())
    bench.server.will("/desk", Answer(500))
    async with bench.sink():
        await bench.until(lambda: bench.delivery(alert()).attempts == 1)
        await bench.owe(alert())
        await bench.quiet(9)
        assert len(bench.server.posts) == 1
        await bench.until(lambda: len(bench.server.posts) == 2, 2)


async def test_nothing_piles_up_in_memory(bench):
    await bench.subscribe()
    async with bench.sink() as sink:
        await bench.owe(*(alert(story=f"st1-{n}") for n in range(30)))
        await bench.until(lambda: len(bench.server.posts) == 30 and not bench.due())
        await bench.quiet(1)
        assert not sink._open
        assert not len(sink._lanes)


def answered(status: int, **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"", "", 0.0)


def test_what_an_answer_means():
    assert judge(answered(200), START).reason is None
    assert judge(answered(299), START).reason is None
    assert judge(answered(410), START).gone
    assert judge(answered(304), START).reason is FetchReason.BAD_ANSWER
    for status in (429, 502, 503, 504):
        assert judge(answered(status), START).slow
    assert not judge(answered(500), START).slow
    date = "Wed, 04 Mar 2026 09:02:00 GMT"
    assert judge(answered(503, retry_after=date), START).retry_after_s == 120
    assert judge(answered(503, retry_after="soon"), START).retry_after_s is None


def test_the_schedule_jitters_ends_and_begins_again():
    settings = DeliverySettings(jitter=0.2, retry_after_cap_s=1000)
    rng = random.Random(3)
    waits = [next_wait_s(1, (100.0, 200.0), settings, Verdict(500), rng) for _ in range(200)]
    assert min(waits) >= 80 and max(waits) <= 120 and max(waits) - min(waits) > 20
    assert next_wait_s(3, (100.0, 200.0), settings, Verdict(500), rng) is None
    assert 80 <= next_wait_s(4, (100.0, 200.0), settings, Verdict(500), rng) <= 120
    asked = next_wait_s(1, (100.0,), settings, Verdict(429, retry_after_s=10**9), rng)
    assert asked == 1000
    assert next_wait_s(1, (), settings, Verdict(500), rng) is None
