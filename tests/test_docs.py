"""The docs are true: what they name exists, and what exists is named."""

import re
from pathlib import Path

import click
import pytest

from desk.cli import group
from wire.metrics import Metrics
from wire.settings import Settings
from wire.topics import TOPICS

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
ALL = "\n".join(TEXT.values())


def commands(command: click.Command, words: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command that can be typed, by its words."""
    if not isinstance(command, click.Group):
        return {words: command}
    context = click.Context(command)
    found: dict[tuple[str, ...], click.Command] = {words: command}
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None, f"{name} is listed and cannot be had"
        found |= commands(inner, (*words, name))
    return found


COMMANDS = commands(group)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", TEXT[page])
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_paths_exist(page: Path) -> None:
    named = re.findall(r"`((?:wire|connectors|streams|desk|deploy|tests|docs|benchmarks)/[\w./-]*)`", TEXT[page])
    missing = [name for name in named if not (ROOT / name).exists() and not (ROOT / "tests" / name).exists()]
    assert not missing


def test_named_commands_exist() -> None:
    wrong = []
    for line in re.findall(r"(?:\.venv/bin/|`)tocsin ([a-z][^\n`#]*)", ALL):
        words = [word for word in line.split() if re.fullmatch(r"[a-z][a-z-]*", word)]
        named = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in COMMANDS), None)
        if named is None:
            wrong.append(line)
            continue
        options = {option for parameter in COMMANDS[named].params for option in parameter.opts}
        wrong += [f"{line}: {word}" for word in re.findall(r"--[a-z-]+", line) if word not in options | {"--help"}]
    assert not wrong


@pytest.mark.parametrize("words", [words for words in COMMANDS if words], ids=" ".join)
def test_every_command_is_named_and_teaches(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]
    assert command.help and len(command.help) > 20
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help and p.name != "help"]
    assert not silent
    assert words[0] in ALL


def test_every_topic_is_named_in_the_flow() -> None:
    flow = TEXT[ROOT / "docs/flow.md"]
    named = set(re.findall(r"^\| `([a-z-]+)`", flow, re.MULTILINE))
    assert named == set(TOPICS)


def test_every_section_of_the_settings_is_named() -> None:
    operating = TEXT[ROOT / "docs/operating.md"]
    assert not [name for name in Settings.__struct_fields__ if f"`{name}`" not in operating]


def test_named_metrics_exist() -> None:
    exposition = Metrics().exposition().decode()
    existing = set(re.findall(r"^# TYPE (\w+)", exposition, re.MULTILINE))
    wrong = [name for name in set(re.findall(r"\b(tocsin_\w+)", ALL)) if name not in existing]
    assert not wrong


def test_named_chores_exist() -> None:
    chores = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = [chore for chore in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", ALL, re.MULTILINE) if chore not in chores]
    assert not wrong


def test_changelog_has_an_unreleased_heading() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text()
