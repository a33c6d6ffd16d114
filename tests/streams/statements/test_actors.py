"""The tables of who can act, in the languages that have names of their own."""

import pytest

from streams.statements import actors
from streams.statements.lexicon import DATA, tokens


def rows(language):
    """Lines of a language's table, as columns."""
    lines = (DATA / f"names.{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def meant(text, language):
    return [one.meaning for one in actors.find(tokens(text), language)]


@pytest.mark.parametrize("language", ["fr", "de"])
def test_every_state_has_a_name(language):
    known = {name for name, *_ in rows(language)}
    states = {name for name, actor in actors.table().items() if actor.kind == actors.STATE}
    assert states - known == set()


@pytest.mark.parametrize("language", ["fr", "de"])
def test_every_line_is_of_somebody_known(language):
    holders = (DATA / "holders.tsv").read_text(encoding="utf-8").splitlines()
    named = {line.split("\t")[0].split(",")[0] for line in holders if line and not line.startswith("#")}
    assert {name for name, *_ in rows(language)} <= named | actors.table().keys()


@pytest.mark.parametrize(
    ("language", "text", "states"),
    [
        ("fr", "le ministre ivoirien et la ministre ivoirienne", ["Ivory Coast", "Ivory Coast"]),
        ("fr", "N'Djamena et Ouagadougou", ["Chad", "Burkina Faso"]),
        ("fr", "l'Allemagne, d'Haïti", ["Germany", "Haiti"]),
        ("de", "Polens und Tschechiens", ["Poland", "Czech Republic"]),
        ("de", "der tschadischen Regierung", ["Chad"]),
        ("de", "das Kanzleramt", ["Germany"]),
        ("de", "die polnische Küste", ["Poland"]),
    ],
)
def test_names_adjectives_and_seats(language, text, states):
    assert meant(text, language) == states


@pytest.mark.parametrize(
    ("language", "name"), [("fr", "Poutine"), ("fr", "Vladimir Poutine"), ("de", "Wladimir Putin"), ("de", "Putins")]
)
def test_office_holders_as_a_language_calls_them(language, name):
    assert [one.meaning for one in actors.serving(tokens(name), language)] == ["Russia"]
