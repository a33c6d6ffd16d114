"""`tocsin match`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from desk.cli.output import json_option, rows


@click.command("match")
@click.argument("query")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rules",
    "rules",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Rule files or folders whose lists QUERY may name. May be repeated.",
)
@click.option("--language", default="*", help="The language of `~word` in QUERY; only articles in it are read.")
@click.option("--fold", is_flag=True, help="Accents do not count.")
@json_option
def command(query: str, file: Path, rules: tuple[Path, ...], language: str, fold: bool, as_json: bool) -> None:
    """Try QUERY on the articles of FILE, one JSON object a line, and print the ids and what was met where.

    Characters count from 0 in the title or the text, the end not included. Exit code 1 where nothing was met.
    """
    from streams.rules import RuleSet
    from streams.rules.files import one_rule

    ruleset = RuleSet("match", (one_rule(query, rules, language, fold=fold),))
    found = rows(_found(ruleset, file, language), ("id", "part", "spans", "text"), as_json)
    sys.exit(0 if found else 1)


def _found(ruleset: Any, file: Path, language: str) -> Iterator[dict[str, Any]]:
    from desk.articles import read_articles

    read: list[tuple[str, Any]] = []

    def articles() -> Iterator[Any]:
        for name, article in read_articles(file):
            if language in ("*", article.language or language):
                read.append((name, article))
                yield article

    for number, matches in enumerate(ruleset.match_many(articles())):
        name, article = read[number]
        read[number] = ("", None)
        for match in matches:
            for hit in match.hits:
                text = article.title if hit.part == "title" else article.text
                pieces = " … ".join(text[start:end] for start, end in hit.spans)
                yield {"id": name, "part": hit.part, "spans": hit.spans, "text": pieces}
