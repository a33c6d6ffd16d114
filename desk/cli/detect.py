"""`tocsin detect`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from desk.cli.output import json_line


@click.command("detect")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rules",
    "rules",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Rule files or folders; deploy/rules if none are given. May be repeated.",
)
def command(file: Path, rules: tuple[Path, ...]) -> None:
    """Read articles from FILE, one JSON object a line, and print what the rules detect, one JSON object a line.

    The file is read top to bottom as a stream: an article needs `id` and `text`, and may have `title`, `url`,
    `source`, `language` and `published_at`. Each detection names its article_id, rule, sentence, actors, speaker,
    event (the story) and alert (whether it raised the story's first alert).
    """
    from desk.paths import DEPLOY
    from streams.rules import load_rules

    for found in detections(file, load_rules(*(rules or (DEPLOY / "rules",)))):
        json_line(found)


def detections(file: Path, ruleset: Any) -> Iterator[dict[str, Any]]:
    """The lines that `tocsin detect` prints."""
    from desk.articles import read_articles
    from streams.pipeline import READER
    from streams.verdicts import verdicts

    names: dict[str, str] = {}

    def stream() -> Iterator[Any]:
        for name, article in read_articles(file):
            names[article.id] = name
            yield article

    for verdict in verdicts(stream(), lambda article: READER.judge(article, ruleset)):
        detection = verdict.detection
        yield {
            "article_id": names[detection.article],
            "rule": detection.rule,
            "kind": str(detection.kind),
            "sentence": detection.evidence.sentence,
            "actors": list(detection.statement.actors),
            "speaker": detection.statement.speaker,
            "recap": detection.statement.recency == "recap",
            "event": verdict.story,
            "alert": verdict.rings_new,
        }
