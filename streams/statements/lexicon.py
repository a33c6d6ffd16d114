"""Lexicons are data: phrases by class, looked up over a sentence's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from streams.rules.words import WORD, elided, fold, forms
from wire.positioned import load_positioned, plain_data

DATA = Path(__file__).parent / "data"
CONTRACTED = "n't"
_STEM = 3
"""Letters by which a stem is looked up."""

_ANY_LETTER = "\u0295"
"""Stands for `?` while a phrase is cut into words; a letter that no news has."""


class Token(NamedTuple):
    """A word of a sentence: its characters, its folded forms, and whether it has a capital, as `l'Italie` has."""

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
        found.append(Token(match.start(), match.end(), text, word_forms, text[elided(text)].isupper()))
    return found


_Entry = tuple[tuple[str, ...], int, str]
"""A phrase's words, which capitals it needs, and what it stands for."""


class Words:
    """The words of a sentence with what they may be looked up by, so that most phrases are ruled out at once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.forms = frozenset(form for token in tokens for form in token.forms)
        self.beginnings = frozenset(form[:_STEM] for form in self.forms)


class Phrases:
    """Phrases with their meanings, the longest preferred.

    `cased`: one with a capital needs it in the text too, and a short one all in capitals (`UN`) all of them.
    """

    def __init__(self, meanings: Iterable[tuple[str, str]], *, cased: bool = False) -> None:
        self._by_first: dict[str, list[_Entry]] = defaultdict(list)
        self._by_stem: dict[str, list[_Entry]] = defaultdict(list)
        for phrase, meaning in meanings:
            words = [CONTRACTED] if phrase == CONTRACTED else _phrase_words(phrase)
            if not words:
                continue
            entry = (tuple(words), _capitals(phrase) if cased else 0, meaning)
            if words[0].endswith("*") or "?" in words[0]:
                self._by_stem["" if "?" in words[0][:_STEM] else words[0][:_STEM]].append(entry)
            else:
                self._by_first[words[0]].append(entry)
        for table in (self._by_first, self._by_stem):
            for entries in table.values():
                entries.sort(key=lambda entry: (-len(entry[0]), -len(entry[0][0])))
        self._open = tuple(self._by_stem.pop("", ()))

    def find_in(self, words: Words) -> list[Mention]:
        """As `find`, quicker where several lexicons are asked about one sentence."""
        if (
            not self._open
            and self._by_first.keys().isdisjoint(words.forms)
            and self._by_stem.keys().isdisjoint(words.beginnings)
        ):
            return []
        return self.find(words.tokens)

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
            for words, capitals, meaning in self._beginning(form):
                length = len(words)
                if best is not None and length <= best.last - best.first:
                    continue
                if capitals and not _written(sentence[at], capitals):
                    continue
                if at + length <= len(sentence) and all(
                    _meets(word, token) for word, token in zip(words, sentence[at : at + length], strict=True)
                ):
                    best = Mention(at, at + length, meaning)
        return best

    def _beginning(self, form: str) -> Sequence[_Entry]:
        """What may begin with a form: whole words, stems, and those whose first letters are open."""
        whole, stems = self._by_first.get(form), self._by_stem.get(form[:_STEM])
        if self._open:
            return (*(whole or ()), *(stems or ()), *self._open)
        if whole and stems:
            return (*whole, *stems)
        return whole or stems or ()


_FIRST, _ALL = 1, 2
_SHORT = 3
"""Letters of an abbreviation that may also be a word: `UN` and the French `un`, `AU` and `au`."""


def _capitals(phrase: str) -> int:
    """Which capitals a phrase needs: none, that of its first word, or all of a first word like `UN`."""
    if not phrase[0].isupper():
        return 0
    return _ALL if 1 < len(phrase) <= _SHORT and phrase.isupper() else _FIRST


def _written(token: Token, capitals: int) -> bool:
    if capitals == _FIRST:
        return token.capital
    return token.forms[-1].upper() in token.text  # without an article, without a possessive 's


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


GAP = " ... "
"""Parts a German verb from the particle that closes its clause: `teilte ... mit`."""

_FARTHEST = 24
_CLOSING = frozenset("und oder aber sondern doch wie".split())


@cache
def phrases(name: str, language: str) -> Phrases:
    """The phrases of a data file for a language, each meaning its class; English where the language has none."""
    return Phrases((phrase, kind) for phrase, kind in _entries(name, language) if GAP not in phrase)


@cache
def _separable(name: str, language: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    """By their verb: the particles that may close its clause, each with its class."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for phrase, kind in _entries(name, language):
        verb, gap, particle = phrase.partition(GAP)
        if gap:
            found[fold(verb)].append((fold(particle), kind))
    return found


def _entries(name: str, language: str) -> Iterator[tuple[str, str]]:
    classes = table(name).get(language) or table(name)["en"]
    for kind, words in classes.items():
        yield from ((str(phrase), kind) for phrase in words)


def separated(name: str, language: str, sentence: str, words: Sequence[Token]) -> Iterator[Mention]:
    """Mentions of verbs (`lehnt`) whose particle (`ab`) closes a clause behind them, where the data file has both."""
    verbs = _separable(name, language)
    for at, token in enumerate(words if verbs else ()):
        for particle, kind in verbs.get(token.forms[0], ()):
            if any(_closes(sentence, words, n, particle) for n in range(at + 1, min(at + _FARTHEST, len(words)))):
                yield Mention(at, at + 1, kind)
                break


def _closes(sentence: str, words: Sequence[Token], at: int, particle: str) -> bool:
    if words[at].forms[0] != particle:
        return False
    if at + 1 == len(words) or words[at + 1].forms[0] in _CLOSING:
        return True
    return bool(sentence[words[at].end : words[at + 1].start].strip())
