"""Setting a record aside: what should have worked lies in the dead letters with its reason and its bytes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from wire.log import LogRecord, UnitOfWork
from wire.records import DeadLetter, DeadReason
from wire.topics import DEAD_BYTES

DETAIL_CHARACTERS = 500


def dead_letter(record: LogRecord, stage: str, reason: DeadReason, detail: str, at: datetime) -> DeadLetter:
    """The dead letter of a record read from the log; beyond 8 MiB it keeps only the hash of the bytes."""
    value = record.value or b""
    return DeadLetter(
        origin=record.origin,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        stage=stage,
        reason=reason,
        detail=detail[:DETAIL_CHARACTERS],
        key=record.key,
        value=value if len(value) <= DEAD_BYTES else b"",
        value_hash=hashlib.blake2b(value, digest_size=16).hexdigest(),
        headers=record.headers,
        at=at,
    )


def set_aside(work: UnitOfWork, letter: DeadLetter) -> None:
    """Add a dead letter to a unit of work, so that it is stored with the acknowledgement of its record."""
    work.append("dead-letters", letter.origin, letter.origin, letter)
