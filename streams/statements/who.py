"""Who acts in a sentence: the states, blocs and armed groups that its event word is about, as the rule asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from streams.statements import actors
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage
from streams.statements.speaker import Speaker, home, own_states
from streams.statements.when import MONTHS, WEEKDAYS

_NOT_SUBJECT = frozenset(
    """for in to against on over at with from into towards toward near around off about inside outside across under
    of within between behind after before since
    для в на против к с от из о об під над проти до від про у щодо
    pour dans sur contre en à au aux avec vers chez
    für in gegen auf an mit aus von nach über""".split()
)
_BY = frozenset("by par durch von".split())
_STEP = frozenset("the a an and its their whole le la les l' und der die das all own i и та й et with".split())
_PEOPLE = frozenset(
    """president presidents minister ministers leader leaders premier premiers chancellor government governments king
    prime delegation delegations negotiators authorities army officials member members states state presidents'
    parliament people rebels movement side sides department office ministry council republic kingdom head heads
    commission spokesman spokeswoman secretary house palace""".split()
)
COLLECTIVE = frozenset(
    """countries states nations governments allies members capitals country nation neighbours neighbors sides parties
    стран страны государств государства держав держави країн країни pays états staaten länder""".split()
)


@dataclass(frozen=True)
class Scene:
    """Where actors are looked for: the sentence, its event words, who speaks, when, and all of the article."""

    passage: Passage
    event: Sequence[int]
    speaker: Speaker
    on: date | None
    article: Sequence[Passage]
    language: str


def acting(scene: Scene, who: str) -> tuple[str, ...]:
    """Canonical names, sorted. `who` is `subject`, `speaker` (whose state declares it) or `parties`."""
    states = actors.find(scene.passage.tokens)
    found = sorted([*states, *actors.leaders(scene.passage.tokens, scene.on)])
    if who == "parties":
        return _sorted(_parties(scene, found))
    if who == "speaker":
        return _declaring(scene, found)
    subjects = _subjects(scene, found)
    if subjects and not _only_adjectives(scene, found, subjects):
        return _sorted(subjects)
    if scene.speaker.state is not None:
        return (scene.speaker.state,)
    return _sorted(subjects)


def _declaring(scene: Scene, found: Sequence[Mention]) -> tuple[str, ...]:
    """The speaker's state; else the first subject; else, where somebody speaks, the state the article is from."""
    if scene.speaker.state is not None:
        return (scene.speaker.state,)
    subjects = _subjects(scene, found, passive=False)
    if subjects:
        return (subjects[0],)
    own = home(scene.article) if scene.speaker.attribution is not None else None
    return (own,) if own is not None else ()


def _subjects(scene: Scene, found: Sequence[Mention], *, passive: bool = True) -> list[str]:
    """Those before the event word that no preposition governs, and those after `by`."""
    first = min(scene.event) if scene.event else len(scene.passage.tokens)
    says = scene.speaker.attribution
    who = says.who if says is not None and says.passage is scene.passage else None
    names = []
    for one in found:
        if who is not None and who.first <= one.first < who.last:
            continue
        governor = _governor(scene.passage, one.first)
        if (passive and governor in _BY) or (one.first < first and governor not in _NOT_SUBJECT | _BY):
            names.append(one.meaning)
    return names


def _only_adjectives(scene: Scene, found: Sequence[Mention], subjects: Sequence[str]) -> bool:
    """Whether a sentence's subject is people or things of a state (`American makers may no longer sell`)."""
    if scene.speaker.state is None or scene.speaker.state in subjects:
        return False
    for one in found:
        if one.meaning in subjects and one.last < len(scene.passage.tokens):
            following = scene.passage.tokens[one.last]
            name = scene.passage.text[scene.passage.tokens[one.first].start : scene.passage.tokens[one.last - 1].end]
            if (
                name == one.meaning
                or following.capital
                or following.forms[0] in _PEOPLE
                or following.forms[-1] in _VERBS
            ):
                return False
            if scene.passage.between(one.last).strip():
                return False
    return True


def _parties(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """All but places (`in Abu Dhabi`), topics, and whoever speaks."""
    says = scene.speaker.attribution
    own = own_states(says, scene.language) if says is not None and says.passage is scene.passage else []
    names = []
    for one in found:
        if _governor(scene.passage, one.first) in _PLACING:
            continue
        if one in own:
            continue
        names.append(one.meaning)
    return names


_PLACING = frozenset("in at from near on about inside around to outside off в у à en dans au auf bei nach".split())
_VERBS = frozenset("has have had is are was were will would said says and".split())


def _governor(passage: Passage, at: int) -> str:
    """The preposition that governs word `at`, over articles, adjectives with a capital and people's roles."""
    for back in range(at - 1, max(-1, at - 7), -1):
        word = passage.tokens[back].forms[0]
        if any(mark in passage.between(back + 1) for mark in ',;:—()“”"') and word not in ("and",):
            return ""
        if word == "of" and back > 0 and _people(passage, back):
            continue
        if word in MONTHS or word in WEEKDAYS or word.isdigit():
            return ""
        if word == "of" and back > 0 and passage.tokens[back - 1].forms[0] in ("capital", "city", "port", "soil"):
            return "in"
        if word in _NOT_SUBJECT or word in _BY:
            return word
        if word in _STEP or word in _PEOPLE or passage.tokens[back].capital:
            continue
        return ""
    return ""


def _people(passage: Passage, at: int) -> bool:
    """Whether `of` follows people: `the presidents of X and Y` are X and Y."""
    return any(token.forms[-1] in _PEOPLE for token in passage.tokens[max(0, at - 2) : at])


def collective(passage: Passage) -> bool:
    """Whether the sentence names states without their names: `26 countries`."""
    return any(token.forms[0] in COLLECTIVE for token in passage.tokens)


def _sorted(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
