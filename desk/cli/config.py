"""`tocsin config`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from desk.cli.output import chosen_config, config_option, json_line, json_option, rows


@click.group("config")
def command() -> None:
    """Show the settings in force."""


@command.command("show")
@config_option
@json_option
def show(config: Path | None, as_json: bool) -> None:
    """Every setting with its value: file, TOCSIN_ variables and defaults taken together. Secrets are never shown."""
    from wire.settings_file import describe, load_settings

    values = describe(load_settings(chosen_config(config), os.environ))
    if as_json:
        json_line(values)
    else:
        rows(_flat(values), ("setting", "value"), as_json)


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[dict[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield {"setting": prefix + name, "value": ", ".join(str(item.get("id", item)) for item in value)}
        else:
            yield {"setting": prefix + name, "value": value}
