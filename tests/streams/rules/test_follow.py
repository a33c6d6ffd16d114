"""After an edit, what was compiled before answers together with what has changed, and as the plain engine would."""

import threading
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.rules import Rule, RuleSet, load_rules
from streams.rules import syntax as s
from streams.rules.changes import GONE, changes
from streams.rules.compiled.build import compile_rules
from streams.rules.compiled.segments import succeeding, whole
from streams.rules.loaded import queries_of
from streams.rules.matcher import Matcher
from tests.streams.rules.reference import Document, holds
from tests.streams.rules.test_against_reference import nodes, texts
from wire.records import Article

pytestmark = pytest.mark.timeout(180)  # the kernels are compiled where no cache of them is there yet

NESTED = s.Within("sentence", s.And((s.Word("a"), s.Within("paragraph", s.Word("x1")))))
"""What the kernels leave to the plain engine."""


@st.composite
def histories(draw):
    """Rulesets one after the other, each with whether it is compiled as a whole before the next. Most rules stay."""
    pool = [*draw(st.lists(nodes, min_size=2, max_size=5)), NESTED]
    bodies = st.tuples(st.sampled_from(["*", "en", "uk"]), st.sampled_from(pool), st.none() | st.sampled_from(pool))
    rules = draw(st.dictionaries(st.sampled_from("abcdefgh"), bodies, min_size=1, max_size=6))
    history = []
    for _ in range(draw(st.integers(2, 5))):
        history.append((ruleset(rules), draw(st.booleans())))
        rules = dict(draw(st.permutations(list(rules.items())))) if draw(st.booleans()) else dict(rules)
        for name in draw(st.lists(st.sampled_from(sorted(rules)), max_size=2, unique=True)):
            del rules[name]
        rules |= draw(st.dictionaries(st.sampled_from("abcdefgh"), bodies, min_size=int(not rules), max_size=2))
    return history


def ruleset(rules):
    made = [
        Rule(id=name, title="R", queries={language: node}, unless={"*": unless} if unless else {})
        for name, (language, node, unless) in rules.items()
    ]
    return RuleSet("rs1-x", tuple(made))


def article(title, body, language=""):
    return Article(id="a", revision="r", url="u", title=title, text=body, publisher="p", language=language)


def compiled(rules):
    return whole(rules, compile_rules(queries_of(rules), "*"))


def meets(rule, one):
    """By the definition of the language."""
    document = Document(one.title, one.text)
    asked = [node for name, node in rule.queries.items() if name in ("*", one.language) or not one.language]
    return any(holds(node, document) for node in asked) and not any(holds(n, document) for n in rule.unless.values())


articles = st.lists(st.builds(article, texts, texts, st.sampled_from(["", "en", "fr"])), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(histories(), articles)
@example(
    [
        (ruleset({"a": ("*", NESTED, None), "b": ("*", s.Word("a"), None)}), False),
        (ruleset({"b": ("*", s.Word("a"), None), "a": ("*", NESTED, s.Word("ships"))}), False),
        (ruleset({"c": ("*", s.Word("x1"), None), "b": ("*", s.Word("a"), None), "a": ("*", NESTED, None)}), False),
    ],
    [article("a", "a x1. ships")],
)
def test_edit_after_edit_the_answers_are_the_plain_engines_and_the_definitions(history, read):
    base = None
    for ruleset, rebuilt in history:
        rules = ruleset.rules
        segments = compiled(rules) if base is None else succeeding(base, rules, changes(base.rules, rules))
        plain = [Matcher(ruleset).plain(one) for one in read]
        assert segments.match(read) == plain
        assert [[match.rule for match in found] for found in plain] == [
            [rule for rule in rules if meets(rule, one)] for one in read
        ]
        if rebuilt or base is None:
            segments = compiled(rules)
            assert segments.match(read) == plain
            base = segments.base


def test_what_has_changed_is_told_rule_by_rule():
    old = ruleset({name: ("*", s.Word(name), None) for name in "abcd"}).rules
    new = ruleset({"d": ("*", s.Word("d"), None), "e": ("*", s.Word("e"), None), "b": ("*", s.Word("a"), None),
                   "a": ("*", s.Word("a"), s.Word("x"))}).rules  # fmt: skip
    assert changes(old, new) == ((GONE, GONE, GONE, 0), (1, 2, 3))


# ------------------------------------------------------------------ rules of files, and the threads


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RULES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RULES_ENGINE", "compiled")
    folder = tmp_path / "rules"
    folder.mkdir()
    for number in range(4):
        write(folder, number)
    (folder / "lists.yaml").write_text("lists: {x: [listed], y: [other]}\n")
    return folder


def write(folder, number, first="", more="", rules=range(400)):
    lines = [f"  - {{id: r{number}-{n}, title: T, when: {first}w{number}v{n} OR title:$x AND w{n}}}\n" for n in rules]
    (folder / f"{number}.yaml").write_text("rules:\n" + more + "".join(lines))


def answers(ruleset, *found):
    read = [article(*one) for one in found]
    met = [[match.rule.id for match in one] for one in ruleset.match_many(read)]
    assert met == [[match.rule.id for match in ruleset.match(one)] for one in read]
    assert ruleset._matcher.compiled
    return met


def finish():
    """Let the threads that compile a whole come to their end."""
    for thread in threading.enumerate():
        if thread.name == "rules":
            thread.join()


READ = [("", "w0v1 w1v1 w2v1"), ("listed", "w7"), ("other", "w7"), ("", "new"), ("", "w3v399 w0v0")]


def test_an_edit_is_answered_by_what_was_compiled_before(folder):
    old = load_rules(folder)
    before = answers(old, *READ)
    base = old._matcher._segments.base
    write(folder, 0, rules=[n for n in range(400) if n != 1])  # one rule goes, all lines behind it move
    write(folder, 1, more="  - {id: new, title: T, when: new}\n")
    write(folder, 2, more="  - {id: r2-1, title: T, when: w2v2}\n", rules=[n for n in range(400) if n != 1])
    new = load_rules(folder, before=old)
    counts = base.engine.counts.articles
    segments = new._matcher._segments
    assert segments.base is base
    found = answers(new, *READ)
    assert found == [["r1-1"], before[1], [], ["new"], ["r0-0", "r3-399"]]
    assert base.engine.counts.articles > counts
    assert answers(old, *READ) == before, "the older ruleset still answers"
    finish()
    assert new._matcher._segments.base is not base and new._matcher._segments.base.rules is new.rules
    assert answers(new, *READ) == found


def test_a_changed_list_changes_the_rules_that_name_it_and_no_others(folder):
    write(folder, 3, first="$y OR ")
    old = load_rules(folder)
    assert [len(found) for found in answers(old, *READ)] == [3, 4, 400, 0, 2]
    (folder / "lists.yaml").write_text("lists: {x: [listed], y: [new]}\n")
    new = load_rules(folder, before=old)
    assert len(changes(old.rules, new.rules).fresh) == 400
    assert [len(found) for found in answers(new, *READ)] == [3, 4, 0, 400, 2]


def test_what_does_not_decide_which_articles_are_met_is_not_compiled_again(folder):
    old = load_rules(folder)
    answers(old, *READ)
    base = old._matcher._segments.base
    text = (folder / "0.yaml").read_text().replace("title: T", "title: Another, severity: high")
    (folder / "0.yaml").write_text("# a line more\n" + text)
    new = load_rules(folder, before=old)
    assert changes(base.rules, new.rules) == (tuple(range(1_600)), ())
    (match, *_) = new.match(article("", "w0v5"))
    assert (match.rule.title, match.rule.severity, match.rule.line) == ("Another", "high", 8)
    assert new._matcher._segments.base is base


def test_files_that_are_written_again_as_they_were_change_nothing(folder):
    """Nor do they keep the whole from being compiled after the edit before."""
    old = load_rules(folder)
    answers(old, *READ)
    write(folder, 0, more="  - {id: new, title: T, when: new}\n")
    new = load_rules(folder, before=old)
    write(folder, 0, more="  - {id: new, title: T, when: new}\n")
    assert load_rules(folder, before=new) is new
    finish()
    assert new._matcher._segments.base.rules is new.rules


def test_edits_come_faster_than_the_whole_is_compiled(folder):
    ruleset = load_rules(folder)
    answers(ruleset, *READ)
    base = ruleset._matcher._segments.base
    for turn in range(4):
        write(folder, turn, more=f"  - {{id: new{turn}, title: T, when: new}}\n", rules=range(turn, 400))
        ruleset = load_rules(folder, before=ruleset)
        assert [match.rule.id for match in ruleset.match(article("", "new"))] == [f"new{n}" for n in range(turn + 1)]
    finish()
    assert answers(ruleset, *READ)[3] == ["new0", "new1", "new2", "new3"]
    assert base.rules is not ruleset._matcher._segments.base.rules


def test_a_ruleset_that_is_followed_gives_its_rebuild_up(folder):
    first = load_rules(folder)
    answers(first, *READ)
    write(folder, 0, more="  - {id: new0, title: T, when: new}\n")
    second = Matcher(load_rules(folder))
    write(folder, 1, more="  - {id: new1, title: T, when: new}\n")
    third = Matcher(load_rules(folder))
    assert second.follow(first._matcher) and third.follow(second)
    base = second._segments.base
    second.rebuild()
    assert second._segments.base is base
    third.rebuild()
    assert third._segments.base is not base


def test_much_that_has_changed_and_few_rules_are_compiled_at_once(folder):
    old = load_rules(folder)
    answers(old, *READ)
    write(folder, 0, first="much OR ")
    new = load_rules(folder, before=old)
    assert new._matcher._segments.base.rules is new.rules
    assert [len(found) for found in answers(new, ("", "much"), *READ)] == [400, 3, 4, 0, 0, 2]
    for number in (1, 2, 3):
        (folder / f"{number}.yaml").unlink()
    few = load_rules(folder, before=new)
    assert few._matcher._segments.base.rules is few.rules and len(few.rules) == 400


def test_what_was_not_compiled_is_not_compiled_for_an_edit(folder, monkeypatch):
    monkeypatch.setenv("RULES_ENGINE", "plain")
    old = load_rules(folder)
    assert not load_rules(folder, before=old)._matcher.compiled
    assert old.match(article("", "w0v1"))
    assert not load_rules(folder, before=old)._matcher.compiled


def test_matching_goes_on_while_rules_are_loaded_and_compiled(folder):
    """Another thread matches all the time, and each answer is that of the ruleset at hand."""
    current = [load_rules(folder)]
    answers(current[0], *READ)
    stop, wrong, asked = threading.Event(), [], count()

    def match():
        while not stop.is_set():
            ruleset, turn = current[0], next(asked)
            met = [match.rule.id for match in ruleset.match(article("", f"w0v{turn % 400} new"))]
            known = [rule.id for rule in ruleset.rules[:6] if rule.id.startswith("new")]
            if met != [*known, f"r0-{turn % 400}"]:
                wrong.append((turn, met))

    thread = threading.Thread(target=match)
    thread.start()
    for turn in range(6):
        more = "".join(f"  - {{id: new{n}, title: T, when: new}}\n" for n in range(turn))
        write(folder, 0, more=more)
        current[0] = load_rules(folder, before=current[0])
        if turn % 3 == 2:
            finish()
    finish()
    stop.set()
    thread.join()
    assert not wrong and next(asked) > 100
