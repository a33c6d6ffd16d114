"""`tocsin rules`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from desk.cli.explain import command as explain
from desk.cli.output import json_line, json_option, rows
from desk.cli.translate import command as translate

PATHS = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))


@click.group("rules")
def command() -> None:
    """Check, test, explain, measure and translate rules. PATHS are files or folders, by default deploy/rules."""


command.add_command(explain)
command.add_command(translate)


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
        found = [rule.id for rule in ruleset.rules]
        json_line({"ruleset": ruleset.id, "rules": found, "warnings": list(ruleset.warnings)})
    else:
        for warning in ruleset.warnings:
            click.echo(f"{warning} (a warning)", err=True)
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


@command.command("lint")
@PATHS
@click.option(
    "--sample",
    "sample",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Articles to measure on, one JSON object a line, as `tocsin detect` reads them.",
)
@json_option
def lint(paths: tuple[Path, ...], sample: Path, as_json: bool) -> None:
    """Measure what rules cost: how many of a thousand articles make each query a candidate, by which of its clauses.

    Exit code 1 where an anchor is so common that the rule is tried on every fifth article.
    """
    from desk.articles import read_articles
    from streams.rules import load_rules
    from streams.rules.lint import costs

    found = costs(load_rules(*_paths(paths)), (article for _, article in read_articles(sample)))
    rows(
        (
            {
                "rule": f"{cost.rule} ({cost.language})" if cost.language != "*" else cost.rule,
                "candidates": round(cost.candidates, 1),
                "matches": round(cost.matches, 1),
                "anchor": cost.anchor,
                "warning": cost.warning,
            }
            for cost in found
        ),
        ("rule", "candidates", "matches", "anchor", "warning"),
        as_json,
    )
    sys.exit(1 if any(cost.warning for cost in found) else 0)


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of rule files, for editors that complete and check YAML."""
    import json

    from streams.rules.schema import schema as made

    click.echo(json.dumps(made(), indent=2))


def _paths(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    from desk.paths import DEPLOY

    return paths or (DEPLOY / "rules",)
