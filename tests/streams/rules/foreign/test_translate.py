"""Whatever the text is, the answer is a translation whose query our own reader reads, laid out or not."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.rules import load_rules, parse_query
from streams.rules import syntax as s
from streams.rules.foreign import DIALECTS, translate
from streams.rules.foreign.layout import rule_file, wrapped
from streams.rules.foreign.skeleton import MAX_CHARACTERS

PIECES = [
    *(
        "apple",
        "Apple",
        "pie*",
        "t?st",
        "a",
        "U.S.",
        "cease-fire",
        "l’eau",
        "Київ",
        "ŉ",
        "İstanbul",
        "😀",
        "#tag",
        "@name",
    ),
    *(
        "and",
        "or",
        "NEAR",
        "near/5",
        "AND",
        "OR",
        "NOT",
        "NEAR/3",
        "NEAR/2f",
        "ONEAR/4",
        "NEAR/0",
        "NEAR/120",
        "&&",
        "||",
    ),
    *(
        "(",
        ")",
        "(",
        ")",
        '"',
        '"two words"',
        '"a b c"',
        '"or"',
        "“so”",
        "~",
        "~2",
        "~3",
        "^2",
        ")@2",
        "!",
        "+",
        "-",
        "-a",
    ),
    *(
        "{BT}",
        "{a TO b}",
        "[1 TO 2]",
        "raw:",
        "title:",
        "ingress:",
        "language:en",
        "site:x.com",
        "body:",
        "x<3",
        "/re/",
    ),
    *(
        "<<<note>>>",
        "<<<",
        "*:*",
        "*",
        "\\",
        "\\*",
        "fn:ordered(",
        "fn:maxgaps(2",
        "fn:or(",
        "fn:within(",
        "fn:nothing(",
        "3",
    ),
]
texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=string.printable, max_size=60),
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([" ", " ", ""])), max_size=20).map(
        lambda pairs: "".join(map("".join, pairs))
    ),
)


def plain(node):
    """The node with words that were put in quotes as words."""
    match node:
        case s.Phrase() if len(node.words) == 1:
            return node.words[0]
        case s.And() | s.Or():
            return type(node)(tuple(plain(child) for child in node.children))
        case s.Not():
            return s.Not(plain(node.child))
        case s.Near():
            return s.Near(plain(node.left), plain(node.right), node.within, node.ordered)
        case s.Part():
            return s.Part(node.name, plain(node.child))
    return node


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(DIALECTS)), texts, st.integers(20, 100))
@example("lucene", "NOT NOT a", 40)
@example("meltwater", "ŉ OR apple", 40)
@example("brandwatch", '"or" AND near', 40)
def test_any_text_gives_a_query_that_our_reader_reads(dialect, text, width):
    found = translate(text, dialect)
    assert (found.node is None) == (found.query == "")
    assert found.query or found.refused
    for remark in (*found.notes, *found.refused):
        assert remark.message and 0 <= remark.at <= remark.end <= len(text) + 1
    if found.node is not None:
        assert parse_query(found.query) == plain(found.node)
        lines = wrapped(found.node, width)
        assert parse_query("\n".join(lines)) == plain(found.node)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(DIALECTS)), texts), min_size=1, max_size=3))
def test_rule_files_load(tmp_path_factory, pairs):
    found = [(f"rule-{number}", translate(text, dialect)) for number, (dialect, text) in enumerate(pairs)]
    there = {rule: one for rule, one in found if one.node is not None}
    path = tmp_path_factory.getbasetemp() / "translated.yaml"
    path.write_text(rule_file(found, 40), encoding="utf-8")
    if there:
        ruleset = load_rules(path)
        assert {rule.id for rule in ruleset.rules} == set(there)
        for rule in ruleset.rules:
            assert set(rule.queries) == set(there[rule.id].languages or ("*",))
            assert set(rule.queries.values()) == {plain(there[rule.id].node)}


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize(
    "text",
    [
        "a" * (MAX_CHARACTERS + 1),
        "a OR " * 20_001 + "a",
        "(" * 5_000 + "a" + ")" * 5_000,
        "NOT " * 5_000 + "a",
        "title:" * 5_000 + "a",
        "a NEAR/3 " * 500 + "a",
        "fn:or(" * 5_000 + "a",
        '"' * 50_001,
        "<<<" * 20_000,
        "~" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_everything_is_bounded(dialect, text):
    found = translate(text, dialect)
    assert found.refused and len(found.query) < 100_000


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("brandwatch", "((aa AND bb AND cc AND dd)~3 AND (ee AND ff AND gg AND hh)~3 AND ii AND jj)~3"),
        ("brandwatch", '"' + " ".join(f"w{n}" for n in range(30)) + '"~5'),
        ("lucene", "(" + " ".join(f"w{n}" for n in range(400)) + ")@200"),
        ("lucene", "((w0 w1 w2 w3 w4 w5)@3 (x0 x1 x2 x3 x4 x5)@3 (y0 y1 y2 y3 y4 y5)@3 (z0 z1 z2 z3 z4 z5)@3)@2"),
    ],
)
def test_what_would_grow_too_long_is_refused(dialect, text):
    found = translate(text, dialect)
    assert (found.query, len(found.refused)) == ("", 1)
    assert "cannot be written out" in found.refused[0].message


def test_a_long_query_is_translated_whole():
    text = " OR ".join(f'"word{number} near" NEAR/3 thing{number}' for number in range(2_000))
    found = translate(text, "brandwatch")
    assert not found.refused and found.query.count("NEAR/4") == 2_000
