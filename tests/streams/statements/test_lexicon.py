"""Phrases of a lexicon in a sentence."""

import pytest

from streams.statements.lexicon import Phrases, tokens


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
