"""One way to print: a table for people, tab-separated lines when piped, JSON lines for machines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

DEFAULT_CONFIGS = (Path("tocsin.yaml"), Path("deploy/tocsin.yaml"))


def rows(found: Iterable[Mapping[str, Any]], columns: Iterable[str], as_json: bool) -> int:
    """Print rows; returns how many. Columns that a row lacks are empty."""
    if as_json:
        return _json_lines(found)
    names = list(columns)
    if sys.stdout.isatty():
        return _table(list(found), names)
    count = 0
    for row in found:
        click.echo("\t".join(plain(row.get(name)) for name in names))
        count += 1
    return count


def json_line(value: Any) -> None:
    """Print one JSON value on one line."""
    click.echo(msgspec.json.encode(value).decode())


def _json_lines(found: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    for row in found:
        json_line(row)
        count += 1
    return count


def _table(found: list[Mapping[str, Any]], names: list[str]) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        numeric = all(isinstance(row.get(name), int | float) for row in found) and bool(found)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in found:
        table.add_row(*(Text(plain(row.get(name))) for name in names))
    Console().print(table)
    return len(found)


def plain(value: Any) -> str:
    """A value on one line, without characters that would move the cursor."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    text = str(value)
    return "".join(
        " " if letter in "\t\r\n" else letter for letter in text if letter.isprintable() or letter in "\t\r\n"
    )


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`: one JSON object a line."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for machines.")(command)


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--config FILE`, else tocsin.yaml here, else deploy/tocsin.yaml."""
    return click.option(
        "--config",
        "config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar="TOCSIN_CONFIG",
        help="Settings file.  [default: tocsin.yaml, then deploy/tocsin.yaml]",
    )(command)


def chosen_config(config: Path | None) -> Path:
    """The settings file to use; a clear error where there is none."""
    for path in (config, *DEFAULT_CONFIGS) if config is None else (config,):
        if path is not None and path.is_file():
            return path
    raise click.UsageError("no settings file: give --config FILE, or make tocsin.yaml here (see docs/operating.md)")
