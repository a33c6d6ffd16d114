"""Who acts in a sentence: the states, blocs and armed groups that its event word is about, as the rule asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from streams.statements import actors, anaphora, cases, nationality, slavic
from streams.statements.governed import BY, GOVERNING, PEOPLE, governor
from streams.statements.grammar import (
    adjective,
    names_a_thing,
    possessor,
)
from streams.statements.lexicon import Mention
from streams.statements.numerals import NUMBERS
from streams.statements.parties import parties
from streams.statements.parting import first_comma
from streams.statements.passage import Passage
from streams.statements.scene import Scene
from streams.statements.soldiers import of_soldiers
from streams.statements.speaker import dateline_state, home, section_state
from streams.statements.subjects import (
    beside,
    doing,
    is_being,
    is_passive,
    of_other_places,
    only_adjectives,
    subjects,
    to_whom,
)

COLLECTIVE = frozenset(
    """countries states nations governments allies members capitals country nation neighbours neighbors sides
    parties partners contributors powers signatories стран страны странах столиц столицы
    столиці коалиция коаліція коалиции коаліції государств государства держав держави країн країни союзников
    союзників членов pays états nations alliés membres staaten länder nationen verbündete mitglieder""".split()
)


def acting(scene: Scene, who: str) -> tuple[str, ...]:
    """Canonical names, sorted. `who` is `subject`, `speaker` (whose state declares it) or `parties`."""
    found = scene.named(scene.passage)
    if who == "parties":
        return _sorted(parties(scene, found))
    if who == "speaker":
        return _declaring(scene, found)
    if scene.language in nationality.LANGUAGES:
        found = [one for one in found if not adjective(scene.passage, one, scene.language) or _of_act(scene, one)]
    by_case = scene.language in slavic.LANGUAGES
    if (own := _of_an_office(scene, found)) is not None:
        return (own,)
    names = cases.subjects(scene, found) if by_case else subjects(scene, found)
    if names and (by_case or not only_adjectives(scene, found, names)):
        return _sorted(names)
    if not names and not by_case:
        names = of_other_places(scene, found)
    if names or collective_subject(scene.passage, scene.event) or (by_case and collective(scene.passage, _GROUPS)):
        return _sorted(names or _leading(scene, found))
    if soldiers := _soldiers(scene):
        return _sorted(soldiers)
    if scene.speaker.state is not None:
        return (scene.speaker.state,)
    if scene.speaker.attribution is not None and (own := _written_in(scene)) is not None:
        return (own,)
    return _sorted(names or _meant(scene))


def _of_an_office(scene: Scene, found: Sequence[Mention]) -> str | None:
    """English: whose office it is that a sentence has for its subject and gives no state: the article's own.

    `The Minister for Foreign Affairs has imposed`, `In view of X, the Council has decided`. None where a state stands
    between the office and the event.
    """
    words, first = scene.passage.tokens, min(scene.event, default=0)
    at = _main_clause(scene.passage)
    if scene.language != "en" or at + 2 > first or words[at].forms[0] != "the" or is_passive(scene):
        return None
    if any(at <= one.first < first for one in found):
        return None
    office = words[at + 1].forms[-1]
    if office in _BLOCS_ORGANS:
        return _bloc(scene)
    if office not in _OFFICES or not any(one.first < at or one.first > first for one in found):
        return None
    return _written_in(scene) or _people_of(scene) or home(scene.article)


def _people_of(scene: Scene) -> str | None:
    """The state whose people and things an article speaks of most: `Australian law`, `Canadian forces`."""
    told = Counter(
        one.meaning
        for passage in scene.article
        for one in scene.named(passage)
        if adjective(passage, one, "en", frozenset()) and governor(passage, one.first) not in _ELSEWHERE
    )
    return next((name for name, _ in told.most_common(1)), None)


_ELSEWHERE = frozenset("in on against".split())
_OFFICES = frozenset("government cabinet minister ministry treasury president".split())
_BLOCS_ORGANS = frozenset("council union bloc".split())
_LEADING_IN = frozenset("in following after on with at given".split())


def _main_clause(passage: Passage) -> int:
    """The word with which a sentence goes on behind an opening phrase and its comma; its first word without one."""
    if not passage.tokens or passage.tokens[0].forms[0] not in _LEADING_IN:
        return 0
    return first_comma(passage)


def _written_in(scene: Scene) -> str | None:
    """The state that a digest's heading or an article's dateline names."""
    return section_state(scene.article, scene.passage) or dateline_state(scene.article)


def _soldiers(scene: Scene) -> list[str]:
    """Whose soldiers are sent, where nobody sends them: `cent soldats belges seront déployés`."""
    return [one.meaning for one in scene.named(scene.passage) if of_soldiers(scene.passage, one)]


def _of_act(scene: Scene, one: Mention) -> bool:
    return nationality.owns(scene.passage, one, scene.event, (*nationality.ACTS, *nationality.MEASURES))


def _meant(scene: Scene) -> list[str]:
    """Whom the text before means, where the sentence itself leaves it open."""
    if not anaphora.refers_back(scene.passage, scene.event, scene.language):
        return []
    if anaphora.refers_to_bloc(scene.passage) and (bloc := _bloc(scene)) is not None:
        return [bloc]

    people = frozenset[str]() if is_passive(scene) else PEOPLE

    def first(passage: Passage) -> list[str]:
        found = (
            one
            for one in scene.named(passage)
            if governor(passage, one.first) not in GOVERNING
            or (scene.language in slavic.LANGUAGES and cases.serves(passage, one.first))
        )
        return [
            one.meaning
            for one in found
            if not adjective(passage, one, scene.language, people) and not possessor(passage, one)
        ][:1]

    return anaphora.first_found(scene.article, scene.passage, first, 1)


def _bloc(scene: Scene) -> str | None:
    """The bloc that an article names most often: `the Council` and `the bloc` are its own."""
    kinds = actors.table()
    named = Counter(
        one.meaning
        for passage in scene.article
        for one in actors.find(passage.tokens, passage.language)
        if kinds[one.meaning].kind == actors.BLOC
    )
    return named.most_common(1)[0][0] if named else None


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
    if scene.language in slavic.LANGUAGES and (named := to_whom(scene, found) or cases.agents(scene, found)):
        return (named[0],)
    near = cases.subjective(scene, found) if scene.language in slavic.LANGUAGES else found
    own = _labelled(scene, found) or beside(scene, near) or scene.speaker.state or _of_a_stateless(scene, found)
    if own is not None:
        return (own,)
    nouns = [one for one in found if not adjective(scene.passage, one, scene.language)]
    nouns = [one for one in nouns if one.first not in scene.event]
    names: list[str] = []
    if is_being(scene, min(scene.event, default=0)):
        names = to_whom(scene, found)
        nouns = [one for one in nouns if not names_a_thing(scene.passage, one)]
    by_case = scene.language in slavic.LANGUAGES
    acting = cases.subjects(scene, nouns, behind=False) if by_case else subjects(scene, nouns, passive=False)
    names = names or acting or doing(scene, found) or _behind_participle(scene, found)
    if names:
        return (names[0],)
    if scene.speaker.attribution is None and (agents := _agents(scene, found)):
        return (agents[0],)
    if scene.speaker.attribution is None:
        section = section_state(scene.article, scene.passage)
        if section is not None:
            return (section,)
        return tuple(_meant(scene)) if anaphora.opens_with_body(scene.passage, scene.event) else ()
    own = _written_in(scene) or next(iter(_meant(scene)), None) or home(scene.article)
    return (own,) if own is not None else ()


def _behind_participle(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """`Accusing Lima of sabotage, the Chilean government ordered ...`: the subject stands behind the comma."""
    words = scene.passage.tokens
    if scene.language != "en" or not words or not words[0].forms[0].endswith("ing") or 0 not in scene.event:
        return []
    comma = first_comma(scene.passage) or len(words)
    free = [one for one in found if one.first >= comma and governor(scene.passage, one.first) not in GOVERNING]
    return [one.meaning for one in free[:1]]


def _of_a_stateless(scene: Scene, found: Sequence[Mention]) -> str | None:
    """English: the state of a named speaker whose state nobody names: the article's own, unless it is spoken of.

    `China planted a false position, coast guard spokesman X said`, in an article from Manila.
    """
    says = scene.speaker.attribution
    if scene.language != "en" or says is None or says.who is None or says.passage is not scene.passage:
        return None
    spoken_of = {one.meaning for one in found}
    if not spoken_of:
        return None
    own = _written_in(scene)
    return own if own not in spoken_of else None


def _agents(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Those behind `by`, anywhere after the event: `blame is laid by the Finnish border guard on ...`."""
    first = min(scene.event, default=0)
    return [one.meaning for one in found if one.first > first and governor(scene.passage, one.first) in BY]


def _labelled(scene: Scene, found: Sequence[Mention]) -> str | None:
    """Whose words a headline gives: `Iran: foreign troops are targets`."""
    opens = bool(found) and found[0].first == 0 and scene.passage.between(found[0].last).startswith(":")
    return found[0].meaning if opens else None


def collective(passage: Passage, groups: frozenset[str] = COLLECTIVE) -> bool:
    """Whether the sentence names states without their names: `26 countries`, `thirty have signed up`."""
    return any(_collective_at(passage, at, groups) for at in range(len(passage.tokens)))


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
