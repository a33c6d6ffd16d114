"""How far cues reach where commas tell clauses apart, on readings of whole sentences."""

import pytest

from wire.records import Recency

RULES = """
lists:
  acts: [ввел*, введены, введ?т, ввод?т, запровадил*, запроваджен*, "(решил* OR намерен*) ONEAR/3 ввести"]
rules:
  - id: listing
    title: A listing
    when: SENT($acts AND (санкци* OR санкці*))
    statement: {require: [asserted], actor: state_or_bloc, act: $acts}
"""


@pytest.fixture
def reading(readings):
    """The first reading of a text."""
    return lambda text, language="ru", title="": readings(text, language=language, title=title)[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Чили ввела санкции против Перу.", None),
        ("Чили не ввела санкции против Перу.", "negation"),
        ("Не дожидаясь союзников, Чили ввела санкции против Перу.", None),
        ("Не названная газетой страна объяснила молчание, Чили ввела санкции.", None),
        ("Чили не раз терпела и ввела санкции против Перу.", None),
        ("Чили не боясь долгой большой ссоры ввела санкции против Перу.", None),
        ("Союзники ожидают, что Чили введёт санкции против Перу.", "possible"),
        ("Союзники опровергли слухи, Чили ввела санкции против Перу.", None),
        ("Чили не только ввела санкции против Перу, но и отозвала посла.", None),
        ("Санкции против Перу введены не были, сообщили в Чили.", "negation"),
        ("Ожидается, что Чили введёт санкции против Перу.", "possible"),
        ("Чили, как ожидается, введёт санкции против Перу.", "possible"),
        ("Чили потребовала ответа от Перу, которое само ввело санкции.", None),
        ("После того как союзники отказались от переговоров, Чили ввела санкции.", None),
        ("Чили опровергла, что ввела санкции против Перу.", "refusal"),
        ("Чили ввела бы санкции против Перу.", "conditional"),
        ("Чили введёт ли санкции против Перу, неизвестно.", "conditional"),
        ("Министр заявил, что ожидает ответа: Чили ввела санкции против Перу.", None),
        ("Посол уедет, как только Чили введёт санкции против Перу.", "conditional"),
    ],
)
def test_what_acts_on_the_event(reading, text, why):
    assert reading(text).suppressed == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Чилі запровадила санкції проти Перу.", None),
        ("Чи запровадила Чилі санкції проти Перу?", "conditional"),
        ("США чи Чилі запровадила санкції, в угоді не сказано.", None),
        ("Очікується, що Чилі запровадила санкції проти Перу.", "possible"),
        ("Мито знімуть, щойно Чилі запровадила санкції проти Перу.", "conditional"),
        ("Чилі запровадила санкції проти Перу, щойно зняли мито.", None),
    ],
)
def test_the_other_language(reading, text, why):
    assert reading(text, "uk").suppressed == why


@pytest.mark.parametrize(
    ("title", "text", "why"),
    [
        ("", "Читайте также: Чили ввела санкции против Перу.", "furniture"),
        ("Мнение: довольно ссор", "Чили ввела санкции против Перу.", "opinion"),
        ("Поправка", "Чили ввела санкции против Перу.", "correction"),
        ("Новый роман писательницы", "Чили ввела санкции против Перу.", "fiction"),
        ("Мнение суда", "Чили ввела санкции против Перу.", None),
    ],
)
def test_what_is_no_report(reading, title, text, why):
    assert reading(text, title=title).suppressed == why


def test_what_the_query_asks_for_takes_nothing_back(reading):
    assert reading("Чили намерена ввести санкции против Перу.").suppressed is None


@pytest.mark.parametrize(
    ("text", "recency"),
    [
        ("Чили ввела санкции против Перу, выславшего посла прошлой зимой.", Recency.CURRENT),
        ("Прошлой зимой Чили ввела санкции против Перу.", Recency.RECAP),
        ("Накануне Чили ввела санкции против Перу.", Recency.CURRENT),
        ("Суд отложен.\n\nНакануне Чили ввела санкции против Перу.", Recency.RECAP),
        ("Суд отложен.\n\nВ понедельник Чили ввела санкции против Перу.", Recency.RECAP),
        ("Суд отложен.\n\nВ понедельник Чили введёт санкции против Перу.", Recency.CURRENT),
    ],
)
def test_a_recap_counts_in_the_clause_of_the_event(reading, text, recency):
    assert reading(text).statement.recency is recency
