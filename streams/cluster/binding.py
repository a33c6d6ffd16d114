"""Faust bound so that it loses nothing: its consumer, producer and transport with the parts replaced that lose.

Each replacement and the loss that it closes is in docs/decisions/delivery-guarantees.md, with the test that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, cast

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message
from mode.utils.futures import notify

from streams.cluster.offsets import OffsetTracker


class SafeConsumer(driver.Consumer):
    """Commits by what the agents called `done`, and by nothing else.

    Faust acknowledges an event that it skips in a rebalance, and one whose agent raised: neither counts here.
    """

    def __init__(self, transport: Any, callback: Any, *args: Any, **options: Any) -> None:
        self.tracker = OffsetTracker()

        async def hand_out(message: Message) -> None:
            self.tracker.delivered(message.tp, message.offset)
            await callback(message)

        super().__init__(transport, hand_out, *args, **options)

    def done(self, message: Message) -> bool:
        """All that a record brings is stored: its offset may be committed."""
        return self.tracker.done(message.tp, message.offset)

    def ack(self, message: Message) -> bool:
        """What Faust counts as acknowledged: only whether an agent still has it in hand."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[Any]:
        partitions = cast("list[TP]", self.tracker.partitions())
        return (tp for tp in partitions if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        return self.tracker.safe(tp)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Offsets that compaction took away were never handed out: they hold nothing back."""

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        before = {tp: self._committed_offset[tp] for tp in offsets}
        committed = bool(await super()._commit_offsets(offsets, start_new_transaction))
        if not committed:  # Faust would take it for committed and not try again
            self._committed_offset.update(before)
        return committed

    async def perform_seek(self) -> None:
        self.tracker.clear()
        await super().perform_seek()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await super().on_partitions_revoked(revoked)
        self.tracker.clear(revoked)


class SafeProducer(driver.Producer):
    """Idempotent, acknowledged by all in-sync replicas; `flush` returns when everything handed in is stored."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}

    async def flush(self) -> None:
        buffer: Any = self.buffer
        while not buffer.pending.empty():
            await buffer._send_pending(buffer.pending.get_nowait())
        if self._producer is not None:
            await self._producer.flush()


class SafeTransport(driver.Transport):
    """Faust's transport over aiokafka with the safe parts."""

    Consumer: ClassVar[type] = SafeConsumer
    Producer: ClassVar[type] = SafeProducer


class SafeApp(faust.App):
    """A Faust app on the safe transport."""

    def _new_transport(self) -> SafeTransport:
        return SafeTransport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> SafeTransport:
        return SafeTransport(self.conf.broker_producer, self)


def credentials(security: Mapping[str, Any]) -> Any:
    """Faust's form of the security options of `wire.kafka.Connection`; None for plaintext."""
    protocol, context = security.get("security_protocol", "PLAINTEXT"), security.get("ssl_context")
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=security["sasl_plain_username"],
            password=security["sasl_plain_password"],
            mechanism=security["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if protocol == "SSL" else None


def broker_urls(bootstrap: str) -> list[str]:
    """`host:port,host:port` as Faust names brokers."""
    return [f"kafka://{address.strip()}" for address in bootstrap.split(",")]


def topics_of(partitions: Iterable[TP]) -> dict[str, set[int]]:
    """Partitions by topic."""
    found: dict[str, set[int]] = {}
    for topic, partition in partitions:
        found.setdefault(topic, set()).add(partition)
    return found
