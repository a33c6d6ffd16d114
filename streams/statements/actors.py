"""Who can act: states, blocs, armed groups, under all their names and by their leaders, in tables that are data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from streams.statements.lexicon import DATA, Mention, Phrases, Token, tokens

STATE, BLOC, ARMED = "state", "bloc", "armed"


class Actor(NamedTuple):
    """A canonical name and its kind."""

    name: str
    kind: str


@cache
def table() -> dict[str, Actor]:
    """Every actor by its canonical name."""
    return {row[0]: Actor(row[0], row[1]) for row in _rows("actors")}


@cache
def _phrases(language: str) -> Phrases:
    meanings: list[tuple[str, str]] = []
    for name, _, *columns in _rows("actors"):
        meanings.append((name, name))
        for column in columns:
            meanings += [(alias, name) for alias in _listed(column)]
    known = table()
    meanings += [(alias, name) for name, aliases in _aliases(language) if name in known for alias in aliases]
    return Phrases(meanings, cased=True)


def _aliases(language: str) -> Iterator[tuple[str, list[str]]]:
    """What a language calls actors and office holders, by their first name in those tables."""
    if not (DATA / f"names.{language}.tsv").exists():
        return
    for name, *columns in _rows(f"names.{language}"):
        yield name, [form for column in columns for alias in _listed(column) for form in _forms(alias, language)]


def _forms(alias: str, language: str) -> Iterator[str]:
    """A name, and its genitive where that is its only other form: `Polens`."""
    yield alias
    if language == "de" and alias[0].isupper() and alias[-1].islower() and not alias.endswith(("s", "x", "z")):
        yield alias + "s"


@cache
def _holders(year: int, month: int, language: str) -> Phrases:
    """Those in office in a month, each meaning the state or bloc served."""
    first, last = date(year, month, 1), date(year, month, 28)
    meanings = []
    for names, state, _, since, *until in _rows("holders"):
        end = date.fromisoformat(until[0]) if until and until[0].strip() else date.max
        if date.fromisoformat(since.strip()) <= last and first <= end:
            meanings += [(name, state) for name in _also(names, language)]
    return Phrases(meanings, cased=True)


def _also(names: str, language: str) -> list[str]:
    """A holder's names, with those that a language has for him."""
    known = list(_listed(names))
    return known + [alias for name in known for alias in _holders_called(language).get(name, ())]


@cache
def _holders_called(language: str) -> dict[str, list[str]]:
    return dict(_aliases(language))


@cache
def seats() -> frozenset[str]:
    """Capitals and seats of government, case-folded: they stand for their state, never before a noun."""
    rows = [*_rows("actors"), *(["", *row] for language in _NAMED_IN for row in _rows(f"names.{language}"))]
    return frozenset(alias.casefold() for row in rows if len(row) > _SEATS for alias in _listed(row[_SEATS]))


_SEATS = 3
_NAMED_IN = ("fr", "de")
"""Languages with a table of names of their own."""


@cache
def _nominatives() -> frozenset[tuple[str, ...]]:
    """Cyrillic names without `*`, as folded words: those that stand in the nominative or have no cases."""
    columns = [*(column for row in _rows("actors") for column in row[2:]), *(row[0] for row in _rows("holders"))]
    names = (alias for column in columns for alias in _listed(column))
    return frozenset(
        tuple(token.forms[0] for token in tokens(name))
        for name in names
        if "*" not in name and "\u0400" <= name[0] <= "\u052f"
    )


@cache
def _ever(language: str) -> Phrases:
    return Phrases(((name, row[1]) for row in _rows("holders") for name in _also(row[0], language)), cased=True)


def _listed(column: str) -> Iterator[str]:
    return (name.strip() for name in column.split(",") if name.strip())


def _rows(name: str) -> list[list[str]]:
    lines = (DATA / f"{name}.tsv").read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


def find(sentence: Sequence[Token], language: str = "en") -> list[Mention]:
    """Mentions of actors, each meaning its canonical name."""
    found = _phrases(language).find(sentence)
    if all(one.last - one.first != len(_COUNCIL) for one in found):
        return found
    return [one for one in found if not _of_one_state(sentence, one)]


def _of_one_state(sentence: Sequence[Token], one: Mention) -> bool:
    """`Peru's Security Council`, `its Security Council`, `Security Council secretary X`: not that of the UN."""
    if tuple(token.forms[-1] for token in sentence[one.first : one.last]) != _COUNCIL:
        return False
    before = sentence[one.first - 1] if one.first else None
    owned = before is not None and (before.text.endswith(_GENITIVES) or before.forms[0] in ("its", "national"))
    following = sentence[one.last].forms[0] if one.last < len(sentence) else ""
    return owned or following in _SERVING_IT


_COUNCIL = ("security", "council")
_GENITIVES = ("'s", "’s", "s'", "s’")
_SERVING_IT = frozenset(
    "secretary official officials deputy chief head chairman chairwoman spokesman spokeswoman".split()
)


def leaders(sentence: Sequence[Token], on: date | None, language: str = "en") -> list[Mention]:
    """Mentions of those in office on a day, each meaning the state or bloc that they lead; none without a day."""
    return _holders(on.year, on.month, language).find(sentence) if on is not None else []


def serving(words: Sequence[Token], language: str = "en") -> list[Mention]:
    """Mentions of those who hold or held an office, each meaning the state or bloc: for names that speak."""
    return _ever(language).find(words)


def nominative(words: Sequence[Token]) -> bool:
    """Whether a name's words are a Cyrillic name in the nominative, or one that has no cases."""
    return tuple(token.forms[0] for token in words) in _nominatives()
