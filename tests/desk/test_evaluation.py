"""The parts over which the score is spread share no event."""

import json

from hypothesis import given
from hypothesis import strategies as st

from desk.evaluation import parted

EVENTS = st.lists(st.sampled_from("abcdefgh"), max_size=3, unique=True)


def line(number, events):
    labels = [{"event": event} for event in events]
    return {"id": f"n{number}", "published_at": f"2026-01-{28 - number:02}", "labels": labels}


@given(st.lists(EVENTS, max_size=20), st.integers(2, 5))
def test_no_event_is_in_two_parts_and_every_article_in_one(tmp_path_factory, all_of, folds):
    file = tmp_path_factory.mktemp("labelled") / "some.jsonl"
    lines = [line(number, events) for number, events in enumerate(all_of)]
    file.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    parts = parted([file], folds)
    assert len(parts) == folds
    assert sorted(one["id"] for part in parts for one in part) == sorted(one["id"] for one in lines)
    assert all(part == sorted(part, key=lambda one: one["published_at"]) for part in parts)
    held = [{label["event"] for one in part for label in one["labels"]} for part in parts]
    assert sum(map(len, held)) == len(set().union(*held))
