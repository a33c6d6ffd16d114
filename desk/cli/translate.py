"""`tocsin rules translate`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli.output import json_line, json_option

if TYPE_CHECKING:
    from streams.rules.foreign.translation import Translation
    from streams.rules.foreign.tree import Remark

DIALECTS = ("brandwatch", "meltwater", "lucene")
EXCERPT_CHARACTERS = 100


@click.command("translate")
@click.argument("query")
@click.option("--from", "dialect", required=True, type=click.Choice(DIALECTS), help="Whose query it is.")
@click.option("--rule", "rule", default="", metavar="ID", help="Print a rule file with a rule of this id around it.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME=PART",
    help="A field of the other tool that is `title`, `lead` or `body` here, or `all` of it. May be repeated.",
)
@json_option
def command(query: str, dialect: str, rule: str, fields: tuple[str, ...], as_json: bool) -> None:
    """Turn QUERY, written for Brandwatch, Meltwater or Lucene, into a query of ours.

    QUERY is a query, the name of a file with one on each line, or `-` for standard input. The query is printed, and
    on standard error, with their places, what changed in meaning and what was refused. A refused piece is left out;
    exit code 1 where there is one. Of a file each query is printed on one line, an empty one where nothing could be
    translated.
    """
    from streams.rules.foreign import translate
    from streams.rules.foreign.layout import rule_file, wrapped

    if rule and not re.fullmatch(r"[a-z0-9_-]+", rule):
        raise click.BadParameter("lower-case letters, digits, _ and -, as in `force_pledge`", param_hint="--rule")
    known = dict(_field(one) for one in fields)
    several, texts = _texts(query)
    found = [(line, translate(text, dialect, known)) for line, text in texts]
    if as_json:
        for line, one in found:
            json_line(_row(one, line))
    elif rule:
        numbered = len(found) > 1
        named = ((f"{rule}-{number}" if numbered else rule, one) for number, (_, one) in enumerate(found, 1))
        click.echo(rule_file(named), nl=False)
    else:
        for _, one in found:
            lines = [one.query] if several or one.node is None else wrapped(one.node)
            click.echo("\n".join(lines))
    if not as_json:
        for line, one in found:
            for text in _said(one, Path(query).name if several and query != "-" else "query", line):
                click.echo(text, err=True)
    sys.exit(1 if any(one.refused for _, one in found) else 0)


def _field(text: str) -> tuple[str, str]:
    name, _, part = text.partition("=")
    if not name or part not in ("title", "lead", "body", "all"):
        raise click.BadParameter(f"`{text}`: NAME=title, NAME=lead, NAME=body or NAME=all", param_hint="--field")
    return name, "" if part == "all" else part


def _texts(query: str) -> tuple[bool, list[tuple[int, str]]]:
    """Whether there may be several queries, and each with the line on which it begins."""
    if query == "-":
        text = sys.stdin.read()
    elif not _is_file(query):
        return False, [(1, _sound(query))]
    else:
        try:
            text = Path(query).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise click.UsageError(f"{query} is no text in UTF-8") from None
    return True, [(number, _sound(line)) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # too long for a name, or no name at all
        return False


def _sound(text: str) -> str:
    """The text without bytes that were no UTF-8."""
    return text.encode("utf-8", "replace").decode()


def _row(one: Translation, line: int) -> dict[str, Any]:
    """A translation for machines. Columns count from 1 in the text as it was given."""

    def remark(found: Remark) -> dict[str, Any]:
        row, column = _place(one.source, found.at)
        said = {"line": line + row, "column": column + 1, "text": one.source[found.at : found.end]}
        return {**said, "message": found.message, "hint": found.hint}

    return {
        "source": one.source,
        "query": one.query,
        "languages": list(one.languages),
        "notes": [{**remark(note), "changed": note.changed} for note in one.notes],
        "refused": [{**remark(refusal), "effect": refusal.effect} for refusal in one.refused],
    }


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column of a character, both from 0."""
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)


def _said(one: Translation, path: str, line: int) -> Iterator[str]:
    """Refusals with the text underlined; then notes, each kind once with its first place and how often it holds."""
    for remark in one.refused:
        yield str(_problem(one, remark, path, line))
    grouped: dict[tuple[bool, str], list[Remark]] = {}
    for remark in one.notes:
        grouped.setdefault((remark.changed, remark.message), []).append(remark)
    for (changed, message), remarks in sorted(grouped.items(), key=lambda pair: (not pair[0][0], pair[1][0].at)):
        row, column = _place(one.source, remarks[0].at)
        often = f" ({len(remarks)} times)" if len(remarks) > 1 else ""
        yield f"{path}:{line + row}:{column + 1}: {'changed' if changed else 'note'}: {message}{often}"


def _problem(one: Translation, remark: Remark, path: str, line: int) -> Any:
    from streams.rules.place import Underlined

    row, column = _place(one.source, remark.at)
    whole = one.source.split("\n")[row] if one.source else ""
    start = max(0, column - EXCERPT_CHARACTERS // 2)
    excerpt = whole[start : start + EXCERPT_CHARACTERS]
    indent = len(excerpt) - len(excerpt.lstrip())
    effect = f"; {remark.effect}" if remark.effect else ""
    return Underlined(
        path,
        line + row,
        column + 1,
        f"refused: {remark.message}{effect}",
        remark.hint,
        excerpt.strip(),
        max(0, column - start - indent),
        remark.end - remark.at,
    )
