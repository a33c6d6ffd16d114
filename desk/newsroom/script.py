"""What a newsroom publishes and when, and what that must bring: data, read from a file or generated."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from wire.errors import ConfigError, Problem
from wire.positioned import load_positioned, plain_data

DAY = Path(__file__).with_name("day.yaml")


class FeedFormat(StrEnum):
    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


class FeedContent(StrEnum):
    """How much of an article its feed carries."""

    SUMMARY = "summary"
    FULL = "full"


class PageKind(StrEnum):
    """How an article's page behaves."""

    SERVED = "served"
    HANGS = "hangs"
    MISSING = "missing"


class TroubleKind(StrEnum):
    """How a broken feed answers."""

    STATUS_500 = "status_500"
    GARBAGE = "garbage"


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Root of what a script is made of."""


class Outlet(Part, frozen=True, kw_only=True):
    """One invented publisher. It has a feed, pages and an address of its own."""

    id: str
    name: str
    format: FeedFormat = FeedFormat.RSS
    content: FeedContent = FeedContent.SUMMARY
    language: str = "en"


class Piece(Part, frozen=True, kw_only=True):
    """One article. `at` is seconds after the start; at or before 0 it is in the feed when that is first polled.

    `text` is paragraphs split by a blank line. `event` names the real-world event that it tells.
    """

    id: str
    outlet: str
    at: float
    title: str
    text: str
    event: str = ""
    page: PageKind = PageKind.SERVED


class Trouble(Part, frozen=True, kw_only=True):
    """A time, in seconds after the start, during which an outlet's feed is broken."""

    outlet: str
    at: float
    until: float
    kind: TroubleKind


class Expectation(Part, frozen=True, kw_only=True):
    """How many `new` alerts of `rule` the event must bring. `urls` are its pages, known once the newsroom stands."""

    event: str
    rule: str
    rings: int = 1
    urls: tuple[str, ...] = ()


class Script(Part, frozen=True, kw_only=True):
    """Everything a newsroom does."""

    outlets: tuple[Outlet, ...]
    pieces: tuple[Piece, ...]
    troubles: tuple[Trouble, ...] = ()
    expect: tuple[Expectation, ...] = ()

    def __post_init__(self) -> None:
        outlets = {outlet.id for outlet in self.outlets}
        events = {expectation.event for expectation in self.expect}
        for piece in self.pieces:
            if piece.outlet not in outlets:
                raise ValueError(f"piece {piece.id!r} names the unknown outlet {piece.outlet!r}")
            if piece.event and piece.event not in events:
                raise ValueError(f"piece {piece.id!r} tells {piece.event!r}, of which nothing is expected")
        for trouble in self.troubles:
            if trouble.outlet not in outlets:
                raise ValueError(f"a trouble names the unknown outlet {trouble.outlet!r}")
        for what, ids in (("outlet", [o.id for o in self.outlets]), ("piece", [p.id for p in self.pieces])):
            if len(set(ids)) < len(ids):
                raise ValueError(f"two things are called the same {what}")

    @property
    def seconds(self) -> float:
        """When the last thing happens, in seconds after the start."""
        return max([0.0, *(piece.at for piece in self.pieces), *(trouble.until for trouble in self.troubles)])


def load_script(path: Path = DAY) -> Script:
    """The script in a YAML file; the one-day demo without an argument. Raises ConfigError."""
    data = plain_data(load_positioned(path))
    try:
        return msgspec.convert(data, Script)
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigError(Problem(str(path), 0, 0, str(error))) from None


def dated(text: str, now: datetime) -> str:
    """`text` with {weekday}, {yesterday} and {date} filled in."""
    for word, value in (
        ("{weekday}", f"{now:%A}"),
        ("{yesterday}", f"{now - timedelta(days=1):%A}"),
        ("{date}", f"{now.day} {now:%B %Y}"),
    ):
        text = text.replace(word, value)
    return text
