"""A word or phrase of another tool as words of ours: what counts as a letter, wildcards, capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from streams.rules import QueryError, parse_query
from streams.rules import syntax as s
from streams.rules.bind import written
from streams.rules.foreign.tree import Remark, Text
from streams.rules.words import WORD

_PIECE = re.compile(rf"(?:{WORD.pattern}|[*?])+")
_QUIET = re.compile(r"[\s\-‐‑–—.,;:!/&'’ʼ_\\]*")
"""What stands between words without a meaning of its own, in any of the tools."""

_OPERATOR = re.compile(r"(?:and|or|not|near|onear|sent|para|atleast)")


class Wordless(Exception):
    """A text that is no word or phrase of ours. `remark` says why."""

    def __init__(self, text: Text, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.remark = Remark(text.at, text.end, message, hint)


def pieces(text: Text) -> tuple[Text, ...]:
    """The words of a text, each by itself; all stand where the whole does."""
    return tuple(Text(text.at, text.end, found[0], text.cased) for found in _PIECE.finditer(text.text))


def phrase(text: Text) -> tuple[s.Word | s.Phrase, list[Remark]]:
    """The word or phrase, and what is to be said of it. Raises Wordless.

    A word that `parse_query` would take for an operator is a phrase of one, which is written in quotes.
    """
    found = [one.text for one in pieces(text)]
    if not found:
        raise Wordless(text, "there is no letter or digit in it", "a rule sees words only")
    mark = "=" if text.cased else ""
    try:
        node = parse_query('"' + " ".join(mark + piece for piece in found) + '"')
        again = parse_query(written(node) if isinstance(node, s.Phrase) else f'"{written(node)}"')
    except QueryError as error:
        raise Wordless(text, error.message, error.hint) from None
    if again != node or not isinstance(node, s.Word | s.Phrase):
        raise Wordless(text, "it has a letter that cannot be written in a query")
    if isinstance(node, s.Word) and not node.cased and not node.prefix and _OPERATOR.fullmatch(node.text):
        node = s.Phrase((node,))
    return node, list(_remarks(text))


def _remarks(text: Text) -> Iterator[Remark]:
    if _QUIET.fullmatch(_PIECE.sub("", text.text)):
        return
    first, kept = text.text.lstrip()[:1], " ".join(one.text for one in pieces(text))
    said = {"#": "a hashtag is met as its word", "@": "a name after @ is met as its word"}.get(first)
    message = f"{said}: `{kept}`" if said else f"only letters and digits count: `{text.text}` is `{kept}`"
    yield Remark(text.at, text.end, message, changed=True)
