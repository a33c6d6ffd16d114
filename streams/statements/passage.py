"""An article as its sentences: words, what is quoted, which paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from streams.statements.actors import seats
from streams.statements.lexicon import Token, Words, tokens
from streams.text import paragraphs, sentences
from wire.records import Article

_DATELINE = re.compile(
    r"(?P<place>[^\W\d_a-zа-яєіїґ]{2}[^\W\da-zа-яєіїґ]*(?:[ '’-]+[^\W\d_a-zа-яєіїґ]{2,}){0,3})(?:/[^\W\da-z]+)?"
    r"(?:, [\w .]{3,20}){0,2}(?: ?\([\w .,’'-]{2,40}\))?\s*(?:[-–—]\s+|\.\s+(?=[A-ZА-Я]))"
)
"""`OSLO (Northline) - `, `VILNIUS, 7 July. `: where a report was written, in capitals, before its first words."""

_WITH_COLON = re.compile(r"(?P<place>[^\W\d_a-z]{2}[^\W\da-z]*(?:[ '’-]+[^\W\d_a-z]{2,}){0,2}):\s+")
"""`NEW DELHI: `."""

_OPENING = {"“": "”", "«": "»", "„": "“”", '"': '"', "‟": "”"}
MAX_WORDS = 400
"""Words of one sentence that are read; what runs on for longer is no prose."""


@dataclass(frozen=True, eq=False)
class Passage:
    """One sentence. `start` counts characters of its part; `quoted` says for each word whether quotes hold it."""

    part: str
    start: int
    text: str
    paragraph: int
    tokens: tuple[Token, ...]
    quoted: tuple[bool, ...]
    dateline: str = ""
    language: str = "en"

    @cached_property
    def words(self) -> Words:
        """Its words as lexicons look them up."""
        return Words(self.tokens)

    @property
    def end(self) -> int:
        """Where it ends in its part."""
        return self.start + len(self.text)

    def words_at(self, start: int, end: int) -> range:
        """Word numbers that the characters from `start` to `end` of the sentence touch."""
        numbers = [at for at, token in enumerate(self.tokens) if token.start < end and token.end > start]
        return range(numbers[0], numbers[-1] + 1) if numbers else range(0)

    def between(self, at: int) -> str:
        """The characters between word `at - 1` and word `at`."""
        start = self.tokens[at - 1].end if at > 0 else 0
        end = self.tokens[at].start if at < len(self.tokens) else len(self.text)
        return self.text[start:end]


def passages(article: Article) -> tuple[Passage, ...]:
    """The title and the sentences of the text, in order."""
    return _passages(article.title, article.text, article.language or "en")


@lru_cache(maxsize=8)
def _passages(title: str, text: str, language: str) -> tuple[Passage, ...]:
    found = []
    if title.strip():
        found += _of("title", title, [(0, len(title))], language)
    return tuple(found + _of("body", text, sentences(text), language))


def _of(part: str, text: str, spans: list[tuple[int, int]], language: str) -> list[Passage]:
    breaks = [end for _, end in paragraphs(text)] if part == "body" else [len(text)]
    found = []
    paragraph, closing = 0, ""
    for start, end in spans:
        while paragraph < len(breaks) - 1 and start >= breaks[paragraph]:
            paragraph, closing = paragraph + 1, ""
        sentence = text[start:end]
        dateline = _dateline(sentence) if part == "body" and paragraph == 0 else None
        if dateline is not None and dateline.end() < len(sentence):
            start += dateline.end()
            sentence = sentence[dateline.end() :]
        words = tuple(tokens(sentence)[:MAX_WORDS])
        quoted, closing = _quoted(sentence, words, closing)
        place = dateline["place"] if dateline is not None else ""
        found.append(Passage(part, start, sentence, paragraph, words, quoted, place, language))
    return found


def opening_of(article: Sequence[Passage], passage: Passage) -> Passage:
    """The sentence with which a passage's paragraph opens, which may be the passage itself."""
    return next(one for one in article if one.part == passage.part and one.paragraph == passage.paragraph)


def _dateline(sentence: str) -> re.Match[str] | None:
    """Where the report was written. With a colon a capital or seat of government only: `JANE ROE:` is who speaks."""
    found = _DATELINE.match(sentence)
    if found is None and (found := _WITH_COLON.match(sentence)) is not None:
        return found if found["place"].casefold() in seats() else None
    return found


def _quoted(sentence: str, words: tuple[Token, ...], closing: str) -> tuple[tuple[bool, ...], str]:
    """For each word whether a quotation holds it, and what would close the one still open at the end."""
    flags = []
    at = 0
    for token in words:
        closing = _after(sentence[at : token.start], closing)
        flags.append(bool(closing))
        at = token.end
    return tuple(flags), _after(sentence[at:], closing)


def _after(between: str, closing: str) -> str:
    for character in between:
        closing = ("" if character in closing else closing) if closing else _OPENING.get(character, "")
    return closing
