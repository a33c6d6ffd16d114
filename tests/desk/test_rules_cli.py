"""`tocsin rules` and `tocsin match` as people and machines use them."""

import json
from pathlib import Path

import pytest

RULES = """
lists:
  promises: [pledg*, promis*]
rules:
  - id: pledge
    title: A pledge
    when: SENT($promises NEAR/3 ships)
    unless: drill
    statement: {require: [asserted], act: $promises}
  - id: any
    title: Anything
    when: said OR pledg*
    statement: {require: []}
"""


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path / "rules.yaml"


@pytest.fixture
def sample(tmp_path):
    texts = ["They pledged ships.", "He said so.", "“Київ” said: pledges", "Nothing.", "She said it."]
    lines = [{"id": f"a{n}", "text": text, "title": "Ships", "language": "en"} for n, text in enumerate(texts)]
    (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path / "articles.jsonl"


def test_explain_says_by_how_much_a_clause_fails(cli, rules):
    code, out, _ = cli("rules", "explain", "pledge", "They pledged to send their grey ships.", "--rules", rules)
    assert code == 1
    assert "pledge: is silent" in out
    assert "the nearest pair is 5 words apart, 3 are allowed" in out
    assert "✓ pledg* OR promis*   [body 5: pledged]" in out and "✗ drill   not in the text" in out


def test_explain_says_what_the_statement_layer_kept_back(cli, rules):
    text = "They pledged ships. They have not pledged ships."
    code, out, _ = cli("rules", "explain", "pledge", text, "--rules", rules, "--language", "en")
    assert code == 0
    assert "They [pledged] [ships].\n    counts" in out
    assert "They have not [pledged] [ships].\n    cues: negated: not\n    kept back: negation" in out


def test_explain_says_what_bars_a_rule(cli, rules, tmp_path):
    (tmp_path / "text.txt").write_text("They pledged ships for a drill.")
    code, out, _ = cli("rules", "explain", "pledge", tmp_path / "text.txt", "--rules", rules)
    assert code == 1 and "unless holds; the rule is barred" in out
    code, out, _ = cli("rules", "explain", "pledge", tmp_path / "text.txt", "--rules", rules, "--json")
    found = json.loads(out)
    assert [(query["key"], query["holds"]) for query in found["queries"]] == [("when", True), ("unless", True)]
    assert found["sentences"] == []


@pytest.mark.parametrize(
    ("query", "text", "says"),
    [
        ("aaa ONEAR/3 bbb", "bbb aaa", "they stand the other way round"),
        ("aaa NEAR/3 bbb", "aaa", "one side is missing"),
        ('"aaa bbb"', "aaa ccc", "no `bbb`"),
        ('"aaa bbb"', "bbb aaa", "the words do not stand side by side"),
        ("ATLEAST/3(aaa)", "aaa aaa", "2 of 3"),
        ("SENT(aaa AND bbb)", "aaa. Bbb.", "no sentence holds all of it"),
        ("title:aaa", "aaa", "only outside the title"),
        ("aaa AND NOT bbb", "aaa bbb", "it is there"),
        ("aaa OR bbb", "ccc", "none of them"),
        ("lead:aaa", "ccc " * 60 + "aaa", "not in this part of the text"),
    ],
)
def test_every_failing_clause_says_why(cli, tmp_path, query, text, says):
    (tmp_path / "one.yaml").write_text(f"rules:\n  - id: one\n    title: One\n    when: '{query}'\n")
    code, out, _ = cli("rules", "explain", "one", text, "--rules", tmp_path / "one.yaml")
    assert code == 1 and says in out


def test_explain_of_an_unknown_rule_names_one_like_it(cli, rules):
    code, _, err = cli("rules", "explain", "plege", "text", "--rules", rules)
    assert code == 2 and "did you mean pledge?" in err


def test_lint_measures_candidates_and_matches(cli, rules, sample):
    code, out, _ = cli("rules", "lint", rules, "--sample", sample, "--json")
    any_rule, pledge = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert (any_rule["rule"], any_rule["candidates"], any_rule["matches"]) == ("any", 800, 800)
    assert (pledge["rule"], pledge["candidates"], pledge["matches"]) == ("pledge", 400, 200)
    assert pledge["anchor"] == "pledg* OR promis*" and "common" in pledge["warning"]


def test_match_prints_ids_and_places(cli, rules, sample):
    code, out, _ = cli("match", "=Київ NEAR/3 pledg*", sample, "--json")
    (found,) = map(json.loads, out.splitlines())
    assert code == 0
    assert found == {"id": "a2", "part": "body", "spans": [[1, 5], [13, 20]], "text": "Київ … pledges"}
    code, out, _ = cli("match", "title:ship? AND $promises", sample, "--rules", rules, "--json")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a0", "a0", "a2", "a2"]
    assert cli("match", "~pledge", sample, "--language", "en", "--json")[1].count('"id"') == 2
    assert cli("match", "~pledge", sample, "--language", "fr")[:2] == (1, "")


def test_match_points_into_a_query_that_cannot_be_read(cli, sample):
    code, _, err = cli("match", "aaa NEAR 5 bbb", sample)
    assert code == 2
    assert "query:1:5" in err and "    aaa NEAR 5 bbb\n        ^^^^" in err


def test_check_tells_of_unused_lists(cli, rules, tmp_path):
    rules.write_text(RULES.replace("lists:", "lists:\n  spare: [aaa]"))
    code, out, err = cli("rules", "check", rules)
    assert code == 0 and "2 rules in 1 files" in out
    assert "rules.yaml:3: the list `spare` is not used" in err
    assert len(json.loads(cli("rules", "check", rules, "--json")[1])["warnings"]) == 1


def test_schema_is_printed(cli):
    code, out, _ = cli("rules", "schema")
    assert code == 0
    assert json.loads(out) == json.loads((Path(__file__).parents[2] / "docs/rules.schema.json").read_text())
