"""What a name in a sentence is."""

from __future__ import annotations

from typing import NamedTuple

from streams.statements.passage import Passage


class Named(NamedTuple):
    """A person or body: words `first` up to `last` of its sentence, its name, its kind, and the state it serves."""

    first: int
    last: int
    text: str
    kind: str
    state: str | None = None


PERSON, BODY, PRONOUN, ROLE = "person", "body", "pronoun", "role"


def text_of(passage: Passage, first: int, last: int) -> str:
    """A name's words as the text has them, without a possessive ending."""
    text = passage.text[passage.tokens[first].start : passage.tokens[last - 1].end]
    for ending in ("'s", "’s"):
        text = text.removesuffix(ending)
    return text
