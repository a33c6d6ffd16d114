"""When it was: news, or what a text goes back to. Texts are of Wednesday, 4 March 2026."""

import pytest

from wire.records import Recency

RULES = """
lists:
  promises: [pledg*, promis*, "will send", offer*, agreed]
  blames: [blam*, jammed]
rules:
  - id: pledge
    title: A pledge
    when: SENT($promises AND (troop* OR ships OR soldiers))
    statement: {require: [asserted], actor: state_or_bloc, act: $promises}
  - id: blame
    title: Blame
    when: SENT($blames AND ships)
    statement: {require: [asserted], who: speaker, act: $blames}
"""
NOW, THEN = Recency.CURRENT, Recency.RECAP


@pytest.mark.parametrize(
    ("text", "recency"),
    [
        ("Samoa had pledged soldiers.", THEN),
        ("Samoa had then pledged soldiers.", THEN),
        ("Samoa had a plan and pledged soldiers.", NOW),
        ("Samoa had pledged soldiers, its minister said.", NOW),
        ("Its minister had said that Samoa will send soldiers.", THEN),
        ("Hours earlier its minister had said that Samoa will send soldiers.", NOW),
        ("Samoa has pledged soldiers.", NOW),
    ],
)
def test_a_pluperfect_of_what_is_told_or_of_its_telling_goes_back(readings, text, recency):
    assert [one.statement.recency for one in readings(f"Rain fell.\n\n{text}", "pledge")] == [recency]


@pytest.mark.parametrize(
    ("text", "recency"),
    [
        ("15 January. Samoa pledges soldiers.", THEN),
        ("15 January. Rain fell. Samoa pledges soldiers.", THEN),
        ("3 March. Samoa pledges soldiers.", NOW),
        ("On 15 January it rained all over the islands. Samoa pledges soldiers.", NOW),
        ("15 January. Rain fell.\n\nSamoa pledges soldiers.", NOW),
    ],
)
def test_a_chronicles_day_dates_its_paragraph(readings, text, recency):
    assert [one.statement.recency for one in readings(text, "pledge")] == [recency]


@pytest.mark.parametrize(
    ("text", "recency"),
    [
        ("Tonga jammed ships on every day of January, according to Samoa's navy.", NOW),
        ("Samoa's navy said on Wednesday that Tonga jammed ships between 3 and 9 February.", NOW),
        ("In January Samoa's navy said that Tonga jammed ships.", THEN),
        ("Samoa's navy said on 3 February that Tonga jammed ships.", THEN),
        ("Signals of Tonga that jammed ships last week came from a hill, Samoa's navy said.", NOW),
        ("Samoa's navy said last week that Tonga jammed ships.", THEN),
        ("Samoa's navy last week blamed Tonga for the loss of ships.", THEN),
        ("The navy of Samoa, on 3 February, blamed Tonga for the loss of ships.", THEN),
    ],
)
def test_of_what_is_said_only_the_day_of_saying_it_goes_back(readings, text, recency):
    assert [one.statement.recency for one in readings(text, "blame")] == [recency]


def test_days_may_be_spelled_out(readings):
    ahead = "On the twenty-seventh of March Samoa will send soldiers."
    past = "On the seventh of February it pledged ships."
    found = [one.statement for text in (ahead, past) for one in readings(f"Samoa waits. {text}", "pledge")]
    days = [slot.value for one in found for slot in one.slots if slot.kind == "day"]
    assert days == ["2026-03-27", "2026-02-07"] and [one.recency for one in found] == [NOW, THEN]
