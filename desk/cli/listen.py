"""`tocsin listen`."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import click


@click.command("listen")
@click.option(
    "--port", default=8322, show_default=True, type=click.IntRange(0, 65_535), help="0 takes any free port."
)
@click.option(
    "--secret-env", "names", multiple=True, help="Environment variable that holds a whsec_ secret; repeatable."
)
@click.option(
    "--secret-file", "files", multiple=True, type=click.Path(exists=True, path_type=Path), help="Or a file."
)
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), help="Append what was verified here, JSON lines."
)
def command(port: int, names: tuple[str, ...], files: tuple[Path, ...], store: Path | None) -> None:
    """Receive webhooks on this machine: verify signatures, print, and store each once.

    To let Tocsin deliver here, add 127.0.0.1:PORT to `http.allow` in its settings: loopback is refused otherwise.
    """
    secrets = [os.environ[name] for name in names if name in os.environ] + [
        file.read_text().strip() for file in files
    ]
    if missing := [name for name in names if name not in os.environ]:
        raise click.UsageError(f"not set: {', '.join(missing)}")
    if not secrets:
        raise click.UsageError("give a secret: --secret-env NAME or --secret-file FILE")
    asyncio.run(_listen(secrets, store, port))


async def _listen(secrets: list[str], store: Path | None, port: int) -> None:
    from desk.cli.output import json_line
    from desk.receiver import Receiver
    from wire.clock import WallClock

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    receiver = Receiver(secrets, store, WallClock(), port=port, on_receipt=json_line)
    await receiver.start()
    click.echo(f"listening at {receiver.url}", err=True)
    await stop.wait()
    await receiver.close()
    click.echo(str(receiver.tally()), err=True)
