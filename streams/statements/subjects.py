"""The subjects of an event word: in front of it, behind `by`, as its owners, in a row, or beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streams.statements import nationality, scope
from streams.statements.governed import BY, GOVERNING, PEOPLE, governor
from streams.statements.grammar import LISTED, VERBS, adjective, gives, owns_list
from streams.statements.lexicon import Mention
from streams.statements.scene import Scene

_BE = frozenset(
    """is are was were been being be wurde wurden été est sont serait seraient sera seront ist sind sei seien wäre
    wären""".split()
)
_CLOSE = 3
_AUXILIARIES = frozenset(
    "have has had will would does do did also again categorically firmly strongly flatly".split()
)
_RELATIVE = frozenset("which who that".split())
_HEADS = frozenset("autorités gouvernement pouvoir ministère власти власть правительство влада уряд behörden".split())


def subjects(scene: Scene, found: Sequence[Mention], *, passive: bool = True) -> list[str]:
    """Those before the event word that no preposition governs, those after `by`, and those that own it."""
    passage = scene.passage
    opening = min(scene.event, default=len(passage.tokens))
    within = {at for one in found for at in range(one.first, one.last)}
    first = min((at for at in scene.event if at not in within), default=opening)
    carried = {at for place in scene.places for at in place}
    says = scene.speaker.attribution
    who = says.who if says is not None and says.passage is passage else None
    names = _agents(scene, found) if passive else []
    if names:
        return names
    owners = [one.meaning for one in found if passive and owns_list(passage, one)]
    if owners:
        return owners
    patient = is_passive(scene)
    nationality_told = scene.language in nationality.LANGUAGES  # there `par` and `von` are agents of passives only
    if scene.language in nationality.LANGUAGES and passive:
        names += [one.meaning for one in found if nationality.owns(passage, one, scene.event)]
        if patient:
            measures = (one for one in found if nationality.owns(passage, one, scene.event, nationality.MEASURES))
            return names or [one.meaning for one in measures]
    things = [False] * len(names)
    for one in found:
        if who is not None and who.first <= one.first < who.last:
            continue
        if patient and one.first < first and adjective(passage, one, scene.language, frozenset()):
            continue
        by = governor(passage, one.first)
        own = one.first < opening or one.first in carried
        subject = one.first < first and own and by not in GOVERNING
        given = passive and by in ("from", "de", "von") and gives(passage, one.first)
        if (
            subject
            or given
            or (passive and by == "under" and _of_law(scene, one))
            or (passive and ((by in BY and not nationality_told) or _owns(scene, one)))
        ):
            names.append(one.meaning)
            things.append(scene.language == "en" and adjective(passage, one, scene.language))
    if True in things and False in things:  # `Nine Georgian judges ..., the Foreign Office having listed them`
        names = [name for name, thing in zip(names, things, strict=True) if not thing]
    if nationality_told and passive and not names:
        names = [one.meaning for one in found if nationality.owns(passage, one, scene.event, nationality.MEASURES)]
    if scene.language == "de" and not names:
        names = _inverted(scene, found)
    return names + ([name for name in _listed_before(scene, found) if name not in names] if passive else [])


def _inverted(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """German: the subject behind its verb, where something else opens the sentence: `Am Montag hat Wien ...`."""
    inside = range(min(scene.event, default=0), max(scene.event, default=0))
    free = [one for one in found if one.first in inside and one.first not in scene.event]
    return [one.meaning for one in free if governor(scene.passage, one.first) not in GOVERNING][:1]


def _agents(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Those behind `by` where the event word is a passive: `was designated by the Treasury`."""
    if not is_passive(scene):
        return []
    last = max(scene.event) if scene.language != "de" else -1  # there the agent stands before its participle
    agents = [one for one in found if one.first > last and governor(scene.passage, one.first) in BY]
    return [one.meaning for one in agents if one.first - agents[0].first <= 6]


def is_passive(scene: Scene) -> bool:
    """Whether the event word is a passive: `have been added`."""
    return scope.is_passive(scene.passage, scene.event)


def _owns(scene: Scene, one: Mention) -> bool:
    """`X's contribution`, where contribution is the event."""
    if one.last >= len(scene.passage.tokens):
        return False
    if scene.language == "en" and one.first and scene.passage.tokens[one.first - 1].forms[0] == "to":
        return False  # `come to X's aid`
    ending = scene.passage.tokens[one.last - 1].text.casefold().replace("’", "'")
    near = range(one.last, one.last + 3)
    return ending.endswith("'s") and any(word in near for word in scene.event)


def _of_law(scene: Scene, one: Mention) -> bool:
    """`take effect under Australian law`: whose law it is acts."""
    return any(token.forms[-1] in _LAW for token in scene.passage.tokens[one.last : one.last + 2])


_LAW = frozenset("law laws legislation statute decree regulations act".split())


def _listed_before(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """States in a row right before another place of the event: `X will lead, and Y and Z will join`."""
    names: list[str] = []
    for place in scene.places:
        end = place[0]
        row: list[Mention] = []
        while end > 0:
            words = scene.passage.tokens
            if words[end - 1].forms[0] in LISTED:
                end -= 1
                continue
            one = next((one for one in found if one.last == end), None)
            if one is None:
                break
            row.append(one)
            end = one.first
        if row and governor(scene.passage, row[-1].first) not in GOVERNING:
            names += [one.meaning for one in row]
    return names


def of_other_places(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """The subjects of the sentence's other event words, the first that has any."""
    nouns = [one for one in found if not adjective(scene.passage, one, scene.language)]
    for place in scene.places:
        names = subjects(replace(scene, event=place), nouns)
        if names:
            return names
    return []


def only_adjectives(scene: Scene, found: Sequence[Mention], names: Sequence[str]) -> bool:
    """Whether a sentence's subject is people or things of a state (`American makers may no longer sell`)."""
    if scene.language in nationality.LANGUAGES:
        return False
    if scene.speaker.state is None or scene.speaker.state in names:
        return False
    for one in found:
        if one.meaning in names and one.last < len(scene.passage.tokens):
            following = scene.passage.tokens[one.last]
            name = scene.passage.text[scene.passage.tokens[one.first].start : scene.passage.tokens[one.last - 1].end]
            if (
                name == one.meaning
                or following.capital
                or following.forms[0] in PEOPLE
                or following.forms[-1] in VERBS
            ):
                return False
            if scene.passage.between(one.last).strip():
                return False
    return True


def beside(scene: Scene, found: Sequence[Mention]) -> str | None:
    """Who stands right before the event word as its subject: `the Bulgarians suspect`, `Belgrade rejects`."""
    words = scene.passage.tokens
    first = min(scene.event, default=0)
    if not first or words[first].forms[0] in _BE or scene.language == "de":  # there verbs of blame may come last
        return None
    for one in found:
        between = [token.forms[-1] for token in words[one.last : first] if token.forms[-1] not in _RELATIVE]
        plain = one.last <= first and all(word in PEOPLE | _AUXILIARIES for word in between)
        headed = (
            scene.language == "en"
            or words[one.first].capital
            or words[one.first - 1].forms[-1] in _HEADS
            or not adjective(scene.passage, one, scene.language)
        )
        if plain and headed and len(between) <= _CLOSE and governor(scene.passage, one.first) not in GOVERNING:
            return one.meaning if not is_being(scene, first) else None
    return None


def is_being(scene: Scene, first: int) -> bool:
    """Whether the event is what something is, not what somebody does: `such troops are unacceptable`."""
    return any(token.forms[0] in _BE for token in scene.passage.tokens[max(0, first - 2) : first])


def to_whom(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """To whom something is what it is: `unacceptable to Lima`, `для Софії неприйнятно`."""
    return [one.meaning for one in found if governor(scene.passage, one.first) in ("to", "for", "для", "pour", "für")]


def doing(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Who stands right behind the event word with `by`: `attributed by the Lithuanian regulator`."""
    last = max(scene.event, default=-1)
    return [one.meaning for one in found if last < one.first <= last + 4 and governor(scene.passage, one.first) in BY]
