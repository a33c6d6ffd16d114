"""Lucene's query syntax: the standard parser's grammar, which is the classic one's with interval functions added.

query       = disjunction+
disjunction = conjunction ("OR" conjunction)*
conjunction = clause ("AND" clause)*
clause      = ("+" | "-" | "NOT")? atom

A query of several clauses asks for all that are required (`+`, AND), none that is prohibited (`-`, NOT), and, where
none is required, one of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from streams.rules.foreign import intervals
from streams.rules.foreign.skeleton import WORD_ENDS, Grammar, Token, Unreadable
from streams.rules.foreign.tree import (
    All,
    Any,
    Close,
    Field,
    Group,
    Not,
    Some,
    Text,
    Tree,
    Unknown,
    around,
    bare,
)
from streams.rules.foreign.words import pieces

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LITERAL = str.maketrans("*?", "＊？")
"""An escaped wildcard is a mark like any other."""

_BESIDE = "words with nothing between them are read as OR, Lucene's default; with another default operator write AND"
_MIXED = (
    "AND, OR and words side by side are mixed without brackets: AND is read first, which the classic parser may not"
)


class Clause(NamedTuple):
    """A part of a query from `at` on: required (`+`), prohibited (`-`) or neither; `joint` joins its own parts."""

    sign: str
    tree: Tree
    at: int
    joint: str = ""


class Lucene(Grammar):
    """`+a -b`, `"phrase"~n`, fields, `(a b c)@2`, `fn:` functions; fuzzy words, ranges and patterns are refused."""

    NAME = "Lucene"
    TOKEN = re.compile(
        rf"""[\s\u3000]+
        |(?P<fn>fn:(?P<function>[A-Za-z]+)\s*\()
        |(?P<open>\()|(?P<close>\))
        |(?P<and>&&|AND{WORD_ENDS})|(?P<or>\|\||OR{WORD_ENDS})|(?P<not>!|NOT{WORD_ENDS})
        |(?P<plus>\+)|(?P<minus>-)
        |(?P<quoted>"(?:[^"\\]|\\.)*"|[“”„][^"“”„]*[“”„])
        |(?P<pattern>/(?:[^/\\]|\\.)*/)
        |(?P<range>[\[{{][^\]}}]*[\]}}])
        |(?P<compare>[^\W\d][\w.]*[<>]=?(?:"[^"]*"|[^\s()]+))
        |(?P<everything>\*:\*)
        |(?P<field>[^\W\d](?:[\w.-]|\\.)*[:=])
        |(?P<tilde>~(?P<slop>\d{{1,6}})?(?:\.\d+)?)
        |(?P<caret>\^\d*(?:\.\d+)?)
        |(?P<least>(?<=\))@(?P<count>\d{{1,6}}))
        |(?P<word>(?:[^\s()\[\]{{}}"“”„:^~\\/+!<>=-]|\\.)(?:[^\s()\[\]{{}}"“”„:^~\\/<>=]|\\.)*)
        """,
        re.VERBOSE | re.DOTALL,
    )
    UNKNOWN: ClassVar = {
        "range": "an article has no values between which a query could ask",
        "compare": "an article has no values between which a query could ask",
        "pattern": "regular expressions cost more than they tell, and are not matched",
        "everything": "a query needs a word that must be there",
    }

    def _any(self) -> Tree:
        found = [self._disjunction()]
        while (token := self._peek()) is not None and token.kind != "close":
            if len(found) == 1 and token.kind not in ("plus", "minus", "not") and not found[0].sign:
                self._note(token, _BESIDE)
            found.append(self._disjunction())
        whole = self._query(found)
        if len(found) > 1 and any(one.joint for one in found):
            self._note(whole, _MIXED, changed=True)
        return whole

    def _disjunction(self) -> Clause:
        found = [self._conjunction()]
        while self._take("or"):
            found.append(self._conjunction())
        if len(found) == 1:
            return found[0]
        whole = self._query(found)
        if any(one.joint for one in found):
            self._note(whole, _MIXED, changed=True)
        if any(one.sign == "-" for one in found):
            self._note(whole, "what is prohibited beside OR is prohibited in the whole: AND NOT")
        return Clause("", whole, whole.at, "OR")

    def _conjunction(self) -> Clause:
        found = [self._clause()]
        while self._take("and"):
            found.append(self._clause())
        if len(found) == 1:
            return found[0]
        return Clause("", self._query([one._replace(sign=one.sign or "+") for one in found]), found[0].at, "AND")

    def _clause(self) -> Clause:
        sign = self._take("plus", "minus", "not")
        tree = self._atom()
        if sign is None:
            return Clause("", tree, tree.at)
        return Clause("+" if sign.kind == "plus" else "-", tree, sign.at)

    def _query(self, clauses: Sequence[Clause]) -> Tree:
        """What clauses on one level ask for together."""
        required, optional = ([one.tree for one in clauses if one.sign == sign] for sign in ("+", ""))
        prohibited = [Not(one.at, one.tree.end, one.tree) for one in clauses if one.sign == "-"]
        if not (required or optional) and self._depth:
            message = "Lucene finds nothing for a bracket that only prohibits; it is read as NOT"
            self._note(clauses[0].tree, message, changed=True)
        if required:
            for tree in optional:
                self._note(tree, "beside what is required this only weighs, and is left out")
        elif len(optional) > 1:
            required = [Any(*around(tuple(optional)), tuple(optional))]
        else:
            required = optional
        found = (*required, *prohibited)
        return found[0] if len(found) == 1 else All(clauses[0].at, clauses[-1].tree.end, found)

    def _own(self, token: Token) -> Tree:
        if token.kind == "fn":
            return self._suffixed(self._function(token))
        raise self._unexpected(token)

    def _function(self, token: Token) -> Tree:
        """An interval function with its arguments."""
        self._deeper(token)
        arguments: list[Tree] = []
        while (piece := self._next()).kind != "close":
            match piece.kind:
                case "fn":
                    arguments.append(self._function(piece))
                case "word":
                    arguments.append(self._word(piece))
                case "quoted":
                    arguments.append(self._quoted(piece))
                case _:
                    raise Unreadable(piece.at, f"`{piece.text}` means nothing inside a function", end=piece.end)
        self._depth -= 1
        call = intervals.Call(token.at, self._tokens[self._at - 1].end, token.parts["function"] or "", arguments)
        return intervals.meant(call)

    def _word(self, token: Token) -> Text:
        text = _unescaped(super()._word(token).text)
        if "-" in text[1:-1] and len(pieces(Text(0, 0, text))) > 1:
            self._note(
                token, "a word with a hyphen is a phrase here; Lucene's parser may read it as OR", changed=True
            )
        return Text(token.at, token.end, text)

    def _quoted(self, token: Token) -> Tree:
        tree = super()._quoted(token)
        return Text(tree.at, tree.end, _unescaped(tree.text)) if isinstance(tree, Text) else tree

    def _field(self, token: Token) -> Tree:
        field = super()._field(token)
        return Field(field.at, field.end, _unescaped(field.name), field.child) if isinstance(field, Field) else field

    def _suffixed(self, tree: Tree) -> Tree:
        while (token := self._take("tilde", "caret", "least")) is not None:
            if token.kind == "caret":
                self._note(token, "weights only order what is found, and are left out")
            elif token.kind == "least":
                tree = self._at_least(tree, token)
            else:
                tree = self._sloppy(tree, token)
        return tree

    def _sloppy(self, tree: Tree, token: Token) -> Tree:
        """A phrase whose words may have moved `slop` places (Lucene's SloppyPhraseMatcher); exact for two words."""
        slop = token.parts["slop"]
        if not isinstance(tree, Text) or self._text[tree.at] not in '"“”„':
            reason = (
                "words that are only spelled alike are not met" if isinstance(tree, Text) else "~ means nothing here"
            )
            return Unknown(tree.at, token.end, reason, "write the spellings, with OR between them")
        found, gap, end = pieces(tree), int(slop or 0), token.end
        if len(found) < 2 or gap == 0:
            return Text(tree.at, end, tree.text)
        forward = Close(tree.at, end, found, gap, ordered=True)
        if len(found) > 2:
            message = "of more than two words, only those in their order are met; Lucene's slop counts moves"
            self._note(forward, message, changed=True)
            return forward
        if gap < 2:
            return forward
        return Any(tree.at, end, (forward, Close(tree.at, end, found[::-1], gap - 2, ordered=True)))

    def _at_least(self, tree: Tree, token: Token) -> Tree:
        inner, count = bare(tree), int(token.parts["count"] or 0)
        if not isinstance(tree, Group) or not isinstance(inner, Any):
            return Unknown(tree.at, token.end, "@ stands after a bracket of alternatives")
        return Some(tree.at, token.end, count, inner.children)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: found[1].translate(_LITERAL), text)
