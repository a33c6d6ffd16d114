"""The `tocsin` command. Each subcommand lives in a module of its own and is imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from wire.errors import ConfigError, LogLocked, TocsinError

_COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("desk.cli.run", "Watch feeds, ring, deliver: the whole product in one process."),
    "demo": ("desk.cli.demo", "Watch it ring on an invented newsroom, with nothing to configure."),
    "detect": ("desk.cli.detect", "Read articles from a file and print what the rules detect."),
    "match": ("desk.cli.match", "Try a query on articles from a file."),
    "rules": ("desk.cli.rules", "Check, test, explain, measure and translate rules."),
    "topics": ("desk.cli.topics", "Look into the log: list, tail, export, import; plan and apply on Kafka."),
    "replay": ("desk.cli.replay", "Read old articles again with other rules; sends nothing."),
    "dead-letters": ("desk.cli.dead_letters", "What was set aside, why, and the way back."),
    "listen": ("desk.cli.listen", "Receive webhooks here: verify, print, store."),
    "config": ("desk.cli.config", "Show the settings in force."),
    "source": ("desk.cli.roles:source", "A cluster's role: feeds to entries."),
    "extract": ("desk.cli.roles:extract", "A cluster's role: entries to articles."),
    "stream": ("desk.cli.roles:stream", "A cluster's role: articles to alerts and deliveries, on Faust."),
    "deliver": ("desk.cli.roles:deliver", "A cluster's role: deliveries to webhooks."),
    "desk": ("desk.cli.roles:desk", "A cluster's role: the dashboard."),
}

EXIT_FOUND = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 3


class LazyGroup(click.Group):
    """A group whose commands are imported only when one of them is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name or "command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 something was found wrong, 2 wrong usage or configuration, "
    "3 the log is held by another process or cannot be used, 130 stopped by Ctrl-C.",
)
@click.version_option(package_name="tocsin", prog_name="tocsin")
def group() -> None:
    """Tocsin watches the news and rings once per real-world event.

    Feeds go in; signed webhooks come out, each with the sentence that proves it.

    \b
    Try it:           tocsin demo
    Your own feeds:   tocsin run --config tocsin.yaml
    Your own rules:   tocsin rules check RULES; tocsin rules test RULES
    A cluster:        tocsin source | extract | stream | deliver | desk
    """


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command; every error that Tocsin raises on purpose becomes one clear text and an exit code."""
    try:
        return group.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except ConfigError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(EXIT_USAGE)
    except BrokenPipeError:
        sys.exit(0)
    except LogLocked as error:
        click.echo(f"{error}\nIs another `tocsin run` at work on the same data directory?", err=True)
        sys.exit(EXIT_UNAVAILABLE)
    except (TocsinError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_UNAVAILABLE)
