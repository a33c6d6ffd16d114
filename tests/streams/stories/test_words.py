"""How alike two texts are: what few stories know weighs more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stories.words import Weights, content_words, likeness

SHIPS = "Norland sends two frigates to the maritime force"
SHIPS_TOO = "Two frigates from Norland to sail with the maritime force"
JETS = "Norland sends four fighter jets to the reassurance force"


def test_the_same_words_are_alike_and_other_words_are_not():
    assert likeness(SHIPS, SHIPS) == pytest.approx(1)
    assert likeness(SHIPS, "Bakers bake bread before breakfast") == 0
    assert likeness(SHIPS, SHIPS_TOO) > likeness(SHIPS, JETS) > 0


def test_a_word_that_every_story_knows_tells_little():
    weights = Weights()
    for number in range(40):
        weights.put({"norla", "force", str(number)})
    assert likeness(SHIPS, JETS, weights) < likeness(SHIPS, JETS)
    assert weights["norla"] < weights["friga"]


def test_two_words_of_a_short_text_are_little_evidence():
    assert likeness("Norland frigates", "Norland frigates") < 0.6


@given(st.lists(st.sets(st.sampled_from(["norla", "force", "jets", "friga"])), max_size=6), st.text(), st.text())
def test_what_was_put_and_dropped_leaves_no_trace_and_likeness_stays_in_its_bounds(stories, one, other):
    weights, fresh = Weights(), Weights()
    for words in stories:
        weights.put(words)
    assert 0 <= likeness(one, other, weights) <= 1 + 1e-9
    assert likeness(one, other, weights) == likeness(other, one, weights)
    for words in stories:
        weights.drop(words)
    assert all(weights[word] == fresh[word] for word in [*content_words(one), "norla", "force"])
