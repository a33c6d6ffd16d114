"""`tocsin topics`."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from desk.cli.open_log import opened, settings_of
from desk.cli.output import config_option, json_line, json_option, rows
from desk.times import parse_moment
from wire.clock import from_ms, to_ms
from wire.log import Headers, Log, LogRecord
from wire.settings import Settings
from wire.topics import TOPICS, Cleanup

PAGE = 500
TOPIC = click.Choice(list(TOPICS))


NULL = msgspec.Raw(b"null")


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record in an exported file: enough to put it back as it was. `value` is the record's own JSON."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: str
    value: msgspec.Raw = NULL
    value_base64: str = ""
    headers: Headers = ()


@click.group("topics")
def command() -> None:
    """Look into the log: list, tail, export, import. Reading is safe beside a running process.

    Where the settings name brokers and there is no log in the data directory, it is the cluster's topics.
    """


@command.command("list")
@config_option
@json_option
def list_(config: Path | None, as_json: bool) -> None:
    """Every topic: partitions, records kept, what it is keyed by, how long it is kept."""

    async def found() -> list[dict[str, Any]]:
        async with opened(settings_of(config)) as log:
            return [await _summary(log, name) for name in TOPICS]

    columns = ("topic", "records", "partitions", "cleanup", "keep_days", "key", "partition_key")
    rows(asyncio.run(found()), columns, as_json)


@command.command("tail")
@click.argument("topic", type=TOPIC)
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(0, 100_000), help="Last N records.")
@click.option("-f", "--follow", is_flag=True, help="Go on as records come, until Ctrl-C.")
@config_option
def tail(topic: str, count: int, follow: bool, config: Path | None) -> None:
    """Print the last records of TOPIC, one JSON object a line, in the order of appending."""

    async def work() -> None:
        async with opened(settings_of(config)) as log:
            ends = {partition: end for partition, (_, end) in (await log.ends(topic)).items()}
            await _print_last(log, topic, count)
            while follow:
                await asyncio.sleep(0.5)
                for partition in list(ends):
                    for record in await log.read(topic, partition, ends[partition], PAGE):
                        _print(record)
                        ends[partition] = record.offset + 1

    asyncio.run(work())


@command.command("export")
@click.argument("topics", type=TOPIC, nargs=-1, required=True)
@click.option("--since", help="From this moment on: 2026-01-31, 2026-01-31T12:00Z, or an age such as 2h or 3d.")
@click.option(
    "-o", "--output", type=click.File("wb", lazy=False), default="-", help="A file; standard output if none."
)
@config_option
def export(topics: Sequence[str], since: str | None, output: BinaryIO, config: Path | None) -> None:
    """Write TOPICS as JSON lines that `tocsin topics import` reads back, byte for byte."""

    async def work() -> int:
        count = 0
        async with opened(settings_of(config)) as log:
            for topic in topics:
                async for record in _records(log, topic, since):
                    output.write(msgspec.json.encode(_line(record)) + b"\n")
                    count += 1
        output.flush()
        return count

    click.echo(f"{asyncio.run(work())} records", err=True)


@command.command("import")
@click.argument("file", type=click.File("rb"))
@config_option
def import_(file: BinaryIO, config: Path | None) -> None:
    """Append the records of an exported FILE to this log (`-` reads standard input). `tocsin run` must be stopped.

    Keys, bytes, headers and partitions are kept; offsets and times of appending are new. Lines that cannot be read
    are named and skipped; the rest goes on.
    """
    from desk.cli.transfer import import_lines

    stored, bad = asyncio.run(import_lines(settings_of(config), file))
    for number, why in bad:
        click.echo(f"{file.name}:{number}: {why}", err=True)
    click.echo(f"{stored} records appended, {len(bad)} lines skipped", err=True)
    sys.exit(1 if bad else 0)


@command.command("plan")
@config_option
@json_option
def plan(config: Path | None, as_json: bool) -> None:
    """What `tocsin topics apply` would make or change on the brokers, and what it cannot. Exit code 1 if anything."""
    found = asyncio.run(_differences(settings_of(config), applied=False))
    _print_differences(found, as_json)
    sys.exit(1 if found else 0)


@command.command("apply")
@config_option
@json_option
def apply(config: Path | None, as_json: bool) -> None:
    """Make missing topics and set what can be set; prints what remains, with the way to mend it."""
    found = asyncio.run(_differences(settings_of(config), applied=True))
    _print_differences(found, as_json)
    sys.exit(1 if found else 0)


async def _differences(settings: Settings, *, applied: bool) -> list[dict[str, Any]]:
    from desk.cluster import connection_of

    connection = connection_of(settings, os.environ)
    from wire.kafka.topics import apply, differences, opened_admin, wanted

    admin = await opened_admin(connection)
    try:
        found = await (apply if applied else differences)(admin, wanted(connection, settings.partitions))
    finally:
        await admin.close()
    how = "tocsin topics apply"
    return [{"topic": one.topic, "difference": one.what, "mend": one.mend or how} for one in found]


def _print_differences(found: list[dict[str, Any]], as_json: bool) -> None:
    rows(found, ("topic", "difference", "mend"), as_json)
    if not found and not as_json:
        click.echo("every topic is as it must be", err=True)


async def _summary(log: Log, name: str) -> dict[str, Any]:
    topic = TOPICS[name]
    ends = await log.ends(name)
    return {
        "topic": name,
        "partitions": log.partitions(name),
        "records": sum(1 for _ in log.table(name).items())
        if topic.cleanup is Cleanup.COMPACT
        else sum(end - first for first, end in ends.values()),
        "cleanup": str(topic.cleanup),
        "keep_days": topic.keep_s // 86_400 if topic.keep_s > 0 else None,
        "key": topic.key,
        "partition_key": topic.partition_key,
    }


async def _print_last(log: Log, topic: str, count: int) -> None:
    found: list[LogRecord] = []
    for partition, (first, end) in (await log.ends(topic)).items():
        found += await log.read(topic, partition, max(first, end - count), count)
    for record in sorted(found, key=lambda record: (record.timestamp_ms, record.partition, record.offset))[-count:]:
        _print(record)


async def _records(log: Log, topic: str, since: str | None) -> AsyncIterator[LogRecord]:
    for partition, (offset, end) in (await log.ends(topic)).items():
        if since is not None:
            offset = await log.offset_at(topic, partition, to_ms(parse_moment(since)))
        while offset < end and (batch := await log.read(topic, partition, offset, PAGE)):
            for record in batch:
                yield record
            offset = batch[-1].offset + 1


def _line(record: LogRecord) -> Line:
    raw, coded = NULL, ""
    if record.value is not None:
        try:
            msgspec.json.decode(record.value)
            raw = msgspec.Raw(record.value)
        except msgspec.DecodeError:
            coded = base64.b64encode(record.value).decode()
    return Line(*record[:5], value=raw, value_base64=coded, headers=record.headers)


def _print(record: LogRecord) -> None:
    line = _line(record)
    json_line(
        {
            "at": from_ms(record.timestamp_ms),
            **{k: v for k, v in msgspec.structs.asdict(line).items() if v not in ("", ())},
        }
    )
