"""`tocsin rules`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from desk.cli.output import json_line, json_option, rows

PATHS = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))


@click.group("rules")
def command() -> None:
    """Check and test rule files. PATHS are files or folders; deploy/rules if none are given."""


@command.command("check")
@PATHS
@json_option
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Read rule files and report every fault with file, line, column and a hint."""
    from streams.rules import load_rules
    from wire.errors import ConfigError

    try:
        ruleset = load_rules(*_paths(paths))
    except ConfigError as error:
        if not as_json:
            raise
        for problem in error.problems:
            json_line(problem)
        sys.exit(2)
    if as_json:
        json_line({"ruleset": ruleset.id, "rules": [rule.id for rule in ruleset.rules]})
    else:
        click.echo(f"{len(ruleset.rules)} rules in {len(ruleset.files)} files: all right ({ruleset.id})")


@command.command("test")
@PATHS
@json_option
def test(paths: tuple[Path, ...], as_json: bool) -> None:
    """Run the inline tests of rule files: each `fires` must give a detection, each `silent` none."""
    from streams.pipeline import judged
    from streams.rules import load_rules, run_tests

    results = list(run_tests(load_rules(*_paths(paths)), judged))
    failed = [result for result in results if not result.passed]
    shown = results if as_json else failed
    rows(
        (
            {
                "where": f"{r.test.path}:{r.test.line}",
                "rule": r.rule,
                "passed": r.passed,
                "why": r.why,
                "text": r.test.text,
            }
            for r in shown
        ),
        ("where", "rule", "why", "text"),
        as_json,
    )
    click.echo(f"{len(results) - len(failed)} passed, {len(failed)} failed", err=True)
    sys.exit(1 if failed else 0)


def _paths(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    from desk.paths import DEPLOY

    return paths or (DEPLOY / "rules",)
