"""What a query needs of an article, and which of its needs is the rarest."""

import pytest

from streams.rules import syntax as s
from streams.rules.parse import parse_query


@pytest.mark.parametrize(
    ("query", "anchor"),
    [
        ("pledge AND (ship OR ships)", {"pledge"}),
        ("to AND (ship OR ships)", {"ship", "ships"}),
        ("(in OR into) NEAR/3 (ship OR ships OR vessel)", {"ship", "ships", "vessel"}),
        ("(to NEAR/3 (sail OR row)) OR (pledge NEAR/3 (a OR the))", {"sail", "row", "pledge"}),
        ("to AND of", {"to"}),
    ],
)
def test_the_anchor_is_short_and_no_word_of_all_texts(query, anchor):
    words = s.rarest(s.required(parse_query(query)))
    assert {word.text for word in words} == anchor


def test_a_list_that_is_named_often_is_gone_through_once():
    shared = s.Or((s.Phrase((s.Word("cease"), s.Word("fire"))), s.Word("truce")))
    query = s.Or(tuple(s.Near(shared, s.Word(f"w{n}"), 4) for n in range(50)))
    known = {}
    assert s.required(query, known) == s.required(query)
    assert set(known) == {id(shared), id(query)}
