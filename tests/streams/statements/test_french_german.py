"""French and German rules of language: what takes a statement back, who speaks, who acts, when it was."""

import pytest

from streams.statements import read
from wire.records import Recency, Voice

RULES = """
lists:
  sends: [enverra, enverront, envoyés, envoyer, promis, n'enverra, entsendet, entsenden, entsandt, zugesagt]
  lists_on: [sanctionné, gelé, interdit, angeschlossen, rallié, verhängt, gesperrt]
rules:
  - id: pledge
    title: A pledge
    when: SENT($sends AND (soldats OR soldaten OR mann))
    statement: {require: [asserted, official], actor: state_or_bloc, act: $sends}
  - id: listing
    title: A listing
    when: SENT($lists_on AND (banquiers OR bankiers OR mesures OR massnahmen OR président OR präsidenten))
    statement: {require: [asserted, official], actor: state_or_bloc, act: $lists_on}
  - id: rejection
    title: A rejection
    when: SENT((exclut OR exclu OR inacceptable OR ausgeschlossen OR inakzeptabel) AND (soldats OR soldaten))
    statement:
      require: [asserted, official]
      who: speaker
      actor: any
      events: [refusal]
      act: exclut OR exclu OR inacceptable OR ausgeschlossen OR inakzeptabel
  - id: meeting
    title: A meeting
    when: SENT((rencontrer* OR rencontré* OR treffen OR trafen) AND (président* OR präsident*))
    statement: {require: [asserted], actor: any, who: parties, act: rencontrer* OR rencontré* OR treffen OR trafen}
"""


@pytest.fixture
def first(readings):
    """The first reading of a text under one rule."""
    return lambda text, language, rule="pledge": readings(text, rule, language=language)[0]


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("fr", "Fidji n'enverra pas de soldats.", "negation"),
        ("fr", "N'Djamena enverra des soldats.", None),
        ("fr", "Fidji a non seulement promis des soldats, mais des navires.", None),
        ("fr", "Il ne fait aucun doute que Fidji enverra des soldats.", None),
        ("fr", "Suva souhaite envoyer des soldats.", "intended"),
        ("fr", "Des soldats pourraient être envoyés par Fidji.", "possible"),
        ("fr", "Après un vote sans surprise, Fidji enverra des soldats.", None),
        ("fr", "Fidji, qui refusait tout débat, enverra des soldats.", None),
        ("fr", "Fidji enverra des soldats, selon un ancien ministre.", "unofficial"),
        ("de", "Fidschi hat keine Soldaten zugesagt.", "negation"),
        (
            "de",
            "Fidschi wird sich weder beeilen noch an Tagen wie diesen auch nur hundert Soldaten entsenden.",
            "negation",
        ),
        ("de", "Fidschi lehnt es ab, dass es Soldaten entsendet.", "refusal"),
        ("de", "Fidschi hat nicht nur Soldaten zugesagt.", None),
        ("de", "Obwohl Samoa zögerte und nicht wollte, hat Fidschi Soldaten zugesagt.", None),
        ("de", "Fidschi könnte der Truppe bald schon an die hundert Soldaten entsenden.", "possible"),
        ("de", "Fidschi dementiert, der Truppe Soldaten zugesagt zu haben.", "refusal"),
        ("de", "Es ist nicht bekannt, wer die Soldaten von Fidschi entsendet.", "negation"),
        ("de", "Die Opposition in Fidschi hat Soldaten zugesagt.", "unofficial"),
    ],
)
def test_what_takes_a_statement_back(first, language, text, reason):
    assert first(text, language).suppressed == reason


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("fr", "Fidji enverra des soldats, a annoncé lundi la ministre fidjienne de la Défense, Ana Tua.", "Ana Tua"),
        ("fr", "Fidji enverra des soldats, selon l'ONU.", "ONU"),
        (
            "fr",
            "Pour le ministère samoan de la Défense, Fidji enverra des soldats.",
            "ministère samoan de la Défense",
        ),
        ("fr", "Fidji enverra des soldats, ont fait savoir les états-majors après une réunion à Siem Reap.", None),
        ("fr", "Fidji enverra des soldats. Le président, Sitiveni Rabuka, l'a annoncé à Suva.", "Sitiveni Rabuka"),
        ("fr", "Fidji enverra des soldats. C'est ce qu'a annoncé Ana Tua à Suva.", "Ana Tua"),
        ("fr", "Fidji enverra des soldats. Ana Tua a parlé du temps.", None),
        (
            "de",
            "Fidschi entsendet Soldaten, wie Ministerin Ana Tua am Montag nach einem Treffen mitteilte.",
            "Ana Tua",
        ),
        ("de", "Fidschi entsendet Soldaten, so Sprecherin Ana Tua.", "Ana Tua"),
        ("de", "Fidschi entsendet laut UN Soldaten.", "UN"),
        ("de", "Angaben des Außenministeriums zufolge entsendet Fidschi Soldaten.", "Außenministeriums"),
        ("de", "Fidschi entsendet Soldaten, teilte das Außenministerium in Suva mit.", "Außenministerium in Suva"),
        ("de", "Fidschi entsendet Soldaten. Sprecherin Ana Tua bestätigte am Montag den Termin.", "Ana Tua"),
        ("de", "Fidschi entsendet Soldaten. Das teilte Ana Tua mit.", "Ana Tua"),
        ("de", "Fidschi entsendet Soldaten. Ana Tua nannte den Termin falsch.", None),
    ],
)
def test_who_speaks(first, language, text, speaker):
    assert first(text, language).statement.speaker == speaker


@pytest.mark.parametrize(
    ("language", "text", "rule", "actors"),
    [
        ("fr", "La Suisse a gelé les comptes de six banquiers russes.", "listing", ("Switzerland",)),
        ("fr", "Berne s'est rallié aux mesures de l'Union européenne.", "listing", ("Switzerland",)),
        ("fr", "Cent soldats fidjiens seront envoyés.", "pledge", ("Fiji",)),
        ("fr", "Rome exclut l'envoi de soldats italiens.", "rejection", ()),
        ("fr", "Rome exclut l'envoi de soldats allemands.", "rejection", ("Italy",)),
        ("fr", "Pour Moscou, la présence de soldats allemands est inacceptable.", "rejection", ("Russia",)),
        (
            "fr",
            "Le président Lula rencontrera le président Santiago Peña.",
            "meeting",
            ("Brazil", "Paraguay"),
        ),
        ("de", "Die Schweiz hat sich den Massnahmen der EU angeschlossen.", "listing", ("Switzerland",)),
        ("de", "Am Montag hat Wien die Konten russischer Bankiers gesperrt.", "listing", ("Austria",)),
        ("de", "Für Rom sind italienische Soldaten ausgeschlossen.", "rejection", ()),
        ("de", "Für Rom sind deutsche Soldaten ausgeschlossen.", "rejection", ("Italy",)),
        ("de", "Polens Präsident und der Präsident Serbiens treffen sich in Wien.", "meeting", ("Poland", "Serbia")),
    ],
)
def test_who_acts(first, language, text, rule, actors):
    assert first(text, language, rule).statement.actors == actors


@pytest.mark.parametrize(
    ("language", "text", "recency"),
    [
        ("fr", "Fidji avait promis des soldats.", Recency.RECAP),
        ("fr", "Fidji a promis des soldats qui avaient servi au Liban.", Recency.CURRENT),
        ("fr", "Le 21 novembre 1995, Fidji a promis des soldats.", Recency.RECAP),
        ("fr", "Le président rencontrera le président serbe le 20 mars.", Recency.CURRENT),
        ("fr", "Les présidents se sont rencontrés le 2 février.", Recency.RECAP),
        ("de", "Fidschi hatte Soldaten zugesagt.", Recency.RECAP),
        ("de", "Fidschi hat 2022 den Blauhelmen Soldaten zugesagt.", Recency.RECAP),
        ("de", "Fidschi hat 2000 Mann zugesagt.", Recency.CURRENT),
        ("de", "Die Präsidenten trafen sich am 2. Februar.", Recency.RECAP),
        ("de", "Am 21. November treffen sich die Präsidenten.", Recency.CURRENT),
        ("de", "Am 21. November 1995 treffen sich die Präsidenten.", Recency.RECAP),
    ],
)
def test_when_it_was(first, language, text, recency):
    rule = "meeting" if "résident" in text or "räsident" in text else "pledge"
    assert first(text, language, rule).statement.recency is recency


def test_an_ancient_president_who_is_acted_upon_does_not_speak(first):
    assert first("La Suisse a gelé les comptes de l'ancien président Diaz.", "fr", "listing").suppressed is None
    assert first("L'ancien président Diaz a gelé les comptes.", "fr", "listing").suppressed == "unofficial"


def test_a_word_in_quotes_leaves_the_sentence_to_the_article(first):
    assert first("Moscou tient pour «exclu» l'envoi de soldats.", "fr", "rejection").statement.voice is Voice.ARTICLE


def test_letters_to_the_editor_report_nothing(matched):
    for title, language, text in (
        ("Courrier des lecteurs", "fr", "Fidji enverra des soldats."),
        ("Leserbriefe", "de", "Fidschi entsendet Soldaten."),
    ):
        article, [match] = matched(text, title=title, language=language)
        assert [one.suppressed for one in read(article, match)] == ["opinion"]
