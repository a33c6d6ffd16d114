"""A busy newsroom: many distinct events from templates, for fault tests and benchmarks; same seed, same script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import msgspec

from desk.newsroom.script import Expectation, FeedContent, FeedFormat, Outlet, Part, Piece, Script
from wire.positioned import load_positioned, plain_data

_FORMATS = (FeedFormat.RSS, FeedFormat.ATOM, FeedFormat.JSON)


class Telling(Part, frozen=True, kw_only=True):
    """A headline and a first sentence."""

    title: str
    lead: str


class Kind(Part, frozen=True, kw_only=True):
    """One sort of event: its rule, and the ways to tell it."""

    rule: str
    tellings: tuple[Telling, ...]


class Words(Part, frozen=True, kw_only=True):
    """What busy newsrooms are made of; `with_article` are the actors that are called `the ...`."""

    actors: tuple[str, ...]
    with_article: tuple[str, ...]
    towns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    fillers: tuple[str, ...]
    ordinary: tuple[Telling, ...]

    @property
    def capacity(self) -> int:
        """The most events that one script can have."""
        return len(self.actors) * len(self.kinds)


@cache
def words() -> Words:
    """The words in `busy.yaml`."""
    return msgspec.convert(plain_data(load_positioned(Path(__file__).with_name("busy.yaml"))), Words)


@dataclass(frozen=True)
class Busyness:
    """How busy: events are told `every_s` seconds apart, the first `after_s` after the start, each by up to
    `tellings` outlets."""

    every_s: float = 0.1
    after_s: float = 1.0
    tellings: int = 3


def busy_script(seed: int, stories: int, outlets: int, noise: int, busyness: Busyness | None = None) -> Script:
    """A script of `stories` distinct events and `noise` ordinary pieces; each event must ring exactly once.

    Raises ValueError where there are not enough actors for so many events (`words().capacity`).
    """
    if not 0 <= stories <= words().capacity or outlets < 1 or noise < 0:
        raise ValueError(f"expected 0 to {words().capacity} stories, 1 outlet or more, 0 noise or more")
    pace = busyness or Busyness()
    random = Random(seed)
    houses = tuple(_house(n) for n in range(outlets))
    events = random.sample([(kind, actor) for kind in words().kinds for actor in words().actors], stories)
    pieces: list[Piece] = []
    expect: list[Expectation] = []
    for n, (kind, actor) in enumerate(events):
        event = f"{kind.rule}-{actor}".lower()
        expect.append(Expectation(event=event, rule=kind.rule))
        pieces += _told(random, (kind, actor, event), houses, pace.after_s + n * pace.every_s)[: pace.tellings]
    span_s = max(stories * pace.every_s, 1.0)
    pieces += [_ordinary(random, n, houses, pace.after_s + random.random() * span_s) for n in range(noise)]
    return Script(outlets=houses, pieces=tuple(sorted(pieces, key=lambda piece: piece.at)), expect=tuple(expect))


def _house(n: int) -> Outlet:
    return Outlet(
        id=f"outlet-{n}",
        name=f"{words().towns[n % len(words().towns)]} Herald {n}",
        format=_FORMATS[n % len(_FORMATS)],
        content=FeedContent.FULL if n % 4 == 3 else FeedContent.SUMMARY,
    )


def _told(random: Random, what: tuple[Kind, str, str], houses: tuple[Outlet, ...], at: float) -> list[Piece]:
    """One piece for each way of telling, by different outlets, as far as there are enough of them."""
    kind, actor, event = what
    number = str(random.randint(20, 900))
    name = f"the {actor}" if actor in words().with_article else actor
    tellings = random.sample(kind.tellings, len(kind.tellings))[: len(houses)]
    pieces = []
    for n, (telling, house) in enumerate(zip(tellings, random.sample(houses, len(tellings)), strict=True)):
        title, lead = (
            _sentence(part.replace("{A}", name).replace("{N}", number)) for part in (telling.title, telling.lead)
        )
        piece_id, later = f"{event}-{n}", round(at + n * random.uniform(0.2, 1.0), 3)
        text = _text(random, lead)
        pieces.append(Piece(id=piece_id, outlet=house.id, at=later, title=title, text=text, event=event))
    return pieces


def _ordinary(random: Random, n: int, houses: tuple[Outlet, ...], at: float) -> Piece:
    telling, town = random.choice(words().ordinary), random.choice(words().towns)
    title, lead = telling.title.replace("{T}", town), telling.lead.replace("{T}", town)
    return Piece(id=f"noise-{n}", outlet=random.choice(houses).id, at=at, title=title, text=_text(random, lead))


def _text(random: Random, lead: str) -> str:
    fillers = random.sample(words().fillers, 9)
    return "\n\n".join([lead + " " + fillers[0], *(" ".join(fillers[n : n + 2]) for n in range(1, 9, 2))])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
