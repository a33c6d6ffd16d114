"""Queries as they are read, and what is said about those that cannot be."""

import json
from pathlib import Path

import pytest

from streams.rules import QueryError, load_rules, parse_query, policies, reading
from streams.rules import syntax as s
from streams.rules.bind import written
from streams.rules.schema import schema
from wire.errors import ConfigError
from wire.records import Article

A, B, C = s.Word("aaa"), s.Word("bbb"), s.Word("ccc")
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("aaa", A),
        ("AAA", A),
        ("aaa*", s.Word("aaa", prefix=True)),
        ("=Aaa", s.Word("Aaa", cased=True)),
        ("a?a", s.Word("a?a")),
        ('"aaa bbb"', s.Phrase((A, B))),
        ("aaa-bbb", s.Phrase((A, B))),
        ("aaa OR bbb AND ccc", s.Or((A, s.And((B, C))))),
        ("(aaa OR bbb) AND ccc", s.And((s.Or((A, B)), C))),
        ("aaa AND NOT bbb", s.And((A, s.Not(B)))),
        ("aaa AND bbb NEAR/3 ccc", s.And((A, s.Near(B, C, 3)))),
        ("aaa ONEAR/3 bbb", s.Near(A, B, 3, ordered=True)),
        ("aaa NEAR/2 bbb NEAR/3 ccc", s.Near(s.Near(A, B, 2), C, 3)),
        ("SENT(aaa AND bbb)", s.Within("sentence", s.And((A, B)))),
        ("PARA(aaa)", s.Within("paragraph", A)),
        ("title:aaa", s.Part("title", A)),
        ("lead:(aaa OR bbb)", s.Part("lead", s.Or((A, B)))),
        ("ATLEAST/2(aaa)", s.AtLeast(2, A)),
    ],
)
def test_precedence_and_shapes(text, node):
    assert parse_query(text) == node


@pytest.mark.parametrize(
    ("text", "offset", "says"),
    [
        ("", 0, "at least one word"),
        ("aaa NEAR 5 bbb", 4, "NEAR/5"),
        ("aaa and bbb", 4, "`AND`"),
        ("aaa bbb", 4, '"aaa bbb"'),
        ("aaa & bbb", 4, "AND"),
        ('"aaa', 0, "not closed"),
        ("“aaa”", 0, "straight"),
        ("(aaa", 0, "not closed"),
        ("aaa)", 3, "closes nothing"),
        ("aaa AND", 7, "expected"),
        ("aaa NOT bbb", 4, "AND NOT"),
        ("NOT aaa", 0, ""),
        ("ab*", 0, ""),
        ("*aaa", 0, "stem"),
        ("?aa", 0, "begin"),
        ("$list", 0, "no list"),
        ("aaa NEAR/0 bbb", 4, ""),
        ("aaa NEAR/900 bbb", 4, "100"),
        ("(aaa AND bbb) NEAR/3 ccc", 0, ""),
        ("ATLEAST/0(aaa)", 0, ""),
        ("(" * 300 + "aaa" + ")" * 300, 0, ""),
        ("NOT " * 300 + "aaa", 0, "NOT on end"),
        ("aaa" + " NEAR/2 aaa" * 50_000, 0, "longer than"),
        ("aaa" + " NEAR/2 aaa" * 20_000, 0, "NEAR on end"),
        ("aaa AND $", 8, "name of a list"),
        ("aaa AND ab* AND &", 16, "&"),
    ],
)
def test_faults_are_told_where_they_are_with_what_may_be_meant(text, offset, says):
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    error = caught.value
    assert says in f"{error.message} {error.hint}"
    assert error.message
    assert error.offset == offset or len(text) > 300 or offset == 0


def article(text, title="", language=""):
    return Article(id="a", revision="r", url="u", title=title, text=text, publisher="p", language=language)


def load(tmp_path, text, name="rules.yaml"):
    (tmp_path / name).write_text(text)
    return load_rules(tmp_path / name)


RULE = "rules:\n  - id: one\n    title: One\n    when: {when}\n"


def test_lists_may_name_lists_and_several_words_are_a_phrase(tmp_path):
    text = "lists:\n  all: [$some, ccc ddd]\n  some: [aaa*, 'bbb NEAR/2 ccc']\n" + RULE.replace("{when}", "$all")
    (rule,) = load(tmp_path, text).rules
    assert rule.queries["*"] == s.Or(
        (s.Or((s.Word("aaa", prefix=True), s.Near(B, C, 2))), s.Phrase((C, s.Word("ddd"))))
    )


def test_every_fault_of_a_file_is_told_at_once_with_its_place(tmp_path):
    text = (
        "lists:\n"
        "  a: [$b]\n"
        "  b: [$a]\n"
        "rules:\n"
        "  - id: one\n"
        "    title: One\n"
        "    when: |\n"
        "      SENT(aaa\n"
        "        NEAR 5 bbb)\n"
        "    sevrity: high\n"
        "  - id: one two\n"
        "    title: Two\n"
        "    when: $nothing\n"
        "    story: {window: soon}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    told = {(problem.line, problem.message.split(":")[0][:24]) for problem in caught.value.problems}
    lines = sorted(line for line, _ in told)
    assert {2, 9, 10, 11, 13, 14} <= set(lines) | {3}, told
    text = str(caught.value)
    assert "circle" in text and "NEAR/5" in text and "severity" in text and "no list is named $nothing" in text
    (near,) = [problem for problem in caught.value.problems if "NEAR" in problem.message]
    assert (near.line, near.column) == (9, 9)


def test_ids_are_given_once(tmp_path):
    rule = RULE.replace("{when}", "aaa")
    with pytest.raises(ConfigError, match="twice"):
        load(tmp_path, rule + rule.removeprefix("rules:\n"))


def test_unused_lists_are_warned_of(tmp_path):
    warnings = load(tmp_path, "lists: {spare: [aaa]}\n" + RULE.replace("{when}", "bbb")).warnings
    assert warnings == (f"{tmp_path / 'rules.yaml'}:1: the list `spare` is not used",)


def test_languages_are_asked_apart(tmp_path):
    ruleset = load(tmp_path, RULE.replace("{when}", "{en: aaa, uk: bbb, '*': ccc}"))

    def fires(text, language):
        return bool(
            ruleset.match(
                Article(id="a", revision="r", url="u", title="", text=text, publisher="p", language=language)
            )
        )

    assert [fires("aaa", one) for one in ("en", "uk", "fr", "")] == [True, False, False, True]
    assert [fires("ccc", one) for one in ("en", "uk", "fr", "")] == [True] * 4


def test_the_ruleset_is_named_by_its_content(tmp_path):
    one = load(tmp_path, RULE.replace("{when}", "aaa"))
    same = load(tmp_path, RULE.replace("{when}", "aaa"), "other.yaml")
    other = load(tmp_path, RULE.replace("{when}", "bbb"))
    assert one.id == same.id != other.id
    (tmp_path / "windows.yaml").write_bytes(
        b"\xef\xbb\xbf" + RULE.replace("{when}", "aaa").replace("\n", "\r\n").encode()
    )
    windows = load_rules(tmp_path / "windows.yaml")
    assert windows.id == one.id and windows.rules[0].line == 2


def operators():
    table = (ROOT / "docs/rules.md").read_text().split("| write | meets |")[1].split("\n\n")[0]
    for line in table.splitlines():
        if line.startswith("| `"):
            query, _, holds, fails = [cell.strip() for cell in line.strip("| ").split(" | ")]
            yield query.strip("`"), holds, fails


@pytest.mark.parametrize(("query", "holds", "fails"), list(operators()), ids=lambda one: one[:20])
def test_every_operator_in_the_documentation_does_what_it_says(tmp_path, query, holds, fails):
    assert len(list(operators())) >= 19
    (tmp_path / "rules.yaml").write_text("lists: {forces: [troops]}\n" + RULE.replace("{when}", f"{{en: '{query}'}}"))
    ruleset = load_rules(tmp_path / "rules.yaml")
    assert [bool(ruleset.match(article(text, language="en"))) for text in (holds, fails)] == [True, False]


def test_the_example_of_the_documentation_loads_and_passes(tmp_path):
    from streams.pipeline import judged
    from streams.rules import run_tests

    page = (ROOT / "docs/rules.md").read_text()
    example = page.split("```yaml\n")[1].split("```")[0]
    results = list(run_tests(load(tmp_path, example), judged))
    assert [result.why for result in results] == ["", ""]


def problems(tmp_path, when, above=""):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, above + RULE.replace("{when}", when))
    return caught.value.problems


@pytest.mark.parametrize(
    ("when", "column", "underlined", "says"),
    [
        ("aaa NEAR 5 bbb", 15, "NEAR", "`NEAR/5`"),
        ("aaa AND $force", 19, "$force", "`$forces`"),
        ("aaa AND @frnce", 19, "@frnce", "`@france`"),
        ("aaa AND ab*", 19, "ab*", "at least 3 letters"),
        ("aaa OR ~bbb", 18, "~", "`when: {en: ...}`"),
        ("title:(aaa AND body:bbb)", 11, "title:(aaa AND body:bbb)", "`body:bbb` stands inside `title:`"),
        ("ccc OR (aaa AND NOT (aaa OR bbb))", 11, "ccc OR (aaa AND NOT (aaa OR bbb))", "asked for and refused"),
        ("'aaa AND ~b*'", 20, "~b*", "all forms of a whole word"),
    ],
)
def test_faults_are_underlined(tmp_path, when, column, underlined, says):
    (problem,) = problems(tmp_path, when, "lists: {forces: [ccc]}\n")
    assert (problem.line, problem.column) == (5, column)
    _, excerpt, mark, *_ = str(problem).split("\n")
    assert excerpt[mark.index("^") : mark.rindex("^") + 1] == underlined
    assert says in str(problem)


def test_lists_may_stand_in_files_of_their_own(tmp_path):
    (tmp_path / "a.yaml").write_text("lists:\n  inner: [aaa]\n  outer: [$inner, bbb]\n")
    (tmp_path / "b.yaml").write_text(RULE.replace("{when}", "$outer AND ccc"))
    (rule,) = load_rules(tmp_path).rules
    assert rule.queries["*"] == s.And((s.Or((A, B)), C))


def test_accents_do_not_count_where_the_rule_says_so(tmp_path):
    when = "'\"élan vital\" OR ки?в OR søl*'\n    fold: {fold}\n    unless: =Çédille"
    texts = ["ELAN VITAL", "élan vital", "КИЇВ", "Ки\u0301ев", "sold", "élan vital Cedille", "élan vital cedille"]
    for fold, expected in (("true", [1, 1, 1, 1, 1, 0, 1]), ("false", [0, 1, 1, 0, 0, 1, 1])):
        ruleset = load(tmp_path, RULE.replace("{when}", when.replace("{fold}", fold)))
        assert [len(ruleset.match(article(text))) for text in texts] == expected, fold


def test_lemmas_follow_the_language_of_the_query(tmp_path):
    ruleset = load(tmp_path, RULE.replace("{when}", "{en: SENT(~go AND ~mouse), de: ~haus, uk: ~військо}"))
    texts = [("Mice went.", "en"), ("Mice wend.", "en"), ("mit Häusern", "de"), ("війська", "uk"), ("війська", "en")]
    assert [len(ruleset.match(article(text, language=language))) for text, language in texts] == [1, 0, 1, 1, 0]


def test_actors_are_met_under_their_names(tmp_path):
    ruleset = load(tmp_path, RULE.replace("{when}", '"@germany NEAR/3 pledg*"'))
    texts = ["Berlin pledged", "Німеччина: pledge", "The germans pledge", "German Bundestag pledges", "Paris pledged"]
    assert [len(ruleset.match(article(text))) for text in texts] == [1, 1, 0, 1, 0]
    everyone = load(tmp_path, RULE.replace("{when}", "SENT(@states AND @blocs AND NOT @armed)"))
    assert everyone.match(article("NATO thanked Portugal.")) and not everyone.match(article("NATO. Portugal."))


def test_a_query_reads_as_it_was_written():
    for query in (
        'SENT(aaa AND (bbb* OR =Ccc OR "ddd eee")) AND NOT title:(aaa OR bbb)',
        "(aaa OR bbb) NEAR/5 (ccc ONEAR/2 ddd)",
        "ATLEAST/2(~aaa OR bb?b) OR PARA(lead:aaa)",
    ):
        assert parse_query(written(parse_query(query))) == parse_query(query)


def test_the_committed_schema_is_current_and_knows_what_the_reader_knows():
    committed = json.loads((ROOT / "docs/rules.schema.json").read_text())
    assert committed == json.loads(json.dumps(schema()))
    rule = committed["properties"]["rules"]["items"]["properties"]
    assert tuple(rule) == reading.RULE_KEYS
    for key, known in (("statement", policies.STATEMENT_KEYS), ("story", policies.STORY_KEYS)):
        assert set(rule[key]["properties"]) == set(known)
    assert set(rule["tests"]["items"]["properties"]) == set(policies.TEST_KEYS)
