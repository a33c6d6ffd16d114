"""Who takes part in what several do together: all whom a sentence names, but for places, topics and go-betweens."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements import actors, anaphora, cases, nationality, others, slavic
from streams.statements.governed import PLACING, TOPIC, governor
from streams.statements.grammar import mediates, possessor, takes_part
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage
from streams.statements.scene import Scene
from streams.statements.speaker import own_states


def parties(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Canonical names of all who take part, those named before where the sentence only says `both sides`."""
    names = _parties(scene, scene.passage, found)
    if len(set(names)) == 1 and scene.language == "en":
        names += others.beside(scene, found, names[0])
    if len(set(names)) >= 2 or (names and not anaphora.refers_to_pair(scene.passage)):
        return names

    def named(passage: Passage) -> list[str]:
        return _parties(scene, passage, scene.named(passage))

    meant = anaphora.first_found(scene.article, scene.passage, named, 2) or anaphora.most_named(
        scene.article, named, 2
    )
    own = [scene.speaker.state] if scene.speaker.state is not None else []
    placed = [one.meaning for one in found] if scene.language in slavic.LANGUAGES and not own else []
    return meant or names or own or placed


def _parties(scene: Scene, passage: Passage, found: Sequence[Mention]) -> list[str]:
    """All but places (`in Abu Dhabi`), topics, and whoever speaks."""
    says = scene.speaker.attribution
    speaks = says if says is not None and says.passage is passage else None
    own = own_states(speaks, scene.language) if speaks is not None else []
    if speaks is not None and speaks.who is None and speaks.verb in scene.event:
        own = []
    states = actors.find(passage.tokens, passage.language)
    names: list[str] = []
    belonging: list[str] = []  # `le sommet de l'Alliance`, where others meet
    kinds = actors.table()
    for one in found:
        if speaks is not None and speaks.who is not None and speaks.who.first <= one.first < speaks.who.last:
            if takes_part(passage, speaks.verb):
                names.append(one.meaning)
            continue
        if one in own or governor(passage, one.first) in PLACING | TOPIC or mediates(passage, one):
            continue
        if scene.language in slavic.LANGUAGES and (cases.hosts(passage, one) or cases.qualifies(one, found, passage)):
            continue
        labelled = one.first == 0 or scene.language not in slavic.LANGUAGES
        if (labelled and passage.between(one.last).startswith(":")) or _dated_place(passage, one):
            continue
        if one in states and _qualifies(passage, one):
            if kinds[one.meaning].kind == actors.BLOC and passage.language == "en":
                belonging.append(one.meaning)  # `the African Union's summit`
            continue
        if "(" in passage.between(one.first) and any(other.meaning == one.meaning for other in own):
            continue
        theirs = governor(passage, one.first) == nationality.GENITIVE and kinds[one.meaning].kind == actors.BLOC
        theirs = theirs or (passage.language in nationality.LANGUAGES and nationality.qualifies(passage, one))
        (belonging if theirs else names).append(one.meaning)
    return names or belonging


def _qualifies(passage: Passage, one: Mention) -> bool:
    """`a Turkish proposal`, `Ireland's grocers`: the state only qualifies a thing, or somebody else."""
    if possessor(passage, one):
        return True
    return one.last < len(passage.tokens) and passage.tokens[one.last].forms[-1] in _THINGS


_THINGS = frozenset(
    """proposal plan offer draft initiative text idea paper blueprint mediation soil territory waters resort
    city""".split()
)


def _dated_place(passage: Passage, one: Mention) -> bool:
    """`Suva, 14 August: ...`: a sentence that opens with where and when."""
    following = passage.tokens[one.last].text if one.last < len(passage.tokens) else ""
    return one.first == 0 and passage.between(one.last).startswith(",") and following.isdigit()
