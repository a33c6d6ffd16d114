"""The score on labelled news: the rules pack over a labelled stream, judged by the scorer that lies beside it.

python -m desk.evaluation DEV.jsonl [--show]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from desk.articles import read_articles
from desk.cli.detect import detections
from desk.paths import DEPLOY
from streams.rules import RuleSet, load_rules

FLOORS: dict[str, dict[str, float]] = {
    "dev.jsonl": {
        "detection.micro.f1": 0.97,
        "evidence.share": 0.97,
        "actors.f1": 0.94,
        "speaker.share": 0.97,
        "events.overall.f1": 0.94,
        "alerts.f1": 0.93,
    },
    "dev2.jsonl": {
        "detection.micro.f1": 0.98,
        "evidence.share": 0.98,
        "actors.f1": 0.92,
        "speaker.share": 0.91,
        "events.overall.f1": 0.96,
        "alerts.f1": 0.95,
    },
}
"""What the score on a file of this name must reach: 0.01 under the last figures."""

Labels = dict[str, list[dict[str, Any]]]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--rules", type=click.Path(exists=True, path_type=Path), default=DEPLOY / "rules")
@click.option("--show", is_flag=True, help="Every error, article by article.")
def main(files: tuple[Path, ...], rules: Path, show: bool) -> None:
    """Score the rules on labelled files; `score.py` must lie in the same folder as each."""
    ruleset = load_rules(rules)
    fallen = False
    for file in files:
        scorer = file.parent / "score.py"
        if not file.exists() or not scorer.exists():
            click.echo(f"{file.name}: not here, so not scored")
            continue
        found = list(detections(file, ruleset))
        click.echo(f"== {file.name}")
        click.echo(_score(scorer, file, found))
        figures = json.loads(_score(scorer, file, found, "--json"))
        fallen = _below(file.name, figures) or fallen
        if show:
            for line in errors(file, found, ruleset):
                click.echo(line)
    sys.exit(1 if fallen else 0)


def _score(scorer: Path, file: Path, found: list[dict[str, Any]], *options: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as out:
        out.writelines(json.dumps(one) + "\n" for one in found)
        out.flush()
        command = [sys.executable, str(scorer), str(file), out.name, *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own words


def _below(name: str, figures: dict[str, Any]) -> bool:
    """Whether a figure fell under its floor; says which."""
    fallen = False
    for path, floor in FLOORS.get(name, {}).items():
        value: Any = figures
        for key in path.split("."):
            value = value[key]
        if value < floor:
            click.echo(f"{name}: {path} is {value:.3f}, under its floor {floor:.3f}", err=True)
            fallen = True
    return fallen


def errors(file: Path, found: list[dict[str, Any]], ruleset: RuleSet) -> Iterator[str]:
    """A line for each article and rule where detections and labels differ, with what was read there."""
    from streams.statements import read

    labels = _labels(file)
    articles = dict(read_articles(file))
    mine: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        mine[one["article_id"], one["rule"]].append(one)
    wanted = {(name, label["rule"]) for name, all_of in labels.items() for label in all_of}
    for name, rule in sorted(wanted - mine.keys()):
        yield f"MISS {name} {rule}: {[label['sentence'] for label in labels[name] if label['rule'] == rule]}"
        for match in ruleset.match(articles[name]):
            if match.rule.id == rule:
                for reading in read(articles[name], match):
                    yield f"     {reading.suppressed}: {reading.evidence.sentence}"
    for name, rule in sorted(mine.keys() - wanted):
        yield from (f"FALSE {name} {rule} {one['actors']}: {one['sentence']}" for one in mine[name, rule])
    for name, rule in sorted(mine.keys() & wanted):
        yield from _differences(mine[name, rule], [label for label in labels[name] if label["rule"] == rule])


def _labels(file: Path) -> Labels:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    return {line["id"]: line["labels"] for line in lines}


def _differences(found: list[dict[str, Any]], labels: list[dict[str, Any]]) -> Iterator[str]:
    where = f"{found[0]['article_id']} {found[0]['rule']}"
    for label in labels:
        same = [one for one in found if one["sentence"] == label["sentence"]] or found
        best = min(same, key=lambda one: len(set(one["actors"]) ^ set(label["actors"])))
        if best["sentence"] != label["sentence"]:
            yield f"SENTENCE {where}: {best['sentence']!r}, labelled {label['sentence']!r}"
        if sorted(best["actors"]) != sorted(label["actors"]):
            yield f"ACTORS {where}: {best['actors']}, labelled {label['actors']}: {best['sentence']}"
        if best["speaker"] != label["speaker"]:
            yield f"SPEAKER {where}: {best['speaker']!r}, labelled {label['speaker']!r}: {best['sentence']}"
        if best["recap"] != bool(label.get("recap")):
            yield f"RECAP {where}: {best['recap']}: {best['sentence']}"
    yield from _alerts(found, labels, where)


def _alerts(found: list[dict[str, Any]], labels: list[dict[str, Any]], where: str) -> Iterator[str]:
    rang = [one for one in found if one["alert"]]
    if len(rang) > len([label for label in labels if not label.get("recap")]) or len(found) > len(labels):
        events = [label["event"] for label in labels]
        stories = [(one["actors"], one["event"][-6:]) for one in rang]
        yield f"RANG {where}: {len(rang)} of {len(found)} for {events}: {stories}"


if __name__ == "__main__":
    main()
