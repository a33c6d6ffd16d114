"""Numbers and ordinals as facts, the same in every language."""

from datetime import UTC, datetime

import pytest

from streams.statements.passage import passages
from streams.statements.slots import slots
from tests.newsday import an_article


def facts(text, language="en"):
    article = an_article("https://a.test/", "", text, datetime(2026, 3, 4, tzinfo=UTC), language)
    return {(slot.kind, slot.value) for slot in slots(passages(article)[0])}


@pytest.mark.parametrize(
    "text",
    [
        "The 23rd package was adopted.",
        "Le 23e paquet est adopté.",
        "Принят 23-й пакет санкций.",
        "Обсудили детали 23-го пакета.",
        "Двадцать третий пакет принят.",
        "Ухвалено двадцять третій пакет санкцій.",
    ],
)
def test_an_ordinal_has_one_value_in_all_languages(text):
    assert facts(text) == {("ordinal", "23 package")}


@pytest.mark.parametrize(
    "text",
    ["26 countries pledged.", "26 стран обещали.", "Двадцать шесть государств обещали.", "Двадцять шість держав."],
)
def test_states_are_counted_alike(text):
    assert facts(text) == {("number", "26 countries")}


def test_an_ordinal_of_something_else_is_no_fact():
    assert facts("Второй министр уехал в третий раз.") == set()
    assert facts("The third minister left.") == set()
