"""From the text of a query to its syntax, with errors that say where, what was expected, and what may be meant.

query   = or
or      = and ("OR" and)*
and     = not (("AND" | "AND NOT") not)*
not     = "NOT"* near
near    = atom (("NEAR/n" | "ONEAR/n") atom)*
atom    = "(" or ")" | ("SENT" | "PARA" | "ATLEAST/n") "(" or ")" | ("title" | "lead" | "body") ":" atom
        | "$name" | "@name" | '"' words '"' | ["="] word ["*"] | "~" word
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from streams.rules import syntax as s
from streams.rules.tokens import (
    END,
    LIKE_OPERATORS,
    MARKS,
    MAX_TOKENS,
    NUMBERED,
    QueryError,
    offset_of,
    ordinary,
    phrase,
    quoted,
    tokens,
    tokens_with_runs,
    unreadable,
)

MAX_DISTANCE = 100
MAX_DEPTH = 100

_CLOSING = frozenset({"OR", ")", END})
_JOINING = frozenset({"(", ")", "AND", "OR", "NOT", END})
"""What may follow a word; it may not follow an operator."""

Lists = Mapping[str, s.Node]
"""What `$name` and `@name` stand for, by the name with its mark."""


def parse_query(text: str, lists: Lists | None = None) -> s.Node:
    """The syntax of a query with its lists spelled out. Raises QueryError."""
    node, names = read_query(text)
    known = lists or {}
    for name in names:
        if name not in known:
            raise unknown_list(text, name, known)
    return s.spelled(node, known) if names else node


def read_query(text: str) -> tuple[s.Node, tuple[str, ...]]:
    """The syntax of a query and the lists that it names, each once. Raises QueryError."""
    try:
        parser = _Parser(text, tokens_with_runs(text) if len(text) <= MAX_TOKENS else tokens(text))
        node = parser.query()
    except QueryError:  # perhaps of a run: what is wrong, and where, is told word by word
        parser = _Parser(text, tokens(text))
        node = parser.query()
    if "NOT" in parser.tokens and not s.needs_a_word(node):
        raise QueryError(
            0, "this query holds without any word", "a query needs a word that must be there: `troops AND NOT drill`"
        )
    return node, tuple(parser.names)


def unknown_list(text: str, name: str, known: Lists) -> QueryError:
    """That a query names a list which is not there, with one that may be meant."""
    near = get_close_matches(name, known, 1, 0.5)
    alike = ", ".join(sorted(other for other in known if other[0] == name[0])[:10])
    hint = f"did you mean `{near[0]}`?" if near else f"known here: {alike}" if alike else "no list is defined"
    return QueryError(offset_of(text, tokens(text).index(name)), f"no list is named {name}", hint, len(name))


class _Parser:
    """Recursive descent over the tokens. Where these stand in the text is worked out for errors only."""

    def __init__(self, text: str, found: list[str]) -> None:
        self.tokens = [*found, END, END]
        self.names: dict[str, None] = {}
        self._text = text
        self._at = 0
        self._depth = 0

    def query(self) -> s.Node:
        """The whole text."""
        if self.tokens[0] == END:
            raise QueryError(0, "an empty query", "write at least one word")
        node = self._or()
        mark = self.tokens[self._at]
        if mark == ")":
            raise self._error("this bracket closes nothing", "take it away, or open one before")
        if mark != END:
            raise self._joinless()
        return node

    def _error(self, message: str, hint: str = "", length: int = 1, *, at: int | None = None) -> QueryError:
        """What is wrong at a token, by default the one that is next. A letter that means nothing comes before it."""
        where = offset_of(self._text, self._at if at is None else at)
        return unreadable(self._text) or QueryError(where, message, hint, length)

    def _or(self) -> s.Node:
        found: list[s.Node] = []
        tokens = self.tokens
        while True:
            word = ordinary(tokens[self._at]) if tokens[self._at + 1] in _CLOSING else None
            if word is None:
                found.append(self._and())
            else:  # most words stand so
                found.append(word)
                self._at += 1
            if tokens[self._at] != "OR":
                return found[0] if len(found) == 1 else s.Or(s.flat(found, s.Or))
            self._at += 1

    def _and(self) -> s.Node:
        found = [self._not() if self.tokens[self._at] == "NOT" else self._near()]
        while self.tokens[self._at] == "AND":
            self._at += 1
            found.append(self._not() if self.tokens[self._at] == "NOT" else self._near())
        if self.tokens[self._at] == "NOT":
            raise self._error("NOT after a word", "did you mean `AND NOT`?", 3)
        return found[0] if len(found) == 1 else s.And(s.flat(found, s.And))

    def _not(self) -> s.Node:
        first = self._at
        while self.tokens[self._at] == "NOT":
            self._at += 1
        times = self._at - first
        if times > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} NOT on end")
        node = self._near()
        for _ in range(times):
            node = s.Not(node)
        return node

    def _near(self) -> s.Node:
        start = self._at
        left = self._atom()
        count = 0
        while "NEAR/" in (token := self.tokens[self._at]) and (parts := NUMBERED.fullmatch(token)):
            at, within = self._at, int(parts[2])
            count += 1
            if not 1 <= within <= MAX_DISTANCE:
                hint = "SENT(...) asks for one sentence"
                raise self._error(f"a distance from 1 to {MAX_DISTANCE} was expected", hint)
            if count > MAX_DEPTH:
                raise self._error(f"more than {MAX_DEPTH} NEAR on end")
            self._at += 1
            right = self._atom()
            for side, where in ((left, start), (right, at + 1)):
                if not s.has_spans(side):
                    raise self._error(
                        f"{token} joins words, phrases and lists of them; this side has no place of its own",
                        "move AND, NOT, SENT and ATLEAST out of the NEAR",
                        at=where,
                    )
            left = s.Near(left, right, within, parts[1] == "ONEAR")
        return left

    def _atom(self) -> s.Node:
        at, token = self._at, self.tokens[self._at]
        if token == "(":  # noqa: S105
            self._at += 1
            return self._closed(at)
        if token == END:
            raise self._error("the query ends here, a word or a bracket was expected")
        self._at += 1
        word = ordinary(token)
        if word is not None:
            return word
        if token[0] in "$@" and len(token) > 1:
            self.names[token] = None
            return s.Listed(token)
        if token[0] == '"':
            return quoted(token[1:-1]) or self._phrase(token[1:-1], at, 1)
        if token in MARKS:
            return self._marked(token, at)
        numbered = NUMBERED.fullmatch(token)
        if numbered is None:
            return self._doubtful(token, at)
        if numbered[1] != "ATLEAST":
            raise self._error(f"{token} needs a word before and after it", length=len(token), at=at)
        return self._at_least(int(numbered[2]), token, at)

    def _phrase(self, text: str, at: int, quote: int) -> s.Node:
        try:
            return phrase(text, 0)
        except QueryError as error:
            raise unreadable(self._text) or QueryError(
                offset_of(self._text, at) + quote + error.offset, error.message, error.hint, error.length
            ) from None

    def _marked(self, mark: str, at: int) -> s.Node:
        if mark in ("SENT", "PARA"):
            return s.Within("sentence" if mark == "SENT" else "paragraph", self._group(mark, at))
        if mark.endswith(":"):
            self._deeper()
            node = s.Part(mark[:-1], self._atom())
            self._depth -= 1
            return node
        if mark == ")":
            raise self._error("this bracket closes too early: a word was expected before it", at=at)
        raise self._error(f"{mark} needs a word before and after it", length=len(mark), at=at)

    def _at_least(self, count: int, token: str, at: int) -> s.Node:
        if count < 1:
            raise self._error("ATLEAST counts from 1", at=at)
        child = self._group(token, at)
        if not s.has_spans(child):
            raise self._error("ATLEAST counts words, phrases, NEAR and OR of them", at=at)
        return s.AtLeast(count, child)

    def _group(self, token: str, at: int) -> s.Node:
        if self.tokens[self._at] != "(":
            raise self._error(f"{token} needs brackets", f"`{token}(...)`", len(token), at=at)
        self._at += 1
        return self._closed(self._at - 1)

    def _closed(self, bracket: int) -> s.Node:
        run = self.tokens[self._at]
        if " OR " in run and run[0] != '"':
            words: tuple[s.Node, ...] = tuple(filter(None, map(ordinary, run.split(" OR "))))
            if len(words) <= run.count(" OR "):
                raise self._error("not only words")
            self._at += 2
            return s.Or(words)
        self._deeper()
        node = self._or()
        self._depth -= 1
        if self.tokens[self._at] == ")":
            self._at += 1
            return node
        if self.tokens[self._at] == END:
            raise self._error("this bracket is not closed", at=bracket)
        raise self._joinless()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth >= MAX_DEPTH:
            raise self._error(f"brackets deeper than {MAX_DEPTH}")

    def _doubtful(self, token: str, at: int) -> s.Node:
        """A word that is faulty or may be meant as an operator."""
        following, upper = self.tokens[self._at], token.upper()
        joined = following in _JOINING or following.startswith(("NEAR/", "ONEAR/"))  # `sent OR shipped`: a word
        if token.casefold() in LIKE_OPERATORS - {"onear", "atleast"} and not joined:
            fixed = f"{upper}/5" if upper == "NEAR" else upper
            message = f"`{token}` where an operator may be meant"
            raise self._error(message, f"did you mean `{fixed}`? For the word, quote it", len(token), at=at)
        if upper in ("NEAR", "ONEAR", "ATLEAST"):
            raise self._error(f"{upper} needs a number", f"did you mean `{upper}/5`?", len(token), at=at)
        return self._phrase(token, at, 0)

    def _joinless(self) -> QueryError:
        before, token, following = self.tokens[self._at - 1 : self._at + 2]
        upper = token.upper().rstrip("/")
        if upper in ("NEAR", "ONEAR") or token.casefold() in LIKE_OPERATORS - {"onear", "atleast"}:
            fixed = f"{upper}/{following if following.isdigit() else 5}" if "NEAR" in upper else upper
            return self._error(f"`{token}` is no operator", f"did you mean `{fixed}`?", len(token))
        return self._error(
            f"nothing joins `{before}` and `{token}`",
            f'a phrase `"{before} {token}"`, or AND, OR, NEAR/5 between them',
            len(token),
        )
