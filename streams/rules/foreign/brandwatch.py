"""Brandwatch's query language, after the operators that its help pages list (Consumer Research, 2024)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from streams.rules.foreign.skeleton import QUOTED, WORD_ENDS, Grammar, Token, Unreadable
from streams.rules.foreign.tree import All, Close, Field, Group, Text, Tree, Unknown, bare
from streams.rules.foreign.words import pieces

_TILDE = "~ stands after a phrase in quotes, or after a bracket of words that AND joins"


class Brandwatch(Grammar):
    """`NEAR/x` and `NEAR/xf`, `"phrase"~x`, `(a AND b)~x`, `{Cased}`, `raw:`, `<<<comments>>>`, fields."""

    NAME = "Brandwatch"
    TOKEN = re.compile(
        rf"""\s+
        |(?P<skip><<<.*?>>>)
        |(?P<open>\()|(?P<close>\))
        |(?P<and>AND{WORD_ENDS})|(?P<or>OR{WORD_ENDS})|(?P<not>NOT{WORD_ENDS}|-(?=[^\s-]))
        |(?P<near>O?NEAR(?:/(?P<number>\d{{1,6}})(?P<forward>f?))?{WORD_ENDS})
        |{QUOTED}
        |(?P<range>\[[^\]]*\]|\{{[^{{}}]*\sTO\s[^{{}}]*\}})
        |(?P<braces>\{{[^{{}}]*\}})
        |(?P<tilde>~(?P<slop>\d{{1,6}})?)
        |(?P<field>[A-Za-z_][\w.]*:\s*)
        |(?P<word>[^\s()\[\]{{}}"“”„~<>]+)
        """,
        re.VERBOSE | re.DOTALL,
    )
    DISTANCES: ClassVar = "`NEAR/5`, `NEAR/5f`"
    UNKNOWN: ClassVar = {"range": "an article has no numbers that a query could ask for"}

    def _distance(self, token: Token) -> tuple[int, bool]:
        number = token.parts["number"]
        if number is None or token.text.startswith("O"):
            raise Unreadable(token.at, f"`{token.text}` is no distance of Brandwatch", self.DISTANCES, token.end)
        return int(number), bool(token.parts["forward"])

    def _beside(self, token: Token) -> None:
        self._note(token, "words with nothing between them are read as AND; a phrase stands in quotes")

    def _own(self, token: Token) -> Tree:
        if token.kind == "braces":
            return Text(token.at, token.end, token.text[1:-1], cased=True)
        raise self._unexpected(token)

    def _field(self, token: Token) -> Tree:
        field = super()._field(token)
        if not isinstance(field, Field) or field.name.lower() != "raw":
            return field
        if isinstance(field.child, Text):
            return replace(field.child, at=field.at, cased=True)
        return Unknown(field.at, field.end, "raw: takes one word or phrase")

    def _suffixed(self, tree: Tree) -> Tree:
        token = self._take("tilde")
        if token is None:
            return tree
        gap, end = token.parts["slop"], token.end
        inner = bare(tree)
        if gap is None:
            return Unknown(tree.at, end, "~ needs a number")
        if isinstance(tree, Group) and isinstance(inner, All):
            return Close(tree.at, end, inner.children, int(gap), ordered=False)
        if isinstance(tree, Text) and self._text[tree.at] in '"“”„':
            found = pieces(tree)
            return Close(tree.at, end, found, int(gap), ordered=False) if len(found) > 1 else replace(tree, end=end)
        return Unknown(tree.at, end, _TILDE)
