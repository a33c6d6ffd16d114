"""How headlines of one event find each other: pairwise F1 of story joining, beside the Jaccard index of words.

    python benchmarks/stories.py [../shared/data/clusters_google_news/clusters.ndjson.gz] [--language en]

Every headline is made a detection of one rule: actors and slots are read from it, the headline is its evidence, and
the correlate stage joins them in order of time. That is the hardest case that there is: a real rule has told its
articles from all others before, and its sentences say more than headlines. `same` is what must not differ: nothing,
or the actors. Jaccard joins a headline to the likest earlier one; its threshold is the best of all tried.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from streams.correlate import correlate
from streams.memory import PlainMemory
from streams.statements import actors
from streams.statements.passage import passages
from streams.statements.slots import slots
from streams.stories.index import StoryIndex
from streams.stories.words import content_words
from wire.records import Article, Detection, Evidence, Stamps, Statement, Story, StoryPolicy

FILE = Path("../shared/data/clusters_google_news/clusters.ndjson.gz")
WINDOW = timedelta(hours=72)


class Headline(NamedTuple):
    """One headline, when it was first seen, and the group that it belongs to."""

    text: str
    publisher: str
    seen: datetime
    group: str


def headlines(file: Path, language: str) -> list[Headline]:
    """The headlines of a language in order of time."""
    found = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            for item in line["items"]:
                if f"hl={language}" in item["feed"]:
                    seen = datetime.fromisoformat(item["first_seen"])
                    found.append(Headline(item["headline"], item["publisher"], seen, line["cluster"]))
    return sorted(found, key=lambda one: (one.seen, one.text))


def detection(number: int, one: Headline, policy: StoryPolicy) -> Detection:
    """A headline as a detection of the one rule."""
    article = Article(id=str(number), revision="r", url="u", title=one.text, text="", publisher=one.publisher)
    (passage,) = passages(article)
    named = [*actors.find(passage.tokens), *actors.leaders(passage.tokens, one.seen.date())]
    return Detection(
        id=f"d{number}",
        rule="any",
        rule_title="Any",
        ruleset="r",
        article=article.id,
        revision="r",
        url="u",
        headline=one.text,
        publisher=one.publisher,
        evidence=Evidence(sentence=one.text),
        statement=Statement(actors=tuple(sorted({mention.meaning for mention in named})), slots=slots(passage)),
        story=policy,
        stamps=Stamps(published=one.seen, seen=one.seen, extracted=one.seen),
    )


def stories(all_of: Sequence[Headline], policy: StoryPolicy) -> list[str]:
    """The story of each headline."""
    memory: PlainMemory[Story] = PlainMemory((), StoryIndex())
    found = []
    for number, one in enumerate(all_of):
        made = detection(number, one, policy)
        memory.apply(correlate(made, memory).changes)
        found.append(memory.index.story_of(made.id) or made.id)
    return found


def by_jaccard(all_of: Sequence[Headline], threshold: float) -> list[str]:
    """The group of each headline: that of the likest one of the last 72 hours, or its own."""
    words = [content_words(one.text) for one in all_of]
    found: list[str] = []
    for number, one in enumerate(all_of):
        best, likest = "", threshold
        for before in range(number):
            if one.seen - all_of[before].seen > WINDOW:
                continue
            both = len(words[number] & words[before])
            alike = both / max(1, len(words[number]) + len(words[before]) - both)
            if alike >= likest:
                best, likest = found[before], alike
        found.append(best or str(number))
    return found


def pairwise(found: Sequence[str], wanted: Iterable[str]) -> dict[str, float]:
    """Precision, recall and F1 over pairs of headlines that are put together."""
    both = list(zip(found, wanted, strict=True))
    ours, theirs = Counter(mine for mine, _ in both), Counter(group for _, group in both)
    right = sum(pairs(count) for count in Counter(both).values())
    made, owed = sum(map(pairs, ours.values())), sum(map(pairs, theirs.values()))
    figures = {"precision": right / max(1, made), "recall": right / max(1, owed), "f1": 2 * right / (made + owed)}
    return {name: round(value, 3) for name, value in figures.items()}


def pairs(count: int) -> int:
    """How many pairs so many things make."""
    return count * (count - 1) // 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--language", default="en")
    parser.add_argument("--show", action="store_true", help="stories that hold more than one group")
    options = parser.parse_args()
    if not options.file.exists():
        raise SystemExit(f"no file {options.file}")
    all_of = headlines(options.file, options.language)
    wanted = [one.group for one in all_of]
    print(json.dumps({"headlines": len(all_of), "groups": len(set(wanted)), "language": options.language}))
    for same in ((), ("actors",)):
        found = stories(all_of, StoryPolicy(same=same))
        print(json.dumps({"joined by": "stories", "same": same, **pairwise(found, wanted)}))
        if options.show:
            mixed(all_of, found)
    tried = {step / 20: pairwise(by_jaccard(all_of, step / 20), wanted) for step in range(2, 13)}
    best = max(tried, key=lambda one: tried[one]["f1"])
    print(json.dumps({"joined by": "jaccard", "threshold": best, **tried[best]}))


def mixed(all_of: Sequence[Headline], found: Sequence[str]) -> None:
    """Print the stories that hold several groups."""
    held: dict[str, list[Headline]] = defaultdict(list)
    for one, story in zip(all_of, found, strict=True):
        held[story].append(one)
    for story in held.values():
        if len({one.group for one in story}) > 1:
            print("\n".join(f"  {one.group} {one.text}" for one in story), end="\n\n")


if __name__ == "__main__":
    main()
