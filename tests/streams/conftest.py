"""Detections to tell stories with."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from wire.identity import detection_id
from wire.records import Detection, Evidence, Recency, Slot, Stamps, Statement, StoryPolicy

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEFAULTS = {
    "sentence": "Norland has pledged four fighter jets to the reassurance force.",
    "outlet": "a.test",
    "path": "1",
    "hours": 0.0,
    "actors": ("Norland",),
    "slots": (),
    "recap": False,
    "policy": StoryPolicy(same=("actors", "place"), measure=("number",)),
}


def build(**given: object) -> Detection:
    """A detection; `hours` after noon it is published and seen, `slots` are (kind, value)."""
    of = DEFAULTS | given
    at = NOON + timedelta(hours=of.pop("hours"))
    article = f"ar1-{of['outlet']}-{of.pop('path')}"
    rest = {key: of.pop(key) for key in list(of) if key not in DEFAULTS}
    outlet, sentence = of["outlet"], of["sentence"]
    statement = Statement(
        actors=of["actors"],
        slots=tuple(Slot(kind=kind, value=value) for kind, value in of["slots"]),
        recency=Recency.RECAP if of["recap"] else Recency.CURRENT,
    )
    members = {
        "rule": "pledge",
        "rule_title": "Pledge",
        "ruleset": "rs1-x",
        "article": article,
        "revision": "re1-x",
        "url": f"https://{outlet}/{article}",
        "headline": "A force is promised",
        "publisher": outlet,
        "language": "en",
        "evidence": Evidence(sentence=sentence),
        "statement": statement,
        "story": of["policy"],
        "stamps": Stamps(published=at, seen=at),
    } | rest
    members.setdefault("id", detection_id(article, members["rule"], sentence))
    return Detection(**members)


@pytest.fixture(scope="session")
def tell() -> Callable[..., Detection]:
    return build
