"""Putting exported records into a log."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

import msgspec

from desk.cli.topics import NULL, Line
from desk.paths import LOG_FILE
from wire.clock import WallClock
from wire.log import Append, UnitOfWork
from wire.settings import Settings
from wire.sqlite import SqliteLog
from wire.topics import TOPICS

BATCH = 500

Bad = tuple[int, str]
"""Line number, and what is wrong with it."""


async def import_lines(settings: Settings, lines: Iterable[bytes]) -> tuple[int, list[Bad]]:
    """Append exported lines to the log of these settings; returns how many, and the lines left out with the reason.

    Raises LogLocked while another process writes.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log = SqliteLog(settings.data_dir / LOG_FILE, WallClock(), partitions=settings.partitions)
    await log.start()
    stored, bad, work = 0, list[Bad](), UnitOfWork()
    try:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                work.appends.append(_append(text, settings.partitions))
            except ValueError as error:
                bad.append((number, str(error)))
                continue
            if len(work.appends) == BATCH:
                stored += len(await log.commit(work))
                work = UnitOfWork()
        if work:
            stored += len(await log.commit(work))
    finally:
        await log.close()
    return stored, bad


def _append(text: bytes, partitions: int) -> Append:
    """Raises ValueError saying what was expected."""
    try:
        line = msgspec.json.decode(text, type=Line)
        coded = base64.b64decode(line.value_base64, validate=True) if line.value_base64 else None
    except (msgspec.DecodeError, binascii.Error) as error:
        raise ValueError(f"expected a line of `tocsin topics export`: {error}") from None
    topic = TOPICS.get(line.topic)
    if topic is None:
        raise ValueError(f"no topic {line.topic!r}")
    value = coded if line.value == NULL else bytes(line.value)
    if value is not None and len(value) > topic.max_bytes:
        raise ValueError(f"{len(value)} bytes; {line.topic} takes {topic.max_bytes}")
    if not 0 <= line.partition < partitions:
        raise ValueError(f"partition {line.partition}; this log has {partitions}")
    return Append(line.topic, line.key, line.key, value, line.headers, partition=line.partition)
