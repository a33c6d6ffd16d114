"""Grammar by endings: which verbs tell of an event, and names in their cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.statements import slavic


@pytest.mark.parametrize(
    ("text", "language", "unfinished"),
    [
        ("ввести санкции", "ru", True),
        ("введённые санкции", "ru", True),
        ("ввели санкции", "ru", False),
        ("санкции введены", "ru", False),
        ("решили ввести санкции", "ru", False),
        ("введение санкций", "ru", False),
        ("готовы направить", "ru", False),
        ("не стрелять", "ru", False),
        ("будет рассматриваться", "ru", False),
        ("запровадити санкції", "uk", True),
        ("запроваджених санкцій", "uk", True),
        ("запроваджено санкції", "uk", False),
        ("санкції запроваджені", "uk", False),
        ("запроваджуватимуть санкції", "uk", False),
        ("to impose sanctions", "en", False),
    ],
)
def test_infinitives_and_participles_tell_of_no_event(text, language, unfinished):
    words = text.split()
    assert slavic.tells_no_event(words, range(len(words)), language) is unfinished


def test_only_the_place_counts():
    words = "решили ввести санкции".split()
    assert slavic.tells_no_event(words, (1, 2), "ru")


def test_a_compound_future_is_told_by_the_word_before_the_place():
    assert not slavic.tells_no_event("будут строго рассматриваться как цель".split(), (2, 4), "ru")
    assert slavic.tells_no_event("могут строго рассматриваться как цель".split(), (2, 4), "ru")


@pytest.mark.parametrize("word", ["безопасности", "готовности", "области", "путь", "иностранных", "військові"])
def test_nouns_and_adjectives_are_no_verbs(word):
    for language in slavic.LANGUAGES:
        assert not slavic.infinitive(word, language)
        assert not slavic.participle(word, language)


STEMS = st.sampled_from(["гнатишин", "захаров", "сибиг", "петрауск", "шевчук", "лаас"])
ENDINGS = st.sampled_from(["", "а", "у", "ом", "ым", "е", "ой", "ою", "ого", "ому"])


@given(STEMS, ENDINGS, ENDINGS)
def test_a_family_name_is_one_in_all_its_cases(stem, one, other):
    assert slavic.family_name(f"Мария {stem}{one}") == slavic.family_name(f"{stem}{other}".title())


def test_names_in_other_letters_stay_as_they_are():
    assert slavic.family_name("Marco Reyes") == "reyes"
    assert slavic.family_name("Ли") == "ли"


def test_a_name_without_cases():
    assert all(slavic.indeclinable(name) for name in ("США", "Токио", "Перу", "Малі"))
    assert not any(slavic.indeclinable(name) for name in ("Иран", "Япония", "Рада"))


@pytest.mark.parametrize(
    ("word", "passive"), [("введены", True), ("замораживаются", True), ("вводят", False), ("направит", False)]
)
def test_passives(word, passive):
    assert slavic.passive(word, "ru") is passive


def test_a_denial_holds_one_negation():
    assert slavic.denies(["никогда", "не", "согласится"], "ru")
    assert not slavic.denies(["отвергает"], "ru")
    assert not slavic.denies(["не"], "en")
