"""What a matched sentence is read as: each case states a rule of language."""

import pytest

from streams.statements import choose
from wire.records import Recency, Voice

RULES = """
lists:
  promises: [pledg*, promis*, "will send", "would send", offer*, agreed, commit*]
  refuses: [reject*, unacceptable, "red line", "ruled out"]
rules:
  - id: pledge
    title: A pledge
    when: SENT($promises AND (troop* OR ships OR soldiers))
    statement: {require: [asserted], actor: state_or_bloc, act: $promises}
  - id: rejection
    title: A rejection
    when: SENT($refuses AND troops)
    statement: {require: [asserted], who: speaker, events: [refusal], act: $refuses}
  - id: truce
    title: A truce
    when: SENT(truce AND (agreed OR extended))
    statement: {require: [asserted], actor: any, who: parties, act: agreed OR extended}
"""


@pytest.fixture
def reading(readings):
    """Every reading of a text under one rule, with a title and language if given."""
    return lambda text, rule="pledge", **told: readings(text, rule, **told)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Portugal pledged 200 troops.", None),
        ("Once the guns are silent, Portugal will send ships.", None),
        ("Portugal has not pledged troops.", "negation"),
        ("No country pledged troops.", "negation"),
        ("Portugal promised nothing, neither troops nor ships.", "negation"),
        ("Portugal refused to promise troops.", "refusal"),
        ("Portugal may pledge troops.", "possible"),
        ("Portugal is considering whether it should offer ships.", "possible"),
        ("If Portugal pledged troops, others would follow.", "conditional"),
        ("Portugal said it would send troops.", None),
        ("Portugal plans to offer ships.", "intended"),
        ("Spain urged Portugal to pledge troops.", "urged"),
        ("Spain called on its allies to offer ships.", "urged"),
        ("Has Portugal pledged troops?", "asked"),
        ("Spain said nothing, but Portugal pledged troops.", None),
        ("Spain did not comment, while Portugal offered ships.", None),
        ("A candidate promised that Portugal will send troops.", "unofficial"),
        ("After a long debate, Portugal has committed troops.", None),
        ("A shipping line pledged two ships.", "no_actor"),
        ("26 countries pledged troops.", None),
    ],
)
def test_cues_act_on_the_event_word_of_their_clause(reading, text, reason):
    assert [one.suppressed for one in reading(text)] == [reason]


@pytest.mark.parametrize(
    ("text", "recency"),
    [
        ("Portugal pledged troops on Wednesday.", Recency.CURRENT),
        ("Portugal pledged troops last month.", Recency.RECAP),
        ("Earlier this year Portugal pledged troops.", Recency.RECAP),
        ("In January Portugal pledged troops.", Recency.RECAP),
        ("On February 12 Portugal pledged troops.", Recency.RECAP),
        ("On March 3 Portugal pledged troops.", Recency.CURRENT),
        ("Two weeks ago Portugal pledged troops.", Recency.RECAP),
        ("Portugal will send troops until December 2027.", Recency.CURRENT),
    ],
)
def test_days_long_past_make_a_recap(reading, text, recency):
    assert [one.statement.recency for one in reading(text)] == [recency]


@pytest.mark.parametrize(
    ("text", "speaker", "state"),
    [
        (
            "Troops there are unacceptable, Serbian defence ministry spokesman Petar Ilic said.",
            "Petar Ilic",
            "Serbia",
        ),
        ('"Such troops are a red line," said Petar Ilic, an aide to the Serbian president.', "Petar Ilic", "Serbia"),
        ("The Serbian foreign ministry called troops unacceptable, it said.", "Serbian foreign ministry", "Serbia"),
        ("Such troops are unacceptable, according to the Kremlin.", "Kremlin", "Russia"),
        ("Belgrade rejects such troops.", None, "Serbia"),
        ("Ana Peric of the Serbian foreign ministry said: such troops are unacceptable.", "Ana Peric", "Serbia"),
    ],
)
def test_the_speaker_and_the_state_served(reading, text, speaker, state):
    (one,) = reading(text, "rejection")
    assert (one.statement.speaker, one.statement.actors) == (speaker, (state,))


def test_pronouns_and_surnames_are_resolved_to_the_name_first_given(reading):
    text = (
        "Ana Peric, a spokeswoman for the Serbian government, arrived late.\n\n"
        'She told reporters that "such troops are unacceptable".\n\n'
        "Foreign troops are a red line, Peric said."
    )
    found = reading(text, "rejection")
    assert [one.statement.speaker for one in found] == ["Ana Peric", "Ana Peric"]
    assert {one.statement.actors for one in found} == {("Serbia",)}


def test_an_unnamed_spokeswoman_is_whom_the_next_sentence_names(reading):
    text = "Troops are unacceptable, a spokeswoman for the Serbian government said. Ana Peric told reporters more."
    assert [one.statement.speaker for one in reading(text, "rejection")] == ["Ana Peric"]


def test_an_objection_denied_is_none(reading):
    assert [one.suppressed for one in reading("Serbia has not ruled out such troops.", "rejection")] == ["negation"]


def test_words_in_quotes_are_quoted_and_reported_ones_reported(reading):
    (quoted,) = reading('"The troops are unacceptable," the Kremlin said.', "rejection")
    (reported,) = reading("The troops are unacceptable, the Kremlin said.", "rejection")
    (own,) = reading("Portugal pledged troops.")
    assert [one.statement.voice for one in (quoted, reported, own)] == [Voice.QUOTED, Voice.REPORTED, Voice.ARTICLE]


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Chile and Peru agreed to a truce, the Brazilian foreign ministry said.", ("Chile", "Peru")),
        ("The governments of Chile and Peru extended their truce in Vienna.", ("Chile", "Peru")),
        ("Both sides agreed to a truce.", ()),
    ],
)
def test_parties_are_neither_the_mediator_nor_the_place(reading, text, actors):
    assert [one.statement.actors for one in reading(text, "truce")] == [actors]


def test_subjects_are_not_those_for_whom_it_is_done(reading):
    (one,) = reading("Portugal and Spain pledged troops for Moldova against Russia.")
    assert one.statement.actors == ("Portugal", "Spain")


def test_datelines_are_no_part_of_the_sentence(reading):
    (one,) = reading("LISBON, March 4 (Harbour Wire) - Portugal pledged 200 troops.")
    assert one.evidence.sentence == "Portugal pledged 200 troops."


def test_numbers_and_days_are_facts(reading):
    (one,) = reading("Portugal pledged twenty-two ships and 1,200 troops from March 9.")
    assert {(slot.kind, slot.value) for slot in one.statement.slots} == {
        ("number", "22 ships"),
        ("number", "1200 troops"),
        ("day", "2026-03-09"),
    }


def test_opinion_and_fiction_are_no_report(reading):
    column = "I hoped so. I wrote it, and my friends know me. I say it again. Portugal pledged troops. I am glad."
    novel = "In this novel Portugal pledged troops. It is a thriller, the hero dies. The novel ends well."
    assert {one.suppressed for one in reading(column)} == {"opinion"}
    assert {one.suppressed for one in reading(novel)} == {"fiction"}


def test_links_to_other_articles_are_no_report(reading):
    assert [one.suppressed for one in reading("Read more: Portugal pledged troops to the force")] == ["furniture"]


def test_choose_takes_one_for_each_event_and_the_text_before_the_title(reading):
    found = reading(
        "Portugal pledged troops. Portugal promised ships as well.\n\nNorway pledged ships.",
        title="Portugal pledges troops",
    )
    assert len(found) == 4
    assert [(one.evidence.part, one.statement.actors) for one in choose(found)] == [
        ("body", ("Portugal",)),
        ("body", ("Norway",)),
    ]


def test_cues_carry_their_span(reading):
    (one,) = reading("Portugal has not pledged troops.")
    assert [one.evidence.sentence[cue.start : cue.end] for cue in one.statement.cues] == ["not"]
