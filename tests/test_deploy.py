"""What deploys the product is true: commands, paths, ports and variables exist."""

import re
import shlex
from pathlib import Path

import yaml
from click.testing import CliRunner

from desk.cli import group
from wire.settings_file import load_settings

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()


def test_every_command_of_the_compose_file_exists():
    for name, service in COMPOSE["services"].items():
        if "build" not in service:
            continue
        words = service["command"]
        result = CliRunner().invoke(group, [*words[:1], "--help"])
        assert result.exit_code == 0, name
        for word in words:
            if "/" in word:
                assert (ROOT / word).exists(), word


def test_the_image_is_made_of_files_that_exist():
    assert (ROOT / COMPOSE["services"]["tocsin"]["build"]["dockerfile"]).exists()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in shlex.split(line)[:-1]:
            assert (ROOT / source).exists()


def test_the_published_port_is_the_dashboards_and_only_on_loopback():
    port = load_settings(ROOT / "deploy/tocsin.yaml", {}).desk.port
    assert COMPOSE["services"]["tocsin"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"EXPOSE {port}" in DOCKERFILE


def test_the_variables_of_the_image_are_settings():
    pairs = dict(re.findall(r"(TOCSIN_\w+)=(\S+)", DOCKERFILE))
    settings = load_settings(ROOT / "deploy/tocsin.yaml", pairs)
    assert str(settings.data_dir) == "/data"
    assert settings.desk.host == "0.0.0.0"
