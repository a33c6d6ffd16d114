"""The parts of the cluster runtime that need no broker: which offset may be committed, and when to give up."""

from hypothesis import given
from hypothesis import strategies as st

from streams.cluster.offsets import OffsetTracker
from streams.cluster.watchdog import Watchdog

P = ("articles", 0)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_what_may_be_committed_is_never_past_what_is_in_hand(steps, chance):
    """Offsets have gaps, as compaction leaves them; they are done in any order."""
    tracker, offsets, at = OffsetTracker(), [], 0
    for step in steps:
        at += step
        offsets.append(at)
        tracker.delivered(P, at)
    order = offsets.copy()
    chance.shuffle(order)
    done = set()
    for offset in order:
        assert tracker.done(P, offset)
        done.add(offset)
        in_hand = [one for one in offsets if one not in done]
        before = [one for one in offsets if not in_hand or one < in_hand[0]]
        assert tracker.safe(P) == (before[-1] + 1 if before else None)
    assert tracker.waiting() == 0


def test_what_was_handed_out_before_a_clear_counts_no_more():
    tracker = OffsetTracker()
    for offset in (5, 6):
        tracker.delivered(P, offset)
    tracker.clear([P])
    assert not tracker.done(P, 5)
    assert tracker.safe(P) is None
    tracker.delivered(P, 5)
    assert tracker.done(P, 5)
    assert tracker.safe(P) == 6


def test_a_record_handed_out_twice_is_one():
    tracker = OffsetTracker()
    for offset in (1, 2, 1, 2):
        tracker.delivered(P, offset)
    tracker.done(P, 1)
    tracker.done(P, 2)
    assert tracker.waiting() == 0
    assert not tracker.done(P, 2)
    assert tracker.safe(P) == 3


def test_the_watchdog_barks_at_lag_without_progress_and_at_nothing_else():
    now = [0.0]
    dog = Watchdog(45.0, lambda: now[0])
    for progress, lagging, seconds in ((0, True, 40), (1, True, 40), (1, False, 100), (1, True, 40)):
        now[0] += seconds
        assert not dog.look(progress, lagging)
    now[0] += 10
    assert dog.look(1, True) == "no progress for 50 s while there is lag"
