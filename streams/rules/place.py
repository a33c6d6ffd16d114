"""From a place in a query to its place in the file, through YAML's quoting, folding and indentation."""

from __future__ import annotations

from dataclasses import dataclass

from wire.errors import Problem
from wire.positioned import ScalarNode

EXCERPT_CHARACTERS = 100


def locate(node: ScalarNode, offset: int, lines: list[str]) -> tuple[int, int]:
    """Line and column, from 1, of character `offset` of a scalar's text.

    The text is laid over the source from the scalar's first character on: white space and what YAML adds (quotes,
    escapes, indentation) are stepped over.
    """
    line, column = max(node.place.line - 1, 0), max(node.place.column - 1, 0)
    if line < len(lines) and lines[line][column : column + 1] in ("|", ">"):
        line, column = line + 1, 0
    for position, letter in enumerate(node.text):
        if letter.isspace():
            continue
        while line < len(lines):
            at = lines[line].find(letter, column)
            if at >= 0:
                break
            line, column = line + 1, 0
        else:
            return node.place.line, node.place.column
        if position >= offset:
            return line + 1, at + 1
        column = at + 1
    return min(line, len(lines) - 1) + 1, column + 1


@dataclass(frozen=True)
class Underlined(Problem):
    """A problem with so many characters of its line underlined."""

    length: int = 1

    def __str__(self) -> str:
        above, mark, below = super().__str__().partition("^")
        return above + mark * max(1, min(self.length, len(self.excerpt) - self.mark)) + below


@dataclass(frozen=True)
class Fault:
    """What is wrong at some characters of a scalar's text."""

    offset: int
    message: str
    hint: str = ""
    length: int = 1


def located(node: ScalarNode, fault: Fault, lines: list[str]) -> Problem:
    """The problem in its file, with the line it stands in and what is meant underlined."""
    offset, message, hint = fault.offset, fault.message, fault.hint
    line, column = locate(node, offset, lines)
    source = lines[line - 1] if line - 1 < len(lines) else ""
    start = max(0, column - 1 - EXCERPT_CHARACTERS // 2)
    excerpt = source[start : start + EXCERPT_CHARACTERS]
    indent = len(excerpt) - len(excerpt.lstrip())
    mark = max(0, column - 1 - start - indent)
    return Underlined(node.place.file, line, column, message, hint, excerpt.strip(), mark, fault.length)
