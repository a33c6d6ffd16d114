"""`tocsin demo`."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from desk.cli.output import json_line


@click.command("demo")
@click.option("--for", "for_s", type=click.FloatRange(min=1), help="Stop by itself after so many seconds.")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65_535), help="The dashboard's port; any free one if not given."
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Keep the log here; else it is thrown away."
)
def command(for_s: float | None, port: int, data: Path | None) -> None:
    """Watch it ring on an invented newsroom: eight publishers on loopback tell one day in under half a minute.

    Each alert is printed as its webhook arrives, signed and verified. The last line is a JSON summary: entries,
    articles, detections, alerts, deliveries, verified, dead_letters. The exit code is 0 only if alerts were delivered
    and verified and the day rang as its script expects: once for each pledge and rejection, never for the denial and
    the recap.
    """
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        problems, summary = asyncio.run(_demo(for_s, port, data or Path(folder)))
    for problem in problems:
        click.echo(f"not as expected: {problem}", err=True)
    if summary is not None:
        json_line(summary)
    sys.exit(1 if problems or summary is None else 0)


async def _demo(for_s: float | None, port: int, data: Path) -> tuple[list[str], dict[str, Any] | None]:
    from desk.demo import Demo
    from desk.newsroom.script import load_script

    demo = Demo(load_script(), data, for_s, port, say=_say, on_alert=_show)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, demo.stop.set)
    _say("eight invented publishers on this machine tell one day of news")
    await demo.run()
    return demo.problems, asdict(demo.summary) if demo.summary is not None else None


def _say(text: str) -> None:
    click.echo(text, err=True)


def _show(alert: dict[str, Any]) -> None:
    """An alert as people read it: what rang, the sentence with its matched words, who said it, who tells it."""
    reports = alert.get("reports") or [{}]
    first = reports[0]
    click.echo()
    click.secho(f"  {alert['kind'].upper()}  {alert['rule_title']}", bold=True, fg=_COLOURS.get(alert["kind"]))
    click.echo(f"  {first.get('headline', '')}")
    click.echo(f"  “{_marked(first.get('sentence', ''), first.get('spans', ()))}”")
    said = f"said by {alert['speaker']}; " if alert.get("speaker") else ""
    who = f"{', '.join(alert['actors'])}; " if alert.get("actors") else ""
    outlets = ", ".join(dict.fromkeys(report["publisher"] for report in alert.get("reports", ())))
    click.echo(f"  {who}{said}told by {outlets}")


_COLOURS = {"new": "green", "confirmed": "cyan", "updated": "yellow", "corrected": "magenta", "retracted": "red"}


def _marked(sentence: str, spans: Any) -> str:
    text, at = "", 0
    for start, end in sorted(map(tuple, spans)):
        if start >= at:
            text += sentence[at:start] + click.style(sentence[start:end], underline=True)
            at = end
    return text + sentence[at:]
