"""English: the other party, where a sentence gives one a name and leaves the other to be understood.

`the government and the ELN`, `Burundi's army and RED-Tabara`, `will travel to Muscat to see the sultan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from streams.statements import actors
from streams.statements.governed import PLACING, governor
from streams.statements.grammar import mediates
from streams.statements.lexicon import Mention
from streams.statements.named import text_of
from streams.statements.passage import Passage
from streams.statements.scene import Scene
from streams.statements.speaker import dateline_state

_RULING = frozenset("government army military junta generals soldiers state authorities regime forces".split())
_GROUPS = frozenset(
    """front army forces movement brigade militia militias council party faction rebels guerrillas insurgents
    separatists fighters gang cartel coalition alliance""".split()
)
_JOINING = frozenset("and with against".split())
_HOSTS = frozenset(
    "counterpart host hosts king sultan emir queen monarch ruler prince president premier chancellor minister".split()
)


def beside(scene: Scene, found: Sequence[Mention], name: str) -> list[str]:
    """Who takes part besides `name`, the only one that the sentence names as such; nobody where that stays open."""
    if actors.table()[name].kind == actors.ARMED:
        return _government(scene, found)
    return _group(scene, found) or _host(scene, found, name)


def _government(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Whose government it is that deals with an armed group: the state that the article speaks of most."""
    words = scene.passage.tokens
    groups = {at for one in found for at in range(one.first, one.last)}
    if not any(token.forms[-1] in _RULING and at not in groups for at, token in enumerate(words)):
        return []
    kinds = actors.table()
    here = [one for one in found if kinds[one.meaning].kind == actors.STATE and not mediates(scene.passage, one)]
    inside = [one.meaning for one in here if governor(scene.passage, one.first) not in PLACING]
    return inside[:1] or _most_named(scene)


def _most_named(scene: Scene) -> list[str]:
    counts: Counter[str] = Counter()
    for passage in scene.article:
        for one in actors.find(passage.tokens, passage.language):
            state = actors.table()[one.meaning].kind == actors.STATE
            if state and not mediates(passage, one) and not _venue(passage, one):
                counts[one.meaning] += 1
    counts.pop(scene.speaker.state or "", None)
    (first, *rest) = counts.most_common(2) or [("", 0)]
    return [first[0]] if first[1] > 1 or (first[1] and not rest) else []


def _venue(passage: Passage, one: Mention) -> bool:
    """`at talks in Kunming`: where they met."""
    before = [token.forms[0] for token in passage.tokens[max(0, one.first - 2) : one.first]]
    return before[1:] == ["in"] and before[0] in _MEETING


_MEETING = frozenset("talks negotiations meeting met meetings signed signing summit round deal agreement".split())


def _group(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """A group that no table knows, joined to the party by `and`, `with` or `against`: its own name."""
    words = scene.passage.tokens
    for at in range(1, len(words)):
        if words[at].forms[0] not in _JOINING or scene.passage.between(at).strip():
            continue
        first = at + 2 if at + 1 < len(words) and words[at + 1].forms[0] == "the" else at + 1
        last = _end_of_name(scene.passage, first)
        known = any(first <= one.first < last for one in found)
        if last > first and not known and _armed(scene.passage, first, last):
            return [text_of(scene.passage, first, last)]
    return []


def _end_of_name(passage: Passage, first: int) -> int:
    last = first
    while (
        last < len(passage.tokens)
        and passage.tokens[last].capital
        and (last == first or not passage.between(last).strip(" -"))
    ):
        last += 1
    return last


def _armed(passage: Passage, first: int, last: int) -> bool:
    """`RED-Tabara`, `the MNDAA`, `the Ambazonia Defence Forces`: by its form."""
    words = passage.tokens[first:last]
    if words[-1].forms[-1] in _GROUPS and len(words) > 1:
        return True
    return len(words[0].text) > 2 and words[0].text.isupper() and words[0].text.isalpha()


def _host(scene: Scene, found: Sequence[Mention], name: str) -> list[str]:
    """Whose head of state it is that a sentence gives no state: that of the place, the speaker's, the dateline's."""
    passage = scene.passage
    places = [one for one in found if governor(passage, one.first) in PLACING]
    taken = {at for one in found if one not in places for at in range(one.first - 3, one.last + 2)}
    if not any(token.forms[-1] in _HOSTS and at not in taken for at, token in enumerate(passage.tokens)):
        return []
    placed = [one.meaning for one in places if one.meaning != name]
    own = [state for state in (scene.speaker.state, dateline_state(scene.article)) if state not in (None, name)]
    return (placed or [state for state in own if state is not None])[:1]
