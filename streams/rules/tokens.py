"""From the text of a query to its tokens, and from a word or a quoted phrase to the words that are looked for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from streams.rules import syntax as s
from streams.rules.words import WORD, fold

MIN_STEM = 3
MAX_TOKENS = 50_000

_TOKEN = re.compile(
    r"""\s+
    |(?P<bracket>[()])
    |(?P<near>(?:O?NEAR)/(?P<distance>\d{1,4})(?!\w))
    |(?P<atleast>ATLEAST/(?P<count>\d{1,4})(?!\w))
    |(?P<operator>(?:AND|OR|NOT|SENT|PARA)(?![\w*?]))
    |(?P<part>(?:title|lead|body):)
    |(?P<list>[$@][A-Za-z_][\w-]*)
    |(?P<phrase>"[^"]*")
    |(?P<word>[=~]?[^\W_](?:[^\W_]|[\u0300-\u036f'’ʼ*?/.&-])*)
    """,
    re.VERBOSE,
)


class QueryError(Exception):
    """A query that cannot be read. `offset` and `length` point into its text."""

    def __init__(self, offset: int, message: str, hint: str = "", length: int = 1) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint
        self.length = length


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    offset: int
    number: int = 0


def tokens(text: str) -> list[Token]:
    """The words and marks of a query. Raises QueryError."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        kind = match.lastgroup
        if kind in ("distance", "count"):
            kind = "near" if kind == "distance" else "atleast"
        if kind:
            number = int(match["distance"] or match["count"] or 0)
            found.append(Token(kind, match[0], position, number))
        position = match.end()
        if len(found) > MAX_TOKENS:
            raise QueryError(position, f"longer than {MAX_TOKENS} words", "split the rule, or use lists")
    return found


def _unreadable(text: str, position: int) -> QueryError:
    letter = text[position]
    if letter == '"':
        return QueryError(position, "this quotation mark is not closed", 'close the phrase with another `"`')
    if letter in "“”„«»":
        return QueryError(position, f"a typographic quotation mark {letter}", 'phrases stand between straight `"`')
    if letter in "*?":
        return QueryError(position, f"a word cannot begin with {letter}", "write a stem first: `pledg*`")
    if letter in "&|!":
        word = {"&": "AND", "|": "OR", "!": "NOT"}[letter]
        return QueryError(position, f"{letter} is no operator here", f"did you mean `{word}`?")
    if letter == "$":
        return QueryError(position, "expected the name of a list after $", "`$forces`")
    return QueryError(position, f"{letter!r} means nothing here", 'words, "phrases", AND, OR, NOT, NEAR/n, brackets')


def phrase(text: str, offset: int) -> s.Node:
    """A word, or several side by side: `cease-fire` is the phrase of two words that it is in an article.

    Raises QueryError.
    """
    found = [_one_word(match[0], offset + match.start()) for match in _PIECE.finditer(text)]
    if not found:
        raise QueryError(offset, "no word in this phrase")
    return found[0] if len(found) == 1 else s.Phrase(tuple(found))


_PIECE = re.compile(rf"[=~]?(?:{WORD.pattern}|[*?])(?:{WORD.pattern}|[*?])*")


def _one_word(text: str, offset: int) -> s.Word:
    cased, lemma = text.startswith("="), text.startswith("~")
    bare = unicodedata.normalize("NFC", text.lstrip("=~"))
    if lemma:
        if "*" in bare or "?" in bare:
            raise QueryError(offset, "~ stands for all forms of a whole word", "`~pledge`, or `pledg*`", len(text))
        return s.Word(fold(bare), lemma=s.OWN)
    prefix = bare.endswith("*")
    stem = bare.removesuffix("*")
    if "*" in stem:
        raise QueryError(
            offset, "a * stands at the end of a word only", "`pledg*`; `?` stands for one letter", len(text)
        )
    if stem.startswith("?"):
        raise QueryError(offset, "a word cannot begin with ?", length=len(text))
    if prefix and len(stem.replace("?", "")) < MIN_STEM:
        raise QueryError(
            offset, f"`{text}` would match too much", f"write at least {MIN_STEM} letters before the *", len(text)
        )
    return s.Word(stem if cased else fold(stem), prefix, cased)
