"""Rule files: YAML to rules, every fault told at once with file, line, column and a hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from operator import is_
from pathlib import Path

from streams.rules.check import Checking
from streams.rules.kept import generation, recall_sound, remember_sound
from streams.rules.loaded import LoadedRules, ready
from streams.rules.model import ANY, Rule, RuleSet
from streams.rules.reading import read_alone
from streams.rules.sources import Source, read_sources
from streams.rules.written import Written, WrittenList
from wire.errors import ConfigError, Problem
from wire.identity import ruleset_id

LARGE = 100_000
"""From so many characters on, it is kept on disk that rules are sound."""


def load_rules(*paths: Path, before: RuleSet | None = None) -> RuleSet:
    """The rules of files and folders (`*.yaml` in them, by name), as one ruleset sharing its lists.

    What has not changed since `before` was loaded is not read or compiled again: the new ruleset answers at once with
    what was compiled for that one. Where nothing has changed it is that one. Raises ConfigError with every problem.
    """
    sound = before.rules if before is not None and isinstance(before.rules, LoadedRules) else None
    sources, problems = read_sources(paths, sound.known if sound else {})
    if before is not None and sound is not None and not problems and _same(sources, sound.sources):
        return before
    checking = Checking(sources, problems)
    unused = _looked_at(checking, sources, paths, sound)
    rules, files = LoadedRules(sources, checking.lists), _by_name(sources)
    documents = (text for _, text in sorted(files.items()))
    warnings = tuple(_warning(*checking.lists.written[name]) for name in unused)
    ruleset = RuleSet(ruleset_id(documents), rules, files, warnings, _key(sources))
    if before is not None:
        ruleset.follow(before)
    return ruleset


def _same(sources: Sequence[Source], others: Sequence[Source]) -> bool:
    return len(sources) == len(others) and all(map(is_, sources, others))


def _looked_at(
    checking: Checking, sources: Sequence[Source], paths: Iterable[Path], sound: LoadedRules | None
) -> list[str]:
    """Lists that nothing names, after every rule was looked at; a large ruleset that was once found sound is not."""
    large = sum(len(source.text) for source in sources) >= LARGE
    key = bytes.fromhex(_key(sources))
    unused = recall_sound(key) if large and not checking.problems else None
    if unused is not None:
        return unused
    checking.rules(sound)
    if not any(source.written.ids for source in sources) and not checking.problems:
        names = ", ".join(str(path) for path in paths) or "no path given"
        hint = "a rule file has `rules:` with at least one rule"
        checking.problems.append(Problem(names, 0, 0, "no rules", hint))
    if checking.problems:
        raise ConfigError(*checking.problems)
    if large:
        remember_sound(key, checking.unused())
    return checking.unused()


def _warning(source: Source, written: WrittenList) -> str:
    return f"{source.path}:{written.line}: the list `{written.name[1:]}` is not used"


def one_rule(query: str, paths: Iterable[Path], language: str = ANY, *, fold: bool = False) -> Rule:
    """A rule made of one query, which may name the lists of the files. Raises ConfigError."""
    sources, problems = read_sources(paths, {})
    read, faults = read_alone(query, language)
    alone = Source("query", query, b"", Written())
    checking = Checking([*sources, alone], [*problems, *faults])
    if read is not None:
        checking.query(alone, read, fold=fold)
    if read is None or checking.problems:
        raise ConfigError(*checking.problems)
    return Rule(id="query", title="", queries={language: ready(read, checking.lists, fold)})


def _by_name(sources: Iterable[Source]) -> dict[str, str]:
    """The text of each file; files of one name are told apart by their paths."""
    files: dict[str, str] = {}
    for source in sources:
        name = Path(source.path).name
        files[name if name not in files else source.path] = source.text
    return files


def _key(sources: Iterable[Source]) -> str:
    """A hash of all that queries are made from: the files, in order, and what reads them."""
    return sha256(generation() + b"".join(source.digest for source in sources)).hexdigest()
