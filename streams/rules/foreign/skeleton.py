"""The grammar that the dialects share: brackets, AND, OR, NOT, distances, fields. Each dialect adds its own marks.

any     = all ("OR" all)*
all     = signed (("AND" | "NOT" | nothing) signed)*
signed  = "NOT"* near
near    = atom (distance atom)*
atom    = "(" any ")" | field atom | quoted words | word | what only the dialect knows, each with its suffixes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from streams.rules.foreign.tree import All, Any, Close, Field, Group, Not, Remark, Text, Tree, Unknown, around, height

MAX_CHARACTERS = 100_000
MAX_TOKENS = 20_000
MAX_DEPTH = 40
MAX_HEIGHT = 60

WORD_ENDS = r"(?=[\s()\"“”„]|$)"
"""After an operator that is a word."""

QUOTED = r"(?P<quoted>[\"“”„][^\"“”„]*[\"“”„])"

BEGINS = frozenset({"open", "quoted", "word", "field", "braces", "not"})
"""Kinds of tokens with which something begins."""

_DISTANCE = re.compile(r"o?near/\d*f?", re.IGNORECASE)
LIKE_OPERATORS = frozenset({"and", "or", "not", "near", "onear"})


class Unreadable(Exception):
    """A text that is no query of its dialect. `remark` says where and why."""

    def __init__(self, at: int, message: str, hint: str = "", end: int | None = None) -> None:
        super().__init__(message)
        self.remark = Remark(at, at + 1 if end is None else end, message, hint)


class Token(NamedTuple):
    """A piece of the text. `parts` are the named pieces of its own pattern."""

    kind: str
    text: str
    at: int
    end: int
    parts: Mapping[str, str | None]


class Grammar:
    """Reads one text of a dialect: `tree` is what it says, `notes` what is to be said of it on the way."""

    NAME: ClassVar[str]
    TOKEN: ClassVar[re.Pattern[str]]
    """One alternative for each kind of token; a named group around the whole of it is the kind. `skip` and white
    space are stepped over."""
    UNKNOWN: ClassVar[Mapping[str, str]] = {}
    """Kinds of atoms that have no counterpart here, with the reason."""
    PRECEDENCE: ClassVar[bool] = False
    """Whether the dialect documents that NOT binds tighter than AND, and AND tighter than OR."""
    DISTANCES: ClassVar[str] = ""
    """How the dialect writes them."""

    def __init__(self, text: str) -> None:
        self.notes: list[Remark] = []
        self._text = text
        self._depth = 0
        self._at = 0
        if len(text) > MAX_CHARACTERS:
            raise Unreadable(MAX_CHARACTERS, f"longer than {MAX_CHARACTERS:,} characters", "part it into several")
        self._tokens = self._scanned()

    def tree(self) -> Tree:
        """What the whole text says. Raises Unreadable."""
        if not self._tokens:
            raise Unreadable(0, "an empty query")
        tree = self._any()
        token = self._peek()
        if token is not None:
            if token.kind == "close":
                raise Unreadable(token.at, "this bracket closes nothing")
            raise self._unexpected(token)
        if height(tree) > MAX_HEIGHT:
            raise Unreadable(0, f"deeper than {MAX_HEIGHT} levels", "part it into several")
        return tree

    # -------------------------------------------------------------- tokens

    def _scanned(self) -> list[Token]:
        found: list[Token] = []
        position = 0
        while position < len(self._text):
            match = self.TOKEN.match(self._text, position)
            if match is None or match.end() == position:
                raise self._unreadable(position)
            kind = next((name for name, piece in match.groupdict().items() if piece == match[0] and piece), "")
            position = match.end()
            if kind == "skip":
                self._note(Token(kind, match[0], match.start(), position, {}), "comments are left out")
            elif kind:
                found.append(Token(kind, match[0], match.start(), position, match.groupdict()))
            if len(found) > MAX_TOKENS:
                raise Unreadable(position, f"longer than {MAX_TOKENS:,} words", "part it into several")
        return found

    def _unreadable(self, position: int) -> Unreadable:
        letter = self._text[position]
        if letter in '"“”„':
            return Unreadable(position, "this quotation mark is not closed")
        return Unreadable(position, f"{letter!r} means nothing here in {self.NAME}")

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise Unreadable(len(self._text), "the query ends here, a word or a bracket was expected")
        self._at += 1
        return token

    def _take(self, *kinds: str) -> Token | None:
        token = self._peek()
        if token is not None and token.kind in kinds:
            self._at += 1
            return token
        return None

    def _unexpected(self, token: Token) -> Unreadable:
        if token.kind == "close":
            return Unreadable(token.at, "this bracket closes too early: a word was expected before it")
        return Unreadable(token.at, f"`{token.text}` needs a word before and after it", end=token.end)

    def _note(self, piece: Token | Tree, message: str, *, changed: bool = False) -> None:
        self.notes.append(Remark(piece.at, piece.end, message, changed=changed))

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable(token.at, f"brackets deeper than {MAX_DEPTH}", "part it into several")

    # -------------------------------------------------------------- the grammar

    def _any(self) -> Tree:
        found = [self._all()]
        while self._take("or"):
            found.append(self._all())
        if len(found) == 1:
            return found[0]
        mixed = next((one for one in found if isinstance(one, All)), None)
        if mixed is not None:
            message = "AND, OR and NOT are mixed without brackets: NOT is read first, then AND"
            self._note(mixed, message, changed=not self.PRECEDENCE)
        return Any(*around(tuple(found)), tuple(found))

    def _all(self) -> Tree:
        found = [self._signed()]
        while (token := self._peek()) is not None:
            if token.kind == "and":
                self._at += 1
            elif token.kind not in BEGINS and token.kind not in self.UNKNOWN:
                break
            elif token.kind != "not":
                self._beside(token)
            found.append(self._signed())
        return found[0] if len(found) == 1 else All(*around(tuple(found)), tuple(found))

    def _beside(self, token: Token) -> None:
        """What is to be said of two words with nothing between them; raises Unreadable where they mean nothing."""
        before = self._tokens[self._at - 1]
        raise Unreadable(token.at, f"nothing joins `{before.text}` and `{token.text}`", end=token.end)

    def _signed(self) -> Tree:
        token = self._take("not")
        if token is None:
            return self._near()
        self._deeper(token)
        child = self._signed()
        self._depth -= 1
        return Not(token.at, child.end, child)

    def _near(self) -> Tree:
        left = self._atom()
        while (token := self._take("near")) is not None:
            gap, ordered = self._distance(token)
            right = self._atom()
            left = Close(left.at, right.end, (left, right), gap, ordered)
        return left

    def _distance(self, token: Token) -> tuple[int, bool]:
        """How many words a distance allows between its sides, and whether the left one comes first."""
        raise NotImplementedError

    def _atom(self) -> Tree:
        token = self._next()
        match token.kind:
            case "open":
                return self._suffixed(self._bracket(token))
            case "field":
                return self._field(token)
            case "quoted":
                return self._suffixed(self._quoted(token))
            case "word":
                return self._suffixed(self._word(token))
        if token.kind in self.UNKNOWN:
            return self._suffixed(Unknown(token.at, token.end, self.UNKNOWN[token.kind]))
        return self._own(token)

    def _word(self, token: Token) -> Text:
        if _DISTANCE.fullmatch(token.text):
            message = f"`{token.text}` is no distance of {self.NAME} as it is written"
            raise Unreadable(token.at, message, self.DISTANCES, token.end)
        if token.text.lower() in LIKE_OPERATORS:
            self._note(token, f"`{token.text}` is a word in {self.NAME}, and no operator")
        return Text(token.at, token.end, token.text)

    def _own(self, token: Token) -> Tree:
        """An atom that only the dialect knows."""
        raise self._unexpected(token)

    def _suffixed(self, tree: Tree) -> Tree:
        """The atom with what is written after it."""
        return tree

    def _bracket(self, token: Token) -> Tree:
        self._deeper(token)
        child = self._any()
        self._depth -= 1
        closing = self._take("close")
        if closing is None:
            raise Unreadable(token.at, "this bracket is not closed")
        return Group(token.at, closing.end, child)

    def _field(self, token: Token) -> Tree:
        self._deeper(token)
        child = self._atom()
        self._depth -= 1
        name = token.text.rstrip().rstrip(":=")
        return Field(token.at, child.end, name, child)

    def _quoted(self, token: Token) -> Tree:
        if token.text[0] != '"' or token.text[-1] != '"':
            self._note(token, "typographic quotation marks are read as straight ones")
        return Text(token.at, token.end, token.text[1:-1])
