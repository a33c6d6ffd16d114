"""Where names of French and German bodies begin and end."""

from datetime import UTC, datetime

import pytest

from streams.statements.names import BODY, named
from streams.statements.passage import passages
from tests.newsday import an_article

AT = datetime(2026, 3, 4, 15, tzinfo=UTC)


def bodies(text, language):
    [passage] = passages(an_article("https://a.test/", "", text, AT, language))
    return [one.text for one in named(passage, language) if one.kind == BODY]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (
            "fr",
            "Selon le ministère russe des Affaires étrangères, il pleut.",
            ["ministère russe des Affaires étrangères"],
        ),
        ("fr", "L'état-major belge a démenti.", ["état-major belge"]),
        ("fr", "Le gouvernement attend.", ["gouvernement"]),
        ("fr", "L'ONU et l'Otan attendent.", ["ONU", "Otan"]),
        ("de", "Das russische Außenministerium wartet.", ["russische Außenministerium"]),
        ("de", "Das Außenministerium in Hanoi wartet.", ["Außenministerium in Hanoi"]),
        ("de", "Das Außenministerium in Trauer wartet.", ["Außenministerium"]),
        ("de", "Die Luftfahrtbehörde wartet.", ["Luftfahrtbehörde"]),
        ("de", "Die EU-Außenbeauftragte wartet.", []),
        ("de", "Laut UN regnet es.", ["UN"]),
    ],
)
def test_a_bodys_whole_name(language, text, names):
    assert bodies(text, language) == names
