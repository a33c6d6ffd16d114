"""What deploys the product is true: commands, paths, ports and variables exist."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from desk.cli import group
from desk.cluster import RoleName
from wire.settings_file import load_settings
from wire.topics import TOPICS

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
PROMETHEUS = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text())


def test_there_is_one_service_for_every_role_and_one_for_one_machine():
    assert OURS.keys() == {"tocsin", *(str(role) for role in RoleName)}


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_the_compose_file_exists(name):
    words = OURS[name]["command"]
    result = CliRunner().invoke(group, [*words[:1], "--help"])
    assert result.exit_code == 0
    options = [word for word in words if word.startswith("--")]
    assert options and all(option in result.output for option in options)
    for word in words:
        if "/" in word:
            assert (ROOT / word).exists(), word


def test_every_path_that_is_mounted_exists():
    mounted = [volume.split(":") for service in SERVICES.values() for volume in service.get("volumes", ())]
    assert len(mounted) > 8
    for source, *_ in mounted:
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], source


def test_every_variable_of_ours_is_a_setting_and_leads_to_the_broker():
    for name, service in OURS.items():
        settings = load_settings(ROOT / "deploy/tocsin.yaml", service.get("environment", {}))
        host, _, port = settings.kafka.bootstrap.partition(":")
        if name == "tocsin":
            assert not host
        else:
            assert host in SERVICES
            assert f"PLAINTEXT://{host}:{port}" == SERVICES[host]["environment"]["KAFKA_ADVERTISED_LISTENERS"]


def test_the_broker_takes_the_largest_record():
    assert int(SERVICES["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"]) > max(
        t.max_bytes for t in TOPICS.values()
    )


def test_the_image_is_made_of_files_that_exist():
    assert (ROOT / SERVICES["tocsin"]["build"]["dockerfile"]).exists()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in shlex.split(line)[:-1]:
            assert (ROOT / source).exists()


def test_the_published_port_is_the_dashboards_and_only_on_loopback():
    port = load_settings(ROOT / "deploy/tocsin.yaml", {}).desk.port
    assert SERVICES["tocsin"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert SERVICES["desk"]["ports"] == [f"127.0.0.1:8322:{port}"]
    assert f"EXPOSE {port}" in DOCKERFILE
    for service in SERVICES.values():
        assert all(one.startswith("127.0.0.1:") for one in service.get("ports", ()))


def test_prometheus_reads_every_role_where_it_serves():
    (config,) = PROMETHEUS["scrape_configs"][0]["dns_sd_configs"]
    assert set(config["names"]) == {str(role) for role in RoleName}
    assert config["port"] == load_settings(ROOT / "deploy/tocsin.yaml", {}).desk.port


def test_the_variables_of_the_image_are_settings():
    pairs = dict(re.findall(r"(TOCSIN_\w+)=(\S+)", DOCKERFILE))
    settings = load_settings(ROOT / "deploy/tocsin.yaml", pairs)
    assert str(settings.data_dir) == "/data"
    assert settings.desk.host == "0.0.0.0"


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_reads_it():
    done = subprocess.run(
        ["docker-compose", "--profile", "cluster", "config", "--services"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) >= set(OURS)
