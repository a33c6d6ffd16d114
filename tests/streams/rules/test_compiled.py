"""The compiled engine against the plain one, which is held against the definition elsewhere."""

import subprocess
import sys
import threading
import time
from bisect import bisect_left
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numba.core.errors import NumbaError

from streams.rules import Rule, RuleSet, load_rules
from streams.rules import syntax as s
from streams.rules.compiled import build, engine, jit, spans, tokenise, writing
from streams.rules.compiled.units import find_breaks
from streams.rules.compiled.vocabulary import Table, readable
from streams.rules.matcher import Matcher
from streams.rules.words import WORD
from streams.signature import mark, signature
from streams.text import paragraphs, sentences
from tests.streams.rules.reference import Document, holds
from tests.streams.rules.test_against_reference import nodes, texts
from wire.records import Article

pytestmark = pytest.mark.timeout(180)  # the kernels are compiled where no cache of them is there yet

LETTERS = "aZé’'ʼ_ \u0301жß1²\ud800😀-\u0345\n.\u2028ǅªᏉ"
PIECES = [
    *(
        "a",
        "A",
        "Mr",
        "U",
        "S",
        ".",
        ". ",
        "\n",
        "\n\n",
        " ",
        "approx",
        "No",
        "5",
        "17",
        "März",
        "д",
        "Д",
        "ст",
        "млн",
    ),
    *(
        "“",
        "”",
        "’",
        "'",
        "(",
        ")",
        "?",
        "!",
        "…",
        "—",
        "_",
        "x.y",
        "word",
        "Word",
        "\u2028",
        "é",
        "É",
        "\t",
        "e.g",
        "ʰ",
    ),
]
rulesets = st.lists(
    st.tuples(st.sampled_from(["*", "en", "uk"]), nodes, st.none() | nodes), min_size=1, max_size=8
).map(
    lambda found: RuleSet(
        "rs1-x",
        tuple(
            Rule(id=f"r{n}", title="R", queries={language: node}, unless={"*": unless} if unless else {})
            for n, (language, node, unless) in enumerate(found)
        ),
    )
)
articles = st.lists(st.tuples(texts, texts, st.sampled_from(["", "en", "fr"])), min_size=1, max_size=4)


def article(title, body, language=""):
    return Article(id="a", revision="r", url="u", title=title, text=body, publisher="p", language=language)


def compiled(*queries):
    matcher = Matcher(
        RuleSet("rs1-x", tuple(Rule(id=f"r{n}", title="R", queries={"*": q}) for n, q in enumerate(queries)))
    )
    matcher.warm()
    return matcher


def met(matcher, *found):
    return [[int(match.rule.id[1:]) for match in one] for one in matcher.match([article(*one) for one in found])]


@settings(max_examples=200, deadline=None)
@given(rulesets, articles)
def test_both_engines_give_the_same_matches_and_spans(ruleset, found):
    matcher = Matcher(ruleset)
    matcher.warm()
    read = [article(*one) for one in found]
    assert matcher.match(read) == [matcher.plain(one) for one in read]


@settings(max_examples=200, deadline=None)
@given(nodes, texts, texts)
@example(s.Near(s.Word("a"), s.Word("a"), 1), "a", "a")
@example(s.Within("sentence", s.And((s.Word("a"), s.Not(s.Word("x1"))))), "", "a x1. A")
@example(s.Part("lead", s.Not(s.Word("a"))), "a", "")
def test_the_compiled_engine_agrees_with_the_definition(node, title, body):
    required = s.required(node)
    if required:
        assert met(compiled(node), (title, body))[0] == [0] * holds(node, Document(title, body))


few = st.lists(st.sampled_from("abcde").map(s.Word), min_size=1, max_size=4).map(
    lambda found: s.Or(tuple(found)) if len(found) > 1 else found[0]
)
several = st.lists(few, min_size=1, max_size=3).map(lambda found: s.And(tuple(found)) if len(found) > 1 else found[0])
shapes = st.recursive(
    st.one_of(
        several,
        st.builds(s.Near, few, few, st.integers(1, 9), st.booleans()),
        st.builds(s.Within, st.sampled_from(["sentence", "paragraph"]), several),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(s.And),
        st.tuples(few, inner.map(s.Not)).map(s.And),
        st.builds(s.Part, st.sampled_from(["title", "lead", "body"]), inner),
    ),
    max_leaves=3,
)
repetitive = st.lists(
    st.tuples(st.sampled_from("aabbcdefghi"), st.sampled_from("      .\n"), st.integers(1, 12)), max_size=40
).map(
    lambda runs: " ".join(
        f"{letter} " * times + {".": ". X", "\n": "\n\n"}.get(end, "") for letter, end, times in runs
    )
)


@settings(max_examples=300, deadline=None)
@given(st.lists(shapes, min_size=1, max_size=6), repetitive, repetitive)
@example([s.Near(s.Word("a"), s.Word("b"), 1, True)], "", "b " * 20 + "a " * 20)
@example([s.Near(s.Or((s.Word("a"), s.Word("b"))), s.Or((s.Word("b"), s.Word("a"))), 1)], "", "b " * 40)
@example([s.Part("lead", s.Near(s.Word("a"), s.Word("b"), 3))], "", "c " * 59 + "a b")
@example([s.Part("lead", s.Near(s.Word("b"), s.Word("a"), 3))], "", "c " * 59 + "a b")
def test_the_common_shapes_agree_with_the_definition_on_repetitive_text(queries, title, body):
    document = Document(title, body)
    wanted = [n for n, query in enumerate(queries) if holds(query, document)]
    matcher = compiled(*queries)
    assert met(matcher, (title, body)) == [wanted]
    assert [int(match.rule.id[1:]) for match in matcher.plain(article(title, body))] == wanted


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=6), st.data())
def test_clauses_of_any_length(sizes, data):
    def clause(letter, rule, size):
        return s.Or(tuple(s.Word(f"{letter}{rule}n{n}") for n in range(size)))

    queries = [s.And((clause("a", n, left), clause("b", n, right))) for n, (left, right) in enumerate(sizes)]
    asked = sorted({word.text for query in queries for word in s.words(query)})
    there = data.draw(st.sets(st.sampled_from(asked)))
    starts = {word.split("n")[0] for word in there}
    wanted = [n for n in range(len(sizes)) if {f"a{n}", f"b{n}"} <= starts]
    assert met(compiled(*queries), ("", " ".join(sorted(there)))) == [wanted]


def test_more_lists_in_one_sentence_than_a_byte_counts():
    words = [f"w{n}x" for n in range(300)]
    matcher = compiled(s.Within("sentence", s.And(tuple(map(s.Word, words)))))
    assert met(matcher, ("", " ".join(words)), ("", " ".join(words[:150]) + ". X " + " ".join(words[150:]))) == [
        [0],
        [],
    ]


def test_rules_come_in_the_order_of_the_ruleset_however_many_are_met():
    queries = [s.Word(f"w{n % 50}") for n in range(6_000)]
    title = " ".join(f"w{n}" for n in range(49, -1, -1))
    assert met(compiled(*queries), (title, ""), ("", ""), ("w7 w3", "")) == [
        list(range(6_000)),
        [],
        sorted([*range(3, 6_000, 50), *range(7, 6_000, 50)]),
    ]


@pytest.fixture(scope="module")
def sort():
    """The kernel, loaded: the first call may compile it, which no example should have to wait for."""
    spans.sort(np.zeros(1, np.int32), np.zeros(1, np.int32), 0, 1)
    return spans.sort


@given(numbers=st.lists(st.integers(-5, 40)), base=st.integers(0, 3))
def test_numbers_are_sorted(sort, numbers, base):
    values = np.array(numbers, np.int32)
    sort(values, np.zeros_like(values), min(base, len(numbers)), len(numbers))
    assert values.tolist() == numbers[:base] + sorted(numbers[base:])


def test_a_word_that_meets_two_leaves_stands_there_once():
    places, posts = np.array([[2, 0], [3, 2]], np.int32), np.array([1, 4, 0, 1, 4], np.int32)
    low, high = np.zeros(8, np.int32), np.zeros(8, np.int32)
    assert spans.words(np.array([0, 1], np.int32), 0, 2, places, posts, low, high, 1) == 4
    assert (low[1:4].tolist(), high[1:4].tolist()) == ([0, 1, 4], [1, 2, 5])
    assert spans.words(np.array([0, 1], np.int32), 0, 2, places, posts, low, high, 4) < 0


@settings(max_examples=250, deadline=None)
@given(st.lists(st.text(LETTERS, max_size=20), min_size=2, max_size=4))
def test_words_are_those_of_the_plain_engine(found):
    text, parts = laid(found)
    words = Table(lambda word: ()).words(text, parts)
    assert [surfaces(text, words, part) for part in range(len(found))] == [WORD.findall(one) for one in found]


def laid(found):
    """Parts of text as the kernels read them."""
    pieces = [one.encode("utf-8", "surrogatepass") for one in found]
    return readable(pieces), np.cumsum([0, *map(len, pieces)])


def surfaces(text, words, part):
    rows = range(words.firsts[part], words.firsts[part + 1])
    return [text.small[words.begins[n] : words.ends[n]].tobytes().decode("utf-8", "surrogatepass") for n in rows]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.text(LETTERS, max_size=60) | st.text(max_size=200), min_size=1, max_size=4))
@example(["İi̇ ß Straße’s ﬁ", "y" * 300, "a b c", "a b c d e"])
def test_both_engines_give_the_same_signature(found):
    for text in found:
        matcher = compiled(s.Word("zzz"))
        read = article("zzz", text)
        [[match]], [plain] = matcher.match([read]), matcher.plain(read)
        assert match.signature == plain.signature == signature(text)


def test_a_signature_is_no_matter_of_what_was_read_before():
    text = " ".join(f"w{number * number % 641}" for number in range(900)) + " Zoë’s " + "y" * 400
    matcher = compiled(s.Word("zoë"))
    for other in ("", text, text.upper() + " more", "w9"):
        [match] = matcher.match([article("", other), article("", text)])[1]
        assert match.signature == signature(text) and len(match.signature) == 64


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("S\n. April")
def test_sentences_and_paragraphs_are_those_of_the_text_module(text):
    data, parts = laid([text])
    words = Table(lambda word: ()).words(data, parts)
    found = find_breaks(data.small, parts, words)
    count = int(words.firsts[1])
    found.settle(data.small, 0, text, 0, count)
    starts = [one.start() for one in WORD.finditer(text)]
    for flag, split in ((1, sentences), (2, paragraphs)):
        ranges = [(bisect_left(starts, low), bisect_left(starts, high)) for low, high in split(text)]
        wanted = [low for low, high in ranges if low < high]
        assert [n for n in range(count) if n == 0 or found.flags[n] & flag] == wanted


def test_a_collision_of_hashes_gives_no_wrong_answer(monkeypatch):
    for name in ("add", "tokenise", "_look_up", "find"):
        monkeypatch.setattr(tokenise, name, getattr(tokenise, name).py_func)
    monkeypatch.setattr(tokenise, "key", lambda text, begin, end, seed: (*eights(text, begin, end), np.uint64(7)))
    known = {word: (n,) for n, word in enumerate(["a", "ab", "x" * 17, "x" * 16 + "y", "x" * 40, "y" * 9])}
    table = Table(lambda word: known.get(word, ()))
    read = laid([" ".join([*known, "zz", "x" * 16, "y" * 8])])
    for _ in range(2):
        words = table.words(*read, marked=True)
        rows = [table.sets.leaves[table.sets.starts[n] : table.sets.starts[n + 1]].tolist() for n in words.met]
        assert rows == [[0], [1], [2], [3], [4], [5], [], [], []]
        assert words.marks.tolist() == [mark(word) for word in surfaces(read[0], words, 0)]


def eights(text, begin, end):
    word = text.small[begin:end].tobytes()[:16].ljust(16, b"\0")
    return np.frombuffer(word, np.uint64)


def test_a_full_vocabulary_answers_and_starts_anew():
    table = Table(lambda word: (1,) if word == "w7" else (), max_words=10)
    read = laid([" ".join(f"w{n}" for n in range(50))])
    for _ in range(3):
        words = table.words(*read, marked=True)
        assert np.flatnonzero(words.met).tolist() == [7]
        assert words.marks.tolist() == [mark(f"w{n}") for n in range(50)]


def test_words_stay_known_while_the_table_grows():
    words = [f"w{n}" * (1 + n % 7) for n in range(20_000)]
    asked = []
    table = Table(lambda word: asked.append(word) or (() if len(word) < 9 else (len(word),)))
    read = laid([" ".join(words)])
    for _ in range(2):
        found = table.words(*read, marked=True)
        assert found.marks.tolist() == list(map(mark, words))
        lengths = [len(word) if len(word) >= 9 else None for word in words]
        rows = [table.sets.leaves[table.sets.starts[n] : table.sets.starts[n + 1]].tolist() for n in found.met]
        assert [row[0] if row else None for row in rows] == lengths
    assert asked == words


def test_documents_of_any_size_are_answered():
    near = s.Near(s.Word("a"), s.Word("b"), 100)
    sent = s.Within("sentence", s.And((s.Word("a"), s.Word("c"))))
    phrase = s.Phrase((s.Word("b"), s.Word("a"), s.Word("b")))
    many = s.AtLeast(60_000, s.Or((s.Word("a"), s.Word("b"))))
    long_word = s.Word("y" * 400)
    matcher = compiled(near, sent, phrase, many, long_word)
    assert met(matcher, ("", "a b " * 50_000), ("", ""), ("a", "b " * 90_000 + "y" * 400), ("", "a c")) == [
        [0, 2, 3],
        [],
        [3, 4],
        [1],
    ]
    assert met(matcher, ("", "A. " * 70_000 + "a c")) == [[1, 3]]


def test_a_batch_that_is_too_large_is_parted_and_one_article_refused(monkeypatch):
    matcher = compiled(s.Word("a"))
    monkeypatch.setattr(engine, "MOST_BYTES", 10)
    assert met(matcher, ("a", "b" * 8), ("b", "a"), ("", "a a"), ("", "")) == [[0], [0], [0], []]
    with pytest.raises(ValueError, match="at most 10"):
        met(matcher, ("a", "b" * 12), ("b", "a"))


def test_title_and_body_never_stand_side_by_side():
    wide = s.Near(s.Word("a"), s.Word("b"), 5_000)
    assert met(compiled(wide, s.Phrase((s.Word("a"), s.Word("b")))), ("a", "b"), ("a b", ""), ("", "b")) == [
        [],
        [0, 1],
        [],
    ]


def test_a_rule_is_met_whatever_words_it_was_anchored_at():
    queries = [s.And((s.Word(f"w{n}"), s.Or((s.Word("a"), s.Word(f"v{n}"))))) for n in range(20)]
    matcher = compiled(*queries)
    read = [("", f"w{n % 20} v{(n // 2) % 20} b") for n in range(64)]
    before = met(matcher, *read)
    for _ in range(80):
        assert met(matcher, *read) == before
    assert matcher.warm().counts.articles > 4_096


def test_threads_share_the_rules():
    queries = [s.Word(f"w{n}") for n in range(200)]
    matcher = compiled(*queries)
    wrong = []

    def work(seed):
        for turn in range(150):
            n = (seed * 37 + turn) % 200
            if met(matcher, ("", f"w{n} x{seed}y{turn}"), ("", f"z{turn} w{(n + 1) % 200}")) != [
                [n],
                [(n + 1) % 200],
            ]:
                wrong.append((seed, turn))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RULES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RULES_ENGINE", "compiled")
    return tmp_path / "cache"


def test_compiled_rules_are_kept_by_content(tmp_path, cache, monkeypatch):
    def loaded(last):
        rules = [
            f"  - {{id: r{n}, title: R, when: {{en: SENT(w{n}xy* AND =Turkey), '*': {last} }}}}" for n in range(500)
        ]
        (tmp_path / "rules.yaml").write_text("rules:\n" + "\n".join(rules))
        return load_rules(tmp_path / "rules.yaml")

    def first(ruleset, *found):
        return [one[0].rule.id if one else "" for one in ruleset.match_many([article(*one) for one in found])]

    read = [("", "w7xyz Turkey"), ("", "turkey w7xy"), ("", "w7xy. Turkey", "en"), ("", "vvv", "fr")]
    assert first(loaded("vvv"), *read) == ["r7", "", "", "r0"]
    monkeypatch.setattr(build, "compile_rules", None)
    assert first(loaded("vvv"), *read) == ["r7", "", "", "r0"]
    with pytest.raises(TypeError):
        first(loaded("uuu"), *read)
    (stored,) = cache.glob("rules-*")
    stored.write_bytes(stored.read_bytes()[:100])
    with pytest.raises(TypeError):
        first(loaded("vvv"), *read)


def test_kernels_are_kept_by_the_sources_of_all_of_them(monkeypatch, tmp_path):
    """numba by itself would go on with what it compiled of a kernel whose callees have changed since."""
    assert jit.generation() in jit._settings.CACHE_DIR
    for path in Path(jit.__file__).parent.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    now = jit.generation()
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "jit.py"))
    assert jit.generation() == now
    for name in (
        "jit",
        "spans",
        "layout",
        "operations",
        "machine",
        "match",
        "tokenise",
        "units",
        "build",
        "program",
        "writing",
    ):
        with (tmp_path / f"{name}.py").open("a") as file:
            file.write("# changed\n")
        now, before = jit.generation(), now
        assert now != before


def test_kernels_make_no_arrays():
    """So that arrays need not be counted at every call between kernels, which doubled the time of a match."""
    assert jit.kernel(total)(np.arange(4)) == 6
    with pytest.raises(NumbaError):
        jit.kernel(total_of_copy)(np.arange(4))


def total(numbers):
    return numbers[1:].sum()


def total_of_copy(numbers):
    return numbers.copy().sum()


def loaded(ruleset):
    return ruleset._matcher.compiled


def many(count):
    return RuleSet("rs1-x", tuple(Rule(id=f"r{n}", title="R", queries={"*": s.Word(f"w{n}")}) for n in range(count)))


def test_the_switch_chooses_the_engine(monkeypatch):
    for choice, ready in (("plain", False), ("compiled", True)):
        monkeypatch.setenv("RULES_ENGINE", choice)
        fresh = many(1)
        assert [bool(found) for found in fresh.match_many([article("", "w0"), article("", "b")])] == [True, False]
        assert bool(fresh.match(article("w0", ""))) and loaded(fresh) is ready


def test_the_compiled_engine_is_loaded_where_there_is_enough_to_do(monkeypatch):
    monkeypatch.delenv("RULES_ENGINE")
    few, handful, long, large, single = many(1), many(7), many(20), many(200), many(200)
    assert list(few.match_many([article("", "w0")] * 100)) and not loaded(few)
    answers = list(long.match_many([article("", f"w{n % 2}") for n in range(1_500)]))
    assert loaded(long) and [len(one) for one in answers] == [1, 1] * 750
    assert list(handful.match_many([article("", "w0")] * 1_500)) and not loaded(handful)
    assert [one[0].rule.id for one in large.match_many([article("", "w7")])] == ["r7"] and loaded(large)
    for _ in range(3_000):
        assert [match.rule.id for match in single.match(article("", "w9 x"))] == ["r9"]
        if loaded(single):
            break
        time.sleep(0.05)
    assert loaded(single) and not few.match(article("", "x")) and not loaded(few)


def test_a_query_that_names_a_long_list_again_and_again_is_left_to_the_plain_engine():
    verbs = s.Or(tuple(s.Near(s.Word(f"v{n}"), s.Word(f"to{n}"), 3, True) for n in range(200)))
    pairs = s.Or(tuple(s.Near(verbs, s.Word(f"w{n}"), 5, True) for n in range(40)))
    ruleset = RuleSet("rs1-x", (Rule(id="long", title="R", queries={"*": pairs}), *many(30).rules))
    size = len(build.compile_rules([(rule.queries, rule.unless) for rule in ruleset.rules]).code)
    assert size < 2 * writing.LONGEST
    found = ruleset.match_many(
        [article("", "v7 to7 w3"), article("", "v7 to8 w3"), article("", "v9 to9 nothing w39")]
    )
    assert [[match.rule.id for match in one] for one in found] == [["long", "r3"], ["r3"], ["long"]]


def test_nothing_heavy_is_imported_before_it_is_needed():
    heavy = ("numpy", "numba", "simplemma")
    code = f"import sys, streams.rules, desk.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
