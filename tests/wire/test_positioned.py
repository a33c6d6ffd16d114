"""YAML with positions: the tree, its bounds, and that nothing but ConfigError ever comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wire import positioned
from wire.errors import ConfigError
from wire.positioned import ListNode, MapNode, ScalarNode, load_positioned, parse_positioned, plain_data

ROOT = Path(__file__).parents[2]


def problem_of(text: str):
    with pytest.raises(ConfigError) as caught:
        parse_positioned(text, "x.yaml")
    return caught.value.problems[0]


def test_every_value_knows_its_line_and_column():
    node = parse_positioned("a: 1\nb:\n  - x\n  - {c: ' y'}\n", "x.yaml")
    assert isinstance(node, MapNode)
    listed = node.get("b")
    assert isinstance(listed, ListNode)
    assert (listed.items[0].place.line, listed.items[0].place.column) == (3, 5)
    inner = listed.items[1]
    assert isinstance(inner, MapNode)
    key, value = inner.pairs[0]
    assert (key.place.line, key.place.column, value.place.column) == (4, 6, 9)
    assert isinstance(value, ScalarNode) and value.value == " y"
    assert plain_data(node) == {"a": 1, "b": ["x", {"c": " y"}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("1:30", "1:30"),
        ("2026-01-01", "2026-01-01"),
        ("0x10", "0x10"),
        ("~", None),
        ("'5'", "5"),
        ("-5", -5),
        ("1.5e2", 150.0),
        ("true", True),
        ("! 5", "5"),
        ("", None),
    ],
)
def test_plain_scalars_follow_the_core_schema(text, value):
    node = parse_positioned(text, "x.yaml")
    assert isinstance(node, ScalarNode)
    assert (node.value, type(node.value)) == (value, type(value))


def test_aliases_repeat_the_value():
    assert plain_data(parse_positioned("a: &x [1, 2]\nb: *x\n", "x.yaml")) == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: [2\nc: 3\n", 3, 2, "not valid YAML"),
        ("a: 1\n\ta: 2\n", 2, 1, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is given twice (first in line 1)"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, 4, "YAML tags are not supported"),
        ("a: *nowhere\n", 1, 4, "no value is named &nowhere"),
        ("a: &a [*a]\n", 1, 8, "no value is named &a"),
        ("? [x]\n: 1\n", 1, 3, "a key must be a word"),
        ("a: 1\nb: \x07\n", 2, 0, "a character that YAML forbids"),
        ("[" * 60, 1, 41, "nested deeper than 40 levels"),
    ],
)
def test_faults_have_their_place(text, line, column, words):
    problem = problem_of(text)
    assert words in problem.message
    assert (problem.path, problem.line, problem.column) == ("x.yaml", line, column)


def test_aliases_cannot_explode():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "aliases expanded" in problem_of("\n".join(lines)).message


def test_files_are_bounded_and_must_be_utf_8(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ConfigError, match=r"x\.yaml:2:4: is not UTF-8"):
        load_positioned(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigError, match="larger than 1000000 bytes"):
        load_positioned(path)
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: no such file"):
        load_positioned(tmp_path / "none.yaml")


@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>?'\"#, \n\t1", max_size=80))
@settings(max_examples=400, deadline=None)
def test_no_text_raises_anything_else(text):
    try:
        parse_positioned(text, "x.yaml")
    except ConfigError as error:
        assert error.problems


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(alphabet="ab:1# é№'\n", max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc1", max_size=4), inner, max_size=4),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_what_is_dumped_is_read_back(data):
    assert plain_data(parse_positioned(yaml.safe_dump(data, allow_unicode=True), "x.yaml")) == data


@pytest.mark.parametrize("path", sorted((ROOT / "deploy").rglob("*.yaml")), ids=lambda path: path.name)
def test_libyaml_and_plain_python_see_the_same_places(path):
    text = path.read_text()
    trees = []
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        building = positioned._Building("x.yaml")
        building.read(loader(text))
        trees.append(building.root)
    assert trees[0] == trees[1] and trees[0].size > 5
