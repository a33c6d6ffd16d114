"""The files that rules come from: which they are, and what each says; a text that is known is not read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from streams.rules import kept
from streams.rules.ahead import reading_ahead
from streams.rules.place import Fault, located
from streams.rules.reading import read_file
from streams.rules.written import Written, WrittenQuery
from wire.errors import ConfigError, Problem
from wire.positioned import Place, ScalarNode, read_text

MAX_FILES = 1_000


@dataclass(frozen=True, eq=False)
class Source:
    """One file as it was found, its lines ended by line feeds.

    `digest` is the hash of its text, `problems` what is wrong in it by itself.
    """

    path: str
    text: str
    digest: bytes
    written: Written
    problems: tuple[Problem, ...] = field(default=())

    def problem(self, line: int, column: int, message: str, hint: str = "") -> Problem:
        """What is wrong at a place of the file."""
        return Problem(self.path, line, column, message, hint)

    def fault(self, query: WrittenQuery, fault: Fault) -> Problem:
        """What is wrong at some characters of a query."""
        node = ScalarNode(Place(self.path, query.line, query.column), query.text, query.text)
        return located(node, fault, self.text.split("\n"))


Known = Mapping[bytes, Source]
"""Files without a fault that were read before, by the hash of their text."""


def read_sources(paths: Iterable[Path], known: Known) -> tuple[list[Source], list[Problem]]:
    """The files, those of a folder (`*.yaml` in it) by name; and what could not be read as a file at all."""
    found: list[_Found] = []
    problems: list[Problem] = []
    known = dict(known)
    for path in paths:
        for file in _files(path, problems):
            try:
                text = read_text(file).replace("\r\n", "\n").replace("\r", "\n")
            except ConfigError as error:
                problems.extend(error.problems)
            else:
                data = text.encode("utf-8", "surrogatepass")
                found.append(_Found(file, text, len(data), sha256(data).digest()))
    unread = [one for one in found if one.large and one.digest not in known and not kept.is_kept(one.digest)]
    with reading_ahead([one.path for one in unread], sum(one.size for one in unread)):
        sources = [_source(one, known) for one in found]
    kept.forget()
    return sources, problems


class _Found(NamedTuple):
    """A file's text with its hash, not yet read as rules."""

    path: Path
    text: str
    size: int
    digest: bytes

    @property
    def large(self) -> bool:
        """Whether what it says is kept on disk."""
        return self.size >= kept.FROM_BYTES


def _source(found: _Found, known: dict[bytes, Source]) -> Source:
    path, digest = str(found.path), found.digest
    before = known.get(digest)
    if before is not None and before.path == path:
        return known.pop(digest)  # once: a file that is named twice is two
    written = before.written if before else kept.recall(digest) if found.large else None
    if written is not None:
        return Source(path, found.text, digest, written)
    written, problems = read_file(found.text, path)
    if found.large and not problems:
        kept.remember(digest, written)
    return Source(path, found.text, digest, written, tuple(problems))


def _files(path: Path, problems: list[Problem]) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for pattern in ("*.yaml", "*.yml") for file in path.glob(pattern))
    if not found or len(found) > MAX_FILES:
        problems.append(Problem(str(path), 0, 0, f"{len(found)} rule files in this folder"))
        return []
    return found
