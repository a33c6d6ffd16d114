"""Whether a state's name acts by itself or belongs to a thing, in French and German."""

from datetime import UTC, datetime

import pytest

from streams.statements import actors, nationality
from streams.statements.passage import passages
from streams.statements.soldiers import own_soldiers
from tests.newsday import an_article

AT = datetime(2026, 3, 4, 15, tzinfo=UTC)


def the_passage(text, language):
    [passage] = passages(an_article("https://a.test/", "", text, AT, language))
    return passage


def one_mention(passage):
    return actors.find(passage.tokens, passage.language)[0]


@pytest.mark.parametrize(
    ("language", "text", "only_tells_of_what_kind"),
    [
        ("fr", "des banques russes", True),
        ("fr", "le ministre russe", False),
        ("fr", "la Russie attend", False),
        ("de", "russische Banken", True),
        ("de", "die russische Regierung", False),
        ("de", "Russland wartet", False),
        ("de", "EU-Sanktionen", True),
        ("de", "EU-Botschafter", False),
    ],
)
def test_qualifies(language, text, only_tells_of_what_kind):
    passage = the_passage(text, language)
    assert nationality.qualifies(passage, one_mention(passage)) is only_tells_of_what_kind


@pytest.mark.parametrize(
    ("language", "text", "owned"),
    [
        ("fr", "Les comptes de la Russie", True),
        ("fr", "Le président de la Russie", False),
        ("de", "Die Konten der Hamas", True),
        ("de", "Der Präsident Russlands", False),
        ("de", "Am Montag Polens Regierung", False),
    ],
)
def test_belongs(language, text, owned):
    passage = the_passage(text, language)
    assert nationality.belongs(passage, one_mention(passage).first) is owned


@pytest.mark.parametrize(
    ("language", "text", "own"),
    [
        ("fr", "Rome exclut l'envoi de soldats italiens", True),
        ("fr", "Rome exclut l'envoi de soldats belges", False),
        ("fr", "Rome refuse des soldats belges face aux soldats italiens", False),
        ("fr", "Rome refuse un tel envoi", False),
        ("de", "Rom schließt italienische Soldaten aus", True),
        ("de", "Rom schließt belgische Soldaten aus", False),
        ("en", "Not one Italian soldier will go, Rome says", True),
        ("en", "Not one Belgian soldier will come, Rome says", False),
        ("en", "Rome rejects all non-Italian soldiers", False),
    ],
)
def test_own_soldiers(language, text, own):
    assert own_soldiers(the_passage(text, language), ("Italy",)) is own


def test_measures_are_of_another_sort_than_acts():
    passage = the_passage("die Sanktionen der EU", "de")
    event = [1]
    assert nationality.owns(passage, one_mention(passage), event, nationality.MEASURES)
    assert not nationality.owns(passage, one_mention(passage), event)
