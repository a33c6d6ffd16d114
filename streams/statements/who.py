"""Who acts in a sentence: the states, blocs and armed groups that its event word is about, as the rule asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from streams.statements import actors, anaphora
from streams.statements.governed import BY, GOVERNING, PEOPLE, PLACING, TOPIC, governor
from streams.statements.grammar import (
    LISTED,
    VERBS,
    adjective,
    gives,
    mediates,
    names_a_thing,
    owns_list,
    possessor,
    takes_part,
)
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage
from streams.statements.slots import NUMBERS
from streams.statements.speaker import Speaker, dateline_state, home, own_states

COLLECTIVE = frozenset(
    """countries states nations governments allies members capitals country nation neighbours neighbors sides
    parties partners contributors powers signatories стран страны странах государств государства держав держави
    країн країни союзников союзників членов pays états nations alliés membres staaten länder nationen verbündete
    mitglieder""".split()
)


@dataclass(frozen=True)
class Scene:
    """Where actors are looked for: the sentence, its event words (all places of them too), who speaks, the day."""

    passage: Passage
    event: Sequence[int]
    speaker: Speaker
    on: date | None
    article: Sequence[Passage]
    language: str
    places: Sequence[Sequence[int]] = field(default=())


def acting(scene: Scene, who: str) -> tuple[str, ...]:
    """Canonical names, sorted. `who` is `subject`, `speaker` (whose state declares it) or `parties`."""
    found = _named(scene, scene.passage)
    if who == "parties":
        return _sorted(_all_parties(scene, found))
    if who == "speaker":
        return _declaring(scene, found)
    subjects = _subjects(scene, found)
    if subjects and not _only_adjectives(scene, found, subjects):
        return _sorted(subjects)
    if not subjects:
        subjects = _of_other_places(scene, found)
    if subjects or collective_subject(scene.passage, scene.event):
        return _sorted(subjects or _leading(scene, found))
    if scene.speaker.state is not None:
        return (scene.speaker.state,)
    if scene.speaker.attribution is not None and (own := dateline_state(scene.article)) is not None:
        return (own,)
    return _sorted(subjects or _meant(scene))


def _named(scene: Scene, passage: Passage) -> list[Mention]:
    return sorted([*actors.find(passage.tokens), *actors.leaders(passage.tokens, scene.on)])


def _meant(scene: Scene) -> list[str]:
    """Whom the text before means, where the sentence itself leaves it open."""
    if not anaphora.refers_back(scene.passage, scene.event):
        return []

    people = frozenset[str]() if _passive(scene) else PEOPLE

    def first(passage: Passage) -> list[str]:
        found = (one for one in _named(scene, passage) if governor(passage, one.first) not in GOVERNING)
        return [
            one.meaning
            for one in found
            if not adjective(passage, one, scene.language, people) and not possessor(passage, one)
        ][:1]

    return anaphora.first_found(scene.article, scene.passage, first, 1)


def _leading(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Those whom a group without names puts at its head: `twenty states led by X and Y`."""
    words = scene.passage.tokens
    marked = [at for at, token in enumerate(words) if token.forms[0] in _HEADING]
    near = [one for one in found if any(-1 <= one.first - at <= 6 or 0 <= at - one.last <= 4 for at in marked)]
    return [one.meaning for one in near if one.first < max(scene.event, default=0)]


_HEADING = frozenset(
    """led headed including among head helm чолі зокрема главе включая dont menés conduits tête angeführt darunter
    spitze""".split()
)


def _declaring(scene: Scene, found: Sequence[Mention]) -> tuple[str, ...]:
    """The speaker's state; else the first subject; else, where somebody speaks, the state the article is from."""
    beside = _beside(scene, found)
    if beside is not None or scene.speaker.state is not None:
        return (beside or scene.speaker.state or "",)
    nouns = [one for one in found if not adjective(scene.passage, one, scene.language)]
    subjects: list[str] = []
    if _of_being(scene, min(scene.event, default=0)):
        subjects = _to_whom(scene, found)
        nouns = [one for one in nouns if not names_a_thing(scene.passage, one)]
    subjects = subjects or _subjects(scene, nouns, passive=False) or _doing(scene, found)
    if subjects:
        return (subjects[0],)
    if scene.speaker.attribution is None:
        return ()
    own = dateline_state(scene.article) or next(iter(_meant(scene)), None) or home(scene.article)
    return (own,) if own is not None else ()


def _beside(scene: Scene, found: Sequence[Mention]) -> str | None:
    """Who stands right before the event word as its subject: `the Bulgarians suspect`, `Belgrade rejects`."""
    words = scene.passage.tokens
    first = min(scene.event, default=0)
    if not first or words[first].forms[0] in _BE or scene.language == "de":  # there verbs of blame may come last
        return None
    for one in found:
        between = [token.forms[-1] for token in words[one.last : first]]
        plain = one.last <= first and all(word in PEOPLE | _AUXILIARIES for word in between)
        headed = scene.language == "en" or words[one.first].capital or words[one.first - 1].forms[-1] in _HEADS
        if plain and headed and len(between) <= _CLOSE and governor(scene.passage, one.first) not in GOVERNING:
            return one.meaning if not _of_being(scene, first) else None
    return None


_CLOSE = 3
_AUXILIARIES = frozenset(
    "have has had will would does do did also again categorically firmly strongly flatly".split()
)
_HEADS = frozenset("autorités gouvernement pouvoir ministère власти власть правительство влада уряд behörden".split())


def _of_being(scene: Scene, first: int) -> bool:
    """Whether the event is what something is, not what somebody does: `such troops are unacceptable`."""
    return any(token.forms[0] in _BE for token in scene.passage.tokens[max(0, first - 2) : first])


def _to_whom(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """To whom something is what it is: `unacceptable to Lima`, `для Софії неприйнятно`."""
    return [one.meaning for one in found if governor(scene.passage, one.first) in ("to", "for", "для", "pour", "für")]


def _doing(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Who stands right behind the event word with `by`: `attributed by the Lithuanian regulator`."""
    last = max(scene.event, default=-1)
    return [one.meaning for one in found if last < one.first <= last + 4 and governor(scene.passage, one.first) in BY]


def _subjects(scene: Scene, found: Sequence[Mention], *, passive: bool = True) -> list[str]:
    """Those before the event word that no preposition governs, those after `by`, and those that own it."""
    passage = scene.passage
    first = min(scene.event) if scene.event else len(passage.tokens)
    says = scene.speaker.attribution
    who = says.who if says is not None and says.passage is passage else None
    names = _agents(scene, found) if passive else []
    if names:
        return names
    owners = [one.meaning for one in found if passive and owns_list(passage, one)]
    if owners:
        return owners
    patient = _passive(scene)
    for one in found:
        if who is not None and who.first <= one.first < who.last:
            continue
        if patient and one.first < first and adjective(passage, one, scene.language, frozenset()):
            continue
        by = governor(passage, one.first)
        subject = one.first < first and by not in GOVERNING
        given = passive and by in ("from", "de", "von") and gives(passage, one.first)
        if subject or given or (passive and (by in BY or _owns(scene, one))):
            names.append(one.meaning)
    return names + ([name for name in _listed_before(scene, found) if name not in names] if passive else [])


def _agents(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Those behind `by` where the event word is a passive: `was designated by the Treasury`."""
    if not _passive(scene):
        return []
    last = max(scene.event)
    agents = [one for one in found if one.first > last and governor(scene.passage, one.first) in BY]
    return [one.meaning for one in agents if one.first - agents[0].first <= 6]


def _passive(scene: Scene) -> bool:
    """Whether the event word is a passive: `have been added`."""
    words = scene.passage.tokens
    return any(words[at].forms[0] in _BE for word in scene.event for at in range(max(0, word - 2), word))


_BE = frozenset("is are was were been being be wurde wurden été".split())


def _of_other_places(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """The subjects of the sentence's other event words, the first that has any."""
    nouns = [one for one in found if not adjective(scene.passage, one, scene.language)]
    for place in scene.places:
        names = _subjects(replace(scene, event=place), nouns)
        if names:
            return names
    return []


def _owns(scene: Scene, one: Mention) -> bool:
    """`X's contribution`, where contribution is the event."""
    if one.last >= len(scene.passage.tokens):
        return False
    ending = scene.passage.tokens[one.last - 1].text.casefold().replace("’", "'")
    near = range(one.last, one.last + 3)
    return ending.endswith("'s") and any(word in near for word in scene.event)


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
                or following.forms[0] in PEOPLE
                or following.forms[-1] in VERBS
            ):
                return False
            if scene.passage.between(one.last).strip():
                return False
    return True


def _all_parties(scene: Scene, found: Sequence[Mention]) -> list[str]:
    names = _parties(scene, scene.passage, found)
    if len(set(names)) >= 2 or (names and not anaphora.refers_to_pair(scene.passage)):
        return names

    def parties(passage: Passage) -> list[str]:
        return _parties(scene, passage, _named(scene, passage))

    meant = anaphora.first_found(scene.article, scene.passage, parties, 2) or anaphora.most_named(
        scene.article, parties, 2
    )
    own = [scene.speaker.state] if scene.speaker.state is not None else []
    return meant or names or own


def _parties(scene: Scene, passage: Passage, found: Sequence[Mention]) -> list[str]:
    """All but places (`in Abu Dhabi`), topics, and whoever speaks."""
    says = scene.speaker.attribution
    speaks = says if says is not None and says.passage is passage else None
    own = own_states(speaks, scene.language) if speaks is not None else []
    if speaks is not None and speaks.who is None and speaks.verb in scene.event:
        own = []
    names = []
    for one in found:
        if speaks is not None and speaks.who is not None and speaks.who.first <= one.first < speaks.who.last:
            if takes_part(passage, speaks.verb):
                names.append(one.meaning)
            continue
        if one in own or governor(passage, one.first) in PLACING | TOPIC or mediates(passage, one):
            continue
        if passage.between(one.last).startswith(":") or _dated_place(passage, one):
            continue
        names.append(one.meaning)
    return names


def _dated_place(passage: Passage, one: Mention) -> bool:
    """`Suva, 14 August: ...`: a sentence that opens with where and when."""
    following = passage.tokens[one.last].text if one.last < len(passage.tokens) else ""
    return one.first == 0 and passage.between(one.last).startswith(",") and following.isdigit()


def collective(passage: Passage) -> bool:
    """Whether the sentence names states without their names: `26 countries`, `thirty have signed up`."""
    return any(_collective_at(passage, at) for at in range(len(passage.tokens)))


def collective_subject(passage: Passage, event: Sequence[int]) -> bool:
    """Whether such a group stands before the event word as its subject."""
    first = min(event, default=0)
    return any(_collective_at(passage, at, _GROUPS) and governor(passage, at) not in GOVERNING for at in range(first))


_GROUPS = COLLECTIVE - frozenset("members sides parties neighbours neighbors country nation powers partners".split())


def _collective_at(passage: Passage, at: int, groups: frozenset[str] = COLLECTIVE) -> bool:
    word = passage.tokens[at].forms[0]
    if word in groups:
        return True
    if word not in NUMBERS and not (word.isdigit() and len(word) < 3):
        return False
    return at + 1 < len(passage.tokens) and passage.tokens[at + 1].forms[0] in ("have", "had", "are", "were", "will")


def _sorted(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
