"""Where the name of a French or German body begins and ends: `ministère russe des Affaires étrangères`."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements.lexicon import Mention
from streams.statements.passage import Passage

_OF = frozenset("de du des".split())
_ARTICLES = frozenset("la le les l'".split())
_KINDS = frozenset(
    """étrangères étrangère européennes européenne européen extérieures extérieure intérieure national nationale
    nationaux nationales fédéral fédérale fédéraux central centrale civil civile militaire militaires maritime
    maritimes aérien aérienne spatial spatiale général générale suprême exécutif politique publique public officielle
    officiel humanitaire nucléaire électorale présidentiel présidentielle provisoire transitionnel populaire régional
    régionale mondiales souverain unies armées économique économiques financier financiers stratégique""".split()
)
"""Adjectives that belong to the names of bodies."""

_MOST = 9


def french_end(passage: Passage, end: int, states: Sequence[Mention]) -> int:
    """Where a name ends whose head is the word before `end`."""
    words, last, closed = passage.tokens, end, end
    while last < len(words) and last - end < _MOST and not passage.between(last).strip("- \u00a0"):
        state = next((one for one in states if one.first == last), None)
        word = words[last].forms[0]
        linked = last > end and (words[last - 1].forms[0] in _OF | _ARTICLES)
        if state is not None:
            last = closed = state.last
        elif word in _OF or (word in _ARTICLES and words[last - 1].forms[0] in _OF):
            last += 1
        elif word in _KINDS or linked or (word.startswith(("d'", "l'")) and words[last - 1].forms[0] not in _KINDS):
            last += 1
            closed = last
        else:
            break
    return closed


def german_begin(passage: Passage, first: int, states: Sequence[Mention]) -> int:
    """Where a name begins, with the adjective of its state: `russische Außenministerium`."""
    before = next((one for one in states if one.last == first), None)
    if before is None or passage.tokens[before.first].capital or passage.between(first).strip():
        return first
    return before.first
