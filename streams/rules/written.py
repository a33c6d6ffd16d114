"""What one rule file says: its lists and rules, read and checked as far as other files have no part in it.

None of it knows the file's path. It hangs on the file's text alone, so that it can be kept on disk by the hash of it.
Queries are held as msgspec writes their syntax: a tenth of its size, and read back in a millionth of a second.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from streams.rules import syntax as s
from streams.rules.model import InlineTest, StatementPolicy
from wire.records import Severity, StoryPolicy

encode_query = msgspec.msgpack.Encoder().encode
_decode_query: Callable[[bytes], s.Node] = msgspec.msgpack.Decoder(s.Node).decode


class _Part(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Free of the garbage collector, for a large ruleset has many."""


class WrittenQuery(_Part, frozen=True):
    """A query where it stands, counted from 1. `syntax` names its lists, which `lists` has too, each once."""

    language: str
    text: str
    line: int
    column: int
    syntax: bytes
    lists: tuple[str, ...] = ()

    def node(self) -> s.Node:
        """The query, its lists named only."""
        return _decode_query(self.syntax)


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
    """A file."""

    lists: tuple[WrittenList, ...] = ()
    rules: tuple[WrittenRule, ...] = ()
