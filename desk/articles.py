"""Articles from a file, one JSON object a line, as `tocsin detect` and the evaluation read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from wire.errors import ConfigError, Problem
from wire.identity import article_id, revision_id
from wire.records import Article, Stamps

MAX_LINE = 4_000_000


class Line(msgspec.Struct, frozen=True):
    """One line of the file. `published_at` is RFC 3339; `source` the outlet's domain."""

    id: str
    text: str
    title: str = ""
    url: str = ""
    source: str = ""
    language: str = ""
    published_at: datetime | None = None


def read_articles(path: Path) -> Iterator[tuple[str, Article]]:
    """The file's ids with their articles, in the file's order. Raises ConfigError naming the line that is bad."""
    with path.open("rb") as file:
        yield from articles(file, str(path))


def articles(file: BinaryIO, name: str) -> Iterator[tuple[str, Article]]:
    """As `read_articles`, from an open file."""
    number = 0
    while raw := file.readline(MAX_LINE + 1):
        number += 1
        raw = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if not raw.strip():
            continue
        if len(raw) > MAX_LINE:
            raise ConfigError(Problem(name, number, 1, f"a line of over {MAX_LINE} bytes"))
        try:
            line = msgspec.json.decode(raw, type=Line)
        except msgspec.MsgspecError as error:
            hint = 'a line is `{"id": ..., "title": ..., "text": ..., "published_at": ...}`'
            raise ConfigError(Problem(name, number, 1, str(error), hint)) from None
        yield line.id, article_of(line)


def article_of(line: Line) -> Article:
    """The article that a line stands for, as if it had been fetched when it was published."""
    at = line.published_at or datetime(1970, 1, 1, tzinfo=UTC)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    url = line.url or f"https://{line.source or 'unknown.invalid'}/{line.id}"
    return Article(
        id=article_id(url),
        revision=revision_id(line.title, line.text),
        url=url,
        title=line.title,
        text=line.text,
        publisher=line.source,
        language=line.language,
        stamps=Stamps(published=at if line.published_at else None, seen=at, extracted=at),
    )
