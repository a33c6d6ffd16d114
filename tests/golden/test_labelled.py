"""The default rules on labelled articles of our own: genres, languages and near misses, scored against floors."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from desk.cli.detect import detections
from desk.paths import DEPLOY
from streams.rules import load_rules

HERE = Path(__file__).parent / "labelled"
FILES = sorted(HERE.glob("*.jsonl"))
LATEST = (
    *(f"twenty-{nth}" for nth in ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")),
    *("thirtieth", "thirty-first", "thirty-second"),
)
pytestmark = pytest.mark.timeout(90)  # three and a half thousand articles
FLOORS = {
    "articles": {"detection": 0.954, "actors": 0.938, "speaker": 0.881, "alerts": 0.934},
    "latest": {"detection": 0.924, "actors": 0.902, "speaker": 0.815, "alerts": 0.888},
    "wordings": {"detection": 0.837, "actors": 0.868, "speaker": 0.758, "alerts": 0.82},
}
"""Of whole articles, the latest sets of them apart, and of short ones (`wordings-*`), each of which tells one event
in another way."""


def kind_of(name):
    """To which floors a file is held. The latest sets have been learned from little, the last four not at all."""
    if name.startswith("wordings"):
        return "wordings"
    return "latest" if name in LATEST else "articles"


def f1(hits, found, wanted):
    """The harmonic mean of precision and recall."""
    return 2 * hits / (found + wanted) if found + wanted else 1.0


def labels_of(file):
    """The labels of every article, by id. Events of different files are different ones."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {
        line["id"]: [{**label, "event": f"{file.stem} {label['event']}"} for label in line["labels"]]
        for line in lines
    }


@pytest.fixture(scope="module")
def ruleset():
    return load_rules(DEPLOY / "rules")


@pytest.fixture(scope="module")
def scored(ruleset):
    """Labels and detections of every file, by its name."""
    return {file.stem: (labels_of(file), list(detections(file, ruleset))) for file in FILES}


def pairs(labels, found):
    """(article, rule) pairs that are labelled and that were found, each with its labels or detections."""
    wanted, mine = defaultdict(list), defaultdict(list)
    for name, all_of in labels.items():
        for label in all_of:
            wanted[name, label["rule"]].append(label)
    for one in found:
        mine[one["article_id"], one["rule"]].append(one)
    return wanted, mine


def detection_f1(labels, found):
    wanted, mine = pairs(labels, found)
    return f1(len(wanted.keys() & mine.keys()), len(mine), len(wanted))


def actors_f1(labels, found):
    wanted, mine = pairs(labels, found)
    hits = ours = theirs = 0
    for key in wanted.keys() & mine.keys():
        names = {(label["event"], name) for label in wanted[key] for name in label["actors"]}
        known = {name for _, name in names}
        named = {name for one in mine[key] for name in one["actors"]}
        hits, ours, theirs = hits + len(named & known), ours + len(named), theirs + len(known)
    return f1(hits, ours, theirs)


def speaker_share(labels, found):
    wanted, mine = pairs(labels, found)
    spoken = [
        (label["speaker"], {one["speaker"] for one in mine[key]})
        for key in wanted.keys() & mine.keys()
        for label in wanted[key]
        if label["speaker"]
    ]
    return sum(name in named for name, named in spoken) / len(spoken)


def alerts_f1(labels, found):
    wanted, _ = pairs(labels, found)
    events = {label["event"] for all_of in wanted.values() for label in all_of if not label["recap"]}
    rang = [one for one in found if one["alert"]]
    told = set()
    for one in rang:
        fresh = [
            label["event"]
            for label in wanted.get((one["article_id"], one["rule"]), [])
            if not label["recap"] and label["event"] not in told
        ]
        told.update(fresh[:1])
    return f1(len(told), len(rang), len(events))


FIGURES = {"detection": detection_f1, "actors": actors_f1, "speaker": speaker_share, "alerts": alerts_f1}


def test_there_is_enough_to_score():
    articles = {name for file in FILES for name in labels_of(file)}
    assert len(articles) >= 60
    languages = {json.loads(line)["language"] for file in FILES for line in file.read_text().splitlines()}
    assert languages == {"en", "ru", "uk", "fr", "de"}


def test_labels_quote_their_articles():
    for file in FILES:
        for line in file.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            for label in article["labels"]:
                assert label["sentence"] in (article["text"] + "\n" + article["title"])


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("kind", FLOORS)
def test_all_files_of_a_kind_together_reach_the_floor(scored, kind, figure):
    chosen = [one for name, one in scored.items() if kind_of(name) == kind]
    labels = {name: all_of for known, _ in chosen for name, all_of in known.items()}
    found = [one for _, found in chosen for one in found]
    value = FIGURES[figure](labels, found)
    assert value >= FLOORS[kind][figure], f"{figure} of {kind} is {value:.3f}"
