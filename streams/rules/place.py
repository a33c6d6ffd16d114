"""From a place in a query to its place in the file, through YAML's quoting, folding and indentation."""

from __future__ import annotations

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


def located(node: ScalarNode, offset: int, message: str, lines: list[str], hint: str = "") -> Problem:
    """A problem at a character of a scalar, with the line it stands in and a mark under it."""
    line, column = locate(node, offset, lines)
    source = lines[line - 1] if line - 1 < len(lines) else ""
    start = max(0, column - 1 - EXCERPT_CHARACTERS // 2)
    excerpt = source[start : start + EXCERPT_CHARACTERS]
    indent = len(excerpt) - len(excerpt.lstrip())
    mark = max(0, column - 1 - start - indent)
    return Problem(node.place.file, line, column, message, hint, excerpt.strip(), mark)
