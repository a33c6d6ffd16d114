"""Rules of language that the default rules lean on: who speaks, who acts, what takes a statement back."""

import pytest

from streams.statements import choose, read
from wire.records import Recency

RULES = """
lists:
  promises: [pledg*, "will send", "would send", offer*, agreed, commit*, "put ONEAR/6 disposal", "defen?e aid"]
  refuses: [unacceptable, "n'acceptera"]
rules:
  - id: pledge
    title: A pledge
    when: SENT($promises AND (troop* OR ships OR soldiers))
    statement: {require: [asserted], actor: state_or_bloc, act: $promises}
  - id: listing
    title: A listing
    when: SENT((designated OR added) AND (banker* OR bank*))
    statement: {require: [asserted], actor: state_or_bloc, act: designated OR added}
  - id: rejection
    title: A rejection
    when: SENT($refuses AND (troops OR soldats))
    statement: {require: [asserted], who: speaker, events: [refusal], act: $refuses}
  - id: denunciation
    title: A denunciation
    when: SENT(denouncing AND troops)
    statement: {require: [asserted], who: speaker, events: [refusal], act: denouncing}
  - id: fleet
    title: A fleet
    when: SENT(fleet NEAR/3 ("to send" OR sends))
    statement: {require: [asserted], act: '"to send" OR sends'}
  - id: backing
    title: Support
    when: SENT(support AND forces)
    statement: {require: [asserted], actor: state_or_bloc, act: support NEAR/2 forces}
  - id: meeting
    title: A meeting
    when: SENT(president* AND "will meet")
    statement: {require: [asserted], actor: any, who: parties, act: '"will meet"'}
"""


@pytest.fixture
def first(readings):
    """The first reading of a text under one rule."""
    return lambda text, rule="pledge", **told: readings(text, rule, **told)[0]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("JANE MOANA: Samoa will send soldiers.", "JANE MOANA"),
        ("Ms OKORO (Minister for Defence): Ghana will send soldiers.", "OKORO"),
        ("Fiji's envoy quoted Tonga's mediator, Ana Tua, as saying that Samoa will send soldiers.", "Ana Tua"),
        ("Samoa will send soldiers, parliament was told on Monday by State Secretary Ana Tua.", "Ana Tua"),
        ("Samoa will send soldiers, the ministry's director, Ana Tua, told the defence committee.", "Ana Tua"),
        (
            "Samoa will send soldiers, deputy minister Omar al-Haddad was quoted as saying on Monday.",
            "Omar al-Haddad",
        ),
        ("Samoa wants Fiji's aviation agency to say who will send soldiers, minister Ana Tua said.", "Ana Tua"),
        ("Taiwan will send soldiers, its minister, Lin Chia-hao, said.", "Lin Chia-hao"),
        ("Samoa will send soldiers, the Cypriot presidency of the Council said.", "Cypriot presidency"),
        ("Samoa will send soldiers, the state news agency reported.", "state news agency"),
        ("Foreign Ministry: Samoa will send soldiers", "Foreign Ministry"),
        ("The prime ministers of Fiji and Tonga will send soldiers, Apia said.", None),
        ("Samoa will send soldiers, a spokeswoman for its government said.", "spokeswoman for its government"),
        ("Samoa will send soldiers, Public Security Minister Ana Tua said.", "Ana Tua"),
        ("Samoa will send soldiers, Minister of State for Civil Aviation Ana Tua said.", "Ana Tua"),
        ("Samoa will send soldiers, army spokesman Brig Gen Ana Tua said.", "Ana Tua"),
        ("Soldiers will go, Samoa pledged, the Defence Ministry in Apia said.", "Defence Ministry in Apia"),
        (
            "Samoa pledged soldiers, the Consumer Protection and Transport Authority said.",
            "Consumer Protection and Transport Authority",
        ),
        (
            "Samoa pledged soldiers, the Ministry of Foreign Affairs and Trade said.",
            "Ministry of Foreign Affairs and Trade",
        ),
        ("Samoa will send soldiers, the navy's commander, Commodore Ana Tua, said.", "Ana Tua"),
        ("Samoa will send soldiers, its minister, Ana Tua TD, said.", "Ana Tua"),
        ("Samoa blamed the storm near Coral Shoal, saying it will send soldiers.", None),
        ("Ana Tua: We will send soldiers.\n\nMinister Ana Tua took four questions.", "Ana Tua"),
        ("Samoa will send soldiers, Fiji's transport and works agency said.", "Fiji's transport and works agency"),
    ],
)
def test_who_speaks(first, text, speaker):
    assert first(text).statement.speaker == speaker


@pytest.mark.parametrize(
    ("text", "rule", "actors"),
    [
        ("Fijian bankers were designated by Samoa on Friday.", "listing", ("Samoa",)),
        ("Nine Fijian bankers have been added to Samoa's sanctions list.", "listing", ("Samoa",)),
        ("Fiji will send soldiers, and Tonga and Samoa will send ships.", "pledge", ("Fiji", "Samoa", "Tonga")),
        ("Twenty states led by Fiji and Tonga pledged soldiers.", "pledge", ("Fiji", "Tonga")),
        ("Twenty-six have pledged soldiers, French President Emmanuel Macron said.", "pledge", ()),
        ("Under a deal agreed in Paris, Italy will send ships, the navy said.", "pledge", ("Italy",)),
        ("Such troops are unacceptable to Fiji, a diplomat said.", "rejection", ("Fiji",)),
        ("Such troops are unacceptable, said Fiji's Security Council.", "rejection", ("Fiji",)),
        ("From Suva, Fiji: troops are unacceptable, said Security Council official Ana Tua.", "rejection", ("Fiji",)),
        ("Such troops are unacceptable, said the UN Security Council.", "rejection", ("United Nations",)),
        ("Troops in northern Tonga are unacceptable, Fiji said.", "rejection", ("Fiji",)),
        ("SUVA, Fiji, March 3 - Tonga will send soldiers.", "pledge", ("Tonga",)),
        ("Samoa will send soldiers to Fiji's aid.", "pledge", ("Samoa",)),
        ("The presidents of Samoa and Tonga will meet through the mediation of Fiji.", "meeting", ("Samoa", "Tonga")),
        ("Fiji. Ana Tua of the ministry was curt. Tongan troops are unacceptable, she said.", "rejection", ("Fiji",)),
        (
            "In view of a plot hatched in Tonga, the Council has committed troops. The European Union said more.",
            "pledge",
            ("European Union",),
        ),
        ("The Minister for Sport has pledged troops to Tonga. Fijian law allows it.", "pledge", ("Fiji",)),
        ("Denouncing troops as unacceptable, the Fijian navy closed a port.", "denunciation", ("Fiji",)),
        ("The presidents of Fiji and Tonga will meet in Apia, Samoa.", "meeting", ("Fiji", "Tonga")),
        ("President Donald Trump said he and President Xi Jinping will meet.", "meeting", ("China", "United States")),
        ("Nine bankers were designated on Friday under Samoan law.", "listing", ("Samoa",)),
        ("The Assembly agreed to the dispatch of ninety Samoan soldiers.", "pledge", ("Samoa",)),
        ("Fiji: Tongan troops unacceptable", "rejection", ("Fiji",)),
        ("In Suva the Samoan government designated nine bankers.", "listing", ("Samoa",)),
        ("Nine Fijian bankers were named, Samoa having designated them.", "listing", ("Samoa",)),
        (
            "SUVA - Tongan troops are unacceptable, coast guard spokesman Jone Vula said.",
            "rejection",
            ("Fiji",),
        ),
        ("Samoa's president and RED-Fagaloa will meet.", "meeting", ("RED-Fagaloa", "Samoa")),
        (
            "Samoa's president and the Upolu Liberation Front will meet.",
            "meeting",
            ("Samoa", "Upolu Liberation Front"),
        ),
        ("The president of Fiji will meet King Tupou in Apia.", "meeting", ("Fiji", "Samoa")),
        ("The president will meet the ELN.\n\nColombia waits. Colombia hopes.", "meeting", ("ELN",)),
        (
            "The government's president will meet the ELN.\n\nColombia waits. Colombia hopes.",
            "meeting",
            ("Colombia", "ELN"),
        ),
        (
            "Samoa took in the European Union's rules.\n\nNine bankers were added, Council spokesman Jan Vogt said.",
            "listing",
            ("European Union",),
        ),
        (
            "Samoa took in the European Union's rules.\n\nThe Council today added nine bankers.",
            "listing",
            ("European Union",),
        ),
        ("The president of Fiji and the government in Apia will meet.", "meeting", ("Fiji", "Samoa")),
        ("The Pacific Islands Forum's presidents' summit: they will meet.", "meeting", ("Pacific Islands Forum",)),
        ("The presidents of Fiji and Tonga will meet after a Samoan proposal.", "meeting", ("Fiji", "Tonga")),
    ],
)
def test_who_acts(first, text, rule, actors):
    assert first(text, rule).statement.actors == actors


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Fiji's offer of forty soldiers for the mission has been withdrawn.", "refusal"),
        ("A report that Fiji pledged soldiers is not correct.", "possible"),
        ("Fiji would be glad to send troops if it agreed on pay.", "urged"),
        ("On 5 May Fiji pledged soldiers.", None),
        ("Fiji has pledged soldiers to guard a power plant.", None),
        ("Fiji put soldiers at the disposal of the force.", None),
        ("Fiji appealed on Monday to Samoa's army and its friends in the capital to commit troops.", "urged"),
        ("Fiji failed on Monday to commit its troops.", "negation"),
        ("The draft would bar ships, name ports and commit troops.", "intended"),
        ("Fiji will bar ships, name ports and commit troops.", None),
        ("Fiji has pledged troops, and not for the first time.", None),
        ("It is Fiji, not in April but, as it says, in May, that pledged soldiers.", None),
        ("Please disregard the item headlined Fiji pledged soldiers.", "correction"),
        ("Fiji will not stand by and has pledged troops.", None),
        ("At Samoa's request Fiji pledged troops.", None),
        ("A request that Fiji commit troops went out.", "urged"),
        ("Fiji urged both sides to rest, to talk and to commit troops.", "urged"),
        ("Fiji pledged troops over the jailing of protesters.", None),
        ("Fiji told the planning staff that it pledged troops.", None),
        ("Troops were pledged to Fiji by protesters.", "unofficial"),
        ("The troops, of whom Samoa says there are none, were pledged by Fiji.", None),
        ("Samoa said nothing of the troops pledged by Fiji.", "negation"),
        ("Samoa, ready or not, pledged troops.", None),
        ("A newspaper had reported that Samoa pledged troops.", "possible"),
        ("A post shared a thousand times says that Samoa pledged troops.", "unofficial"),
        ("Samoa pledged soldiers, said the mediator, former minister Ana Tua.", None),
        ("Samoa pledged soldiers, said former minister Ana Tua.", "unofficial"),
        ("Ana Tua pledged that, if elected, Samoa will send troops.", "unofficial"),
        ("The plan of Samoa, which pledged soldiers, was struck from the agenda.", "refusal"),
    ],
)
def test_what_takes_a_statement_back(first, text, reason):
    assert first(text).suppressed == reason


def test_a_negated_verb_of_thinking_reaches_far(first):
    text = "Fiji does not consider the presence of Tongan and Samoan troops on any of its islands unacceptable."
    assert first(text, "rejection").suppressed == "negation"


def test_half_a_negation_within_the_event_takes_nothing_back(first):
    text = "La Géorgie n'acceptera jamais de soldats, a averti le porte-parole Nino Beridze."
    assert first(text, "rejection", language="fr").suppressed is None


def test_a_sentence_without_the_events_words_is_none(first):
    assert first("Fiji has troops. Samoa pledged soldiers.").evidence.sentence == "Samoa pledged soldiers."


@pytest.mark.parametrize("title", ["Correction", "Clarification: soldiers", "Opinion: soldiers"])
def test_corrections_and_columns_report_nothing(first, title):
    assert first("Fiji pledged soldiers.", title=title).suppressed in ("correction", "opinion")


def test_what_only_the_rest_gives_actors_to_is_no_event_of_its_own(readings):
    text = "Samoa designated nine bankers.\n\nFiji is glad.\n\nThe bankers were designated at noon."
    found = readings(text, "listing")
    assert [(one.statement.actors, one.meant) for one in found] == [(("Samoa",), False), (("Fiji",), True)]
    assert [one.statement.actors for one in choose(found)] == [("Samoa",)]


def test_a_made_up_world_is_none(first):
    text = "In the war game Fiji pledged soldiers. The umpire of this fictitious crisis smiled."
    assert first(text).suppressed == "fiction"


def test_a_review_is_fiction_and_a_signed_piece_with_an_i_is_opinion(first):
    review = (
        "In the first episode Fiji pledged soldiers. The plot is thin, the cast is not, and the director knows it."
    )
    signed = "Fiji pledged soldiers. I doubt it, as my father did.\n\nAna Tua is a retired teacher in Suva."
    assert first(review).suppressed == "fiction"
    assert first(signed).suppressed == "opinion"
    assert first(signed.replace("I doubt it, as my father did.", "Samoa doubts it.")).suppressed is None


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("On 5 January Fiji pledged soldiers.", None),
        ("I say that Fiji pledged soldiers.", "opinion"),
        ("Your paper says that Fiji pledged soldiers.", "opinion"),
        ("Fiji has for years pledged soldiers.", "opinion"),
    ],
)
def test_what_an_opinion_piece_tells_of_others_is_recalled(first, sentence, reason):
    one = first(f"{sentence} I doubt it.", title="Opinion: soldiers")
    assert (one.suppressed, one.statement.recency) == (reason, Recency.RECAP if reason is None else Recency.CURRENT)


def test_a_condition_takes_nothing_back_from_what_is_reported(first):
    assert first("Fiji said it would pledge soldiers if Samoa asked.").suppressed is None
    assert first("Fiji would pledge soldiers if Samoa asked.").suppressed == "conditional"


def test_a_year_gone_by_recalls(first):
    assert first("Fiji pledged soldiers in 2019.").statement.recency is Recency.RECAP
    assert first("Fiji pledged soldiers in 2026.").statement.recency is Recency.CURRENT
    assert first("Fiji pledged 2019 soldiers.").statement.recency is Recency.CURRENT


def test_a_given_name_is_no_month(first):
    assert first("Fiji pledged soldiers, spokesman Jan Vogt said.").statement.recency is Recency.CURRENT


def test_a_retired_man_who_is_acted_upon_does_not_speak(first):
    assert first("A retired banker was designated by Samoa.", "listing").suppressed is None
    assert first("Samoa will send soldiers, a retired judge said.").suppressed == "unofficial"


def test_who_speaks_for_no_state_once_speaks_for_none_later(readings):
    text = 'Fiji pledged soldiers, columnist Ana Tua said.\n\n"Fiji pledged troops," Tua said.'
    assert [one.suppressed for one in readings(text, "pledge")] == ["unofficial", "unofficial"]


def test_the_words_of_an_armed_groups_name_are_no_act(first):
    assert first("Samoa met the Rapid Support Forces.", "backing").suppressed == "no_act"
    assert first("Samoa will support rapid forces.", "backing").suppressed is None


def test_he_is_who_spoke_for_no_state_before(readings):
    text = "In Apia candidate Ana Tua spoke. She pledged that Samoa will send soldiers. Fiji pledged soldiers."
    assert [one.suppressed for one in readings(text, "pledge")] == ["unofficial", None]


def test_an_armed_opposition_is_no_party_in_parliament(first):
    assert first("The opposition SPLM-IO and Samoa pledged soldiers.").suppressed is None
    assert first("The opposition in Samoa pledged soldiers.").suppressed == "unofficial"


def test_an_act_counts_where_the_query_found_it(matched):
    article, [match] = matched("Fiji plans to send the fleet to a port that sends it on.")
    assert [reading.suppressed for reading in read(article, match)] == ["intended"]


@pytest.mark.parametrize(
    ("text", "recency"),
    [
        ("Tongan troops that came last month are unacceptable, Fiji said on Tuesday.", Recency.CURRENT),
        ("Tongan troops are unacceptable, Fiji said last month.", Recency.RECAP),
    ],
)
def test_of_what_is_said_the_day_of_saying_counts(first, text, recency):
    assert first(text, "rejection").statement.recency is recency


def test_a_capital_and_a_colon_are_where_a_report_was_written(first):
    reading = first("NEW DELHI: Samoa will send soldiers, minister Ana Tua said.")
    assert reading.evidence.sentence == "Samoa will send soldiers, minister Ana Tua said."
