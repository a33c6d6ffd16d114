"""Finding the few stories that a detection could belong to, among many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from streams.expiry import Expiry
from streams.stories.join import FOUNDING
from streams.stories.words import Weights, content_words
from wire.records import Story

NEAREST = 64
"""Stories looked at, at the most, of one actor: the last ones before the end of the span."""

_ANYBODY = "*"
_NOBODY = ""

_Bucket = list[tuple[datetime, str]]


class StoryIndex:
    """A partition's stories: by rule and actor in order of time, by detection, by words, by when they close and go.

    Time and memory: a look-up reads at most `NEAREST` entries of each actor asked for.
    """

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._keys: dict[str, tuple[datetime, tuple[tuple[str, str], ...]]] = {}
        self._told: dict[str, str] = {}
        self._tells: dict[str, tuple[str, ...]] = {}
        self._words: dict[str, tuple[str, frozenset[str]]] = {}
        self._weights: dict[str, Weights] = defaultdict(Weights)
        self.closing = Expiry()
        self.leaving = Expiry()

    def put(self, key: str, value: Story | None) -> None:
        """Take over a story's new state."""
        self._drop(key)
        self.closing.set(key, value.closes_at if value and not value.stub else None)
        self.leaving.set(key, value.forget_at if value else None)
        if value is None:
            return
        names = (*(value.actors or (_NOBODY,)), _ANYBODY)
        buckets = tuple((value.rule, name) for name in names)
        for bucket in buckets:
            insort(self._buckets.setdefault(bucket, []), (value.last_at, key))
        self._keys[key] = (value.last_at, buckets)
        self._tells[key] = tuple(telling.detection for telling in value.tellings)
        self._told.update(dict.fromkeys(self._tells[key], key))
        # Of what founded it only: that stays when a story closes, and closing hangs on what else is delivered.
        words = frozenset().union(*map(content_words, value.sentences[:FOUNDING]))
        self._words[key] = (value.rule, words)
        self._weights[value.rule].put(words)

    def weights(self, rule: str) -> Weights:
        """How much words tell apart the stories of a rule that are known here."""
        return self._weights[rule]

    def story_of(self, detection: str) -> str | None:
        """The story that a detection is part of."""
        return self._told.get(detection)

    def near(self, rule: str, actors: Iterable[str], since: datetime, until: datetime) -> list[str]:
        """Stories of a rule whose last telling lies in the span, of any of the actors or of none.

        No actors means stories of anybody. Of each actor the last `NEAREST`, in a fixed order without repeats.
        """
        names = tuple(actors)
        found: dict[str, None] = {}
        for name in (*names, _NOBODY) if names else (_ANYBODY,):
            bucket = self._buckets.get((rule, name), [])
            start, end = bisect_left(bucket, (since, "")), bisect_right(bucket, (until, "\U0010ffff"))
            found.update(dict.fromkeys(key for _, key in islice(bucket, max(start, end - NEAREST), end)))
        return list(found)

    def _drop(self, key: str) -> None:
        last_at, buckets = self._keys.pop(key, (None, ()))
        for bucket in buckets:
            entries = self._buckets[bucket]
            del entries[bisect_left(entries, (last_at, key))]
            if not entries:
                del self._buckets[bucket]
        if (known := self._words.pop(key, None)) is not None:
            self._weights[known[0]].drop(known[1])
        for detection in self._tells.pop(key, ()):
            if self._told.get(detection) == key:
                del self._told[detection]
