"""Attributions by form: `NAME: ...` in transcripts and headlines, and speech at second hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from streams.statements import actors, slavic
from streams.statements.named import BODY, PERSON, Named
from streams.statements.passage import Passage


@dataclass(frozen=True)
class Attribution:
    """Who says it. `who` is None where only a state (`Oslo said`) or an unnamed role does; `verb` a word's number."""

    who: Named | None
    verb: int
    passage: Passage
    role: bool = False
    state: str | None = None


_LABEL = re.compile(
    r"(?:[\d:.]{4,5}\s*(?:[-–—]\s*)?)?(?:(?:Mr|Mrs|Ms|Dr|Sir|Lord)\.? )?"
    r"(?P<name>[A-ZÀ-ÞА-ЯЄІЇҐ][\w'’.-]+(?: [A-ZÀ-ÞА-ЯЄІЇҐ][\w'’.-]+){0,3})(?: \([^)]{2,60}\))?:\s"
)


def label_of(passage: Passage, known: frozenset[str] = frozenset()) -> Attribution | None:
    """`Macron: ...`, `JANE ROE: ...`, `Jane Roe: ...`: a name with a colon that opens the sentence.

    In small letters the name must be of an office holder, or whole and `known` (family names) to the article.
    """
    match = _LABEL.match(passage.text)
    if match is None:
        return None
    words = passage.words_at(match.start("name"), match.end("name"))
    in_office = actors.serving(passage.tokens[words.start : words.stop], passage.language)
    whole = len(words) > 1 and slavic.family_name(match["name"]) in known
    if not in_office and not match["name"].isupper() and not whole:
        return None
    if len(words) == 1 and not in_office and match["name"] == match[0].rstrip(": "):
        return None
    state = in_office[0].meaning if in_office else None
    who = Named(words.start, words.stop, match["name"], PERSON, state)
    return Attribution(who, words.stop - 1, passage, state=state)


def cited(passage: Passage, names: list[Named]) -> Iterator[Attribution]:
    """`quoted the mediator, X, as saying`: X, whoever quotes him."""
    for at, token in enumerate(passage.tokens):
        if token.forms[0] not in ("quoted", "cited", "quotes", "cites", "quoting", "citing"):
            continue
        end = next(
            (n for n in range(at + 1, min(at + 16, len(passage.tokens))) if passage.tokens[n].forms[0] == "as"), at
        )
        inside = [one for one in names if at < one.first < end and one.kind in (PERSON, BODY)]
        if inside:
            yield Attribution(inside[-1], end, passage, state=inside[-1].state)
