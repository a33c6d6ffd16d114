"""The command line as people and machines use it: what it prints, and with which exit code."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from desk.cli import main
from desk.control import ControlError, ControlServer, call
from desk.dead_letters import letters, requeue_handler
from desk.paths import LOG_FILE
from streams.bench import Surroundings
from streams.local import LocalRuntime
from streams.pipeline import pipeline
from streams.rules import load_rules
from wire.clock import WallClock
from wire.identity import article_id, revision_id
from wire.log import Append, UnitOfWork
from wire.metrics import Metrics
from wire.records import Article, Stamps
from wire.sqlite import SqliteLog

RULES = """
rules:
  - id: pledge
    title: A pledge
    when: SENT(pledg* AND ships)
    statement: {require: [asserted], actor: state, act: pledg*}
    tests:
      - fires: Portugal pledged ships.
        actors: [Portugal]
      - silent: Portugal has not pledged ships.
"""
OTHER_RULES = (
    RULES.replace("id: pledge", "id: mention")
    .replace("SENT(pledg* AND ships)", "harbour")
    .replace("statement: {require: [asserted], actor: state, act: pledg*}", "statement: {require: []}")
    .split("    tests:")[0]
)
RULES_PACK = Path(__file__).parents[2] / "deploy/rules"
NOW = datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
def home(tmp_path):
    """A data directory with a short past: three articles, one of them unreadable, run through the rules."""
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "other.yaml").write_text(OTHER_RULES)
    config = tmp_path / "tocsin.yaml"
    config.write_text(yaml.safe_dump({"data_dir": "data", "rules": ["rules.yaml"]}))
    (tmp_path / "data").mkdir()
    asyncio.run(_fill(tmp_path))
    return tmp_path


async def _fill(home: Path) -> None:
    clock = WallClock()
    log = SqliteLog(home / "data" / LOG_FILE, clock)
    await log.start()
    work = UnitOfWork()
    for number, text in enumerate(["Portugal pledged four ships.", "Nothing new in the harbour."]):
        url = f"https://outlet{number}.test/{number}"
        stamps = Stamps(published=NOW, seen=NOW)
        article = Article(
            id=article_id(url),
            revision=revision_id("", text),
            url=url,
            title="",
            text=text,
            publisher="o.test",
            stamps=stamps,
        )
        work.append("articles", article.id, article.id, article)
    work.appends.append(Append("articles", "bad", "bad", b"{broken"))
    await log.commit(work)
    runtime = LocalRuntime(pipeline(load_rules(home / "rules.yaml")), Surroundings(log, clock, Metrics()))
    await runtime.drain()
    await runtime.close()
    await log.close()


def test_help_teaches(cli):
    code, out, _ = cli("--help")
    assert code == 0
    assert {"run", "demo", "detect", "rules", "topics", "replay", "dead-letters", "listen"} <= set(out.split())
    assert "Exit codes" in out


def test_a_wrong_word_is_a_usage_error(cli):
    code, _, err = cli("runn")
    assert code == 2
    assert "runn" in err


def test_rules_check_tells_every_fault_with_its_place(cli, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "rules:\n  - id: a\n    title: A\n    when: pledge NEAR 5 ships\n    severty: high\n"
        "  - id: B!\n    title: B\n    when: (a\n"
    )
    code, out, err = cli("rules", "check", bad)
    assert code == 2
    assert out == ""
    assert f"{bad}:4:" in err and "NEAR/5" in err
    assert "severity" in err and f"{bad}:6:" in err
    code, out, _ = cli("rules", "check", "--json", bad)
    assert code == 2
    assert {json.loads(line)["line"] for line in out.splitlines()} >= {4, 5, 6}


def test_rules_check_and_test_pass_good_files(cli, home):
    assert cli("rules", "check", home / "rules.yaml")[0] == 0
    code, out, err = cli("rules", "test", home / "rules.yaml")
    assert (code, out) == (0, "")
    assert "2 passed, 0 failed" in err


def test_rules_test_says_which_test_failed_and_why(cli, tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(RULES.replace("silent: Portugal has not pledged", "silent: Portugal pledged"))
    code, out, err = cli("rules", "test", path)
    assert code == 1
    assert re.match(rf"{path}:10\tpledge\tfires on", out)
    assert "1 passed, 1 failed" in err


def test_detect_prints_what_the_scorer_reads(cli, home):
    file = home / "articles.jsonl"
    lines = [
        {
            "id": "a1",
            "url": "https://a.test/1",
            "source": "a.test",
            "published_at": "2026-03-04T12:00:00Z",
            "language": "en",
            "title": "",
            "text": "Portugal pledged four ships, Rui Tavares said.",
        },
        {
            "id": "a2",
            "url": "https://b.test/1",
            "source": "b.test",
            "published_at": "2026-03-04T13:00:00Z",
            "language": "en",
            "title": "",
            "text": "Portugal pledged four ships, it was announced.",
        },
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, out, _ = cli("detect", "--rules", home / "rules.yaml", file)
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert (first["article_id"], first["rule"], first["actors"], first["speaker"], first["alert"]) == (
        "a1",
        "pledge",
        ["Portugal"],
        "Rui Tavares",
        True,
    )
    assert (second["event"], second["alert"]) == (first["event"], False)


def test_detect_names_the_bad_line(cli, home):
    file = home / "articles.jsonl"
    file.write_text('{"id": "a", "text": "x"}\n{"id": 1}\n')
    code, _, err = cli("detect", "--rules", home / "rules.yaml", file)
    assert code == 2
    assert f"{file}:2:1" in err


def test_topics_list_tail_and_export(cli, home):
    config = home / "tocsin.yaml"
    _, out, _ = cli("topics", "list", "--config", config, "--json")
    counts = {row["topic"]: row["records"] for row in map(json.loads, out.splitlines())}
    assert (counts["articles"], counts["alerts"], counts["dead-letters"]) == (3, 1, 1)
    _, out, _ = cli("topics", "tail", "alerts", "--config", config)
    assert json.loads(out)["value"]["rule"] == "pledge"
    _, out, _ = cli("topics", "export", "articles", "--config", config)
    assert len(out.splitlines()) == 3


def test_topics_import_takes_what_export_gave(cli, home, tmp_path):
    _, out, _ = cli("topics", "export", "articles", "--config", home / "tocsin.yaml")
    export = tmp_path / "export.jsonl"
    export.write_text(out + "not json\n")
    config = tmp_path / "second.yaml"
    config.write_text(yaml.safe_dump({"data_dir": "second", "rules": [str(home / "rules.yaml")]}))
    code, _, err = cli("topics", "import", export, "--config", config)
    assert code == 1
    assert "4" in err
    _, again, _ = cli("topics", "export", "articles", "--config", config)
    values = [
        {key: value for key, value in json.loads(line).items() if key.startswith(("key", "value"))}
        for line in (out + again).splitlines()
    ]
    assert len(values) == 6
    assert sorted(values[:3], key=str) == sorted(values[3:], key=str)


def test_replay_prints_what_other_rules_would_have_rung_and_stores_nothing(cli, home):
    config = home / "tocsin.yaml"
    code, out, _ = cli("replay", "--since", "1h", "--config", config, "--json")
    assert code == 0
    assert [json.loads(line)["rule"] for line in out.splitlines()] == ["pledge"]
    _, out, _ = cli("replay", "--since", "1h", "--rules", home / "other.yaml", "--config", config, "--json")
    assert [json.loads(line)["rule"] for line in out.splitlines()] == ["mention"]
    _, out, _ = cli("topics", "list", "--config", config, "--json")
    assert {row["topic"]: row["records"] for row in map(json.loads, out.splitlines())}["alerts"] == 1


def test_dead_letters_are_listed_shown_and_put_back(cli, home):
    config = home / "tocsin.yaml"
    _, out, _ = cli("dead-letters", "list", "--config", config, "--json")
    letter = json.loads(out)
    assert (letter["reason"], letter["stage"], letter["bytes"]) == ("undecodable", "detect", 7)
    _, out, _ = cli("dead-letters", "show", letter["origin"], "--config", config)
    assert "{broken" in out
    code, out, _ = cli("dead-letters", "requeue", "all", "--config", config)
    assert code == 0 and letter["origin"] in out
    assert cli("dead-letters", "list", "--config", config)[1] == ""
    _, out, _ = cli("topics", "list", "--config", config, "--json")
    assert {row["topic"]: row["records"] for row in map(json.loads, out.splitlines())}["articles"] == 4
    code, _, err = cli("dead-letters", "requeue", "articles/0/99", "--config", config)
    assert code == 3 and "no dead letter" in err


def test_commands_say_when_there_is_no_log(cli, tmp_path):
    config = tmp_path / "tocsin.yaml"
    config.write_text(yaml.safe_dump({"data_dir": "none"}))
    code, _, err = cli("topics", "list", "--config", config)
    assert code == 1 and "no log at" in err


def test_config_show_and_check(cli, home):
    code, out, _ = cli("config", "show", "--config", home / "tocsin.yaml")
    assert code == 0 and "data_dir" in out
    code, out, _ = cli("run", "--check", "--config", home / "tocsin.yaml")
    assert (code, out) == (0, "1 rules, 0 feeds, 0 subscriptions: all right\n")


def test_a_broken_configuration_starts_nothing(cli, tmp_path):
    config = tmp_path / "tocsin.yaml"
    config.write_text("data_dir: data\nruls: [x.yaml]\n")
    code, _, err = cli("run", "--config", config)
    assert code == 2
    assert f"{config}:2:1" in err and "rules" in err
    assert not (tmp_path / "data").exists()


async def test_the_control_socket_requeues_in_the_running_process(tmp_path):
    clock = WallClock()
    log = SqliteLog(tmp_path / LOG_FILE, clock)
    await log.start()
    await log.commit(UnitOfWork(appends=[Append("articles", "bad", "bad", b"{broken")]))
    runtime = LocalRuntime(pipeline(load_rules(RULES_PACK)), Surroundings(log, clock, Metrics()))
    await runtime.drain()
    server = ControlServer(tmp_path, {"requeue": requeue_handler(log, clock)})
    await server.start()
    assert (tmp_path / "control.sock").stat().st_mode & 0o777 == 0o600
    (letter,) = await letters(log)
    answer = await call(tmp_path, {"do": "requeue", "origins": ["all"]})
    assert answer == {"requeued": [letter.origin]}
    assert [one.requeued_at is not None for one in await letters(log)] == [True]
    for bad in ({"do": "nothing"}, {"do": "requeue", "origins": ["x"]}, {"do": "requeue"}):
        with pytest.raises(ControlError):
            await call(tmp_path, bad)
    await server.close()
    assert await call(tmp_path, {"do": "requeue", "origins": []}) is None
    await runtime.close()
    await log.close()


async def test_a_second_process_is_told_that_the_log_is_taken(tmp_path, cli):
    log = SqliteLog(tmp_path / "data" / LOG_FILE, WallClock())
    (tmp_path / "data").mkdir()
    await log.start()
    config = tmp_path / "tocsin.yaml"
    config.write_text(yaml.safe_dump({"data_dir": "data", "rules": [str(RULES_PACK)], "desk": {"port": 0}}))
    code, _, err = await asyncio.to_thread(cli, "topics", "import", config, "--config", config)
    assert code == 3 and "tocsin run" in err
    await log.close()


@pytest.mark.parametrize("role", ["source", "extract", "stream", "deliver", "desk"])
def test_a_role_without_brokers_says_what_to_set(role, tmp_path, capsys):
    (tmp_path / "tocsin.yaml").write_text("rules: []\nfeeds: []\n")
    with pytest.raises(SystemExit) as left:
        main([role, "--config", str(tmp_path / "tocsin.yaml")])
    assert left.value.code == 2
    assert "TOCSIN_KAFKA__BOOTSTRAP" in capsys.readouterr().err
