"""A sentence that is to be read, with all of the article around it."""

from __future__ import annotations

from dataclasses import dataclass

from streams.statements.passage import Passage
from wire.records import Article


@dataclass(frozen=True)
class Sentence:
    """A sentence to be read: all of the article, which one, and the words that carry the event."""

    article: Article
    whole: tuple[Passage, ...]
    at: int
    spans: tuple[tuple[int, int], ...]

    @property
    def passage(self) -> Passage:
        """The sentence itself."""
        return self.whole[self.at]

    @property
    def language(self) -> str:
        """Of the article; English where none is told."""
        return self.article.language or "en"
