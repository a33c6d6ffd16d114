"""`tocsin run`."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import click

from desk.cli.output import chosen_config, config_option


@click.command("run")
@config_option
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Keep the log here instead.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Dashboard port; 0 takes any free one.")
@click.option("--check", is_flag=True, help="Check settings, feeds and rules, then leave.")
def command(config: Path | None, data_dir: Path | None, port: int | None, check: bool) -> None:
    """Watch feeds, ring, deliver: the whole product in one process.

    Settings come from the file and from TOCSIN_ variables (TOCSIN_DESK__PORT=0). Anything wrong in settings, feeds
    or rules is refused before a thing is started, with file and line. Ctrl-C or SIGTERM stops it cleanly; what was
    stored goes on at the next start.
    """
    from streams.rules import load_rules
    from wire.settings_file import load_settings

    environ = dict(os.environ)
    if data_dir is not None:
        environ["TOCSIN_DATA_DIR"] = str(data_dir.absolute())
    if port is not None:
        environ["TOCSIN_DESK__PORT"] = str(port)
    settings = load_settings(chosen_config(config), environ)
    if check:
        rules = load_rules(*settings.rules).rules
        click.echo(
            f"{len(rules)} rules, {len(settings.feeds)} feeds, {len(settings.subscriptions)} subscriptions: all right"
        )
        return

    from desk.roles import Product

    async def work() -> None:
        product = Product(settings, environ)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, product.stop.set)
        await product.run(_say_where)
        click.echo("stopped; everything stored goes on at the next start", err=True)

    asyncio.run(work())


async def _say_where(product: object) -> None:
    from desk.roles import Product

    assert isinstance(product, Product) and product.dashboard is not None
    settings = product.settings
    click.echo(
        f"watching {len(settings.feeds)} feeds for {len(settings.subscriptions)} subscriptions\n"
        f"dashboard {product.dashboard.url}\ndata {settings.data_dir}",
        err=True,
    )
