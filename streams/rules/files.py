"""Rule files: YAML to rules, every fault told at once with file, line, column and a hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from streams.rules import syntax as s
from streams.rules.bind import bound, impossible
from streams.rules.lists import FaultyList, Lists
from streams.rules.loaded import LoadedRules, ready
from streams.rules.model import ANY, Rule, RuleSet
from streams.rules.place import Fault
from streams.rules.reading import NEVER, may_never_match, read_alone
from streams.rules.sources import Source, read_sources
from streams.rules.tokens import QueryError
from streams.rules.written import Written, WrittenQuery, WrittenRule
from wire.errors import ConfigError, Problem
from wire.identity import ruleset_id


def load_rules(*paths: Path, before: RuleSet | None = None) -> RuleSet:
    """The rules of files and folders (`*.yaml` in them, by name), as one ruleset sharing its lists.

    Files that have not changed since `before` was loaded are not read again. Raises ConfigError with every problem
    found.
    """
    known = before.rules.known if before is not None and isinstance(before.rules, LoadedRules) else {}
    sources, problems = read_sources(paths, known)
    checking = _Checking(sources, problems)
    checking.rules()
    rules = LoadedRules(sources, checking.lists)
    if not rules and not checking.problems:
        names = ", ".join(str(path) for path in paths) or "no path given"
        hint = "a rule file has `rules:` with at least one rule"
        checking.problems.append(Problem(names, 0, 0, "no rules", hint))
    if checking.problems:
        raise ConfigError(*checking.problems)
    files = _by_name(sources)
    documents = (text for _, text in sorted(files.items()))
    return RuleSet(ruleset_id(documents), rules, files, tuple(checking.warnings()), _key(sources))


def one_rule(query: str, paths: Iterable[Path], language: str = ANY, *, fold: bool = False) -> Rule:
    """A rule made of one query, which may name the lists of the files. Raises ConfigError."""
    sources, problems = read_sources(paths, {})
    read, faults = read_alone(query, language)
    alone = Source("query", query, b"", Written())
    checking = _Checking([*sources, alone], [*problems, *faults])
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
    """A hash of everything that was read, in order."""
    return sha256(b"".join(source.digest for source in sources)).hexdigest()


class _Checking:
    """Looks for what is wrong with files taken together."""

    def __init__(self, sources: Sequence[Source], problems: Iterable[Problem]) -> None:
        self._sources = sources
        self.lists = Lists(sources)
        self.problems = [*problems, *(problem for source in sources for problem in source.problems)]
        self.problems += self.lists.problems
        self._used = set(self.lists.used)

    def rules(self) -> None:
        """Look at every rule."""
        first: dict[str, tuple[Source, WrittenRule]] = {}
        for source in self._sources:
            for rule in source.written.rules:
                where, other = first.setdefault(rule.id, (source, rule))
                if rule.id and (where is not source or other is not rule):
                    told = f"the rule `{rule.id}` is given twice (first in {where.path}:{other.line})"
                    self.problems.append(source.problem(rule.line, rule.column, told))
                for query in rule.queries:
                    if query.lists:
                        self.query(source, query, fold=rule.fold)
                if rule.act is not None and rule.act.lists:
                    self._spelled(source, rule.act)

    def query(self, source: Source, query: WrittenQuery, *, fold: bool) -> None:
        """Look at a query together with its lists."""
        self._used.update(query.lists)
        known = all(name in self.lists for name in query.lists)
        if known and not may_never_match(query.text) and self.lists.lemmas.isdisjoint(query.lists):
            return
        node = self._spelled(source, query)
        if node is None:
            return
        for clause in impossible(node) if may_never_match(query.text) else ():
            fault = Fault(0, f"this can never match: {clause}", NEVER, len(query.text))
            self.problems.append(source.fault(query, fault))
        try:
            bound(node, query.language, fold=fold)
        except QueryError as error:
            if "~" not in query.text:  # else told when the file was read
                self.problems.append(source.fault(query, Fault(0, error.message, error.hint)))

    def _spelled(self, source: Source, query: WrittenQuery) -> s.Node | None:
        self._used.update(query.lists)
        try:
            return self.lists.spelled(query)
        except QueryError as error:
            fault = Fault(error.offset, error.message, error.hint, error.length)
            self.problems.append(source.fault(query, fault))
        except FaultyList:
            pass  # told where the list stands
        return None

    def warnings(self) -> list[str]:
        """Lists that nothing uses."""
        return [
            f"{source.path}:{written.line}: the list `{name[1:]}` is not used"
            for name, (source, written) in self.lists.written.items()
            if name not in self._used
        ]
