"""Where the name of a French or German body begins and ends: `ministère russe des Affaires étrangères`."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements.lexicon import Mention
from streams.statements.passage import Passage

_OF = frozenset("de du des pour".split())
_ARTICLES = frozenset("la le les l'".split())
_KINDS = frozenset(
    """étrangères étrangère européennes européenne européen extérieures extérieure intérieure national nationale
    nationaux nationales fédéral fédérale fédéraux central centrale civil civile militaire militaires maritime
    maritimes aérien aérienne spatial spatiale général générale suprême exécutif politique publique public officielle
    officiel humanitaire nucléaire électorale présidentiel présidentielle provisoire transitionnel populaire régional
    régionale mondiales souverain unies armées interarmées économique économiques financier financiers
    stratégique""".split()
)
"""Adjectives that belong to the names of bodies."""

_ADJECTIVAL = tuple("al ale ales aux ique iques aire aires iel ielle iels ien ienne ive elle".split())
_SECOND = {"major": ("état", "l'état", "d'état"), "côtes": ("garde", "gardes")}
"""The last parts of compounds that are bodies: `état-major`, `garde-côtes`."""

_MOST = 9


def french_begin(passage: Passage, at: int) -> int | None:
    """Where a body begins whose last word is a compound's second part; None where a word is none."""
    firsts = _SECOND.get(passage.tokens[at].forms[-1], ())
    return at - 1 if at and passage.between(at) == "-" and passage.tokens[at - 1].forms[0] in firsts else None


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
        elif word in _KINDS or linked or _adjective(word) or word.startswith(("d'", "l'")):
            last += 1
            closed = last
        else:
            break
    return closed


def _adjective(word: str) -> bool:
    return len(word) > _SHORT and word.endswith(_ADJECTIVAL)


_SHORT = 5


def german_end(passage: Passage, end: int, states: Sequence[Mention]) -> int:
    """Where a name ends, with the seat that tells which one it is: `Außenministerium in Hanoi`."""
    if end + 1 >= len(passage.tokens) or passage.tokens[end].forms[0] != "in" or passage.between(end).strip():
        return end
    seat = next((one for one in states if one.first == end + 1), None)
    return end if seat is None or passage.between(end + 1).strip() else seat.last


def german_begin(passage: Passage, first: int, states: Sequence[Mention]) -> int:
    """Where a name begins, with the adjective of its state: `russische Außenministerium`."""
    before = next((one for one in states if one.last == first), None)
    if before is None or passage.tokens[before.first].capital or passage.between(first).strip():
        return first
    return before.first
