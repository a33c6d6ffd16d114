"""Who is meant where a sentence only says `both sides`, `the bloc`, `the ministry` or nobody: those named before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from streams.statements import slavic
from streams.statements.passage import Passage

_PAIR = frozenset(
    """both two sides parties neighbours neighbors they pair mutual mutually each belligerents combatants rivals
    foes leaders presidents premiers delegations armies governments countries оба обе обеих обоими стороны сторон
    сторонами сторонам страны стран лидеры лидеров соседи обидва обидві обидвох обох сторони сторін сторонами країни
    лідери лідерів сусіди deux parties pays voisins belligérants beiden beide seiten länder
    nachbarn""".split()
)
_ONE = frozenset(
    """government cabinet council ministry bloc union ministers kingdom country republic presidency commission it
    they he she we our us its treasury parliament state army organisation organization alliance department
    administration office regulator authority authorities secretariat leaders capital junta senate assembly
    lawmakers foreign правительство совет министерство страна союз мы кабмин кабинет власти ведомство парламент
    республика республики королевство королевства страны блок уряд рада міністерство країна союз ми кабмін кабінет
    влада відомство республіка республіки королівство королівства країни
    gouvernement conseil ministère pays union nous bloc regierung rat ministerium land wir bündnis""".split()
)
_BE = frozenset("is are was were been be being wurde wurden werden worden été sont".split())
NEAREST = 4
"""Sentences looked back at before the headline is asked."""


def refers_to_pair(passage: Passage) -> bool:
    """Whether a sentence speaks of parties that it does not name."""
    words = passage.tokens
    return any(
        token.forms[-1] in _PAIR
        and (token.forms[-1] != "two" or any(word.forms[-1] in _PAIR for word in words[at + 1 : at + 3]))
        for at, token in enumerate(words)
    )


def refers_to_bloc(passage: Passage) -> bool:
    """Whether a sentence's subject is an organ of a bloc that it does not name: `The Council today adopted`.

    Or one speaks for it: `..., Council spokesman X said`.
    """
    words = passage.tokens
    if any(
        words[at].capital and words[at].forms[-1] in _ORGANS and words[at + 1].forms[-1].startswith("spokes")
        for at in range(len(words) - 1)
    ):
        return True
    return any(
        token.forms[-1] in _ORGANS
        and passage.tokens[at - 1].forms[0] == "the"
        and "ministers" not in {word.forms[0] for word in passage.tokens[at + 1 : at + 3]}
        for at, token in enumerate(passage.tokens[:_SUBJECT])
        if at
    )


_ORGANS = frozenset("council bloc union alliance secretariat organisation organization".split())
_SUBJECT = 6


def opens_with_body(passage: Passage, event: Sequence[int]) -> bool:
    """Whether `the authority` or `the ministry`, of a state named before, stands in front of the event."""
    words = passage.tokens
    return any(
        words[at].forms[-1] in _ONE and words[at - 1].forms[0] == "the" for at in range(1, min(event, default=0))
    )


def refers_back(passage: Passage, event: Sequence[int], language: str) -> bool:
    """Whether a sentence leaves to the text before it who acts: `the Council adopted`, `were frozen`."""
    if any(token.forms[-1] in _ONE for token in passage.tokens):
        return True
    if any(slavic.passive(passage.tokens[at].forms[0], language) for at in event):
        return True
    return any(passage.tokens[word].forms[0] in _BE for at in event for word in range(max(0, at - 2), at))


def before(article: Sequence[Passage], passage: Passage) -> Iterator[Passage]:
    """The sentences before one, the nearest first, then the headline and the first sentences of the text."""
    at = next((n for n, other in enumerate(article) if other is passage), 0)
    near = [other for other in article[max(0, at - NEAREST) : at] if other.part == passage.part]
    yield from reversed(near)
    yield from (other for other in article if other.part == "title" and other is not passage)
    yield from [other for other in article if other.part == "body" and other not in near and other is not passage][:2]
    yield from [other for other in article[at + 1 : at + 3] if other.part == passage.part]


def first_found(
    article: Sequence[Passage], passage: Passage, named: Callable[[Passage], Sequence[str]], least: int
) -> list[str]:
    """What the nearest sentence names that names just so many; where none does, the nearest that names more."""
    all_names = [list(dict.fromkeys(named(other))) for other in before(article, passage)]
    fitting = [names for names in all_names if len(names) == least] or [
        names for names in all_names if len(names) > least
    ]
    return fitting[0] if fitting else []


def most_named(article: Sequence[Passage], named: Callable[[Passage], Sequence[str]], how_many: int) -> list[str]:
    """Whom an article names most often and more than once, where the next is named less."""
    counts = Counter(name for passage in article for name in dict.fromkeys(named(passage)))
    often = counts.most_common(how_many + 1)
    if (
        len(often) < how_many
        or (len(often) > how_many and often[-1][1] == often[-2][1])
        or often[how_many - 1][1] < 2
    ):
        return []
    return [name for name, _ in often[:how_many]]
