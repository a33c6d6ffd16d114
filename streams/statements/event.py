"""Which words of a sentence carry the event, as the rule's `act` names them, and which cues act on those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from streams.rules import syntax
from streams.rules.model import StatementPolicy
from streams.statements import scope
from streams.statements.lexicon import Mention, Phrases
from streams.statements.passage import Passage

WEAKENING = ("negation", "refusal", "possible", "conditional", "intended", "urged", "unofficial")


@dataclass(frozen=True)
class _Pair:
    """Two groups of phrases that carry the event together: `put ONEAR/6 disposal`."""

    left: Phrases
    right: Phrases
    within: int
    ordered: bool


@dataclass(frozen=True)
class _Acts:
    """The phrases of a rule's `act`, alone and in pairs."""

    alone: Phrases
    pairs: tuple[_Pair, ...]


class Cues(NamedTuple):
    """The cues of a sentence, its verbs of speech, and its language."""

    found: Sequence[Mention]
    speech: Sequence[Mention]
    language: str


def event_of(
    passage: Passage,
    policy: StatementPolicy,
    matched: Sequence[int],
    cues: Cues,
) -> tuple[list[int], list[Mention]]:
    """The words that carry the event, and the cues that act on them: of several, those that stand the freest.

    Only those count that the query found, where it found any: `wants to freeze` is not freed by a `closed` far off.
    A cue that the query asks for (`not to fire`) is part of what it looks for, and takes nothing back.
    """
    choices = acts(policy, passage) if policy.act is not None else [list(matched)]
    choices = [choice for choice in choices if set(choice) & set(matched)] or choices
    recap = [cue for cue in cues.found if cue.meaning == "recap"]
    best: tuple[int, list[int], list[Mention]] | None = None
    for event in choices:
        others = [cue for cue in cues.found if not (_covers(cue, event) or _covers(cue, matched))]
        acting = scope.acting(passage, others, event, cues.speech, cues.language)
        if "refusal" in policy.events and _denies(passage, event):
            acting = [cue for cue in acting if cue.meaning != "negation" or cue.first - max(event) not in (1, 2)]
        weight = sum(cue.meaning in WEAKENING and cue.meaning not in policy.events for cue in acting)
        if best is None or weight < best[0]:
            best = (weight, event, acting)
    if best is None:
        return [], recap
    return best[1], [*best[2], *(cue for cue in recap if cue not in best[2])]


def acts(policy: StatementPolicy, passage: Passage) -> list[list[int]]:
    """Every place in a sentence where the rule's `act` stands, as word numbers."""
    if policy.act is None:
        return []
    compiled = _compiled(policy.act)
    places = [list(range(one.first, one.last)) for one in compiled.alone.find(passage.tokens)]
    for pair in compiled.pairs:
        places += _together(pair, passage)
    return sorted(places)


def _together(pair: _Pair, passage: Passage) -> Iterator[list[int]]:
    lefts = pair.left.find(passage.tokens)
    rights = pair.right.find(passage.tokens) if lefts else []
    for one in lefts:
        for other in rights:
            gap = other.first - one.last if one.last <= other.first else one.first - other.last
            if 0 <= gap < pair.within and (not pair.ordered or one.last <= other.first):
                yield sorted([*range(one.first, one.last), *range(other.first, other.last)])


def _denies(passage: Passage, event: Sequence[int]) -> bool:
    """Whether the event's own words hold half of a negation: `n'acceptera (jamais)`."""
    return any(form.startswith("n'") or form == "ne" for word in event for form in passage.tokens[word].forms)


def _covers(cue: Mention, event: Sequence[int]) -> bool:
    return all(word in event for word in range(cue.first, cue.last))


@lru_cache(maxsize=1024)
def _compiled(node: syntax.Node) -> _Acts:
    return _Acts(Phrases((text, "act") for text in _texts(node)), tuple(_pairs(node)))


def _pairs(node: syntax.Node) -> Iterator[_Pair]:
    if isinstance(node, syntax.Near):
        outer: syntax.Node = node.left
        within = node.within
        while isinstance(outer, syntax.Near):  # of `no NEAR troops NEAR soil` the ends carry the event
            within, outer = within + outer.within, outer.left
        left, right = (Phrases((text, "act") for text in _all_texts(side)) for side in (outer, node.right))
        yield _Pair(left, right, within, node.ordered)
    else:
        for child in syntax.children(node):
            yield from _pairs(child)


def _texts(node: syntax.Node) -> Iterator[str]:
    """The words and phrases that stand alone; those of NEAR count only together."""
    if not isinstance(node, syntax.Near):
        yield from _all_texts(node, alone=True)


def _all_texts(node: syntax.Node, *, alone: bool = False) -> Iterator[str]:
    if isinstance(node, syntax.Word):
        yield node.text + ("*" if node.prefix else "")
    elif isinstance(node, syntax.Phrase):
        yield " ".join(word.text + ("*" if word.prefix else "") for word in node.words)
    elif not (alone and isinstance(node, syntax.Near)):
        for child in syntax.children(node):
            yield from _all_texts(child, alone=alone)
