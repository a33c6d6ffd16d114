"""Records as bytes: round trips, errors, and a schema that cannot change in an incompatible way unnoticed."""

import copy
import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import codec, records
from wire.errors import CodecError
from wire.records import Article, BodySource, Silence, Stamps

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
ARTICLE = Article(id="ar1-x", revision="re1-x", url="https://a.test/", title="T", text="Text", publisher="a.test")


@given(
    st.builds(
        Article,
        id=st.text(),
        revision=st.text(),
        url=st.text(),
        title=st.text(),
        text=st.text(),
        publisher=st.text(),
        authors=st.tuples(st.text()),
        body_source=st.sampled_from(BodySource),
        silence=st.none() | st.sampled_from(Silence),
        cut=st.booleans(),
        stamps=st.builds(Stamps, published=st.none() | st.datetimes(timezones=st.just(UTC))),
    )
)
def test_what_is_encoded_decodes_to_itself(article):
    try:
        data = codec.encode(article)
    except UnicodeEncodeError:
        return  # a lone surrogate is no text
    assert codec.decode(data, Article) == article


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b'{"record":"article/1"}',
        b'{"record":"entry/1","id":"x"}',
        b"[" * 100_000,
        codec.encode(ARTICLE).replace(b'"T"', b"7"),
    ],
    ids=str,
)
def test_what_is_no_such_record_is_a_codec_error(data):
    with pytest.raises(CodecError, match="article/1"):
        codec.decode(data, Article)


def test_unknown_members_of_a_later_release_are_passed_over():
    data = codec.encode(ARTICLE)[:-1] + b',"invented_later":[1]}'
    assert codec.decode(data, Article) == ARTICLE


def test_an_earlier_version_is_brought_up():
    def upgrade(members):
        return {**members, "record": "article/1", "title": members["headline"]}

    codec.UPGRADES["article/0"] = upgrade
    try:
        old = json.loads(codec.encode(ARTICLE)) | {"record": "article/0", "headline": "T"}
        del old["title"]
        assert codec.decode(json.dumps(old).encode(), Article) == ARTICLE
    finally:
        del codec.UPGRADES["article/0"]


# ------------------------------------------------------------------ the schema


def broken(old, new, path=""):
    """What of `new` can no longer read what `old` wrote: removed or retyped members, new required ones."""
    found = []
    for name, before in old.get("$defs", {}).items():
        after = new["$defs"].get(name)
        if after is None:
            found.append(f"{name} is gone")
            continue
        if "enum" in before:
            found += [f"{name} lost {value!r}" for value in before["enum"] if value not in after.get("enum", ())]
        for member, shape in before.get("properties", {}).items():
            if member not in after["properties"]:
                found.append(f"{name}.{member} is gone")
            elif bare(after["properties"][member]) != bare(shape):
                found.append(f"{name}.{member} changed")
        found += [
            f"{name}.{one} is required now"
            for one in set(after.get("required", ())) - set(before.get("required", ()))
        ]
    found += [f"{tag} is gone" for tag in old.get("records", {}) if tag not in new["records"]]
    return found


def bare(shape):
    """A member's shape without its default and words."""
    return {key: value for key, value in shape.items() if key not in ("default", "description", "title")}


def test_the_schema_has_not_changed_in_an_incompatible_way(snapshot_of):
    """After a compatible change: UPDATE_SNAPSHOTS=1 pytest tests/wire. An incompatible one needs a new version."""
    present = json.loads(msgspec.json.encode(codec.schema()))
    stored = snapshot_of("schema.json", present)
    assert broken(stored, present) == []
    assert stored == present, "a compatible change: store it with UPDATE_SNAPSHOTS=1"


def test_the_check_sees_incompatible_changes_and_lets_compatible_ones_pass():
    present = json.loads(msgspec.json.encode(codec.schema()))

    def changed(change):
        new = copy.deepcopy(present)
        change(new["$defs"]["Article"])
        return broken(present, new)

    assert changed(lambda it: it["properties"].pop("text")) == ["Article.text is gone"]
    assert changed(lambda it: it["properties"]["text"].update(type="integer")) == ["Article.text changed"]
    assert changed(lambda it: it["required"].append("feed")) == ["Article.feed is required now"]
    assert changed(lambda it: it["properties"].update(extra={"type": "string"})) == []


def test_every_record_is_frozen_and_versioned():
    tags = [codec.tag_of(kind) for kind in codec.kinds()]
    assert len(tags) == len(set(tags)) > 15
    assert all(tag.rpartition("/")[2].isdigit() for tag in tags)
    parts = [kind for kind in vars(records).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    assert all(kind.__struct_config__.frozen for kind in parts if kind.__struct_fields__)
