"""The webhook sink: what is owed goes out signed, in order, until it arrives; every attempt is recorded.

A pending delivery goes onto the agenda in the unit of work that acknowledges it. Each POST ends in one unit of work:
the attempt, the delivery's new state, its next time or its end. A crash between a POST and that unit repeats the POST
under the same `webhook-id`.

A subscription gets one POST at a time. While an alert of a story is being retried, the next one of that story
supersedes it: one POST with the newest state, which says what it includes.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_verdict
from datetime import timedelta

from msgspec.structs import replace

from connectors.exchange import FetchError, Limits
from connectors.http import HttpClient
from connectors.lanes import Lanes
from connectors.webhooks.payload import CONTENT_TYPE, payload
from connectors.webhooks.retry import Verdict, judge, judge_error, next_wait_s
from connectors.webhooks.sign import PREFIX, sign
from wire.clock import Clock, from_ms, woken_or_slept
from wire.codec import decode, encode
from wire.dead import dead_letter, set_aside
from wire.errors import CodecError, LogError, NotOwner, TocsinError
from wire.log import AgendaWrite, Consumer, Due, Log, LogRecord, UnitOfWork
from wire.metrics import Metrics
from wire.records import Attempt, DeadLetter, DeadReason, Delivery, DeliveryState, FetchReason, Subscription
from wire.settings import DeliverySettings

GROUP = "deliver"
AGENDA = "retries"
IDLE_S = 1.0
ANSWER_READ_BYTES = 64 * 1024
ANSWER_KEPT_BYTES = 4 * 1024
PARKED_S = 60.0
"""How often a paused subscription is looked at again."""

HELD_S = 300.0
"""How long one alert's trouble holds back the others of a subscription, where the server names no time."""

_OPEN = (DeliveryState.PENDING, DeliveryState.RETRYING)
SUPERSEDED, PAUSED, NO_SUBSCRIPTION, TOO_LATE = "superseded", "paused", "no_subscription", "too_late"


@dataclass
class WebhookSink:
    """Sends `deliveries` until cancelled. `secret` gives the secret of a name; it is asked at every attempt."""

    log: Log
    http: HttpClient
    clock: Clock
    settings: DeliverySettings
    metrics: Metrics
    secret: Callable[[str], str]
    rng: random.Random = field(default_factory=random.Random)
    _sending: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _held_ms: dict[str, int] = field(default_factory=dict)
    _open: dict[tuple[str, str], dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    _lanes: Lanes = field(default_factory=Lanes)

    def __post_init__(self) -> None:
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled. Raises LogError when the log fails."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_in(), name="deliveries to the agenda")
            while True:
                self._wake.clear()
                for name, due in self._startable():
                    self._sending[name] = group.create_task(self._send_and_wake(due), name=f"deliver {due.key}")
                await woken_or_slept(self._wake, self.clock, self._pause_s())

    # -------------------------------------------------------------- deliveries onto the agenda

    def _recall(self, consumer: Consumer) -> None:
        """Which deliveries are open in the partitions that are our own, from the agenda: what the last owner knew."""
        self._lanes, self._open, self._held_ms = Lanes(), defaultdict(dict), {}
        found: list[tuple[Due, Delivery | None]] = []
        for _, partition in sorted(consumer.assignment):
            found += [(due, self._delivery(due)) for due in self.log.agenda(AGENDA).items(partition)]
        for due, delivery in sorted(found, key=lambda pair: (pair[0].due_ms, pair[1].alert.number if pair[1] else 0)):
            self._lanes.put(_lane(due.key), due.partition, due.key, due.due_ms)
            if delivery is None:
                continue
            self._open[delivery.subscription, delivery.alert.story][delivery.alert.number] = due.key
            if delivery.reason == FetchReason.THROTTLED:
                self._hold(delivery.subscription, due.due_ms)

    async def _take_in(self) -> None:
        consumer, generation = await self.log.consumer(GROUP, ["deliveries"], ("deliveries", AGENDA)), -1
        try:
            while True:
                records = await consumer.poll(200, IDLE_S)
                if consumer.generation != generation:
                    generation = consumer.generation
                    self._recall(consumer)
                    self._wake.set()
                if records:
                    await self._put_on_agenda(records, consumer)
        finally:
            await consumer.close()

    async def _put_on_agenda(self, records: Sequence[LogRecord], consumer: Consumer) -> None:
        work = UnitOfWork(group=GROUP)
        for record in records:
            self._plan(record, work)
            work.advance(record)
        try:
            await self.log.commit(work)
        except NotOwner:
            self._recall(consumer)
            consumer.rewind()
        self._wake.set()

    def _plan(self, record: LogRecord, work: UnitOfWork) -> None:
        if record.value is None:
            return
        try:
            delivery = decode(record.value, Delivery)
        except CodecError as error:
            set_aside(work, dead_letter(record, GROUP, DeadReason.UNDECODABLE, str(error), self.clock.now()))
            self.metrics.dead_letters.labels(GROUP, DeadReason.UNDECODABLE).inc()
            return
        place = Due(record.partition, record.key, self.clock.now_ms(), b"")
        now = self._delivery(place)
        if now is None or now.state is not DeliveryState.PENDING or record.key in self._lanes:
            return
        self._open[delivery.subscription, delivery.alert.story][delivery.alert.number] = record.key
        self._due(work, place)

    def _due(self, work: UnitOfWork, place: Due) -> None:
        """Put a delivery onto the agenda, at `place.due_ms`."""
        work.agenda.append(AgendaWrite(AGENDA, place.partition, place.key, place.due_ms))
        self._lanes.put(_lane(place.key), place.partition, place.key, place.due_ms)

    def _not_due(self, work: UnitOfWork, place: Due) -> None:
        work.agenda.append(AgendaWrite(AGENDA, place.partition, place.key, None))
        self._lanes.remove(place.key)

    # -------------------------------------------------------------- what may be sent now

    def _startable(self) -> list[tuple[str, Due]]:
        """The first due delivery of each subscription that is free, the longest due first, up to the bound."""
        self._sending = {name: task for name, task in self._sending.items() if not task.done()}
        now_ms = self.clock.now_ms()
        ready = [
            (first, name)
            for name, first in self._lanes.heads()
            if first.due_ms <= now_ms and name not in self._sending and self._held_ms.get(name, 0) <= now_ms
        ]
        room = max(0, self.settings.concurrency - len(self._sending))
        return [(name, Due(one.partition, one.key, one.due_ms, b"")) for one, name in sorted(ready)[:room]]

    def _pause_s(self) -> float:
        """Until the next delivery of a subscription that is not being sent to; that one wakes us itself."""
        starts = (
            max(first.due_ms, self._held_ms.get(name, 0))
            for name, first in self._lanes.heads()
            if name not in self._sending
        )
        ahead_s = (min(starts, default=self.clock.now_ms() + round(IDLE_S * 1000)) - self.clock.now_ms()) / 1000
        return min(IDLE_S, max(ahead_s, 0.05))

    def _hold(self, subscription: str, until_ms: int) -> None:
        self._held_ms[subscription] = max(until_ms, self._held_ms.get(subscription, 0))

    def _delivery(self, due: Due) -> Delivery | None:
        stored = self.log.table("deliveries").get(due.partition, due.key)
        try:
            return None if stored is None else decode(stored, Delivery)
        except CodecError:
            return None

    # -------------------------------------------------------------- one attempt

    async def _send_and_wake(self, due: Due) -> None:
        try:
            await self._send(due)
        except NotOwner:
            return  # the subscription is another sink's now, who sends it again under the same id
        except LogError:
            raise
        except Exception as error:  # one subscriber's surprise must not end the others
            delivery = self._delivery(due)
            if delivery is None:
                raise
            detail = f"{type(error).__name__}: {error}".encode("utf-8", "replace")
            await self._settle(due, delivery, None, Verdict(0, FetchReason.BAD_ANSWER, answer=detail))
        finally:
            self._wake.set()

    async def _send(self, due: Due) -> None:
        delivery = self._delivery(due)
        if delivery is None or delivery.state not in _OPEN:  # removed, of a later version, or ended meanwhile
            work = UnitOfWork()
            self._not_due(work, due)
            await self.log.commit(work)
            return
        stored = self.log.table("subscriptions").get(
            self.log.partition_of("subscriptions", delivery.subscription), delivery.subscription
        )
        if stored is None:
            await self._end(due, delivery, DeliveryState.SUPPRESSED, NO_SUBSCRIPTION)
            return
        subscription = decode(stored, Subscription)
        if delivery.attempts == 0 and self._too_late(delivery, subscription):
            await self._end(due, delivery, DeliveryState.EXPIRED, TOO_LATE)
            return
        if subscription.paused:
            await self._park(due, delivery)
            return
        delivery = await self._superseding(due, delivery)
        await self._settle(due, delivery, subscription, await self._post(delivery, subscription))

    async def _post(self, delivery: Delivery, subscription: Subscription) -> Verdict:
        body = payload(delivery)
        try:
            secrets = [self.secret(name) for name in subscription.secrets]
            headers = sign(delivery.id, self.clock.now_ms() // 1000, body, secrets)
        except TocsinError as error:
            return Verdict(0, FetchReason.BAD_ANSWER, answer=f"not sent: {error}".encode("utf-8", "replace"))
        limits = Limits(self.settings.timeout_s, ANSWER_READ_BYTES, redirects=0, cut=True)
        started = time.perf_counter()
        try:
            response = await self.http.post(
                subscription.url, body, headers={**headers, "Content-Type": CONTENT_TYPE}, limits=limits
            )
            verdict = judge(response, self.clock.now())
        except FetchError as error:
            verdict = judge_error(error)
        answer = _without(secrets, verdict.answer)
        return replace_verdict(verdict, answer=answer, seconds=time.perf_counter() - started)

    def _too_late(self, delivery: Delivery, subscription: Subscription) -> bool:
        since = delivery.alert.stamps.alerted
        deliver_by_s = subscription.deliver_by_s or self.settings.deliver_by_s
        return since is not None and self.clock.now() - since > timedelta(seconds=deliver_by_s)

    async def _superseding(self, due: Due, delivery: Delivery) -> Delivery:
        """Take over the earlier alerts of the story that are still being retried."""
        known = self._open[delivery.subscription, delivery.alert.story]
        earlier = {number: key for number, key in known.items() if number < delivery.alert.number}
        if not earlier:
            return delivery
        work = UnitOfWork()
        includes = set(delivery.includes)
        for number, key in earlier.items():
            place = Due(due.partition, key, 0, b"")
            old = self._delivery(place)
            if old is None:
                continue
            includes |= {number, *old.includes}
            self._close(work, place, old, DeliveryState.SUPPRESSED, SUPERSEDED)
        newer = replace(delivery, includes=tuple(sorted(includes)))
        work.append("deliveries", due.key, newer.subscription, newer)
        await self.log.commit(work)
        return newer

    # -------------------------------------------------------------- what comes of it

    async def _settle(
        self, due: Due, delivery: Delivery, subscription: Subscription | None, verdict: Verdict
    ) -> None:
        now, number = self.clock.now(), delivery.attempts + 1
        schedule = (subscription and subscription.retries_s) or self.settings.retries_s
        wait_s = None
        if verdict.reason is not None and not verdict.gone:
            wait_s = next_wait_s(number, schedule, self.settings, verdict, self.rng)
        next_ms = None if wait_s is None else self.clock.now_ms() + round(wait_s * 1000)
        work = UnitOfWork()
        attempt = Attempt(
            delivery=delivery.id,
            subscription=delivery.subscription,
            alert=delivery.alert.id,
            number=number,
            at=now,
            seconds=verdict.seconds,
            status=verdict.status,
            reason=verdict.reason,
            retry=next_ms is not None,
            next_at=None if next_ms is None else from_ms(next_ms),
            answer=verdict.answer[:ANSWER_KEPT_BYTES].decode("utf-8", "replace"),
        )
        work.append("attempts", f"{due.key}/{number}", delivery.subscription, attempt)
        self.metrics.attempts.labels(str(verdict.reason or "delivered")).inc()
        tried = replace(delivery, attempts=number)
        if verdict.reason is None:
            self._close(work, due, tried, DeliveryState.DELIVERED, "")
            seen = delivery.alert.stamps.seen
            if seen is not None:
                self.metrics.delivery_latency.observe((now - seen).total_seconds())
        elif next_ms is not None:
            retrying = replace(
                tried, state=DeliveryState.RETRYING, reason=str(verdict.reason), next_at=from_ms(next_ms)
            )
            work.append("deliveries", due.key, delivery.subscription, retrying)
            self._due(work, due._replace(due_ms=next_ms))
            if verdict.slow:
                longest_s = HELD_S if verdict.retry_after_s is None else self.settings.retry_after_cap_s
                self._hold(delivery.subscription, min(next_ms, self.clock.now_ms() + round(longest_s * 1000)))
        else:
            self._give_up(work, due, tried, verdict)
            if verdict.gone and subscription is not None:
                work.append("subscriptions", subscription.id, subscription.id, replace(subscription, paused=True))
        await self.log.commit(work)

    def _give_up(self, work: UnitOfWork, due: Due, delivery: Delivery, verdict: Verdict) -> None:
        self._close(work, due, delivery, DeliveryState.FAILED, str(verdict.reason))
        letter = DeadLetter(
            origin=f"deliveries/{due.partition}/{due.key}",
            topic="deliveries",
            partition=due.partition,
            offset=-1,
            stage=GROUP,
            reason=DeadReason.DELIVERY_EXHAUSTED,
            detail=f"{verdict.reason} after {delivery.attempts} attempts",
            key=due.key,
            value=encode(delivery),
            at=self.clock.now(),
        )
        set_aside(work, letter)
        self.metrics.dead_letters.labels(GROUP, DeadReason.DELIVERY_EXHAUSTED).inc()

    async def _end(self, due: Due, delivery: Delivery, state: DeliveryState, reason: str) -> None:
        work = UnitOfWork()
        self._close(work, due, delivery, state, reason)
        await self.log.commit(work)

    async def _park(self, due: Due, delivery: Delivery) -> None:
        next_ms = self.clock.now_ms() + round(PARKED_S * 1000)
        work = UnitOfWork()
        self._due(work, due._replace(due_ms=next_ms))
        if delivery.reason != PAUSED:
            parked = replace(delivery, reason=PAUSED, next_at=None)
            work.append("deliveries", due.key, delivery.subscription, parked)
        await self.log.commit(work)

    def _close(self, work: UnitOfWork, place: Due, delivery: Delivery, state: DeliveryState, reason: str) -> None:
        ended = replace(delivery, state=state, reason=reason, next_at=None, settled_at=self.clock.now())
        work.append("deliveries", place.key, delivery.subscription, ended)
        self._not_due(work, place)
        known = self._open[delivery.subscription, delivery.alert.story]
        known.pop(delivery.alert.number, None)
        if not known:
            self._open.pop((delivery.subscription, delivery.alert.story), None)
        self.metrics.deliveries.labels(str(state)).inc()


def _lane(key: str) -> str:
    """The subscription in a delivery's key."""
    return key.rpartition("/")[0]


def _without(secrets: Sequence[str], answer: bytes) -> bytes:
    """An answer that holds no secret: some receivers print what they expected."""
    for secret in secrets:
        answer = answer.replace(secret.removeprefix(PREFIX).encode(), b"***")
    return answer
