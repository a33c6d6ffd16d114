"""Queries of other tools turned into ours: what came of each, what changed in meaning, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from streams.rules import QueryError, parse_query
from streams.rules import syntax as s
from streams.rules.bind import impossible, written
from streams.rules.foreign.brandwatch import Brandwatch
from streams.rules.foreign.fields import LANGUAGE, TEXT_FIELDS
from streams.rules.foreign.lucene import Lucene
from streams.rules.foreign.meaning import Meaning
from streams.rules.foreign.meltwater import Meltwater
from streams.rules.foreign.skeleton import Grammar, Unreadable
from streams.rules.foreign.tree import All, Any, Field, Remark, Text, Tree, bare

DIALECTS: Mapping[str, type[Grammar]] = {"brandwatch": Brandwatch, "meltwater": Meltwater, "lucene": Lucene}


@dataclass(frozen=True)
class Translation:
    """What came of a text. `node` is None where nothing of it could be translated.

    `languages` are those that the text asks for beside everything else; none for any. Notes and refusals stand in the
    order of the text.
    """

    source: str
    node: s.Node | None = None
    languages: tuple[str, ...] = ()
    notes: tuple[Remark, ...] = ()
    refused: tuple[Remark, ...] = ()

    @property
    def query(self) -> str:
        """The query on one line, which `parse_query` reads; empty where there is none."""
        return written(self.node) if self.node is not None else ""


def translate(text: str, dialect: str, fields: Mapping[str, str] | None = None) -> Translation:
    """The query of a text in one of DIALECTS. Whatever the text is, the answer is a Translation.

    `fields` names further fields of text, and for each the part of an article that it is: `title`, `lead`, `body`,
    or nothing for all of it.
    """
    try:
        grammar = DIALECTS[dialect](text)
        tree = grammar.tree()
    except Unreadable as error:
        return Translation(text, refused=(error.remark,))
    known = {**TEXT_FIELDS[dialect], **{name.lower(): part for name, part in (fields or {}).items()}}
    languages, rest = _languages(tree, known)
    meaning = Meaning(known)
    node = meaning.node(rest) if rest is not None else None
    if rest is None:
        meaning.refused.append(Remark(tree.at, tree.end, "a query needs a word that must be there"))
    elif node is not None and (fault := _fault(node)):
        meaning.refused.append(Remark(tree.at, tree.end, *fault))
        node = None
    notes = [*grammar.notes, *meaning.notes]
    if languages:
        notes.append(Remark(tree.at, tree.end, f"only articles in {', '.join(languages)}: `when` names the language"))
    refused = _sorted(meaning.refused)
    return Translation(text, node, languages, _outside(_sorted(notes), refused), refused)


def _sorted(remarks: list[Remark]) -> tuple[Remark, ...]:
    """In the order of the text, what holds more of it first."""
    return tuple(sorted(dict.fromkeys(remarks), key=lambda one: (one.at, -one.end)))


def _outside(notes: tuple[Remark, ...], refused: tuple[Remark, ...]) -> tuple[Remark, ...]:
    """The notes on what was not refused."""
    found, left_out, last = [], list(refused[::-1]), -1
    for note in notes:
        while left_out and left_out[-1].at <= note.at:
            last = max(last, left_out.pop().end)
        if note.end > last:
            found.append(note)
    return tuple(found)


def _fault(node: s.Node) -> tuple[str, str] | None:
    """Why our own reader would refuse what was made, with a hint."""
    try:
        again = parse_query(written(node))
    except QueryError as error:
        return error.message, error.hint
    never = next(impossible(again), None)
    return (f"this can never match: {never}", "") if never else None


def _languages(tree: Tree, known: Mapping[str, str]) -> tuple[tuple[str, ...], Tree | None]:
    """The languages that a whole query asks for, and the rest of it."""
    whole = bare(tree)
    children = whole.children if isinstance(whole, All) else (whole,)
    named = {number: found for number, child in enumerate(children) if (found := _named(child, known))}
    if len(named) != 1:
        return (), tree
    ((number, languages),) = named.items()
    rest = children[:number] + children[number + 1 :]
    if not rest:
        return languages, None
    return languages, replace(whole, children=rest) if isinstance(whole, All) else rest[0]


def _named(tree: Tree, known: Mapping[str, str]) -> tuple[str, ...]:
    """The languages of `language:en`, or of an OR of such; empty for anything else."""
    tree = bare(tree)
    if isinstance(tree, Any):
        found = [_named(child, known) for child in tree.children]
        return tuple(dict.fromkeys(one for names in found for one in names)) if all(found) else ()
    if not isinstance(tree, Field) or tree.name.lower() not in LANGUAGE or tree.name.lower() in known:
        return ()
    value = bare(tree.child)
    if isinstance(value, Any):
        return _named(replace(value, children=tuple(Field(0, 0, tree.name, one) for one in value.children)), known)
    text = value.text.lower() if isinstance(value, Text) else ""
    return (text,) if text.isascii() and text.isalpha() and len(text) in (2, 3) else ()
