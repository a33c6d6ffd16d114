"""`tocsin dead-letters`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from desk.cli.open_log import opened, settings_of
from desk.cli.output import config_option, json_line, json_option, rows
from desk.dead_letters import ALL, NoSuchLetter, letters, requeue
from wire.clock import WallClock
from wire.records import DeadLetter

COLUMNS = ("at", "origin", "stage", "reason", "bytes", "requeued_at", "detail")
SHOWN_BYTES = 4096


@click.group("dead-letters")
def command() -> None:
    """What was set aside, why, and the way back."""


@command.command("list")
@config_option
@click.option("--all", "everything", is_flag=True, help="Also those that were put back.")
@json_option
def list_(config: Path | None, everything: bool, as_json: bool) -> None:
    """List what lies in the dead letters, oldest first."""
    found = asyncio.run(_letters(config))
    rows((_row(letter) for letter in found if everything or letter.requeued_at is None), COLUMNS, as_json)


@command.command("show")
@click.argument("origin")
@config_option
@json_option
def show(origin: str, config: Path | None, as_json: bool) -> None:
    """Show one dead letter with its bytes. ORIGIN is topic/partition/offset, as `list` prints it."""
    letter = next((letter for letter in asyncio.run(_letters(config)) if letter.origin == origin), None)
    if letter is None:
        raise NoSuchLetter(f"no dead letter {origin}: see `tocsin dead-letters list`")
    text = letter.value[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    if as_json:
        json_line({**_row(letter), "key": letter.key, "value_hash": letter.value_hash, "value": text})
        return
    for name, value in {**_row(letter), "key": letter.key, "value_hash": letter.value_hash}.items():
        click.echo(f"{name}\t{value if value is not None else ''}")
    click.echo(f"\n{text}" + ("\n..." if len(letter.value) > SHOWN_BYTES else ""))


@command.command("requeue")
@click.argument("origins", nargs=-1, required=True)
@config_option
@json_option
def requeue_(origins: tuple[str, ...], config: Path | None, as_json: bool) -> None:
    """Put records back where they were read from: ORIGINS as `list` prints them, or `all`.

    A running `tocsin run` is asked through its control socket; without one the log is locked for the moment.
    """
    done = asyncio.run(_requeue(config, list(origins)))
    if as_json:
        json_line({"requeued": done})
    else:
        click.echo(f"put back {len(done)}" + "".join(f"\n{origin}" for origin in done))


async def _letters(config: Path | None) -> list[DeadLetter]:
    async with opened(settings_of(config)) as log:
        return await letters(log)


async def _requeue(config: Path | None, origins: list[str]) -> list[str]:
    from desk.control import call

    settings = settings_of(config)
    answer = await call(settings.data_dir, {"do": "requeue", "origins": origins})
    if answer is not None:
        return list(answer["requeued"])
    async with opened(settings, write=True) as log:
        return await requeue(log, WallClock(), [ALL] if origins == [ALL] else origins)


def _row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "at": letter.at.isoformat(),
        "origin": letter.origin,
        "stage": letter.stage,
        "reason": str(letter.reason),
        "bytes": len(letter.value),
        "requeued_at": letter.requeued_at.isoformat() if letter.requeued_at else None,
        "detail": letter.detail,
    }
