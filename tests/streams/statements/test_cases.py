"""Who acts, by the cases of names, and who speaks, by noun groups."""

import pytest

RULES = """
lists:
  acts: [вв?л, ввел*, введен*, введены, внес*, попал*, одобрил*, запровадил*, запроваджен*, потрапил*]
  lists_on: ["$acts NEAR/9 (санкци* OR санкці* OR список OR списку)"]
  rejects: ["не потерпит", неприемлем*, "неприйнятн*", "будут рассматриваться"]
rules:
  - id: listing
    title: A listing
    when: SENT($lists_on)
    statement: {require: [asserted], actor: state_or_bloc, act: $lists_on}
  - id: rejection
    title: A rejection
    when: SENT($rejects AND (войск* OR військ*))
    statement: {require: [asserted], who: speaker, events: [refusal], act: $rejects}
  - id: truce
    title: A truce
    when: SENT(перемирие AND объявил*)
    statement: {require: [asserted], actor: any, who: parties, act: объявил*}
"""


@pytest.fixture
def first(readings):
    """What the first reading of a text says."""
    return lambda text, rule="listing", language="ru": readings(text, rule, language=language)[0].statement


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Санкции против Перу ввела Япония.", ("Japan",)),
        ("Санкции против банков Перу введены Японией.", ("Japan",)),
        ("Под японские санкции попали два банка Перу.", ("Japan",)),
        ("Парламент Эстонии одобрил санкции против Перу.", ("Estonia",)),
        ("Литовское правительство ввело санкции против граждан США.", ("Lithuania",)),
        ("В Берлине Польша и Чехия ввели санкции против Перу.", ("Czech Republic", "Poland")),
        ("Чили сообщила, что Перу ввело санкции против Кубы.", ("Peru",)),
        ("Перуанские банки внесены в список Канадой.", ("Canada",)),
    ],
)
def test_the_case_tells_who_acts(first, text, actors):
    assert first(text).actors == actors


def test_the_other_language_has_cases_as_well(first):
    assert first("Під канадські санкції потрапили банки Перу.", language="uk").actors == ("Canada",)
    assert first("Санкції проти Перу запроваджено Францією.", language="uk").actors == ("France",)


def test_a_leader_may_stand_behind_the_act(first):
    assert first("Санкции против Перу ввёл своим указом Владимир Зеленский.").actors == ("Ukraine",)


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Для Лимы войска НАТО неприемлемы.", ("Peru",)),
        ("Войска НАТО будут рассматриваться Пекином как враг.", ("China",)),
        ("Лима считает войска Чили неприемлемыми.", ("Peru",)),
    ],
)
def test_whom_a_rejection_belongs_to(first, text, actors):
    assert first(text, "rejection").actors == actors


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Войска неприемлемы, заявил представитель МИД Перу Хуан Вега.", "Хуан Вега"),
        ("Войска неприемлемы, заявило министерство иностранных дел Перу.", "министерство иностранных дел Перу"),
        (
            "Войска неприемлемы, сообщила пресс-служба перуанского правительства.",
            "пресс-служба перуанского правительства",
        ),
        ("Войска неприемлемы, заявили в МИД Перу.", "МИД Перу"),
        ("Войска неприемлемы для Перу. Об этом заявил министр Хуан Вега.", "Хуан Вега"),
        ("Хуан Вега, министр Перу, выступил. По словам Веги, войска неприемлемы.", "Хуан Вега"),
        ("МИД Перу: чужие войска неприемлемы.", "МИД Перу"),
        ("Войска неприемлемы, сообщает Sky News со ссылкой на министра Перу Хуана Вегу.", "Хуана Вегу"),
        ("Войска неприемлемы — это со ссылкой на министра Перу Хуана Вегу.", "Хуана Вегу"),
        ("Войска неприемлемы, сказал представитель МАГАТЭ Хуан Вега.", "Хуан Вега"),
        ("Войска неприемлемы, объявил премьер-министр Перу.", "премьер-министр Перу"),
    ],
)
def test_who_speaks(first, text, speaker):
    assert first(text, "rejection").speaker == speaker


def test_two_negative_words_are_one_denial(readings):
    found = readings("Лима никогда не потерпит войск Чили.", language="ru")
    assert [one.suppressed for one in found] == [None]


def test_a_group_is_no_party_by_its_country(first):
    text = "Ливанская «Хезболла» и Израиль объявили перемирие на полях саммита ШОС."
    assert first(text, "truce").actors == ("Hezbollah", "Israel")
