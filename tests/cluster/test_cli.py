"""The command line on a cluster: topics are planned and applied, the log is the brokers'."""

import json
import uuid

import pytest
import yaml

from desk.cli import main

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(90)]


@pytest.fixture
def config(kafka, tmp_path):
    path = tmp_path / "tocsin.yaml"
    settings = {
        "partitions": 2,
        "rules": [],
        "feeds": [],
        "data_dir": "data",
        "kafka": {"bootstrap": kafka, "prefix": f"c{uuid.uuid4().hex[:8]}."},
    }
    path.write_text(yaml.safe_dump(settings))
    return str(path)


def tocsin(capsys, *words):
    """Exit code and standard output."""
    code = 0
    try:
        main(list(words))
    except SystemExit as left:
        code = left.code or 0
    return code, capsys.readouterr().out


def test_topics_are_planned_applied_and_listed(capsys, config):
    code, out = tocsin(capsys, "topics", "plan", "--config", config, "--json")
    assert code == 1
    missing = [json.loads(line) for line in out.splitlines()]
    assert {one["difference"] for one in missing} == {"is missing"}
    assert {one["mend"] for one in missing} == {"tocsin topics apply"}
    assert tocsin(capsys, "topics", "apply", "--config", config)[0] == 0
    assert tocsin(capsys, "topics", "plan", "--config", config) == (0, "")
    code, out = tocsin(capsys, "topics", "list", "--config", config, "--json")
    assert code == 0
    listed = [json.loads(line) for line in out.splitlines()]
    assert {one["partitions"] for one in listed} == {2}
    assert {"articles", "alerts", "detect-memory"} <= {one["topic"] for one in listed}


def test_other_partitions_are_not_for_apply_to_mend(capsys, config, tmp_path):
    assert tocsin(capsys, "topics", "apply", "--config", config)[0] == 0
    more = tmp_path / "more.yaml"
    more.write_text(yaml.safe_dump(yaml.safe_load((tmp_path / "tocsin.yaml").read_text()) | {"partitions": 4}))
    code, out = tocsin(capsys, "topics", "apply", "--config", str(more), "--json")
    assert code == 1
    found = [json.loads(line) for line in out.splitlines()]
    assert all(
        "has 2 partitions, expected 4" in one["difference"] and "partitions: 2" in one["mend"] for one in found
    )
