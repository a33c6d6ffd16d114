"""What `@actors` stands for: the names of states, blocs and armed groups, from the table that statements read too.

`@actors` is all of them, `@states`, `@blocs` and `@armed` those of one kind, and `@` with a canonical name in small
letters and hyphens (`@united-states`) one actor.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

from streams.rules import syntax as s
from streams.rules.tokens import phrase

TABLE = Path(__file__).parents[1] / "statements" / "data" / "actors.tsv"
"""Rows of canonical name, kind, names and adjectives, capitals and seats; `#` begins a comment."""

_KINDS = {"state": "@states", "bloc": "@blocs", "armed": "@armed"}


@cache
def names() -> dict[str, tuple[str, ...]]:
    """For each `@name` the names that it stands for, `*` at the end of stems."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in TABLE.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        name, kind, *columns = line.split("\t")
        all_names = [name, *(alias.strip() for column in columns for alias in column.split(",") if alias.strip())]
        own = "@" + "-".join("".join(c if c.isalnum() else " " for c in name).split()).lower()
        for key in ("@actors", _KINDS.get(kind, "@actors"), own):
            found[key] += all_names
    return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}


@cache
def query(name: str) -> s.Node:
    """The query that an `@name` stands for: its names with the capitals that they have. Raises KeyError."""
    nodes = [phrase(" ".join(_capital(word) for word in one.split()), 0) for one in names()[name]]
    return s.Or(tuple(nodes)) if len(nodes) > 1 else nodes[0]


def _capital(word: str) -> str:
    return word if word.islower() else "=" + word
