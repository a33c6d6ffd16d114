"""Who can act: states, blocs, armed groups, under all their names, in a table that is data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from streams.statements.lexicon import DATA, Mention, Phrases, Token

STATE, BLOC, ARMED = "state", "bloc", "armed"


class Actor(NamedTuple):
    """A canonical name and its kind."""

    name: str
    kind: str


@cache
def table() -> dict[str, Actor]:
    """Every actor by its canonical name."""
    return {row[0]: Actor(row[0], row[1]) for row in _rows()}


@cache
def _phrases() -> Phrases:
    meanings: list[tuple[str, str]] = []
    for name, _, *columns in _rows():
        meanings.append((name, name))
        for column in columns:
            meanings += [(alias.strip(), name) for alias in column.split(",") if alias.strip()]
    return Phrases(meanings, cased=True)


def _rows() -> list[list[str]]:
    lines = (DATA / "actors.tsv").read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


def find(sentence: Sequence[Token]) -> list[Mention]:
    """Mentions of actors, each meaning its canonical name."""
    return _phrases().find(sentence)
