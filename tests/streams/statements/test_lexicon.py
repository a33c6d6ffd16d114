"""Phrases of a lexicon in a sentence."""

import pytest

from streams.statements.lexicon import Phrases, separated, tokens


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("вв?л", "ЕС ввёл меры", True),
        ("вв?л", "ЕС ввел меры", True),
        ("вв?л", "ЕС ввели меры", False),
        ("?х меры", "их меры", True),
        ("сч?т*", "на счётах", True),
    ],
)
def test_one_letter_may_be_open_anywhere(phrase, text, found):
    assert bool(Phrases([(phrase, "x")]).find(tokens(text))) is found


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("Wien lehnt den Vorschlag ab.", ["lehnt"]),
        ("Wien lehnt den Vorschlag ab und zahlt.", ["lehnt"]),
        ("Wien lehnt sich an die Nachbarn.", []),
        ("Wien lehnt ab Montag an der Wand.", []),
        ("Wien lehnt den Vorschlag, der gilt, ab.", ["lehnt"]),
    ],
)
def test_a_german_verb_and_the_particle_that_closes_its_clause(text, verbs):
    words = tokens(text)
    assert [words[one.first].text for one in separated("cues", "de", text, words)] == verbs


@pytest.mark.parametrize(
    ("text", "capitals"),
    [("l'Ukraine attend", [True, False]), ("d'accord avec N'Djamena", [False, False, True]), ("l'offre", [False])],
)
def test_a_capital_behind_an_article_that_is_elided(text, capitals):
    assert [token.capital for token in tokens(text)] == capitals
