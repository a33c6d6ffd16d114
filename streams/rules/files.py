"""Rule files: YAML to rules, every fault told at once with file, line, column and a hint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from streams.rules.lists import Listing
from streams.rules.model import ANY, Rule, RuleSet
from wire.errors import ConfigError, Problem
from wire.identity import ruleset_id
from wire.positioned import ListNode, MapNode, Place, ScalarNode, load_positioned
from wire.records import Severity

MAX_FILES = 1_000
RULE_KEYS = ("id", "title", "severity", "when", "unless", "fold", "statement", "ring", "story", "shadow", "tests")


def load_rules(*paths: Path) -> RuleSet:
    """The rules of files and folders (`*.yaml` in them, by name), as one ruleset sharing its lists.

    Raises ConfigError with every problem found.
    """
    loading = _Loading()
    for path in paths:
        for file in _files(path, loading):
            loading.read(file)
    rules = loading.rules()
    if not rules and not loading.problems:
        names = ", ".join(str(path) for path in paths) or "no path given"
        loading.problems.append(Problem(names, 0, 0, "no rules", "a rule file has `rules:` with at least one rule"))
    if loading.problems:
        raise ConfigError(*loading.problems)
    documents = (text for _, text in sorted(loading.files.items()))
    return RuleSet(ruleset_id(documents), tuple(rules), loading.files, tuple(loading.warnings()), loading.key())


def one_rule(query: str, paths: Iterable[Path], language: str = ANY, *, fold: bool = False) -> Rule:
    """A rule made of one query, which may name the lists of the files. Raises ConfigError."""
    loading = _Loading()
    for path in paths:
        for file in _files(path, loading):
            loading.read(file)
    text = ScalarNode(Place("query", 1, 1), query, query)
    node = loading.bound(text, query.split("\n"), language, fold=fold)
    if node is None or loading.problems:
        raise ConfigError(*loading.problems)
    return Rule(id="query", title="", queries={language: node})


def _files(path: Path, loading: _Loading) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for pattern in ("*.yaml", "*.yml") for file in path.glob(pattern))
    if not found or len(found) > MAX_FILES:
        loading.problems.append(Problem(str(path), 0, 0, f"{len(found)} rule files in this folder"))
        return []
    return found


@dataclass
class _Loading(Listing):
    """One load over all files: first everything is read, then lists are resolved, then rules are made."""

    files: dict[str, str] = field(default_factory=dict)
    _rules: list[tuple[MapNode, list[str]]] = field(default_factory=list)

    # -------------------------------------------------------------- reading

    def read(self, path: Path) -> None:
        try:
            root = load_positioned(path)
        except ConfigError as error:
            self.problems.extend(error.problems)
            return
        text = path.read_text(encoding="utf-8-sig")
        self.files[path.name if path.name not in self.files else str(path)] = text
        lines = text.split("\n")
        if not isinstance(root, MapNode):
            self.problems.append(root.place.problem("expected a map with `rules:` and perhaps `lists:`"))
            return
        self._only(root, ("rules", "lists"), "a rule file")
        lists, rules = root.get("lists"), root.get("rules")
        if lists is not None:
            self._read_lists(lists, lines)
        if isinstance(rules, ListNode):
            for item in rules.items:
                if isinstance(item, MapNode):
                    self._rules.append((item, lines))
                else:
                    self.problems.append(item.place.problem("a rule is a map with `id`, `title` and `when`"))
        elif rules is not None:
            self.problems.append(rules.place.problem("`rules` is a list: `- id: ...`"))

    def key(self) -> str:
        """A hash of everything that was read, in order."""
        digest = sha256()
        for name, text in self.files.items():
            digest.update(f"{len(name)} {len(text)} {name}{text}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    # -------------------------------------------------------------- rules

    def rules(self) -> list[Rule]:
        for name in self._lists:
            self.resolve(name)
        made: dict[str, Rule] = {}
        for node, lines in self._rules:
            rule = self._rule(node, lines)
            if rule is None:
                continue
            first = made.setdefault(rule.id, rule)
            if first is not rule:
                where = f"{first.path}:{first.line}"
                self.problems.append(node.place.problem(f"the rule `{rule.id}` is given twice (first in {where})"))
        return list(made.values())

    def _rule(self, node: MapNode, lines: list[str]) -> Rule | None:
        self._only(node, RULE_KEYS, "a rule")
        before = len(self.problems)
        identity = self._text(node, "id")
        title = self._text(node, "title")
        queries = self._queries(node, "when", lines, needed=True)
        unless = self._queries(node, "unless", lines)
        rule_id = identity.text if identity else ""
        if identity and not _is_slug(rule_id):
            self.problems.append(
                identity.place.problem(
                    f"`{rule_id}` is no id", "lower-case letters, digits, _ and -, as in `force_pledge`"
                )
            )
        rule = Rule(
            id=rule_id,
            title=title.text if title else "",
            queries=queries,
            unless=unless,
            severity=self._choice(node, "severity", Severity, Severity.MEDIUM),
            statement=self._statement(node, self._act(node, lines)),
            story=self._story(node),
            shadow=self._flag(node, "shadow"),
            tests=tuple(self._tests(node)),
            path=node.place.file,
            line=node.place.line,
        )
        return rule if len(self.problems) == before else None


def _is_slug(text: str) -> bool:
    return text.isascii() and text.replace("_", "a").replace("-", "a").isalnum() and text == text.lower()
