"""Rule files read again: from the disk, beside the ruleset before, and anew, the rules are the same."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.rules import ahead, kept, load_rules
from streams.rules.changes import changes
from streams.rules.compiled import cache as disk
from wire.errors import ConfigError

PAD = "# " + "x" * 18_000 + "\n"
"""A comment that makes a file worth keeping."""

QUERIES = [
    "aaa",
    "bbb*",
    "=Turkey AND ccc",
    "aaa AND NOT bbb",
    "SENT($x AND aaa)",
    "$x NEAR/3 ccc",
    '"aaa bbb" OR $y',
    "title:($y OR aaa)",
    "ccc AND NOT $z",
    "ATLEAST/2($z)",
    "@france AND $x",
]
ITEMS = [["ddd"], ["ddd", "eee fff"], ["'eee NEAR/2 fff'"], ["ggg*", "hhh"], ["$w", "iii"], ["$w"]]
FIELDS = [
    QUERIES,
    ["", ", fold: true"],
    ["", ", unless: jjj", ", unless: $x"],
    ["", ", severity: high", ", story: {window: 3h}", ", tests: [{silent: kkk}]"],
]
bodies = st.tuples(*map(st.sampled_from, FIELDS))
rules = st.dictionaries(st.sampled_from("abcdefg"), bodies, min_size=1, max_size=5)


@st.composite
def histories(draw):
    """What stands in two files of rules and one of lists, edit after edit."""
    files = [draw(rules), draw(rules), dict(zip("xyz", draw(st.tuples(*[st.sampled_from(ITEMS)] * 3)), strict=True))]
    history = [files]
    for _ in range(draw(st.integers(1, 4))):
        files = [dict(one) for one in files]
        for kind in draw(st.lists(st.sampled_from(["field", "add", "order", "list"]), max_size=3)):
            edited = files[draw(st.integers(0, 1))]
            name = draw(st.sampled_from(sorted(edited)))
            if kind == "field":
                field = draw(st.integers(0, 3))
                body = draw(st.sampled_from(FIELDS[field]))
                edited[name] = (*edited[name][:field], body, *edited[name][field + 1 :])
            elif kind == "add":
                edited.update(draw(rules))
            elif kind == "order":
                edited[name] = edited.pop(name)
            else:
                files[2][draw(st.sampled_from("xyz"))] = draw(st.sampled_from(ITEMS))
        history.append(files)
    return history


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RULES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@contextmanager
def kept_in(folder):
    before = os.environ.get("RULES_CACHE")
    os.environ["RULES_CACHE"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["RULES_CACHE"]
        else:
            os.environ["RULES_CACHE"] = before


def file_of(rules, prefix):
    lines = [
        f"  - {{id: {prefix}{name}, title: T, when: '{query}'{''.join(more)}}}\n"
        for name, (query, *more) in rules.items()
    ]
    return "rules:\n" + "".join(lines)


def put(folder, state):
    first, second, lists = state
    (folder / "one.yaml").write_text(PAD + file_of(first, "one-"))
    (folder / "two.yaml").write_text(file_of(second, "two-"))
    listed = "".join(f"  {name}: [{', '.join(items)}]\n" for name, items in lists.items())
    (folder / "lists.yaml").write_text(PAD + "lists:\n  w: [lll]\n" + listed)


def said(ruleset):
    return ruleset.id, ruleset.key, ruleset.files, ruleset.warnings, list(ruleset.rules)


@pytest.mark.timeout(60)
@settings(max_examples=100, deadline=None)
@given(histories())
def test_after_any_edits_the_rules_are_those_of_files_read_anew(edits):
    with TemporaryDirectory() as folder:
        files, before = Path(folder) / "rules", None
        files.mkdir()
        for number, state in enumerate(edits):
            put(files, state)
            with kept_in(f"{folder}/shared"):
                beside, from_disk = load_rules(files, before=before), load_rules(files)
            with kept_in(f"{folder}/empty{number}"):
                assert said(load_rules(files)) == said(beside) == said(from_disk)
            if before is not None:
                assert changes(before.rules, beside.rules) == changes(tuple(before.rules), tuple(beside.rules))
            before = beside


def test_an_unchanged_file_is_neither_read_again_nor_made_again(tmp_path, cache):
    put(tmp_path, ({"a": ("aaa",)}, {"a": ("bbb*",)}, {"x": ["ddd"]}))
    old = load_rules(tmp_path)
    (tmp_path / "two.yaml").write_text("rules: [{id: new, title: T, when: ccc}]\n")
    new = load_rules(tmp_path, before=old)
    assert [one.id for one in new.rules] == ["one-a", "new"]
    same = [a.written is b.written for a, b in zip(old.rules.sources, new.rules.sources, strict=True)]
    assert same == [True, True, False]


def test_a_file_that_is_named_twice_is_refused_the_second_time_too(tmp_path, cache):
    put(tmp_path, ({"a": ("aaa",)}, {"a": ("bbb*",)}, {"x": ["ddd"]}))
    old = load_rules(tmp_path)
    for before in (None, old):
        with pytest.raises(ConfigError) as caught:
            load_rules(tmp_path, tmp_path / "one.yaml", tmp_path / "lists.yaml", before=before)
        assert [one.message.split(" (")[0] for one in caught.value.problems] == [
            "the list `w` is given twice",
            "the list `x` is given twice",
            "the rule `one-a` is given twice",
        ]


@pytest.fixture
def kept_file(tmp_path, cache):
    """A rule file and where it is kept; what is kept says `bbb`, so that one sees who answered."""
    path, other = tmp_path / "rules.yaml", tmp_path / "other.yaml"
    other.write_text(PAD + "rules: [{id: a, title: T, when: bbb}]\n")
    written = load_rules(other).rules.sources[0].written
    (foreign,) = cache.glob("file-*")
    foreign.rename(cache / "foreign")
    path.write_text(PAD + "rules: [{id: a, title: T, when: aaa}]\n")
    digest = load_rules(path).rules.sources[0].digest
    (stored,) = cache.glob("file-*")
    right = stored.read_bytes()
    kept.remember(digest, written)
    return path, stored, right


def words(path):
    return [word.text for rule in load_rules(path).rules for word in (rule.queries["*"],)]


def test_a_file_is_kept_by_its_text(kept_file):
    path, *_ = kept_file
    assert words(path) == ["bbb"]
    path.write_text(path.read_text() + "# another text\n")
    assert words(path) == ["aaa"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda data, foreign: data[:-1],
        lambda data, foreign: data[:20],
        lambda data, foreign: b"",
        lambda data, foreign: data[:60] + bytes([data[60] ^ 1]) + data[61:],
        lambda data, foreign: bytes([data[0] ^ 1]) + data[1:],
        lambda data, foreign: foreign,
        lambda data, foreign: b"something else altogether" * 100,
    ],
)
def test_what_is_damaged_or_foreign_is_read_anew_and_kept_anew(kept_file, harm):
    path, stored, right = kept_file
    stored.write_bytes(harm(stored.read_bytes(), (stored.parent / "foreign").read_bytes()))
    assert words(path) == ["aaa"]
    assert stored.read_bytes() == right


def test_a_sealed_file_of_another_form_counts_as_missing(kept_file):
    path, *_ = kept_file
    digest = load_rules(path).rules.sources[0].digest
    disk.keep("file", kept.generation() + digest, b"\x93\x01\x02\x03")
    assert words(path) == ["aaa"]


def test_faulty_files_are_not_kept_and_told_again(tmp_path, cache):
    (tmp_path / "rules.yaml").write_text(
        PAD + "rules:\n  - id: a\n    title: T\n    when: aaa AND $nope\n    severity: hi\n"
    )
    for _ in range(2):
        with pytest.raises(ConfigError) as caught:
            load_rules(tmp_path / "rules.yaml")
        assert [(one.line, one.column) for one in caught.value.problems] == [(6, 15), (5, 19)]
    assert not list(cache.glob("file-*"))


def test_a_sound_file_is_still_wrong_where_its_list_goes(tmp_path, cache):
    """It is kept, and so is what was found sound: neither may hide what another file takes away."""
    rules = "".join(f"  - {{id: r{n}, title: T, when: aaa AND $x}}\n" for n in range(2_500))
    (tmp_path / "rules.yaml").write_text("rules:\n" + rules)
    (tmp_path / "lists.yaml").write_text("lists: {x: [ddd], y: [eee]}\n")
    for _ in range(2):
        ruleset = load_rules(tmp_path)
        assert ruleset.warnings == (f"{tmp_path}/lists.yaml:1: the list `y` is not used",)
    assert list(cache.glob("sound-*"))
    (tmp_path / "lists.yaml").write_text("lists: {y: [eee]}\n")
    with pytest.raises(ConfigError) as caught:
        load_rules(tmp_path, before=ruleset)
    first = caught.value.problems[0]
    assert len(caught.value.problems) == 2_500
    assert (first.line, first.column, first.message) == (2, 38, "no list is named $x")


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path, monkeypatch):
    (tmp_path / "in the way").write_text("")
    monkeypatch.setenv("RULES_CACHE", str(tmp_path / "in the way" / "cache"))
    (tmp_path / "rules.yaml").write_text(PAD + "rules: [{id: a, title: T, when: aaa}]\n")
    assert words(tmp_path / "rules.yaml") == ["aaa"]


def test_many_may_write_and_read_at_once(cache):
    """Whoever reads finds all of it or nothing."""
    data = [bytes([n]) * 300_000 for n in range(8)]

    def work(n):
        for _ in range(30):
            disk.keep("file", b"one key", data[n])
            found = disk.kept("file", b"one key")
            assert found is not None and bytes(found) in data

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert len(list(cache.iterdir())) == 1


def test_the_folder_is_bounded_and_keeps_what_was_used_last(cache):
    for n in range(6):
        disk.keep("file", bytes([n]), b"x" * 1_000)
        path = disk._path("file", bytes([n]))
        os.utime(path, (time.time() - 100 + n,) * 2)
    assert disk.kept("file", bytes([0])) is not None
    disk.tidy("file-*", 5)
    assert [n for n in range(6) if disk.kept("file", bytes([n])) is not None] == [0, 2, 3, 4, 5]
    disk.tidy("file-*", 5, 3_100)
    assert len(list(cache.iterdir())) == 3


def large_files(folder):
    """Enough bytes in several files for helpers to be called."""
    folder.mkdir()
    pad = "# " + "x" * (ahead.FROM_BYTES // 4) + "\n"
    for name in "abcde":
        (folder / f"{name}.yaml").write_text(f"{pad}rules: [{{id: {name}, title: T, when: aaa{name}}}]\n")
    return sorted(folder.iterdir())


def lying_in(cache):
    return {path.name: path.read_bytes() for path in cache.glob("file-*")}


@pytest.mark.parametrize("cores", [2, 4])
def test_helpers_leave_on_disk_what_files_say(tmp_path, monkeypatch, cores):
    files = large_files(tmp_path / "rules")
    monkeypatch.setenv("RULES_CACHE", str(tmp_path / "theirs"))
    with ahead.reading_ahead(files, ahead.FROM_BYTES, cores) as helpers:
        assert [helper.wait(10) for helper in helpers] == [0] * (cores - 1)
    monkeypatch.setenv("RULES_CACHE", str(tmp_path / "ours"))
    ahead.keep(files)
    assert lying_in(tmp_path / "theirs") == lying_in(tmp_path / "ours")
    assert len(lying_in(tmp_path / "ours")) == len(files)


def test_little_to_read_and_a_single_core_call_no_helpers(tmp_path, cache):
    files = large_files(tmp_path / "rules")
    enough = ahead.FROM_BYTES
    for chosen, size, cores in ((files, enough - 1, 4), (files, enough, 1), (files[:1], 2 * enough, 4)):
        with ahead.reading_ahead(chosen, size, cores) as helpers:
            assert helpers == []


def test_helpers_are_gone_when_all_is_read_and_their_end_is_no_matter(tmp_path, cache):
    files = [*large_files(tmp_path / "rules"), tmp_path / "not there.yaml"]
    with ahead.reading_ahead(files, ahead.FROM_BYTES, 4) as helpers:
        for helper in helpers:
            helper.kill()
        assert [rule.id for rule in load_rules(tmp_path / "rules").rules] == list("abcde")
    assert None not in [helper.poll() for helper in helpers]


def test_many_large_files_are_what_they_are_one_by_one(tmp_path, cache, monkeypatch):
    files = large_files(tmp_path / "rules")
    together = load_rules(tmp_path / "rules")
    monkeypatch.setenv("RULES_CACHE", str(tmp_path / "another"))
    assert [rule for file in files for rule in load_rules(file).rules] == list(together.rules)
