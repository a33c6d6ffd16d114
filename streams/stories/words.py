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

    def __getitem__(self, word: str) -> float:
        return log((self._stories + PRIOR) / (self._known[word] + 1))

    def put(self, words: Iterable[str]) -> None:
        """Take over a story that knows these words, each once."""
        self._stories += 1
        self._known.update(words)

    def drop(self, words: Iterable[str]) -> None:
        """Forget such a story."""
        self._stories -= 1
        self._known.subtract(words)


EVEN = Weights()
"""Every word alike: no story is known."""


def likeness(a: str, b: str, weights: Weights = EVEN) -> float:
    """The cosine of two texts' content words under the weights, 0 to 1."""
    ours, theirs = content_words(a), content_words(b)
    both = _square(ours & theirs, weights)
    if not both:
        return 0.0
    # A short text counts as one of some words: two shared ones of three are little evidence.
    least = _LEAST_WORDS * weights[_UNSEEN] ** 2
    return both / sqrt(max(least, _square(ours, weights)) * max(least, _square(theirs, weights)))


def _square(words: Iterable[str], weights: Weights) -> float:
    return sum(weights[word] ** 2 for word in words)
