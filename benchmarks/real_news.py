"""What the default rules ring on real streams, for reading: every alert, and on request every match that fell.

    python benchmarks/real_news.py [FOLDER OR FILE.ndjson.gz ...] [--fallen] [--rules deploy/rules]

Takes the item streams and headline lists of ../shared/data where they exist. An item's title and description are the
article. Printed is a line for each alert (day, rule, actors, speaker, sentence), tab-separated, and then counts by
rule and day. `--fallen` adds the matches that a reading took back, with its reason: what was missed stands there.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desk.articles import Line, article_of
from streams.pipeline import READER
from streams.rules import RuleSet, load_rules
from streams.statements import read
from streams.verdicts import verdicts
from wire.records import Article

DATA = Path("../shared/data")
STREAMS = (DATA / "seed_stream_2026_01", DATA / "seed_headlines_lrt_2023_2026")
TAGS = re.compile(r"<[^>]*>")


def items(place: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file, or of all files of a folder, by name."""
    for file in sorted(place.glob("*.gz")) if place.is_dir() else [place]:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def article(item: dict[str, Any], number: int) -> Article:
    """An item of a stream, or a line of a headline list (its latest headline), as an article."""
    if "headlines" in item:
        day = datetime.fromisoformat(item["first_day"]).replace(hour=12, tzinfo=UTC)
        return article_of(
            Line(id=str(number), title=item["headlines"][-1], text="", language="en", source="one", published_at=day)
        )
    text = TAGS.sub(" ", html.unescape(item["description"] or ""))
    return article_of(
        Line(
            id=str(number),
            title=html.unescape(item["title"] or ""),
            text=re.sub(r"[^\S\n]+", " ", text).strip(),
            url=item["link"] or "",
            source=item["source"].split("/")[2],
            language=(item["language"] or "")[:2].casefold(),
            published_at=datetime.fromisoformat(item["published"] or item["seen"]),
        )
    )


def fallen(articles: list[Article], ruleset: RuleSet) -> Iterator[tuple[str, str, str]]:
    """Reason, rule and sentence of every reading that is no detection, of articles in which none is."""
    for one in articles:
        for match in ruleset.match(one):
            readings = list(read(one, match))
            if all(reading.suppressed for reading in readings):
                yield from ((str(r.suppressed), match.rule.id, r.evidence.sentence) for r in readings)


def show(place: Path, ruleset: RuleSet, *, with_fallen: bool) -> None:
    articles = [article(item, number) for number, item in enumerate(items(place))]
    articles.sort(key=lambda one: one.stamps.seen)
    languages = Counter(one.language for one in articles)
    print(f"# {place.name}: {len(articles)} items, {len(languages)} languages")
    counts: Counter[tuple[str, str]] = Counter()
    for verdict in verdicts(articles, lambda one: READER.judge(one, ruleset)):
        found = verdict.detection
        day = f"{found.stamps.seen:%Y-%m-%d}"
        if verdict.rings_new:
            counts[found.rule, day] += 1
        kind = "rings" if verdict.rings_new else "joins"
        said = " ".join(found.evidence.sentence.split())
        who = ", ".join(found.statement.actors)
        print(kind, day, found.rule, who, found.statement.speaker or "", said, sep="\t")
    for (rule, day), count in sorted(counts.items()):
        print(f"# {rule} {day}: {count}")
    print(f"# alerts: {sum(counts.values())}")
    if with_fallen:
        for reason, rule, sentence in sorted(set(fallen(articles, ruleset))):
            print("fell", reason, rule, " ".join(sentence.split()), sep="\t")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="*", type=Path, default=list(STREAMS))
    parser.add_argument("--fallen", action="store_true", help="the matches that were read and taken back, too")
    parser.add_argument("--rules", type=Path, default=Path("deploy/rules"))
    options = parser.parse_args()
    ruleset = load_rules(options.rules)
    for place in options.places:
        if place.exists():
            show(place, ruleset, with_fallen=options.fallen)
        else:
            print(f"# {place}: not here, so not read")


if __name__ == "__main__":
    main()
