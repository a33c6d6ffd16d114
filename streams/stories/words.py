"""How alike two sentences are, by the content words they share, the rarer ones weighing more."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from math import log, sqrt

STEM = 5
PRIOR = 50
"""Stories that are supposed to be known before the first one."""

_UNSEEN = ""
_MOST_KEPT = 4096
"""Texts whose length is kept, at the most."""

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


class Weights:
    """How much a word tells one story from another: by how many stories of one rule know it.

    The inverse document frequency of Sparck Jones (1972), log((stories + PRIOR) / (stories with the word + 1)), so
    that the first stories of a rule weigh their words alike.
    """

    def __init__(self) -> None:
        self._stories = 0
        self._known: Counter[str] = Counter()
        self._squares: dict[str, float] = {}
        self._lengths: dict[str, float] = {}

    def __getitem__(self, word: str) -> float:
        return log((self._stories + PRIOR) / (self._known[word] + 1))

    def put(self, words: Iterable[str]) -> None:
        """Take over a story that knows these words, each once."""
        self._change(1)
        self._known.update(words)

    def drop(self, words: Iterable[str]) -> None:
        """Forget such a story."""
        self._change(-1)
        for word in words:
            self._known[word] -= 1
            if self._known[word] <= 0:
                del self._known[word]

    def _change(self, stories: int) -> None:
        self._stories += stories
        self._squares.clear()
        self._lengths.clear()

    def square(self, words: Iterable[str]) -> float:
        """The sum of the squares of the words' weights; these are worked out once until a story comes or goes."""
        total, squares = 0.0, self._squares
        for word in words:
            value = squares.get(word)
            if value is None:
                value = squares[word] = self[word] ** 2
            total += value
        return total

    def length(self, text: str) -> float:
        """The length of a text's vector, squared. A short text counts as one of some words."""
        known = self._lengths.get(text)
        if known is None:
            if len(self._lengths) >= _MOST_KEPT:
                self._change(0)
            known = max(_LEAST_WORDS * self[_UNSEEN] ** 2, self.square(content_words(text)))
            self._lengths[text] = known
        return known


EVEN = Weights()
"""Every word alike: no story is known."""


def likeness(a: str, b: str, weights: Weights = EVEN) -> float:
    """The cosine of two texts' content words under the weights, 0 to 1."""
    both = content_words(a) & content_words(b)
    return weights.square(both) / sqrt(weights.length(a) * weights.length(b)) if both else 0.0
