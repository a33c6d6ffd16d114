"""Lexicons are data: phrases by class, looked up over a sentence's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from streams.rules.words import WORD, fold, forms
from wire.positioned import load_positioned, plain_data

DATA = Path(__file__).parent / "data"
CONTRACTED = "n't"
_ANY_LETTER = "\u0295"
"""Stands for `?` while a phrase is cut into words; a letter that no news has."""


class Token(NamedTuple):
    """A word of a sentence: its characters, its folded forms, and whether it is written with a capital."""

    start: int
    end: int
    text: str
    forms: tuple[str, ...]
    capital: bool


class Mention(NamedTuple):
    """A phrase of a lexicon in a sentence: words `first` up to `last`, and what it stands for."""

    first: int
    last: int
    meaning: str


def tokens(sentence: str) -> list[Token]:
    """The words of a sentence."""
    found = []
    for match in WORD.finditer(sentence):
        text = match[0]
        word_forms = forms(text)
        if word_forms[0].endswith(CONTRACTED):
            word_forms = (*word_forms, CONTRACTED)
        found.append(Token(match.start(), match.end(), text, word_forms, text[0].isupper()))
    return found


_Entry = tuple[tuple[str, ...], bool, str]
"""A phrase's words, whether it needs a capital, and what it stands for."""


class Phrases:
    """Phrases with their meanings, the longest preferred. `cased`: one with a capital needs it in the text too."""

    def __init__(self, meanings: Iterable[tuple[str, str]], *, cased: bool = False) -> None:
        self._by_first: dict[str, list[_Entry]] = defaultdict(list)
        self._by_stem: dict[str, list[_Entry]] = defaultdict(list)
        for phrase, meaning in meanings:
            words = [CONTRACTED] if phrase == CONTRACTED else _phrase_words(phrase)
            if not words:
                continue
            entry = (tuple(words), cased and phrase[0].isupper(), meaning)
            if words[0].endswith("*") or "?" in words[0]:
                start = words[0][:3]
                self._by_stem["" if "?" in start else start].append(entry)
            else:
                self._by_first[words[0]].append(entry)
        for table in (self._by_first, self._by_stem):
            for entries in table.values():
                entries.sort(key=lambda entry: (-len(entry[0]), -len(entry[0][0])))

    def find(self, sentence: Sequence[Token]) -> list[Mention]:
        """Mentions in order, none overlapping another, the longest preferred."""
        found: list[Mention] = []
        at = 0
        while at < len(sentence):
            mention = self._at(sentence, at)
            if mention is not None:
                found.append(mention)
                at = mention.last
            else:
                at += 1
        return found

    def _at(self, sentence: Sequence[Token], at: int) -> Mention | None:
        best: Mention | None = None
        for form in sentence[at].forms:
            for words, capital, meaning in self._beginning(form):
                length = len(words)
                if best is not None and length <= best.last - best.first:
                    continue
                if capital and not sentence[at].capital:
                    continue
                if at + length <= len(sentence) and all(
                    _meets(word, token) for word, token in zip(words, sentence[at : at + length], strict=True)
                ):
                    best = Mention(at, at + length, meaning)
        return best

    def _beginning(self, form: str) -> Iterator[_Entry]:
        """What may begin with a form: whole words, stems, and those whose first letters are open."""
        yield from self._by_first.get(form, ())
        yield from self._by_stem.get(form[:3], ())
        yield from self._by_stem.get("", ())


def _phrase_words(phrase: str) -> list[str]:
    marked = phrase.replace("?", _ANY_LETTER)
    return [
        fold(match[0]).replace(_ANY_LETTER, "?") + ("*" if marked[match.end() : match.end() + 1] == "*" else "")
        for match in WORD.finditer(marked)
    ]


def _meets(word: str, token: Token) -> bool:
    if "?" in word:
        return any(_fits(word, form) for form in token.forms)
    if word.endswith("*"):
        return any(form.startswith(word[:-1]) for form in token.forms)
    return word in token.forms


def _fits(word: str, form: str) -> bool:
    """`defen?e` fits `defence`: a question mark is any one letter."""
    stem = word.removesuffix("*")
    if len(form) < len(stem) or (stem == word and len(form) != len(stem)):
        return False
    return all(letter in ("?", other) for letter, other in zip(stem, form, strict=False))


@cache
def table(name: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """A data file: language, class, phrases."""
    found: Mapping[str, Mapping[str, Sequence[str]]] = plain_data(load_positioned(DATA / f"{name}.yaml"))
    return found


@cache
def phrases(name: str, language: str) -> Phrases:
    """The phrases of a data file for a language, each meaning its class; English where the language has none."""
    classes = table(name).get(language) or table(name)["en"]
    return Phrases((str(phrase), kind) for kind, words in classes.items() for phrase in words)
