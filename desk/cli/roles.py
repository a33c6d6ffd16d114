"""`tocsin source`, `extract`, `stream`, `deliver` and `desk`: the roles of a cluster."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

from desk.cli.output import chosen_config, config_option

_TEACH = {
    "source": """Poll feeds and put what is new into the topic `entries`.

    Feeds are shared out by the partitions of the topic `feeds`; another source takes over those of one that dies.""",
    "extract": """Fetch pages and turn `entries` into `articles`, each entry with an outcome.

    Entries of one host are in one partition, so politeness to a host stays within one process.""",
    "stream": """Run the pipeline as Faust stream processors: `articles` to `detections`, `alerts` and `deliveries`.

    At most as many as there are partitions have work to do. Rules and subscriptions come from the settings file:
    give every stream worker the same.""",
    "deliver": """Send `deliveries` as signed webhooks, and retry them.

    Each subscription's deliveries are in one partition, so they keep their order.""",
    "desk": """Serve the dashboard, and put the file's feeds, subscriptions and rules into their topics.

    Start one: it is the one that says which feeds there are. It also answers `tocsin dead-letters requeue`.""",
}
_TAIL = """

    Needs `kafka.bootstrap` in the settings or TOCSIN_KAFKA__BOOTSTRAP. Missing topics are made; topics that are not
    as they must be are refused, with the way to mend them. Metrics, /healthz and /readyz are served at the desk's
    address. Ctrl-C or SIGTERM stops within 30 s; what is left goes to the others of the role.
    """


def command_of(name: str) -> click.Command:
    """The command of a role."""

    def act(config: Path | None, port: int | None, instance: str | None) -> None:
        environ = dict(os.environ)
        if port is not None:
            environ["TOCSIN_DESK__PORT"] = str(port)
        if instance is not None:
            environ["TOCSIN_KAFKA__INSTANCE"] = instance
        asyncio.run(_run(name, chosen_config(config), environ))

    act.__doc__ = _TEACH[name] + _TAIL
    options: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
        config_option,
        click.option("--port", type=click.IntRange(0, 65_535), help="Where it serves metrics; 0 takes any free one."),
        click.option(
            "--instance",
            help="A name for good among its kind: a restart within 10 seconds moves no partition.",
        ),
    ]
    for option in reversed(options):
        act = option(act)
    return click.command(name)(act)


async def _run(name: str, config: Path | None, environ: dict[str, str]) -> None:
    from desk.cluster import Role, RoleName
    from wire.settings_file import load_settings

    role = Role(RoleName(name), load_settings(config, environ), environ)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, role.stop.set)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _say_tasks)

    async def say_where(_: object) -> None:
        assert role.server is not None
        click.echo(f"{name} at work on {role.settings.kafka.bootstrap}\nserving {role.server.url}", err=True)

    await role.run(say_where)
    click.echo("stopped", err=True)


def _say_tasks() -> None:
    """What every task waits for, to standard error: for a process that seems stuck."""
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)


source, extract, stream, deliver, desk = (command_of(name) for name in _TEACH)
