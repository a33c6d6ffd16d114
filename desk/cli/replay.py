"""`tocsin replay`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from desk.cli.open_log import opened, settings_of
from desk.cli.output import config_option, json_line, json_option, rows
from desk.times import parse_moment
from wire.records import Alert

COLUMNS = ("alerted", "kind", "rule", "publishers", "actors", "speaker", "headline", "story")


@click.command("replay")
@click.option(
    "--since", required=True, help="From this moment on: 2026-01-31, 2026-01-31T12:00Z, or an age (2h, 3d)."
)
@click.option("--until", help="Before this moment.")
@click.option(
    "--rules",
    "rules",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Rule files or folders instead of the settings' own; may be repeated.",
)
@config_option
@json_option
def command(since: str, until: str | None, rules: tuple[Path, ...], config: Path | None, as_json: bool) -> None:
    """Read stored articles again, with other rules if you like, and print the alerts they would have raised.

    It runs in memory beside a running process: nothing is sent, nothing is stored.
    """
    from desk.replay import Span, replay
    from streams.rules import load_rules

    settings = settings_of(config)
    ruleset = load_rules(*(rules or settings.rules))
    span = Span(parse_moment(since), parse_moment(until) if until else None)

    async def work() -> list[Alert]:
        async with opened(settings) as log:
            return [alert async for alert in replay(log, span, ruleset, _progress)]

    alerts = asyncio.run(work())
    if sys.stderr.isatty():
        click.echo(err=True)
    if as_json:
        for alert in alerts:
            json_line(alert)
    else:
        rows((_row(alert) for alert in alerts), COLUMNS, as_json)
    click.echo(f"{len(alerts)} alerts by ruleset {ruleset.id}", err=True)


def _progress(passed: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{passed} articles", nl=False, err=True)


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "alerted": alert.stamps.alerted.isoformat() if alert.stamps.alerted else "",
        "kind": str(alert.kind),
        "rule": alert.rule,
        "publishers": alert.counts.publishers,
        "actors": alert.actors,
        "speaker": alert.speaker,
        "headline": alert.headline,
        "story": alert.story,
    }
