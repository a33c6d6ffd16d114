"""What is done to a query when its rule is known: accents, the language of lemmas, clauses that can never hold."""

from __future__ import annotations

from collections.abc import Iterator

from streams.rules import syntax as s
from streams.rules.tokens import QueryError
from streams.rules.words import LEMMATISED, bare

_INSIDE = {("title", "title"), ("body", "body"), ("lead", "lead"), ("body", "lead"), ("lead", "body")}


def bound(node: s.Node, language: str, *, fold: bool) -> s.Node:
    """The query for one language (`*` for any), with accents left out where `fold` is set. Raises QueryError."""
    asked = next((word for word in s.words(node) if word.lemma == s.OWN), None)
    if asked is not None and language not in LEMMATISED:
        known = ", ".join(LEMMATISED)
        raise QueryError(
            0, f"`~{asked.text}` needs a language whose word forms are known", f"`when: {{en: ...}}`, one of {known}"
        )

    def change(word: s.Word) -> s.Word:
        if word.lemma:
            return s.Word(word.text, lemma=language if word.lemma == s.OWN else word.lemma)
        return s.Word(bare(word.text), word.prefix, word.cased, bare=True) if fold else word

    return s.replaced(node, change) if fold or asked is not None else node


def impossible(node: s.Node) -> Iterator[str]:
    """Clauses that nothing can meet, as they are written, each with the reason."""
    yield from _in_parts(node, ())
    for one in _joined(node):
        refusing = [child for child in one.children if isinstance(child, s.Not)]
        wanted = {child for child in one.children if not isinstance(child, s.Not)} if refusing else set()
        for child in refusing:
            refused = child.child.children if isinstance(child.child, s.Or) else (child.child,)
            for both in wanted.intersection(refused):
                yield f"`{written(both)}` is asked for and refused"


def _in_parts(node: s.Node, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, s.Part):
        if any((name, node.name) not in _INSIDE for name in names):
            yield f"`{written(node)}` stands inside `{names[-1]}:`"
            return
        names = (*names, node.name)
    for child in _inner(node):
        yield from _in_parts(child, names)


def _joined(node: s.Node) -> Iterator[s.And]:
    """Every AND of a query."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, s.And):
            yield one
        waiting.extend(reversed(_inner(one)))


def _inner(node: s.Node) -> tuple[s.Node, ...]:
    """The children of a node; none of a list of words, which hides nothing."""
    return () if isinstance(node, s.Or) and s.only_words(node.children) else s.children(node)


def written(node: s.Node) -> str:
    """The query as a user would write it, lists spelled out."""
    match node:
        case s.Listed():
            return node.name
        case s.Word():
            mark = "=" if node.cased else "~" if node.lemma else ""
            return mark + node.text + ("*" if node.prefix else "")
        case s.Phrase():
            return '"' + " ".join(written(word) for word in node.words) + '"'
        case s.And() | s.Or():
            joint = " AND " if isinstance(node, s.And) else " OR "
            return joint.join(_closed(child) for child in node.children)
        case s.Not():
            return f"NOT {_closed(node.child)}"
        case s.Near():
            operator = "ONEAR" if node.ordered else "NEAR"
            return f"{_closed(node.left)} {operator}/{node.within} {_closed(node.right)}"
        case s.Within():
            return f"{'SENT' if node.unit == 'sentence' else 'PARA'}({written(node.child)})"
        case s.Part():
            return f"{node.name}:{_closed(node.child)}"
        case s.AtLeast():
            return f"ATLEAST/{node.count}({written(node.child)})"


def _closed(node: s.Node) -> str:
    simple = isinstance(node, s.Word | s.Phrase | s.Not | s.Within | s.Part | s.AtLeast | s.Listed)
    return written(node) if simple else f"({written(node)})"
