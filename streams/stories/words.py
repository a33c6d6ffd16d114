"""How alike two sentences are, by the content words they share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

STEM = 5
_LEAST_WORDS = 4.0
"""A shorter text counts as this long: two shared words of three are little evidence."""

_WORD = re.compile(r"\w+")
_STOP_WORDS = (
    "about after also been before from have into more most over said says such than that their them then there "
    "these they this those were what when which while will with would "
    "avec dans elle mais nous pour sont leur plus cette "
    "auch aber dass dem eine einer einem einen nach oder sich sind über wird wurde "
    "что это как для или под при она они было были "
    "його який яка які про для або вони було були"
)
_STOP = frozenset(_STOP_WORDS.split())


@lru_cache(maxsize=8192)
def content_words(text: str) -> frozenset[str]:
    """Stems (the first five letters) of the words that carry content; numbers are kept whole."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return frozenset(
        word if word[0].isdigit() else word[:STEM]
        for word in words
        if word[0].isdigit() or (len(word) > 3 and word not in _STOP)
    )


def likeness(a: str, b: str) -> float:
    """The share of the shorter text's content words that the longer one has, 0 to 1. A number weighs double."""
    ours, theirs = content_words(a), content_words(b)
    return _weight(ours & theirs) / max(_LEAST_WORDS, min(_weight(ours), _weight(theirs)))


def _weight(words: Iterable[str]) -> float:
    return sum(2.0 if word[0].isdigit() else 1.0 for word in words)
