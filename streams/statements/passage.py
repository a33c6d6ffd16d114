"""An article as its sentences: words, what is quoted, which paragraph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from streams.statements.lexicon import Token, tokens
from streams.text import paragraphs, sentences
from wire.records import Article

_OPENING = {"“": "”", "«": "»", "„": "“”", '"': '"', "‟": "”"}
MAX_WORDS = 400
"""Words of one sentence that are read; what runs on for longer is no prose."""


@dataclass(frozen=True)
class Passage:
    """One sentence. `start` counts characters of its part; `quoted` says for each word whether quotes hold it."""

    part: str
    start: int
    text: str
    paragraph: int
    tokens: tuple[Token, ...]
    quoted: tuple[bool, ...]

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
    return _passages(article.title, article.text)


@lru_cache(maxsize=8)
def _passages(title: str, text: str) -> tuple[Passage, ...]:
    found = []
    if title.strip():
        found += _of("title", title, [(0, len(title))])
    return tuple(found + _of("body", text, sentences(text)))


def _of(part: str, text: str, spans: list[tuple[int, int]]) -> list[Passage]:
    breaks = [end for _, end in paragraphs(text)] if part == "body" else [len(text)]
    found = []
    paragraph, closing = 0, ""
    for start, end in spans:
        while paragraph < len(breaks) - 1 and start >= breaks[paragraph]:
            paragraph, closing = paragraph + 1, ""
        sentence = text[start:end]
        words = tuple(tokens(sentence)[:MAX_WORDS])
        quoted, closing = _quoted(sentence, words, closing)
        found.append(Passage(part, start, sentence, paragraph, words, quoted))
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
        if closing:
            closing = "" if character in closing else closing
        else:
            closing = _OPENING.get(character, "")
    return closing
