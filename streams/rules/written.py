"""What one rule file says: its lists and rules, read and checked as far as other files have no part in it.

None of it knows the file's path. It hangs on the file's text alone, so that it can be kept on disk by the hash of it.
Rules are held as msgspec writes them, and read back when one is asked for, in some millionths of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from streams.rules import syntax as s
from streams.rules.model import InlineTest, StatementPolicy
from wire.records import Severity, StoryPolicy


class _Part(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Free of the garbage collector, for a large ruleset has many."""


class WrittenQuery(_Part, frozen=True):
    """A query where it stands, counted from 1. `node` only names its lists, which `lists` has too, each once."""

    language: str
    text: str
    line: int
    column: int
    node: s.Node
    lists: tuple[str, ...] = ()


class WrittenList(_Part, frozen=True):
    """A list; `name` has its mark in front."""

    name: str
    line: int
    column: int
    items: tuple[WrittenQuery, ...]


class WrittenRule(_Part, frozen=True):
    """A rule. Its tests do not know their file yet, and its statement not its `act`."""

    id: str
    title: str
    line: int
    column: int
    when: tuple[WrittenQuery, ...]
    unless: tuple[WrittenQuery, ...] = ()
    fold: bool = False
    severity: Severity = Severity.MEDIUM
    shadow: bool = False
    statement: StatementPolicy | None = None
    act: WrittenQuery | None = None
    story: StoryPolicy | None = None
    tests: tuple[InlineTest, ...] = ()

    @property
    def queries(self) -> tuple[WrittenQuery, ...]:
        """All that decide whether an article meets the rule."""
        return self.when + self.unless if self.unless else self.when


class Written(_Part, frozen=True):
    """A file. `ids` are those of its rules, `naming` the numbers of those that name lists, `named` these lists."""

    lists: tuple[WrittenList, ...] = ()
    ids: tuple[str, ...] = ()
    rules: tuple[msgspec.Raw, ...] = ()
    naming: tuple[int, ...] = ()
    named: tuple[str, ...] = ()

    def rule(self, number: int) -> WrittenRule:
        """One of its rules."""
        return read_rule(self.rules[number])


read_rule: Callable[[msgspec.Raw], WrittenRule] = msgspec.msgpack.Decoder(WrittenRule).decode
_write = msgspec.msgpack.Encoder().encode


def written(lists: Sequence[WrittenList], rules: Iterable[WrittenRule]) -> Written:
    """A file with these lists and rules."""
    ids: list[str] = []
    raws: list[msgspec.Raw] = []
    naming: list[int] = []
    named: dict[str, None] = {}
    for number, rule in enumerate(rules):
        ids.append(rule.id)
        raws.append(msgspec.Raw(_write(rule)))
        for query in (*rule.queries, rule.act) if rule.act else rule.queries:
            if query.lists:
                naming.append(number)
                named.update(dict.fromkeys(query.lists))
    return Written(tuple(lists), tuple(ids), tuple(raws), tuple(dict.fromkeys(naming)), tuple(named))
