"""Opening the log of a settings file for a command."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click

from desk.cli.output import chosen_config
from desk.paths import LOG_FILE
from wire.clock import WallClock
from wire.log import Log
from wire.settings import Settings


def settings_of(config: Path | None) -> Settings:
    """The settings in force."""
    from wire.settings_file import load_settings

    return load_settings(chosen_config(config), os.environ)


@asynccontextmanager
async def opened_cluster(settings: Settings) -> AsyncIterator[Log]:
    """The log on the brokers that the settings name; makes no topic."""
    from desk.cluster import connection_of
    from wire.kafka import KafkaLog

    connection = connection_of(settings, os.environ)
    log = KafkaLog(connection, WallClock(), partitions=settings.partitions, create=False)
    await log.start()
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def opened(settings: Settings, *, write: bool = False) -> AsyncIterator[Log]:
    """The log, to read beside a running process, or with `write` locked for ourselves.

    Where the settings name brokers it is theirs, unless a data directory is there: then `tocsin run` has one.
    """
    from wire.sqlite import SqliteLog

    if settings.kafka.bootstrap and not (settings.data_dir / LOG_FILE).exists():
        async with opened_cluster(settings) as cluster:
            yield cluster
        return
    path = settings.data_dir / LOG_FILE
    if not path.exists():
        raise click.ClickException(f"no log at {path}: has `tocsin run` been started with these settings?")
    log = SqliteLog(path, WallClock(), partitions=settings.partitions, read_only=not write)
    await log.start()
    try:
        yield log
    finally:
        await log.close()
