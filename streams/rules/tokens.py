"""From the text of a query to its tokens, and from a word or a quoted phrase to the words that are looked for."""

from __future__ import annotations

import re
import unicodedata

from streams.rules import syntax as s
from streams.rules.words import WORD, fold

MIN_STEM = 3
MAX_TOKENS = 50_000

END = ""
"""What follows the last token."""

NUMBERED = re.compile(r"(O?NEAR|ATLEAST)/(\d{1,4})")
MARKS = frozenset({"(", ")", "AND", "OR", "NOT", "SENT", "PARA", "title:", "lead:", "body:", END})
LIKE_OPERATORS = frozenset({"and", "or", "not", "near", "sent", "para", "onear", "atleast"})
"""Words that are probably meant as operators, case-folded."""

_PATTERN = r"""[()]
    |(?:O?NEAR|ATLEAST)/\d{1,4}(?!\w)
    |(?:AND|OR|NOT|SENT|PARA)(?![\w*?])
    |(?:title|lead|body):
    |[$@][A-Za-z_][\w-]*
    |"[^"]*"
    |[=~]?[^\W_](?:[^\W_]|[\u0300-\u036f'’ʼ*?/.&-])*
    |\S
    """
_ONE = re.compile(_PATTERN, re.VERBOSE)
_WITH_RUNS = re.compile(rf"(?<=\()[^\W_]+\*?(?:[ ]OR[ ][^\W_]+\*?)+(?=\))|{_PATTERN}", re.VERBOSE)
_PIECE = re.compile(rf"[=~]?(?:{WORD.pattern}|[*?])(?:{WORD.pattern}|[*?])*")
_REMEMBERED = 1 << 16
"""Words whose reading is remembered: large rulesets use the same ones again and again."""


class QueryError(Exception):
    """A query that cannot be read. `offset` and `length` point into its text."""

    def __init__(self, offset: int, message: str, hint: str = "", length: int = 1) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint
        self.length = length


def tokens(text: str) -> list[str]:
    """The words and marks of a query; what is neither is a token of one letter. Raises QueryError."""
    found = _ONE.findall(text)
    if len(found) > MAX_TOKENS:
        raise QueryError(
            offset_of(text, MAX_TOKENS), f"longer than {MAX_TOKENS} words", "split the rule, or use lists"
        )
    return found


def tokens_with_runs(text: str) -> list[str]:
    """As `tokens`, but what looks like words joined by OR alone in brackets is one token. Text of any length."""
    return _WITH_RUNS.findall(text)


def offset_of(text: str, number: int) -> int:
    """Where the token of that number begins; the end of the text for one after the last."""
    starts = [match.start() for match in _ONE.finditer(text)]
    return starts[number] if number < len(starts) else len(text)


def unreadable(text: str) -> QueryError | None:
    """What is wrong with the first token that is neither word nor mark."""
    for match in _ONE.finditer(text):
        found = match[0]
        if len(found) == 1 and found not in "()" and not found.isalnum():
            return _unreadable(found, match.start())
    return None


def _unreadable(letter: str, position: int) -> QueryError:
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


class _Ordinary(dict[str, s.Node | None]):
    """What tokens that can only be words stand for; None for any other, and for a faulty one."""

    def __missing__(self, token: str) -> s.Node | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        node = self[token] = _read_ordinary(token)
        return node


def _read_ordinary(token: str) -> s.Node | None:
    if token in MARKS or token[0] in '"$@' or NUMBERED.fullmatch(token) or token.casefold() in LIKE_OPERATORS:
        return None
    try:
        return phrase(token, 0)
    except QueryError:
        return None


ordinary = _Ordinary().__getitem__
"""What a token that can only be a word stands for; None for any other, and for a faulty one."""


def quoted(text: str) -> s.Node | None:
    """The phrase of some words with one space between them; None where it takes more to read it."""
    words = tuple(word for word in map(ordinary, text.split(" ")) if isinstance(word, s.Word))
    return s.Phrase(words) if len(words) == text.count(" ") + 1 > 1 else None


def phrase(text: str, offset: int) -> s.Node:
    """A word, or several side by side: `cease-fire` is the phrase of two words that it is in an article.

    Raises QueryError.
    """
    found = [_one_word(match[0], offset + match.start()) for match in _PIECE.finditer(text)]
    if not found:
        raise QueryError(offset, "no word in this phrase")
    return found[0] if len(found) == 1 else s.Phrase(tuple(found))


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
