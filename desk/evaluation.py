"""The score on labelled news: the rules pack over a labelled stream, judged by the scorer that lies beside it.

python -m desk.evaluation DEV.jsonl [--show] [--folds 5]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import click

from desk.articles import read_articles
from desk.cli.detect import detections
from desk.paths import DEPLOY
from streams.rules import RuleSet, load_rules

FLOORS: dict[str, dict[str, float]] = {
    "dev.jsonl": {
        "detection.micro.f1": 0.978,
        "evidence.share": 0.99,
        "actors.f1": 0.959,
        "speaker.share": 0.974,
        "events.overall.f1": 0.96,
        "alerts.f1": 0.968,
    },
    "dev2.jsonl": {
        "detection.micro.f1": 0.99,
        "evidence.share": 0.98,
        "actors.f1": 0.92,
        "speaker.share": 0.89,
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
@click.option("--folds", type=click.IntRange(2, 20), help="Score so many parts of all files, parted by event.")
def main(files: tuple[Path, ...], rules: Path, show: bool, folds: int | None) -> None:
    """Score the rules on labelled files; `score.py` must lie in the same folder as each."""
    ruleset = load_rules(rules)
    if folds:
        spread(files, ruleset, folds)
        return
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


SPREAD = ("detection.micro.f1", "evidence.share", "actors.f1", "speaker.share", "events.overall.f1", "alerts.f1")
"""The figures of which `spread` tells mean and deviation."""


def spread(files: Sequence[Path], ruleset: RuleSet, folds: int) -> None:
    """Print how the figures vary over parts of the files that share no event: mean, deviation, lowest.

    Articles that tell an event in common are in one part; those without a label are dealt out by their ids.
    """
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for number, lines in enumerate(parted(files, folds)):
            part = Path(folder) / f"fold-{number}.jsonl"
            part.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            found = list(detections(part, ruleset))
            figures.append(json.loads(_score(files[0].parent / "score.py", part, found, "--json")))
    click.echo("figure\tmean\tdeviation\tlowest")
    for path in SPREAD:
        values = [value for one in figures if (value := _figure(one, path)) is not None]
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        click.echo(f"{path}\t{statistics.mean(values):.3f}\t{deviation:.3f}\t{min(values):.3f}")


def parted(files: Sequence[Path], folds: int) -> list[list[dict[str, Any]]]:
    """The articles of all files in so many parts, each in order of time, no event in two of them."""
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8-sig").splitlines()]
    group_of: dict[str, str] = {}
    for line in lines:
        names = [str(label["event"]) for label in line["labels"]] or [line["id"]]
        known = {group_of.get(name, name) for name in names}
        first = min(known)
        group_of.update({name: first for name, group in group_of.items() if group in known})
        group_of.update(dict.fromkeys(names, first))
    parts: list[list[dict[str, Any]]] = [[] for _ in range(folds)]
    for line in sorted(lines, key=lambda one: str(one["published_at"])):
        name = str(line["labels"][0]["event"]) if line["labels"] else line["id"]
        parts[crc32(group_of[name].encode()) % folds].append(line)
    return parts


def _figure(figures: dict[str, Any], path: str) -> float | None:
    value: Any = figures
    for key in path.split("."):
        value = value[key]
    return None if value is None else float(value)


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
        value = _figure(figures, path)
        if value is None or value < floor:
            click.echo(f"{name}: {path} is {value or 0:.3f}, under its floor {floor:.3f}", err=True)
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
