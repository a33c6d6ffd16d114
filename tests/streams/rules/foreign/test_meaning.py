"""A translated query meets the texts that the other tool's documentation says it meets, and no others."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from streams.rules import parse_query
from streams.rules.foreign import translate
from tests.streams.rules.foreign import naive
from tests.streams.rules.reference import Document, holds

WORDS = ["ape", "bee", "cat", "dog", "eel"]
words = st.sampled_from(WORDS).map(lambda one: ("word", one))
phrases = st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda found: ("phrase", *found))
choices = st.lists(words, min_size=2, max_size=3).map(lambda found: ("or", *found))
distances = st.sampled_from([0, 1, 2, 4])
nears = st.tuples(st.just("near"), distances, st.booleans(), words | phrases | choices, words | phrases | choices)


def several(name, inner):
    return st.lists(inner, min_size=2, max_size=3).map(lambda found: (name, *found))


def joined(inner):
    return several("and", inner) | several("or", inner) | st.tuples(st.just("not"), inner, inner)


shared = st.recursive(words | phrases | nears, joined, max_leaves=6)
two = st.lists(st.sampled_from(WORDS), min_size=2, max_size=2, unique=True)
loose = st.tuples(distances, two).map(lambda pair: ("loose", pair[0], *pair[1]))
brandwatches = st.recursive(words | phrases | nears | loose, joined, max_leaves=6)
moved = st.tuples(st.integers(1, 4), two).map(lambda pair: ("slop", pair[0], *pair[1]))
windows = st.tuples(st.sampled_from(["within", "width"]), st.integers(2, 4), words | choices, words | choices)
signed = st.lists(st.tuples(st.sampled_from(["+", "-", "", ""]), words | phrases), min_size=2, max_size=4).filter(
    lambda found: any(sign != "-" for sign, _ in found)
)
least = st.tuples(st.integers(1, 3), st.lists(words, min_size=3, max_size=4)).map(
    lambda pair: ("least", pair[0], *pair[1])
)
lucenes = st.recursive(
    words | phrases | nears | moved | windows | least,
    lambda inner: joined(inner) | signed.map(lambda found: ("clauses", *found)),
    max_leaves=6,
)
texts = st.lists(st.sampled_from([*WORDS, "the"]), max_size=14)
NOT_ASKED = ("this query holds without any word", "this can never match")


def agrees(dialect, query, found):
    """Whether the translation holds in each text where the query does, and in no other."""
    written = getattr(naive, dialect)(query)
    translation = translate(written, dialect)
    if translation.refused:
        assert all(one.message.startswith(NOT_ASKED) for one in translation.refused), written
        event("refused")
        return
    node = parse_query(translation.query)
    for text in found:
        expected = naive.holds(query, text)
        event(f"holds: {expected}")
        assert holds(node, Document("", " ".join(text))) == expected, (written, translation.query, text)


@settings(max_examples=200, deadline=None)
@given(brandwatches, st.lists(texts, min_size=1, max_size=5))
def test_brandwatch(query, found):
    agrees("brandwatch", query, found)


@settings(max_examples=200, deadline=None)
@given(shared, st.lists(texts, min_size=1, max_size=5))
def test_meltwater(query, found):
    agrees("meltwater", query, found)


@settings(max_examples=400, deadline=None)
@given(lucenes, st.lists(texts, min_size=1, max_size=5))
def test_lucene(query, found):
    agrees("lucene", query, found)
