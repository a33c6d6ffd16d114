"""Random rules over random documents: the engine and the definition agree, and every span is a word asked for."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.rules import Rule, RuleSet
from streams.rules import syntax as s
from tests.streams.rules.reference import Document, holds, meets
from wire.records import Article

SURFACES = [
    "pledge",
    "pledged",
    "Pledges",
    "ships",
    "Ship's",
    "forces",
    "l’eau",
    "eau",
    "été",
    "Киев",
    "Київ",
    "київ",
    "can't",
    "x1",
    "ete",
    "й",
    "pledging",
    "Turkey",
    "turkey",
    "a",
]
TEXTS = ["pledge", "pledged", "ships", "ship", "forces", "eau", "été", "київ", "киев", "can't", "x1", "turkey", "a"]
PREFIXES = ["pled", "ship", "for", "ки", "t"]

words = st.one_of(
    st.sampled_from(TEXTS).map(s.Word),
    st.sampled_from(PREFIXES).map(lambda text: s.Word(text, prefix=True)),
    st.sampled_from(["pl?dge", "?hips", "ки??"]).map(s.Word),
    st.sampled_from(["Turkey", "turkey", "Київ", "Pledges"]).map(lambda text: s.Word(text, cased=True)),
    st.sampled_from(["ete", "киів", "київ", "и"]).map(lambda text: s.Word(text, bare=True)),
    st.sampled_from(["pledge", "ship"]).map(lambda text: s.Word(text, lemma="en")),
)
phrases = st.lists(words, min_size=2, max_size=3).map(lambda found: s.Phrase(tuple(found)))
spanned = st.recursive(
    words | phrases,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda found: s.Or(tuple(found))),
        st.builds(s.Near, inner, inner, st.integers(1, 6), st.booleans()),
    ),
    max_leaves=6,
)
nodes = st.recursive(
    spanned,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda found: s.And(tuple(found))),
        st.lists(inner, min_size=2, max_size=3).map(lambda found: s.Or(tuple(found))),
        st.tuples(inner, inner).map(lambda pair: s.And((pair[0], s.Not(pair[1])))),
        st.builds(s.Within, st.sampled_from(["sentence", "paragraph"]), inner),
        st.builds(s.Part, st.sampled_from(["title", "lead", "body"]), inner),
        st.builds(s.AtLeast, st.integers(1, 3), spanned),
    ),
    max_leaves=8,
).filter(lambda node: bool(s.required(node)))
joins = st.sampled_from([" ", " ", " ", ", ", ". ", "-", "\n\n", "! ", " - "])
texts = st.lists(st.tuples(st.sampled_from(SURFACES), joins), max_size=40).map(
    lambda pairs: "".join(map("".join, pairs))
)


def matched(node, title, body):
    rule = Rule(id="r", title="R", queries={"*": node})
    article = Article(id="a", revision="r", url="u", title=title, text=body, publisher="p")
    return RuleSet("rs1-x", (rule,)).match(article)


@settings(max_examples=600, deadline=None)
@given(nodes, texts, texts)
@example(
    s.Near(s.Or((s.Word("a"), s.Near(s.Word("a"), s.Word("x1"), 3))), s.Word("ships"), 2), "", "a x1 ships a ships"
)
@example(s.And((s.Word("a"), s.Not(s.Within("sentence", s.Word("a"))))), "a", "a. a")
def test_the_engine_agrees_with_the_definition(node, title, body):
    found = matched(node, title, body)
    assert bool(found) == holds(node, Document(title, body))
    asked = list(s.words(node))
    for match in found:
        for hit in match.hits:
            text = title if hit.part == "title" else body
            for start, end in hit.spans:
                surfaces = [word for word, first, last in Document("", text[start:end]).parts["body"][1]]
                assert surfaces
                assert all(any(meets(word, surface) for word in asked) for surface in surfaces)


@settings(max_examples=100, deadline=None)
@given(st.lists(nodes, min_size=2, max_size=12), texts, texts)
def test_many_rules_together_are_each_alone(found, title, body):
    rules = tuple(Rule(id=f"r{n}", title="R", queries={"*": node}) for n, node in enumerate(found))
    article = Article(id="a", revision="r", url="u", title=title, text=body, publisher="p")
    together = {match.rule.id for match in RuleSet("rs1-x", rules).match(article)}
    assert together == {rule.id for rule in rules if matched(rule.queries["*"], title, body)}


def test_hostile_documents_are_answered():
    node = s.Near(s.Word("a", prefix=True), s.Word("b", prefix=True), 100)
    assert matched(node, "", "a b " * 50_000)
    assert not matched(node, "", "c " * 200_000)
    endless = " ".join(f"w{number}" for number in range(250_000))
    assert matched(s.Word("w249999"), "", endless)
