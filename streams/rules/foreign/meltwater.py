"""Meltwater's query language, after the operators that its help pages list."""

from __future__ import annotations

import re
from typing import ClassVar

from streams.rules.foreign.skeleton import QUOTED, WORD_ENDS, Grammar, Token, Unreadable
from streams.rules.foreign.tree import Tree

CLOSE = 4
"""Words that NEAR without a number allows between its sides."""


class Meltwater(Grammar):
    """`NEAR`, `NEAR/n`, `ONEAR/n`, `title:`, `ingress:`, weights (`^9`), fields of the source and of its metadata."""

    NAME = "Meltwater"
    TOKEN = re.compile(
        rf"""\s+
        |(?P<open>\()|(?P<close>\))
        |(?P<and>(?i:AND){WORD_ENDS})|(?P<or>(?i:OR){WORD_ENDS})|(?P<not>(?i:NOT){WORD_ENDS})
        |(?P<near>(?P<ordered>(?i:O))?(?i:NEAR)(?:/(?P<number>\d{{1,6}}))?{WORD_ENDS})
        |{QUOTED}
        |(?P<range>\[[^\]]*\])
        |(?P<caret>\^\d*(?:\.\d+)?)
        |(?P<field>[A-Za-z_][\w.]*:\s*)
        |(?P<word>[^\s()\[\]{{}}"“”„^<>]+)
        """,
        re.VERBOSE,
    )
    PRECEDENCE: ClassVar = True
    DISTANCES: ClassVar = "`NEAR`, `NEAR/5`, `ONEAR/5`"
    UNKNOWN: ClassVar = {"range": "an article has no numbers that a query could ask for"}

    def _scanned(self) -> list[Token]:
        found = super()._scanned()
        for token in found:
            if token.kind in ("and", "or", "not", "near") and token.text != token.text.upper():
                self._note(token, f"`{token.text}` is read as {token.text.upper()}; for the word, quote it")
        return found

    def _distance(self, token: Token) -> tuple[int, bool]:
        number = token.parts["number"]
        return CLOSE if number is None else int(number), bool(token.parts["ordered"])

    def _beside(self, token: Token) -> None:
        if token.kind == "word":
            self._word(token)  # which may say more
        before = self._tokens[self._at - 1].text
        message, hint = f"nothing joins `{before}` and `{token.text}`", "a phrase stands in quotes"
        raise Unreadable(token.at, message, hint, token.end)

    def _suffixed(self, tree: Tree) -> Tree:
        if (token := self._take("caret")) is not None:
            self._note(token, "weights only order what is found, and are left out")
        return tree
