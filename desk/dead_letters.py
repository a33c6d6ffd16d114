"""Dead letters: finding them, and putting them back where they were read from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

from msgspec.structs import replace

from desk.control import Handler
from wire.clock import Clock
from wire.codec import decode, encode
from wire.errors import CodecError, TocsinError
from wire.log import ANEW, Append, Log, UnitOfWork
from wire.records import DeadLetter, Delivery, DeliveryState

ALL = "all"
PAGE = 500


class NoSuchLetter(TocsinError):
    """No dead letter has that origin, or its bytes were not kept."""


async def letters(log: Log) -> list[DeadLetter]:
    """The present state of every dead letter kept, oldest first."""
    found: dict[str, DeadLetter] = {}
    async for letter in _stored(log):
        found.pop(letter.origin, None)
        found[letter.origin] = letter
    return sorted(found.values(), key=lambda letter: letter.at)


async def _stored(log: Log) -> AsyncIterator[DeadLetter]:
    for partition, (first, end) in (await log.ends("dead-letters")).items():
        offset = first
        while offset < end:
            batch = await log.read("dead-letters", partition, offset, PAGE)
            for record in batch:
                try:
                    yield decode(record.value, DeadLetter)
                except CodecError:
                    continue  # an unreadable dead letter has no dead letter of its own
            offset = batch[-1].offset + 1 if batch else end


async def requeue(log: Log, clock: Clock, origins: Iterable[str]) -> list[str]:
    """Append the records of these origins again where they were read from, and mark their letters.

    `all` stands for every letter that was not put back yet. One unit of work: all or none.
    Raises NoSuchLetter.
    """
    known = {letter.origin: letter for letter in await letters(log)}
    wanted = list(dict.fromkeys(origins))
    if wanted == [ALL]:
        wanted = [origin for origin, letter in known.items() if letter.requeued_at is None and letter.value]
    work = UnitOfWork()
    for origin in wanted:
        letter = known.get(origin)
        if letter is None:
            raise NoSuchLetter(f"no dead letter {origin}: see `tocsin dead-letters list`")
        if not letter.value:
            raise NoSuchLetter(f"the bytes of {origin} were not kept (hash {letter.value_hash})")
        work.appends.append(_again(letter))
        work.append("dead-letters", origin, origin, _marked(letter, clock))
    if work:
        await log.commit(work)
    return wanted


def _again(letter: DeadLetter) -> Append:
    value = letter.value
    if letter.topic == "deliveries":
        value = _fresh_delivery(value)
    return Append(letter.topic, letter.key, letter.key, value, (*letter.headers, ANEW), partition=letter.partition)


def _fresh_delivery(value: bytes) -> bytes:
    """A delivery that was given up starts anew, under the same id, its attempts counted on: it is never too late."""
    delivery = decode(value, Delivery)
    return encode(replace(delivery, state=DeliveryState.PENDING, reason="", next_at=None, settled_at=None))


def _marked(letter: DeadLetter, clock: Clock) -> DeadLetter:
    return replace(letter, requeued_at=clock.now())


def requeue_handler(log: Log, clock: Clock) -> Handler:
    """What the control socket does for `requeue`."""

    async def handle(request: dict[str, Any]) -> dict[str, Any]:
        origins = request.get("origins")
        if not isinstance(origins, list) or not all(isinstance(origin, str) for origin in origins):
            raise NoSuchLetter("expected a list of origins")
        return {"requeued": await requeue(log, clock, origins)}

    return handle
