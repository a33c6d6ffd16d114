"""From the text of a query to its syntax, with errors that say where, what was expected, and what may be meant.

query   = or
or      = and ("OR" and)*
and     = not (("AND" | "AND NOT") not)*
not     = "NOT"? near
near    = atom (("NEAR/n" | "ONEAR/n") atom)*
atom    = "(" or ")" | ("SENT" | "PARA" | "ATLEAST/n") "(" or ")" | ("title" | "lead" | "body") ":" atom
        | "$name" | "@name" | '"' words '"' | ["="] word ["*"] | "~" word
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from streams.rules import syntax as s
from streams.rules.tokens import QueryError, Token, phrase, tokens

MAX_DISTANCE = 100
MAX_DEPTH = 100

_LOWER = re.compile(r"and|or|not|near|sent|para", re.IGNORECASE)


Lists = Mapping[str, s.Node]
"""What `$name` and `@name` stand for, by the name with its mark."""


def parse_query(text: str, lists: Lists | None = None, used: Callable[[str], None] = lambda _: None) -> s.Node:
    """The syntax of a query. `used` hears of every list it names. Raises QueryError."""
    node = _Parser(text, lists or {}, used).query()
    if not s.required(node):
        raise QueryError(
            0, "this query holds without any word", "a query needs a word that must be there: `troops AND NOT drill`"
        )
    return node


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, lists: Lists, used: Callable[[str], None]) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._end = len(text)
        self._lists = lists
        self._used = used
        self._depth = 0

    def query(self) -> s.Node:
        if not self._tokens:
            raise QueryError(0, "an empty query", "write at least one word")
        node = self._or()
        token = self._peek()
        if token is not None:
            if token.text == ")":
                raise QueryError(token.offset, "this bracket closes nothing", "take it away, or open one before")
            raise self._joinless(token)
        return node

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise QueryError(self._end, "the query ends here, a word or a bracket was expected")
        self._at += 1
        return token

    def _take(self, *texts: str) -> Token | None:
        token = self._peek()
        if token is not None and token.kind in ("operator", "bracket") and token.text in texts:
            self._at += 1
            return token
        return None

    def _or(self) -> s.Node:
        found = [self._and()]
        while self._take("OR"):
            found.append(self._and())
        return found[0] if len(found) == 1 else s.Or(tuple(_flat(found, s.Or)))

    def _and(self) -> s.Node:
        found = [self._not()]
        while self._take("AND"):
            found.append(self._not())
        while (token := self._peek()) is not None and token.text == "NOT":
            raise QueryError(token.offset, "NOT after a word", "did you mean `AND NOT`?", 3)
        return found[0] if len(found) == 1 else s.And(tuple(_flat(found, s.And)))

    def _not(self) -> s.Node:
        return s.Not(self._not()) if self._take("NOT") else self._near()

    def _near(self) -> s.Node:
        start = self._peek()
        left = self._atom()
        while (token := self._peek()) is not None and token.kind == "near":
            self._next()
            if not 1 <= token.number <= MAX_DISTANCE:
                raise QueryError(
                    token.offset,
                    f"a distance from 1 to {MAX_DISTANCE} was expected",
                    "SENT(...) asks for one sentence",
                )
            right_start = self._peek()
            right = self._atom()
            for side, where in ((left, start), (right, right_start)):
                if not s.has_spans(side):
                    at = where.offset if where else token.offset
                    raise QueryError(
                        at,
                        f"{token.text} joins words, phrases and lists of them; this side has no place of its own",
                        "move AND, NOT, SENT and ATLEAST out of the NEAR",
                    )
            left = s.Near(left, right, token.number, token.text.startswith("O"))
        return left

    def _atom(self) -> s.Node:
        token = self._next()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(token.offset, f"brackets deeper than {MAX_DEPTH}")
        try:
            return self._read_atom(token)
        finally:
            self._depth -= 1

    def _read_atom(self, token: Token) -> s.Node:
        match token.kind:
            case "bracket" if token.text == "(":
                return self._closed(token)
            case "operator" if token.text in ("SENT", "PARA"):
                return s.Within("sentence" if token.text == "SENT" else "paragraph", self._group(token))
            case "atleast":
                if token.number < 1:
                    raise QueryError(token.offset, "ATLEAST counts from 1")
                child = self._group(token)
                if not s.has_spans(child):
                    raise QueryError(token.offset, "ATLEAST counts words, phrases, NEAR and OR of them")
                return s.AtLeast(token.number, child)
            case "part":
                return s.Part(token.text[:-1], self._atom())
            case "list":
                return self._list(token)
            case "phrase":
                return phrase(token.text[1:-1], token.offset + 1)
            case "word":
                return self._word(token)
        if token.text == ")":
            raise QueryError(token.offset, "this bracket closes too early: a word was expected before it")
        raise QueryError(token.offset, f"{token.text} needs a word before and after it", length=len(token.text))

    def _group(self, token: Token) -> s.Node:
        bracket = self._take("(")
        if bracket is None:
            raise QueryError(
                token.offset, f"{token.text} needs brackets", f"`{token.text}(...)`", length=len(token.text)
            )
        return self._closed(bracket)

    def _closed(self, bracket: Token) -> s.Node:
        node = self._or()
        if self._take(")"):
            return node
        token = self._peek()
        if token is None:
            raise QueryError(bracket.offset, "this bracket is not closed")
        raise self._joinless(token)

    def _list(self, token: Token) -> s.Node:
        found = self._lists.get(token.text)
        if found is None:
            near = get_close_matches(token.text, self._lists, 1, 0.5)
            alike = sorted(name for name in self._lists if name[0] == token.text[0])
            known = ", ".join(alike[:10])
            hint = f"did you mean `{near[0]}`?" if near else f"known here: {known}" if known else "no list is defined"
            raise QueryError(token.offset, f"no list is named {token.text}", hint, len(token.text))
        self._used(token.text)
        return found

    def _word(self, token: Token) -> s.Node:
        following = self._peek()
        upper = token.text.upper()
        if _LOWER.fullmatch(token.text) and following is not None and following.kind != "bracket":
            fixed = f"{upper}/5" if upper == "NEAR" else upper
            message = f"`{token.text}` where an operator may be meant"
            raise QueryError(
                token.offset, message, f"did you mean `{fixed}`? For the word, quote it", len(token.text)
            )
        if upper in ("NEAR", "ONEAR", "ATLEAST"):
            raise QueryError(token.offset, f"{upper} needs a number", f"did you mean `{upper}/5`?", len(token.text))
        return phrase(token.text, token.offset)

    def _joinless(self, token: Token) -> QueryError:
        before = self._tokens[self._at - 1]
        upper = token.text.upper().rstrip("/")
        if upper in ("NEAR", "ONEAR") or _LOWER.fullmatch(token.text):
            number = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
            n = number.text if number is not None and number.text.isdigit() else "5"
            fixed = f"{upper}/{n}" if "NEAR" in upper else upper
            return QueryError(
                token.offset, f"`{token.text}` is no operator", f"did you mean `{fixed}`?", len(token.text)
            )
        return QueryError(
            token.offset,
            f"nothing joins `{before.text}` and `{token.text}`",
            f'a phrase `"{before.text} {token.text}"`, or AND, OR, NEAR/5 between them',
            len(token.text),
        )


def _flat(found: list[s.Node], kind: type[s.And] | type[s.Or]) -> list[s.Node]:
    """Children of the same kind taken up a level."""
    flat: list[s.Node] = []
    for node in found:
        flat += node.children if isinstance(node, kind) else [node]
    return flat
