"""Identities: what they are today they are for ever."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import identity

GOLDEN = {
    "en1-": identity.entry_id("feed", "guid-1", "A title and a summary"),
    "ar1-": identity.article_id("https://news.test/a/b?id=7"),
    "re1-": identity.revision_id("Title", "Text"),
    "de1-": identity.detection_id("ar1-x", "pledge", "They pledged ships."),
    "st1-": identity.story_id("pledge", "de1-x"),
    "al1-": identity.alert_id("st1-x", 1),
    "dl1-": identity.delivery_id("desk", "al1-x"),
    "rs1-": identity.ruleset_id(["one", "two"]),
}


def test_ids_never_change(snapshot_of):
    assert snapshot_of("identities.json", GOLDEN) == GOLDEN


@pytest.mark.parametrize("kind", GOLDEN)
def test_ids_say_their_kind_and_recipe(kind):
    assert GOLDEN[kind].startswith(kind)
    assert len(GOLDEN[kind]) == 30


@given(st.lists(st.text()), st.lists(st.text()))
def test_no_two_lists_of_parts_run_together(a, b):
    assert (identity.digest(a) == identity.digest(b)) == (a == b)


@pytest.mark.parametrize(
    "url",
    [
        "https://News.Test/a",
        "http://news.test/a",
        "https://news.test:443/a",
        "https://news.test/a#comments",
        "https://news.test/a?utm_source=rss&utm_medium=feed",
        "https://user:pass@news.test/a?fbclid=1",
        "  https://news.test/%61 ".strip(),
        "https://news.test./a",
    ],
)
def test_one_page_has_one_address(url):
    assert identity.article_address(url) == "https://news.test/a"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://news.test/a?id=1", "https://news.test/a?id=2"),
        ("https://news.test/a", "https://news.test/A"),
        ("https://news.test/a", "https://news.test/a/"),
        ("https://news.test:8443/a", "https://news.test/a"),
        ("https://news.test/a%2Fb", "https://news.test/a/b"),
        ("https://news.test/a?x=1&y=2", "https://news.test/a?y=2&x=1"),
    ],
)
def test_what_may_be_another_page_keeps_its_address(a, b):
    assert identity.article_address(a) != identity.article_address(b)


@pytest.mark.parametrize("url", ["", "news.test/a", "ftp://news.test/", "javascript:alert(1)", "https://", "//x/"])
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(ValueError, match=r"."):
        identity.article_address(url)


@given(st.text(max_size=60))
def test_an_address_is_its_own_normal_form(path):
    try:
        once = identity.article_address("https://news.test/" + path)
    except ValueError:
        return
    assert identity.article_address(once) == once
    assert urlsplit(once).hostname == "news.test"
    assert once.isascii()


def test_evidence_is_its_words():
    a = identity.detection_id("ar1-x", "r", "“They pledged ships,” she said.")
    assert a == identity.detection_id("ar1-x", "r", '"They pledged  ships" - she said')
    assert a != identity.detection_id("ar1-x", "r", "They pledged ships.")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_kafkas(data, expected):
    """The vectors of Apache Kafka's own test of Utils.murmur2."""
    assert identity.murmur2(data) == expected & 0xFFFFFFFF


@given(st.text(), st.integers(1, 512))
def test_every_key_has_a_partition(key, partitions):
    try:
        key.encode()
    except UnicodeEncodeError:
        return
    assert 0 <= identity.partition_of(key, partitions) < partitions
