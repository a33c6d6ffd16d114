"""Which words are roles and bodies that speak, and what may stand around them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from streams.statements.lexicon import table
from streams.statements.name_words import BEFORE_BODY, GROUPED, TITLES


def is_one_of(word: str, words: frozenset[str]) -> bool:
    """Whether a word is one of these, a form of a stem (`міністерств*`), or ends with an ending (`-ministerium`)."""
    return (
        word in words
        or word.startswith(_stems(words))
        or (len(word) > _COMPOUND and any(word.endswith(end) for end in _endings(words)))
    )


_COMPOUND = 9


@cache
def _endings(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word[1:] for word in words if word.startswith("-"))


@cache
def _stems(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word[:-1] for word in words if word.endswith("*"))


@cache
def tied(language: str) -> frozenset[str]:
    """Words that tie a state to the one who serves it: titles, bodies, roles and what describes them."""
    return TITLES | BEFORE_BODY | GROUPED | speaking(language)


@cache
def speaking(language: str) -> frozenset[str]:
    """Bodies and roles."""
    return bodies(language) | roles(language)


def serves(word: str, language: str) -> bool:
    """Whether a word is people or a body that speaks for a state: `ministre`, `Außenministerium`."""
    return is_one_of(word, speaking(language))


@cache
def bodies(language: str) -> frozenset[str]:
    """Last words of bodies that speak, English ones in every language: `ministry`, `palace`."""
    return _words(language, "bodies")


@cache
def roles(language: str) -> frozenset[str]:
    """Offices and parts in talks that speak, English ones in every language: `spokeswoman`, `envoy`."""
    return _words(language, "roles")


def _words(language: str, kind: str) -> frozenset[str]:
    speech = table("speech")
    words: Iterable[str] = (*speech["en"][kind], *speech.get(language, {}).get(kind, ()))
    return frozenset(str(word).casefold() for word in words)
