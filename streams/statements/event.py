"""Which words of a sentence carry the event, as the rule's `act` names them, and which cues act on those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from streams.rules import syntax
from streams.rules.model import StatementPolicy
from streams.statements import actors, scope, slavic
from streams.statements.cues import elided_not
from streams.statements.lexicon import Mention, Phrases
from streams.statements.passage import Passage

WEAKENING = ("negation", "refusal", "possible", "conditional", "intended", "urged", "unofficial")


class _Place(NamedTuple):
    """Where an act stands: words `first` up to `last`, of which `words` carry it."""

    first: int
    last: int
    words: tuple[int, ...]


_Seen: TypeAlias = dict[int, list[_Place]]
"""Places in one sentence by the identity of what stands there: a list that an `act` names often is one object."""


@dataclass(frozen=True)
class _Acts:
    """What may carry an event: phrases, and pairs of such that stand near each other."""

    phrases: Phrases
    pairs: tuple[_Pair, ...]

    def places(self, passage: Passage, seen: _Seen) -> list[_Place]:
        """Every place in a sentence where one of them stands; `seen` has those that were looked for before."""
        found = seen.get(id(self))
        if found is None:
            alone = self.phrases.find_in(passage.words)
            found = [_Place(one.first, one.last, tuple(range(one.first, one.last))) for one in alone]
            for pair in self.pairs:
                found += pair.places(passage, seen)
            seen[id(self)] = found
        return found


@dataclass(frozen=True)
class _Pair:
    """Two acts that carry the event together, at most `within` words apart: `put ONEAR/6 disposal`."""

    left: _Acts
    right: _Acts
    within: int
    ordered: bool

    def places(self, passage: Passage, seen: _Seen) -> Iterator[_Place]:
        """Every place in a sentence where both stand."""
        lefts = self.left.places(passage, seen)
        rights = self.right.places(passage, seen) if lefts else []
        for one in lefts:
            for other in rights:
                gap = other.first - one.last if one.last <= other.first else one.first - other.last
                if 0 <= gap < self.within and (not self.ordered or one.last <= other.first):
                    words = tuple(sorted({*one.words, *other.words}))
                    yield _Place(min(one.first, other.first), max(one.last, other.last), words)


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
    places: Sequence[Sequence[int]],
) -> tuple[list[int], list[Mention]]:
    """The words that carry the event, and the cues that act on them: of several, those that stand the freest.

    `places` are those where the rule's `act` stands (see `acts`). Only those count that the query found, where it
    found any: `wants to freeze` is not freed by a `closed` far off.
    A cue that the query asks for (`not to fire`) is part of what it looks for, and takes nothing back.
    """
    choices = places if policy.act is not None else [list(matched)]
    choices = [choice for choice in choices if set(choice) & set(matched)] or choices
    best: tuple[tuple[int, int], Sequence[int], list[Mention]] | None = None
    for event in choices:
        others = [cue for cue in cues.found if not (_shares(passage, cue, event) or _covers(passage, cue, matched))]
        acting = scope.acting(passage, others, event, cues.speech, cues.language)
        if slavic.denies((passage.tokens[word].forms[0] for word in event), cues.language):
            acting = [cue for cue in acting if cue.meaning != "negation" and cue.first - 1 not in event]
        if "refusal" in policy.events and _denies(passage, event, cues.found):
            acting = [cue for cue in acting if cue.meaning != "negation" or not _same_negation(cue, event)]
        weight = sum(cue.meaning in WEAKENING and cue.meaning not in policy.events for cue in acting)
        loose = event[-1] - event[0] if cues.language in _TIGHTEST else 0
        if best is None or (weight, loose) < best[0]:
            best = ((weight, loose), event, acting)
    if best is None:
        return [], [cue for cue in cues.found if cue.meaning == "recap"]
    return list(best[1]), best[2]


_TIGHTEST = ("fr", "de")
"""Languages whose rules pair verbs with what stands around them: of places alike, the shortest is meant."""


def acts(policy: StatementPolicy, passage: Passage, language: str) -> list[list[int]]:
    """Every place in a sentence where the rule's `act` stands and tells of an event, as word numbers."""
    if policy.act is None:
        return []
    words = [token.forms[0] for token in passage.tokens]
    places = [list(place.words) for place in _compiled(policy.act).places(passage, {})]
    named = _long_names(passage, language) if places else frozenset()
    return sorted(
        place for place in places if named.isdisjoint(place) and not slavic.tells_no_event(words, place, language)
    )


def _long_names(passage: Passage, language: str) -> Set[int]:
    """Words of the names of armed groups: `Support Forces` is no support, and `the Liberation Front` frees nobody."""
    kinds = actors.table()
    found = (one for one in actors.find(passage.tokens, language) if one.last - one.first > 1)
    return {at for one in found if kinds[one.meaning].kind == actors.ARMED for at in range(one.first, one.last)}


def _denies(passage: Passage, event: Sequence[int], cues: Sequence[Mention]) -> bool:
    """Whether the event's own words hold half of a negation: `n'acceptera (jamais)`, but not `n'exclut`."""
    refusing = {cue.first for cue in cues if cue.meaning == "refusal"}
    return any(
        passage.tokens[at].forms[0] in _HALVES or (elided_not(passage.tokens[at]) and at not in refusing)
        for at in event
    )


_HALVES = frozenset("ne pas jamais aucun aucune".split())
_SAME = 4


def _same_negation(cue: Mention, event: Sequence[int]) -> bool:
    return min(event) - _SAME <= cue.first <= max(event) + 2


def _shares(passage: Passage, cue: Mention, event: Sequence[int]) -> bool:
    """Whether a cue begins with the event's own word: `will call on the premier` is no asking."""
    token = passage.tokens[cue.first]
    if cue.meaning == "recap":
        return False  # `avait adopté` is the event and looks back
    return cue.first in event and token.forms[0] not in scope.MODALS and not elided_not(token)


def _covers(passage: Passage, cue: Mention, matched: Sequence[int]) -> bool:
    """Whether the query asks for a cue. `n'enverra` is one word, of which it asks for the verb only."""
    within = cue.meaning != "recap" and all(word in matched for word in range(cue.first, cue.last))
    return within and not elided_not(passage.tokens[cue.first])


def _compiled(node: syntax.Node) -> _Acts:
    """The acts of a node. Looked up by identity: to hash a rule's tree costs more than to read a sentence with it."""
    known = _KNOWN.get(id(node))
    if known is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        acts_of_node = _Acts(Phrases(((text, "act") for text in _texts(node)), cased=True), tuple(_pairs(node)))
        _KNOWN[id(node)] = known = (node, acts_of_node)
    return known[1]


_KNOWN: dict[int, tuple[syntax.Node, _Acts]] = {}
"""Acts by the identity of their node, which they keep alive."""
_MOST_KNOWN = 4096


def _pairs(node: syntax.Node) -> Iterator[_Pair]:
    if isinstance(node, syntax.Near):
        yield _Pair(_compiled(node.left), _compiled(node.right), node.within, node.ordered)
    else:
        for child in syntax.children(node):
            yield from _pairs(child)


def _texts(node: syntax.Node) -> Iterator[str]:
    """The words and phrases that stand alone; those of NEAR count only together."""
    if isinstance(node, syntax.Word):
        yield node.text + ("*" if node.prefix else "")
    elif isinstance(node, syntax.Phrase):
        yield " ".join(word.text + ("*" if word.prefix else "") for word in node.words)
    elif not isinstance(node, syntax.Near):
        for child in syntax.children(node):
            yield from _texts(child)
