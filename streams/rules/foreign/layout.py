"""A query laid out for reading, and the skeleton of a rule file around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streams.rules import syntax as s
from streams.rules.bind import written
from streams.rules.foreign.translation import Translation

WIDTH = 100
INDENT = "  "


def wrapped(node: s.Node, width: int = WIDTH) -> list[str]:
    """The query in lines of at most `width` characters where its words let it; `parse_query` reads them as one."""
    text = written(node)
    if len(text) <= width or isinstance(node, s.Word | s.Phrase):
        return [text]
    match node:
        case s.And() | s.Or():
            joint = "AND " if isinstance(node, s.And) else "OR "
            return _filled([_closed(child, width, joint) for child in node.children], joint, width)
        case s.Near():
            operator = f"{'ONEAR' if node.ordered else 'NEAR'}/{node.within} "
            return [*_closed(node.left, width, ""), *_before(operator, _closed(node.right, width, operator))]
        case s.Not():
            return _before("NOT ", _closed(node.child, width, "NOT "))
        case s.Part():
            return _before(f"{node.name}:", _closed(node.child, width, f"{node.name}:"))
        case _:
            return [text]


def _closed(node: s.Node, width: int, before: str) -> list[str]:
    """A part of a query as `wrapped` has it, in brackets where it needs them."""
    if isinstance(node, s.Word | s.Phrase | s.Not | s.Part):
        return wrapped(node, width - len(before))
    inside = wrapped(node, width - len(before) - 2)
    if len(inside) == 1:
        return [f"({inside[0]})"]
    inside = wrapped(node, width - len(INDENT))
    return ["(", *(INDENT + line for line in inside), ")"]


def _before(start: str, lines: Sequence[str]) -> list[str]:
    return [start + lines[0], *lines[1:]]


def _filled(parts: Sequence[Sequence[str]], joint: str, width: int) -> list[str]:
    """Parts joined, short ones several to a line."""
    lines: list[str] = []
    open_line = False
    for number, part in enumerate(parts):
        first, *rest = _before(joint, part) if number else list(part)
        short = not rest
        if lines and open_line and short and len(lines[-1]) + 1 + len(first) <= width:
            lines[-1] += " " + first
        else:
            lines += [first, *rest]
        open_line = short
    return lines


def rule_file(rules: Iterable[tuple[str, Translation]], width: int = WIDTH) -> str:
    """A rule file with one rule for each translation, by its id; what was changed or refused stands above it.

    A rule of which nothing could be translated is a comment only.
    """
    lines = ["rules:"]
    for rule, translation in rules:
        lines += (f"  # {line}" for line in _comments(rule, translation))
        if translation.node is None:
            continue
        lines += [f"  - id: {rule}", f"    title: {_title(rule)}"]
        query = wrapped(translation.node, width)
        if translation.languages:
            lines.append("    when:")
            for language in translation.languages:
                lines += [f"      {language}: |", *(" " * 8 + line for line in query)]
        else:
            lines += ["    when: |", *(" " * 6 + line for line in query)]
    return "\n".join(lines) + "\n"


def _title(rule: str) -> str:
    return '"' + rule.replace("_", " ").replace("-", " ").strip().capitalize() + '"'


def _comments(rule: str, translation: Translation) -> Iterable[str]:
    if translation.node is None:
        yield f"{rule}: nothing could be translated"
    for remark in translation.refused:
        piece = translation.source[remark.at : remark.end][:WIDTH]
        effect = f" ({remark.effect})" if remark.effect else ""
        yield _line(f"refused: {piece}: {remark.message}{effect}")
    changes = dict.fromkeys(remark.message for remark in translation.notes if remark.changed)
    yield from (_line(f"changed: {message}") for message in changes)


def _line(text: str) -> str:
    """One line that may stand in a YAML comment."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
