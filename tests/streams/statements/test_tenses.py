"""Whether a French or German sentence looks ahead or back."""

from datetime import date

import pytest

from streams.statements import tenses
from streams.statements.lexicon import tokens
from streams.statements.passage import Passage


@pytest.mark.parametrize(
    ("language", "before", "sentence", "ahead"),
    [
        ("fr", "ils se rencontreront", "ils se rencontreront le 2 mai", True),
        ("fr", "ils doivent se voir", "ils doivent se voir le 2 mai", True),
        ("fr", "ils se sont vus", "ils se sont vus le 2 mai", False),
        ("de", "sie treffen sich", "sie treffen sich am 2. Mai", True),
        ("de", "sie trafen sich", "sie trafen sich am 2. Mai", False),
        ("de", "sie verhandelten", "sie verhandelten am 2. Mai", False),
        ("de", "sie treffen sich", "sie treffen sich am 2. Mai, teilte er mit", True),
        ("de", "am", "am 2. Mai haben sie verhandelt", False),
    ],
)
def test_future(language, before, sentence, ahead):
    assert tenses.future(tokens(before), tokens(sentence), language) is ahead


@pytest.mark.parametrize(
    ("language", "text", "years"),
    [
        ("fr", "imposées en 2022", ["2022"]),
        ("fr", "l'accord de 2015", []),
        ("de", "2022 verhängt", ["2022"]),
        ("de", "seit 2022 verhängt", []),
        ("de", "2026 verhängt", []),
        ("de", "2000 Mann", []),
        ("de", "2000 neue Soldaten", []),
        ("de", "1800 Soldaten", []),
        ("de", "1950 Soldaten", []),
    ],
)
def test_past_years(language, text, years):
    words = tokens(text)
    passage = Passage("body", 0, text, 0, words, (False,) * len(words), language=language)
    found = tenses.past_years(passage, range(len(words)), date(2026, 3, 4))
    assert [words[at].text for at in found] == years
