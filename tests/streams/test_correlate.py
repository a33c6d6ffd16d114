"""One ring for one event: joining, silence, confirmation, updates, corrections, and the way to the stub."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.correlate import correlate, correlate_stage
from streams.memory import PlainMemory
from streams.signature import signature
from streams.stories.index import NEAREST, StoryIndex
from streams.stories.tell import TELLINGS, publisher_family
from wire.codec import encode
from wire.identity import alert_id, story_id
from wire.records import AlertKind, AlertReason, DetectionKind, Recency, Silence, StoryPolicy
from wire.topics import ALERT_BYTES, STATE_BYTES

JETS = "Norland has pledged four fighter jets to the reassurance force."
JETS_TOO = "Four fighter jets from Norland will join the reassurance force, its ministry said."
SHIPS = "Minehunters and divers are to follow, sailing under the maritime command from spring."
MANY = "26 countries pledged contributions to a potential peacekeeping force."


class Desk:
    """Correlates one detection after the other and keeps what rang."""

    def __init__(self):
        self.memory = PlainMemory((), StoryIndex())
        self.alerts = []

    def __call__(self, *detections):
        """Kinds of the alerts that these detections rang."""
        rang = []
        for detection in detections:
            step = correlate(detection, self.memory)
            self.memory.apply(step.changes)
            rang += [output.record for output in step.outputs]
        self.alerts += rang
        return [alert.kind.value for alert in rang]

    def stories(self):
        return [story for _, story in self.memory.items()]

    def story_of(self, detection):
        return self.memory.index.story_of(detection.id)


@pytest.fixture
def desk():
    return Desk()


def withdrawn(detection):
    return replace(detection, kind=DetectionKind.WITHDRAWN)


def test_the_first_report_rings_once_complete_and_under_its_ids(desk, tell):
    first = tell()
    assert desk(first, first) == ["new"]
    [alert] = desk.alerts
    assert alert.story == story_id("pledge", first.id)
    assert (alert.id, alert.number, alert.reason) == (alert_id(alert.story, 1), 1, AlertReason.FIRST_REPORT)
    assert (alert.actors, alert.headline, alert.counts.publishers) == (("Norland",), "A force is promised", 1)
    assert alert.reports[0].evidence.sentence == JETS
    assert correlate_stage().stamp == "alerted"


def test_a_second_family_confirms_once_and_a_third_says_nothing(desk, tell):
    assert desk(tell(), tell(outlet="news.a.test", sentence=JETS_TOO, hours=1)) == ["new"]
    assert desk(tell(outlet="b.test", hours=2)) == ["confirmed"]
    assert desk(tell(outlet="c.test", hours=3)) == []
    assert desk.alerts[-1].counts.publishers == 2
    assert len(desk.alerts[-1].reports) == 3


def test_near_copies_are_one_text(desk, tell):
    text = " ".join(f"word{number}" for number in range(300))
    same = {"signature": signature(text)}
    other = {"signature": signature(text[::-1])}
    assert desk(tell(**same), tell(outlet="b.test", hours=1, **same)) == ["new"]
    assert desk(tell(outlet="c.test", hours=2, **other)) == ["confirmed"]


@pytest.mark.parametrize(
    ("a", "b", "one"),
    [
        (("Norland",), ("Suedland",), False),
        (("Norland",), ("Norland", "Suedland"), True),
        (("Norland", "Suedland"), ("Norland", "Ostland"), False),
        (("Norland",), (), True),
        ((), (), True),
    ],
)
def test_actors_decide(desk, tell, a, b, one):
    first, second = tell(actors=a), tell(actors=b, outlet="b.test", hours=1)
    desk(first, second)
    assert (desk.story_of(first) == desk.story_of(second)) is one


def test_jets_on_monday_and_ships_on_wednesday_are_two_events(desk, tell):
    assert desk(tell(), tell(sentence=SHIPS, hours=60, headline="To sea", outlet="b.test")) == ["new", "new"]


@pytest.mark.parametrize("kind", ["ordinal", "place"])
def test_an_identity_slot_in_conflict_never_joins(desk, tell, kind):
    assert desk(tell(slots=((kind, "12"),)), tell(slots=((kind, "13"),), outlet="b.test")) == ["new", "new"]


def test_a_larger_measure_is_an_update_and_a_smaller_or_other_one_is_not(desk, tell):
    assert desk(tell(slots=(("number", "26 countries"),))) == ["new"]
    assert desk(tell(slots=(("number", "30 countries"), ("number", "4 jets")), hours=1, path="2")) == ["updated"]
    assert desk.alerts[-1].new_facts == ("30 countries",)
    assert desk(tell(slots=(("number", "28 countries"),), hours=2, path="3")) == []


def test_an_unnamed_telling_never_bridges(desk, tell):
    north, south = tell(), tell(actors=("Suedland",), outlet="b.test")
    nobody = tell(actors=(), outlet="c.test", hours=1)
    assert desk(north, south) == ["new", "new"]
    desk(nobody)
    assert sorted(story.actors for story in desk.stories()) == [("Norland",), ("Suedland",)]


def test_actors_that_fit_two_stories_widen_neither(desk, tell):
    desk(tell(), tell(actors=("Suedland",), outlet="b.test"))
    desk(tell(actors=("Norland", "Suedland"), outlet="c.test", hours=1))
    assert sorted(story.actors for story in desk.stories()) == [("Norland",), ("Suedland",)]


def test_a_recap_attaches_to_what_it_recalls_and_never_rings(desk, tell):
    first = tell()
    desk(first, tell(sentence=SHIPS, headline="To sea", hours=200, outlet="b.test"))
    recap = tell(sentence=JETS_TOO, hours=400, outlet="c.test", recap=True)
    assert desk(recap) == []
    assert desk.story_of(recap) == desk.story_of(first)


def test_what_only_recaps_told_rings_at_the_first_current_report(desk, tell):
    assert desk(tell(recap=True)) == []
    assert desk(tell(outlet="b.test", hours=1)) == ["new"]
    assert len(desk.stories()) == 1


def test_a_rule_may_ring_for_recaps(desk, tell):
    assert desk(tell(recap=True, policy=StoryPolicy(ring=(Recency.RECAP, Recency.CURRENT)))) == ["new"]


@pytest.mark.parametrize(
    ("silence", "then"),
    [(Silence.FIRST_POLL, []), (Silence.STALE, []), (Silence.OUTAGE, []), (Silence.UNDATED, ["new"])],
)
def test_old_news_stays_silent_for_its_window(desk, tell, silence, then):
    assert desk(tell(silence=silence)) == []
    assert desk(tell(outlet="b.test", hours=1)) == then
    assert desk(tell(outlet="b.test", hours=600, path="9")) == ["new"]


def test_a_new_fact_breaks_the_silence(desk, tell):
    assert desk(tell(silence=Silence.STALE, slots=(("number", "26 countries"),))) == []
    assert desk(tell(outlet="b.test", hours=1, slots=(("number", "30 countries"),))) == ["new"]
    assert desk.alerts[0].reason is AlertReason.NEW_FACT


def test_a_silent_telling_of_a_story_that_rang_says_nothing_but_counts(desk, tell):
    assert desk(tell(), tell(outlet="b.test", silence=Silence.FIRST_POLL)) == ["new"]
    assert desk(tell(outlet="a.test", path="2", hours=1)) == ["confirmed"]


def test_withdrawing_the_last_telling_retracts_once(desk, tell):
    first, second = tell(), tell(outlet="b.test", hours=1)
    desk(first, second, tell(outlet="c.test", recap=True, hours=2))
    assert desk(withdrawn(first)) == []
    gone = replace(withdrawn(second), rule_title="", evidence=replace(second.evidence, sentence=""))
    assert desk(gone, gone, second, first) == ["retracted"]
    assert desk.alerts[-1].rule_title == "Pledge"


def test_changed_evidence_behind_the_ring_is_a_correction(desk, tell):
    first, second = tell(), tell(outlet="b.test")
    desk(first, second)
    changed = tell(sentence=JETS_TOO, kind=DetectionKind.CHANGED, replaces=first.id, hours=2)
    assert desk(changed, withdrawn(first), changed) == ["corrected"]
    other = tell(sentence=JETS_TOO, outlet="b.test", kind=DetectionKind.CHANGED, replaces=second.id, hours=3)
    assert desk(other, withdrawn(second)) == []
    assert len(desk.stories()) == 1


def test_a_changed_detection_of_another_event_founds_its_own_story(desk, tell):
    first = tell()
    changed = tell(actors=("Suedland",), sentence=MANY, kind=DetectionKind.CHANGED, replaces=first.id, hours=2)
    assert desk(first, changed, withdrawn(first)) == ["new", "new", "retracted"]


def test_an_expired_story_leaves_a_stub_and_then_nothing(desk, tell):
    policy = StoryPolicy(window_s=3600, remember_s=86400)
    first = tell(policy=policy)
    desk(first, tell(rule="other", hours=3))
    stub = desk.memory.get(desk.story_of(first))
    assert stub.stub
    assert stub.tellings[0].report is None
    assert desk(first) == []
    desk(tell(rule="other", hours=40))
    assert desk.memory.get(stub.id) is None


def test_a_shadow_detection_rings_in_the_shadow(desk, tell):
    desk(tell(shadow=True))
    assert desk.alerts[0].shadow


def test_a_story_and_its_alerts_stay_within_their_bounds(desk, tell):
    wide = {
        "headline": "Ж" * 5000,
        "url": "https://x.test/" + "a" * 5000,
        "signature": tuple(range(2**32 - 64, 2**32)),
    }
    for number in range(TELLINGS + 20):
        slots = (("number", f"{number} jets"), *(("thing", f"{other}" + "ж" * 300) for other in range(40)))
        desk(tell(outlet=f"o{number}.test", sentence="Ж" * 4000 + str(number), slots=slots, **wide))
    [story] = desk.stories()
    assert len(encode(story)) <= STATE_BYTES
    assert len(desk.alerts) > 10
    assert max(len(encode(alert)) for alert in desk.alerts) <= ALERT_BYTES


def test_a_huge_window_does_not_leave_the_calendar(desk, tell):
    assert desk(tell(policy=StoryPolicy(remember_s=3000 * 366 * 86400), recap=True)) == []


@pytest.mark.parametrize(
    ("publisher", "family"),
    [("www.a.test", "a.test"), ("news.b.co.uk", "b.co.uk"), ("b.co.uk", "b.co.uk"), ("Plain Name", "plain name")],
)
def test_publisher_families(publisher, family):
    assert publisher_family(publisher) == family


SPEC = st.fixed_dictionaries(
    {
        "outlet": st.sampled_from(["a.test", "b.test", "c.test"]),
        "path": st.sampled_from("123"),
        "hours": st.integers(0, 200),
        "sentence": st.sampled_from([JETS, JETS_TOO, SHIPS, MANY]),
        "actors": st.sampled_from([(), ("Norland",), ("Suedland",), ("Norland", "Suedland")]),
        "slots": st.sampled_from([(), (("place", "Quay"),), (("place", "Hill"),), (("number", "26 countries"),)]),
        "recap": st.booleans(),
        "silence": st.sampled_from([None, Silence.STALE]),
    }
)


@settings(max_examples=60, deadline=None)
@given(specs=st.lists(SPEC, max_size=12), again=st.lists(st.integers(0, 11), max_size=8))
def test_redelivery_of_any_detection_emits_nothing_new(tell, specs, again):
    desk, twice = Desk(), Desk()
    detections = [tell(**spec) for spec in specs]
    desk(*detections)
    for at, detection in enumerate(detections):
        twice(detection, *(detections[back] for back in again if back <= at))
    assert [alert.id for alert in twice.alerts] == [alert.id for alert in desk.alerts]
    assert twice(*detections) == []
    assert len({alert.id for alert in twice.alerts}) == len(twice.alerts)


@settings(max_examples=60, deadline=None)
@given(specs=st.lists(SPEC, max_size=12))
def test_no_story_holds_places_or_actors_that_exclude_each_other(tell, specs):
    desk = Desk()
    detections = {detection.id: detection for detection in (tell(**spec) for spec in specs)}
    desk(*detections.values())
    for story in desk.stories():
        current = [
            detections[telling.detection]
            for telling in story.tellings
            if detections[telling.detection].statement.recency is Recency.CURRENT
        ]
        places = {slot.value for d in current for slot in d.statement.slots if slot.kind == "place"}
        assert len(places) <= 1
        named = {d.statement.actors for d in current if d.statement.actors}
        assert all(set(actors) <= set(story.actors) or set(story.actors) <= set(actors) for actors in named)


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(9)))
def test_events_far_apart_cluster_alike_in_any_order_of_arrival(tell, order):
    events = [("Norland", 0), ("Suedland", 4), ("Norland", 400)]
    tellings = [
        tell(actors=(name,), hours=hours + part, outlet=f"{part}.test", path=str(hours))
        for name, hours in events
        for part in range(3)
    ]
    desk = Desk()
    desk(*(tellings[at] for at in order))
    groups = [{desk.story_of(telling) for telling in tellings[at : at + 3]} for at in (0, 3, 6)]
    assert [len(group) for group in groups] == [1, 1, 1]
    assert len(set.union(*groups)) == 3
    assert [alert.kind for alert in desk.alerts].count(AlertKind.NEW) == 3


@settings(max_examples=60, deadline=None)
@given(specs=st.lists(SPEC, max_size=15), since=st.integers(0, 200), length=st.integers(0, 100), names=st.booleans())
def test_the_index_finds_what_a_search_of_all_stories_finds(tell, specs, since, length, names):
    desk = Desk()
    desk(*(tell(**spec) for spec in specs))
    base = tell().stamps.seen
    start, end = base + timedelta(hours=since), base + timedelta(hours=since + length)
    actors = ("Norland",) if names else ()
    expected = {
        story.id
        for story in desk.stories()
        if start <= story.last_at <= end and (not names or not story.actors or "Norland" in story.actors)
    }
    assert set(desk.memory.index.near("pledge", actors, start, end)) == expected
    rebuilt = PlainMemory(desk.memory.items(), StoryIndex())
    assert set(rebuilt.index.near("pledge", actors, start, end)) == expected


def test_a_lookup_among_many_stories_is_bounded(tell):
    desk = Desk()
    for number in range(NEAREST * 2):
        desk(tell(slots=(("place", f"place {number}"),), outlet=f"o{number}.test"))
    seen = tell().stamps.seen
    assert len(desk.memory.index.near("pledge", ("Norland",), seen, seen)) == NEAREST


def test_a_rule_that_names_no_actors_joins_by_wording_alone(desk, tell):
    policy = StoryPolicy(same=())
    assert desk(tell(policy=policy), tell(outlet="b.test", sentence=JETS_TOO, hours=1, policy=policy))[0] == "new"
    other = tell(
        outlet="c.test", headline="Bread is dear", sentence="Bakers bake bread at dawn.", hours=2, policy=policy
    )
    assert desk(other) == ["new"]
    assert len(desk.stories()) == 2
