"""`tocsin rules translate` as people and machines use it."""

import json
import subprocess
import sys

import pytest

from desk.cli.translate import DIALECTS
from streams.rules import foreign, load_rules, parse_query


def test_a_query_is_printed_and_what_was_said_of_it_beside_it(cli):
    code, out, err = cli("rules", "translate", "--from", "brandwatch", "#apple NEAR/5 pie AND site:x.com")
    assert (code, out) == (1, "apple NEAR/6 pie\n")
    assert (
        "query:1:23: refused: sources are chosen by the feeds that are read; without it the query meets more\n"
        "    #apple NEAR/5 pie AND site:x.com\n"
        "                          ^^^^^^^^^^\n"
    ) in err
    assert "query:1:1: changed: a hashtag is met as its word: `apple`\n" in err
    assert "query:1:1: note: at most 5 words between: NEAR/6 here, where neighbours are 1 apart\n" in err


def test_what_is_whole_says_nothing_and_ends_well(cli):
    assert cli("rules", "translate", "--from", "meltwater", "apple AND pie") == (0, "apple AND pie\n", "")


def test_notes_of_one_kind_are_said_once(cli):
    code, _, err = cli("rules", "translate", "--from", "meltwater", "aa NEAR bb OR cc NEAR dd\nOR ee ONEAR ff")
    assert code == 0
    assert "query:1:1: note: at most 4 words between: NEAR/5 here, where neighbours are 1 apart (2 times)\n" in err
    assert "query:2:4: note: at most 4 words between: ONEAR/5 here" in err


def test_what_cannot_be_read_is_refused_where_it_is(cli):
    code, out, err = cli("rules", "translate", "--from", "lucene", "apple AND (pie OR\n  cake))")
    assert (code, out) == (1, "\n")
    assert err == "query:2:8: refused: this bracket closes nothing\n    cake))\n         ^\n"


def test_a_file_is_translated_line_by_line(cli, tmp_path):
    (tmp_path / "queries.txt").write_text(
        "apple NOT pie\n\n(cake\nNEAR/3\ntitle:pie AND " + " AND ".join(["cake"] * 40)
    )
    code, out, err = cli("rules", "translate", "--from", "brandwatch", tmp_path / "queries.txt")
    assert (code, out) == (1, "apple AND NOT pie\n\n\ntitle:pie AND cake\n")
    assert "queries.txt:3:1: refused: this bracket is not closed" in err
    assert "queries.txt:4:1: refused: `NEAR/3` needs a word before and after it" in err
    (tmp_path / "queries.bin").write_bytes(b"\xff\xfe\x00")
    code, _, err = cli("rules", "translate", "--from", "brandwatch", tmp_path / "queries.bin")
    assert code == 2 and "no text in UTF-8" in err


def test_standard_input_is_read():
    command = [sys.executable, "-m", "desk.cli", "rules", "translate", "--from", "lucene", "-"]
    done = subprocess.run(command, input="apple\npie NOT\n", capture_output=True, text=True, check=False, timeout=9)
    assert (done.returncode, done.stdout) == (1, "apple\n\n")
    assert done.stderr.startswith("query:2:8: refused: the query ends here")


def test_for_machines_every_query_is_one_object(cli, tmp_path):
    (tmp_path / "queries.txt").write_text("\napple AND title:#pie AND site:x\nlanguage:en AND cake\n")
    code, out, err = cli("rules", "translate", "--from", "brandwatch", tmp_path / "queries.txt", "--json")
    first, second = map(json.loads, out.splitlines())
    assert (code, err) == (1, "")
    assert (first["query"], first["languages"]) == ("apple AND title:pie", [])
    (note,) = first["notes"]
    assert (note["line"], note["column"], note["text"], note["changed"]) == (2, 17, "#pie", True)
    (refused,) = first["refused"]
    assert (refused["text"], refused["effect"]) == ("site:x", "without it the query meets more")
    assert (second["query"], second["languages"], second["refused"]) == ("cake", ["en"], [])


def test_a_rule_file_is_printed_that_loads(cli, tmp_path):
    words = " OR ".join(f"word{number}" for number in range(60))
    query = f"language:(en OR de) AND ({words}) NEAR/4 (#pie OR site:x)"
    code, out, _ = cli("rules", "translate", "--from", "brandwatch", query, "--rule", "sweet_things")
    assert code == 1 and max(map(len, out.splitlines())) <= 110
    assert "  # refused: site:x: sources are chosen" in out and "  # changed: a hashtag is met" in out
    (tmp_path / "rules.yaml").write_text(out)
    (rule,) = load_rules(tmp_path / "rules.yaml").rules
    expected = parse_query(f"({words}) NEAR/5 pie")
    assert (rule.id, rule.title, rule.queries) == ("sweet_things", "Sweet things", {"en": expected, "de": expected})
    assert cli("rules", "check", tmp_path / "rules.yaml")[0] == 0


def test_rules_of_a_file_are_numbered(cli, tmp_path):
    (tmp_path / "queries.txt").write_text("apple\n\n(\npie")
    code, out, _ = cli("rules", "translate", "--from", "lucene", tmp_path / "queries.txt", "--rule", "no")
    assert code == 1 and "  # no-2: nothing could be translated\n" in out
    (tmp_path / "rules.yaml").write_text(out)
    assert [rule.id for rule in load_rules(tmp_path / "rules.yaml").rules] == ["no-1", "no-3"]


def test_fields_of_one_s_own_are_named(cli):
    arguments = ("rules", "translate", "--from", "lucene", "headline:apple AND content:pie AND Teaser:cake")
    assert cli(*arguments)[1] == "\n"
    named = ("--field", "headline=title", "--field", "content=all", "--field", "teaser=lead")
    assert cli(*arguments, *named)[:2] == (0, "title:apple AND pie AND lead:cake\n")
    code, _, err = cli(*arguments, "--field", "headline=head")
    assert code == 2 and "NAME=title" in err


@pytest.mark.parametrize("arguments", [("--from", "lucene", "--rule", "No Id", "apple"), ("apple",)])
def test_wrong_usage_is_told(cli, arguments):
    assert cli("rules", "translate", *arguments)[0] == 2


def test_the_command_knows_every_dialect():
    assert tuple(foreign.DIALECTS) == DIALECTS
