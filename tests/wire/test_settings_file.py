"""Settings from files and the environment: what is read, and how each kind of fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from wire.errors import ConfigError
from wire.records import Severity
from wire.secrets import resolve_secret
from wire.settings import SecretSource, Settings
from wire.settings_file import describe, load_settings
from wire.settings_lists import is_web_address, slug_of
from wire.units import bytes_of, seconds_of

GOOD = """\
data_dir: var
rules: [rules]
feeds:
  - feeds.yaml
  - {id: own, url: "https://news.example/rss", interval: 5m}
subscriptions:
  - id: ops
    url: https://hooks.example/in
    rules: [security_*]
    min_severity: high
    secrets: [ops]
    retries: [1, 2m]
secrets:
  ops: {env: OPS_SECRET}
  spare: {file: spare.txt}
polling: {interval: 10m, fresh_for_s: 3600, max_bytes: 5MB}
http: {allow: ["127.0.0.1:8080", "[::1]:80"]}
desk: {port: 0}
"""
FEEDS = "- url: https://www.daily.test/world/rss.xml\n  title: The Daily\n- {url: 'http://rss.other.test/feed?x=1'}\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a good configuration."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    (tmp_path / "tocsin.yaml").write_text(GOOD)
    return tmp_path


def problems_of(house: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    (house / "t.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(house / "t.yaml", environ or {})
    return [str(problem).replace(f"{house}/", "") for problem in caught.value.problems]


def test_no_file_and_an_empty_file_give_the_defaults(tmp_path):
    assert load_settings(None, {}) == Settings()
    (tmp_path / "t.yaml").write_text("# nothing\npolling:\n")
    assert load_settings(tmp_path / "t.yaml", {}) == Settings(data_dir=Path("data"))


def test_everything_is_read(house):
    settings = load_settings(house / "tocsin.yaml", {})
    assert settings.data_dir == house / "var"
    assert settings.rules == (house / "rules",)
    assert [feed.id for feed in settings.feeds] == ["daily-test-world-rss-xml", "other-test-feed-x-1", "own"]
    assert [feed.publisher for feed in settings.feeds] == ["daily.test", "other.test", "news.example"]
    assert settings.feeds[2].interval_s == 300
    subscription = settings.subscriptions[0]
    assert (subscription.min_severity, subscription.retries_s) == (Severity.HIGH, (1.0, 120.0))
    assert settings.secrets["spare"] == SecretSource(file=str(house / "spare.txt"))
    assert (settings.polling.interval_s, settings.polling.fresh_for_s) == (600.0, 3600.0)
    assert settings.polling.max_bytes == 5_000_000
    assert settings.desk.port == 0


def test_paths_start_from_the_file_they_stand_in(house):
    (house / "conf").mkdir()
    (house / "conf" / "t.yaml").write_text("rules: ../rules\nfeeds: ../feeds.yaml\n")
    settings = load_settings(house / "conf" / "t.yaml", {})
    assert settings.rules[0].samefile(house / "rules")
    assert len(settings.feeds) == 2


# ------------------------------------------------------------------ faults, each with its place

FAULTS = [
    ("desk: {prot: 1}", "t.yaml:1:8: unknown key 'desk.prot'\n    hint: did you mean 'port'?"),
    (
        "zebra: 1",
        "t.yaml:1:1: unknown key 'zebra'\n    hint: known here: data_dir, delivery, desk, feeds, http, kafka, pages, "
        "partitions, polling, rules, secrets, subscriptions",
    ),
    ("desk:\n  port: 99999", "t.yaml:2:9: desk.port: expected a whole number, from 0 to 65535, got 99999"),
    ("desk:\n  port: yes", "t.yaml:2:9: desk.port: expected a whole number, from 0 to 65535, got 'yes'"),
    ("desk: {port: 1.5}", "t.yaml:1:14: desk.port: expected a whole number, from 0 to 65535, got 1.5"),
    ("desk: {port: true}", "t.yaml:1:14: desk.port: expected a whole number, from 0 to 65535, got true"),
    ("desk: [1]", "t.yaml:1:7: desk: expected a map of settings, got a list"),
    ("desk: {host: 5}", 't.yaml:1:14: desk.host: expected text, got 5\n    hint: put it in quotes: "5"'),
    ("desk: {host: [a]}", "t.yaml:1:14: desk.host: expected text, got a list"),
    ("partitions: 0", "t.yaml:1:13: partitions: expected a whole number, from 1 to 512, got 0"),
    ("pages: {workers: 1e3}", "t.yaml:1:18: pages.workers: expected a whole number, from 0 to 64, got 1e3"),
    ("polling: {jitter: 2}", "t.yaml:1:19: polling.jitter: expected a number, from 0 to 0.5, got 2"),
    (
        "polling: {interval: 10 parsecs}",
        "t.yaml:1:21: polling.interval: expected seconds or a duration such as 10m, from 0 to a year, got '10 par",
    ),
    (
        "polling: {interval: 1e999}",
        "t.yaml:1:21: polling.interval: expected seconds or a duration such as 10m, from 0 to a year, got 1e999",
    ),
    (
        "pages: {max_bytes: 0}",
        "t.yaml:1:20: pages.max_bytes: expected bytes or a size such as 5MB, at least 1, got 0",
    ),
    ("polling: {interval: 1, interval_s: 2}", "t.yaml:1:24: polling.interval_s is given twice, as 'interval_s' and "),
    (
        "delivery: {retries: [1, soon]}",
        "t.yaml:1:25: delivery.retries[1]: expected seconds or a duration such as 10m, from 0 to a year, got 'soon'",
    ),
    ("http: {allow: [localhost]}", "t.yaml:1:15: http.allow: expected host:port, got 'localhost'"),
    ("rules: [rules, nowhere]", "t.yaml:1:16: rules: there is no file or folder 'nowhere'"),
    ("rules: {a: b}", "t.yaml:1:8: rules: expected a path"),
    ("data_dir: 5", "t.yaml:1:11: data_dir: expected a path"),
    ("feeds: nowhere.yaml", "t.yaml:1:8: feeds: nowhere.yaml cannot be read: no such file or directory"),
    (
        "feeds: [https://a.test/x]",
        "t.yaml:1:9: feeds: expected a map or the path of a file\n    hint: write `- url: ...`",
    ),
    ("feeds: [{title: x}]", "t.yaml:1:9: feeds: 'url' is missing"),
    ("feeds: [[7]]", "t.yaml:1:9: feeds: expected a map of settings, got a list"),
    (
        "feeds: [{url: 'ftp://a.test/x'}]",
        "t.yaml:1:15: feeds.url: expected an address that begins with http:// or https://",
    ),
    ("feeds: [{url: 'http://u:p@a.test/'}]", "t.yaml:1:15: feeds.url: an address must not carry a user or password"),
    ("feeds: [{url: 'http://a.test/', origin: api}]", "t.yaml:1:33: unknown key 'feeds.origin'"),
    (
        "feeds: [{id: a b, url: 'http://a.test/'}]",
        "t.yaml:1:14: feeds.id: expected a name, got 'a b'\n    hint: letters, digits, dots",
    ),
    (
        "feeds:\n  - {id: a, url: 'http://a.test/1'}\n  - {id: a, url: 'http://a.test/2'}",
        "t.yaml:3:5: feeds: the id 'a' is already taken (by t.yaml:2)\n    hint: give it an `id:` of its own",
    ),
    (
        "feeds:\n  - {id: a, url: 'http://a.test/1'}\n  - {id: b, url: 'http://a.test/1'}",
        "t.yaml:3:5: feeds: the url is already taken (by t.yaml:2)\n    hint: remove one",
    ),
    (
        "subscriptions: [{id: a, url: 'http://a.test/'}]",
        "t.yaml:1:17: subscriptions: 'secrets' is missing\n    hint: every delivery is signed: name one secret",
    ),
    (
        "subscriptions: [{id: a, url: 'http://a.test/', secrets: []}]",
        "t.yaml:1:57: subscriptions.secrets: expected the names of one or more secrets",
    ),
    (
        "secrets: {hook: {env: A}}\nsubscriptions: [{id: a, url: 'http://a.test/', secrets: hok}]",
        "t.yaml:2:57: no secret is called 'hok'\n    hint: did you mean 'hook'?",
    ),
    (
        "subscriptions: [{id: a, url: 'http://a.test/', min_severity: hihg, secrets: [s]}]\nsecrets: {s: {env: A}}",
        "t.yaml:1:62: subscriptions.min_severity: expected one of info, low, medium, high, critical, got 'hihg'"
        "\n    hint: did you mean 'high'?",
    ),
    (
        "secrets: {a: {env: A, file: b}}",
        "t.yaml:1:14: secrets.a: expected exactly one of {env: NAME} and {file: PATH}",
    ),
    (
        "subscriptions: [{id: a, url: 'http://a.test/', secrets: [whsec_x]}]",
        "t.yaml:1:58: this is a secret, not the name of one\n    hint: give it a name in `secrets:`",
    ),
    ("secrets: {a: {}}", "t.yaml:1:14: secrets.a: expected exactly one of"),
    ("secrets: {a: {env: 'A B'}}", "t.yaml:1:14: secrets.a.env: expected the name of an environment variable"),
    ("secrets: [a]", "t.yaml:1:10: secrets: expected a map from names to"),
    ("- a", "t.yaml:1:1: this file: expected a map of settings, got a list"),
    ("desk: {port: 1", "t.yaml:2:1: not valid YAML"),
]


@pytest.mark.parametrize(("text", "told"), FAULTS, ids=[text.partition("\n")[0][:40] for text, _ in FAULTS])
def test_a_fault_is_told_with_its_place(house, monkeypatch, text, told):
    monkeypatch.chdir(house)
    found = problems_of(house, text + ("" if text.endswith("1") and "{" in text else "\n"))
    assert len(found) == 1
    assert found[0].startswith(told)


def test_all_faults_are_told_at_once(house):
    (house / "bad.yaml").write_text("- url: https://a.test/\n  intervall: 5\n- title: x\n")
    found = problems_of(house, "desk: {prot: 1}\nfeeds: bad.yaml\npolling: {jitter: x}\n", {"TOCSIN_NO": "1"})
    assert [line.partition(": ")[0] for line in found] == [
        "environment variable TOCSIN_NO",
        "t.yaml:1:8",
        "bad.yaml:2:3",
        "bad.yaml:3:3",
        "t.yaml:3:19",
    ]
    assert "did you mean 'interval'?" in found[2]


@pytest.mark.parametrize(
    "text",
    [
        "secrets: {a: whsec_TopSecret}",
        "secrets: {a: {env: whsec_TopSecret/+}}",
        "secrets: {whsec_TopSecret: {env: A}}",
        "secrets: {a: {whsec_TopSecret}}",
        "secrets: whsec_TopSecret",
        "secrets: {a: {value: whsec_TopSecret}}",
        "subscriptions: [{id: a, url: 'http://a.test/', secrets: [whsec_TopSecret]}]",
        "subscriptions: [{id: a, url: 'hooks.test/?key=whsec_TopSecret', secrets: [a]}]",
        "desk: {port: whsec_TopSecret}",
    ],
)
def test_no_fault_repeats_a_secret(house, text):
    assert "TopSecret" not in "".join(problems_of(house, text))


# ------------------------------------------------------------------ the environment


def test_the_environment_overrides(house):
    settings = load_settings(
        house / "tocsin.yaml",
        {
            "TOCSIN_DESK__PORT": "9000",
            "TOCSIN_POLLING__INTERVAL": "2m",
            "TOCSIN_POLLING__FRESH_FOR_S": "60",
            "TOCSIN_DATA_DIR": "elsewhere",
            "TOCSIN_HTTP__ALLOW": "127.0.0.1:1, 127.0.0.1:2",
            "TOCSIN_HTTP__USER_AGENT": "7",
            "TOCSIN_PAGES__RETRIES": "1,2m",
            "TOCSIN_FEEDS": str(house / "feeds.yaml"),
            "TOCSIN_DELIVERY__TIMEOUT": "",
            "TOCSIN_CONFIG": "somewhere",
            "PATH": "/bin",
        },
    )
    assert settings.desk.port == 9000
    assert (settings.polling.interval_s, settings.polling.fresh_for_s) == (120.0, 60.0)
    assert settings.polling.max_bytes == 5_000_000
    assert settings.data_dir == Path("elsewhere")
    assert settings.http.allow == ("127.0.0.1:1", "127.0.0.1:2")
    assert settings.http.user_agent == "7"
    assert settings.pages.retries_s == (1.0, 120.0)
    assert len(settings.feeds) == 2
    assert settings.delivery.timeout_s == 15.0


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TOCSIN_DESK__PROT", "1", "is not a setting\n    hint: did you mean 'TOCSIN_DESK__PORT'?"),
        ("TOCSIN_DATADIR", "1", "is not a setting\n    hint: did you mean 'TOCSIN_DATA_DIR'?"),
        ("TOCSIN_JJJJ", "1", "is not a setting\n    hint: levels are joined by two underscores"),
        ("TOCSIN_DESK__PORT", "x", "desk.port: expected a whole number, from 0 to 65535, got 'x'"),
        ("TOCSIN_DESK", "x", "is not a setting"),
        ("TOCSIN_SECRETS", "x", "is not a setting"),
    ],
)
def test_faults_of_the_environment_name_the_variable(name, value, told):
    with pytest.raises(ConfigError) as caught:
        load_settings(None, {name: value})
    assert str(caught.value).startswith(f"environment variable {name}: {told}")


def test_a_variable_that_holds_a_secret_is_no_setting(house):
    (house / "t.yaml").write_text("secrets: {ops: {env: TOCSIN_OPS_SECRET}}\n")
    settings = load_settings(house / "t.yaml", {"TOCSIN_OPS_SECRET": "whsec_x"})
    assert resolve_secret(settings, "ops", {"TOCSIN_OPS_SECRET": " whsec_x\n"}) == "whsec_x"


# ------------------------------------------------------------------ secrets, units, addresses


def test_secrets_are_read_when_needed(house):
    settings = load_settings(house / "tocsin.yaml", {})
    with pytest.raises(ConfigError, match=r"spare\.txt cannot be read: no such file"):
        resolve_secret(settings, "spare", {})
    (house / "spare.txt").write_text("whsec_fromfile\n")
    assert resolve_secret(settings, "spare", {}) == "whsec_fromfile"
    with pytest.raises(ConfigError, match="environment variable OPS_SECRET is missing or empty"):
        resolve_secret(settings, "ops", {"OPS_SECRET": "  "})
    with pytest.raises(ConfigError, match="secret other: is not in `secrets:`"):
        resolve_secret(settings, "other", {})
    (house / "spare.txt").write_bytes(b"whsec_\xff")
    with pytest.raises(ConfigError) as caught:
        resolve_secret(settings, "spare", {})
    assert "whsec_" not in str(caught.value)


def test_describe_shows_settings_and_no_secret(house):
    shown = describe(load_settings(house / "tocsin.yaml", {"OPS_SECRET": "whsec_TopSecret"}))
    assert shown["polling"]["interval_s"] == 600.0
    assert shown["data_dir"] == str(house / "var")
    assert shown["secrets"]["ops"]["env"] == "OPS_SECRET"
    assert "TopSecret" not in str(shown)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("10m", 600), ("1.5h", 5400), ("180d", 15_552_000)])
def test_durations(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(("text", "size"), [("5MB", 5_000_000), ("5 MiB", 5_242_880), ("64kB", 64_000), ("7", 7)])
def test_sizes(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "m", "-5m", "5 lightyears", "5m5s", "١m", "9" * 20 + "d"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="not a quantity"):
        seconds_of(text)


def test_addresses():
    assert is_web_address("https://a.test:8080/x?y=1")
    for bad in ("a.test", "file:///etc/passwd", "http://", "http://a.test:99999/", "http://[::1/", "http://a b/"):
        assert not is_web_address(bad), bad
    assert slug_of("https://www.a.test/World/rss.xml") == "a-test-world-rss-xml"


WORDS = [
    "desk",
    "feeds",
    "url",
    "http://a.test/",
    "secrets",
    "env",
    "polling",
    "interval",
    "5m",
    "-1",
    "[",
    "]",
    "{",
    "}",
]


@given(
    st.text(max_size=100)
    | st.lists(
        st.sampled_from([*WORDS, ": ", "\n", "\n  ", "\n  - ", ", ", "a", "'", "subscriptions", "id"]), max_size=30
    ).map("".join)
)
@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_settings_file_raises_anything_but_config_error(tmp_path, text):
    (tmp_path / "t.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_settings(tmp_path / "t.yaml", {})
    except ConfigError as error:
        assert error.problems


@given(st.dictionaries(st.text("DESKPORT_FIL", max_size=12).map("TOCSIN_".__add__), st.text(max_size=12)))
@hypothesis_settings(max_examples=100, deadline=None)
def test_no_environment_raises_anything_but_config_error(environ):
    try:
        load_settings(None, environ)
    except ConfigError as error:
        assert error.problems


def test_the_default_configuration_is_good():
    root = Path(__file__).parents[2]
    settings = load_settings(root / "deploy" / "tocsin.yaml", {})
    assert len(settings.feeds) >= 20
    assert not settings.subscriptions
    assert {"en", "ru", "uk", "fr", "de"} <= {feed.language for feed in settings.feeds}
    assert all(feed.publisher and feed.title for feed in settings.feeds)
