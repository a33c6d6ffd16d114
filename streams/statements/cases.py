"""Who acts in the Slavic languages, where the case of a name tells, and not its place in the sentence."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements import actors, slavic
from streams.statements.governed import GOVERNING
from streams.statements.grammar import LISTED
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage
from streams.statements.scene import Scene
from streams.statements.speaker import own_states
from streams.statements.when import MONTHS, WEEKDAYS

_SUBORDINATING = tuple(
    "что чтобы котор если когда где куда хотя чей чья чьи як що щоб якщо коли де куди хоча чий чиї".split()
)
_HEADS = frozenset(
    """правительство власти власть кабинет кабмин парламент сейм сенат конгресс совет союз президент премьер министр
    канцлер король эмир султан лидер глава министерство мид минобороны минфин минторг ведомство ведомства армия
    военные силы служба агентство администрация руководство командование генштаб посольство делегация монарх
    казначейство регулятор погранслужба движение группировка повстанцы лидеры президенты премьеры министры главы
    пограничники пограничные
    уряд влада рада кабінет кабмін парламент президент прем'єр міністр канцлер король емір лідер глава очільник
    міністерство мзс міноборони мінфін відомство відомства армія військові сили служба агентство агенція
    адміністрація керівництво командування посольство делегація казначейство регулятор рух угруповання повстанці
    лідери президенти прем'єри міністри глави очільники прикордонники прикордонні""".split()
)
_CHAIN = 6
"""Words between the head of a noun group and a name in it, at most: `министерство иностранных дел Японии`."""
_BEHIND = 12
"""Words between an event and a subject behind it, at most."""
_NOUNS_IN_GENITIVE = tuple(
    """ний ций сий рий ов ев ан ами ями ах ях ния ние нию нием ции ів їв ань ень ння нням
    войск войска войсками силы баз базы військ війська сили бази""".split()
)
"""Endings of nouns, and nouns, to which a name without cases belongs that stands right behind: `граждан США`."""
_INSTRUMENTAL = ("ией", "ой", "ом", "ем", "ею", "єю", "ою", "ією", "ами")
_SUFFERS = ("попал", "оказал", "подпал", "угодил", "потрап", "опинил", "підпа")


def subjects(scene: Scene, found: Sequence[Mention], *, behind: bool = True) -> list[str]:
    """Those who act: agents of a passive, subjects in front of the event, then `behind` it, then owners of it."""
    passage = scene.passage
    own = _of_the_speaker(scene, found)
    free = [one for one in found if one not in own and one.first not in scene.event and not _place_name(passage, one)]
    suffers = is_passive(scene)
    by_whom = [one for one in free if suffers and _agent(passage, one) and _near(scene, one)]
    acting = [one for one in free if not _governed(passage, one.first) and _acts(passage, one, suffers)]
    first, last = (min(scene.event), max(scene.event)) if scene.event else (len(passage.tokens), -1)
    before = [one for one in acting if one.first < last]
    close = [one for one in before if not _apart(passage, one.last, first)] or before
    after = [one for one in acting if behind and one.first > last and _near(scene, one)]
    owners = [one for one in free if _owns(scene, one)]
    return [one.meaning for one in by_whom or close or after or owners]


def subjective(scene: Scene, found: Sequence[Mention]) -> list[Mention]:
    """Those that stand as subjects do, wherever in the sentence."""
    return [one for one in found if _acts(scene.passage, one, suffers=False)]


def agents(scene: Scene, found: Sequence[Mention]) -> list[str]:
    """Those by whom it is done or seen, right behind the event: `будет рассматриваться Москвой как ...`."""
    last = max(scene.event, default=-1)
    first = min(scene.event, default=0)
    return [one.meaning for one in found if _agent(scene.passage, one) and first < one.first <= last + 2]


def is_passive(scene: Scene) -> bool:
    """Whether the event is done to its grammatical subject: `введены`, `заморожено`, `попали под`."""
    words = (scene.passage.tokens[at].forms[0] for at in scene.event)
    return any(slavic.passive(word, scene.language) or word.startswith(_SUFFERS) for word in words)


def _of_the_speaker(scene: Scene, found: Sequence[Mention]) -> list[Mention]:
    """States by which a speaker is named: `сообщил министр обороны Эстонии`."""
    says = scene.speaker.attribution
    if says is None or says.who is None or says.passage is not scene.passage:
        return []
    inside = [one for one in found if says.who.first <= one.first < says.who.last]
    return [*own_states(says, scene.language), *inside]


def _place_name(passage: Passage, one: Mention) -> bool:
    """`Финский залив`: an adjective with a capital, within a sentence, names a place."""
    word = passage.tokens[one.first]
    return one.first > 0 and word.capital and one.last - one.first == 1 and slavic.adjective(word.forms[0])


def _adjective(passage: Passage, one: Mention) -> bool:
    """Whether a name is an adjective: in small letters, or with the capital of the sentence."""
    word = passage.tokens[one.first]
    return (one.first == 0 or not word.capital) and slavic.adjective(word.forms[0])


def _acts(passage: Passage, one: Mention, suffers: bool) -> bool:
    """Whether a name is a subject: in the nominative, the genitive of one who is, or the adjective of one."""
    word = passage.tokens[one.first]
    if _adjective(passage, one):
        if not slavic.nominative(word.forms[0]):
            return _headed(passage, one.first)
        following = passage.tokens[one.last : one.last + 3]
        if any(token.forms[0] in _HEADS or (token.capital and not token.text[1:2].islower()) for token in following):
            return True
        return not suffers
    if suffers:
        return False  # whoever a passive's subject is, it is done to him
    if _headed(passage, one.first):
        return True
    if not actors.nominative(passage.tokens[one.first : one.last]):
        return False
    return not _attribute(passage, one)


def _governed(passage: Passage, at: int) -> bool:
    """Whether a preposition stands before word `at`, over adjectives: `в соседний Иран`."""
    back = at - 1
    while back > 0 and slavic.adjectival(passage.tokens[back].forms[0]) and passage.between(back + 1) == " ":
        back -= 1
    return back >= 0 and passage.tokens[back].forms[0] in GOVERNING and not passage.between(back + 1).strip()


def serves(passage: Passage, at: int) -> bool:
    """Whether a body or an office leads to word `at`, in whatever case: `в МИД Ирана`."""
    return any(token.forms[0].startswith(_OFFICES) for token in passage.tokens[max(0, at - 3) : at])


_OFFICES = tuple(
    """правительств министерств мид минобороны ведомств парламент кабмин администраци президент премьер посольств
    уряд міністерств мзс міноборони відомств кабмін адміністраці прем'єр""".split()
)


def _headed(passage: Passage, at: int) -> bool:
    """Whether a noun group of people or a body leads to word `at`: `парламент Эстонии`, `президенты X и Y`."""
    words = passage.tokens
    for back in range(at - 1, max(-1, at - _CHAIN - 1), -1):
        if passage.between(back + 1).strip(' -«»"'):
            return False
        word = words[back].forms[0]
        if word in _HEADS:
            return not _governed(passage, back)
        if not (words[back].capital or word in LISTED or slavic.genitive(word)):
            return False
    return False


def _attribute(passage: Passage, one: Mention) -> bool:
    """Whether a name without cases belongs to the noun before it: `граждан США`, `решение ЕС`."""
    if one.first == 0 or passage.between(one.first).strip():
        return False
    if not slavic.indeclinable(passage.tokens[one.first].text):
        return False
    before = passage.tokens[one.first - 1]
    if before.capital or before.forms[0] in WEEKDAYS or before.forms[0] in MONTHS:
        return False
    return before.forms[0].endswith(_NOUNS_IN_GENITIVE)


def _agent(passage: Passage, one: Mention) -> bool:
    """`введены Японией`, `підписано Україною`; a name without cases is none."""
    word = passage.tokens[one.last - 1]
    if not word.capital or actors.nominative(passage.tokens[one.first : one.last]):
        return False
    return word.forms[0].endswith(_INSTRUMENTAL) and not _governed(passage, one.first)


def _near(scene: Scene, one: Mention) -> bool:
    last = max(scene.event, default=-1)
    return 0 <= one.first - last <= _BEHIND and not _apart(scene.passage, last + 1, one.first)


def _apart(passage: Passage, first: int, last: int) -> bool:
    """Whether a comma and a word that opens a clause stand between two words."""
    return any(
        "," in passage.between(at) and passage.tokens[at].forms[0].startswith(_SUBORDINATING)
        for at in range(max(first, 1), min(last + 1, len(passage.tokens)))
    )


def _owns(scene: Scene, one: Mention) -> bool:
    """`британские санкции`, `вклад Норвегии`: whose the event's own noun is."""
    if _adjective(scene.passage, one):
        return any(at in scene.event for at in range(one.last, one.last + 2))
    return one.first - 1 in scene.event


def hosts(passage: Passage, one: Mention) -> bool:
    """`на полях саммита ШОС`: whose gathering it is that the parties meet at."""
    before = passage.tokens[one.first - 1].forms[0] if one.first else ""
    return before in _GATHERINGS and not passage.between(one.first).strip()


_GATHERINGS = frozenset(
    """саммита саммите саммиту форума форуме сессии ассамблеи конференции заседания саміту саміті форуму форумі сесії
    асамблеї конференції засідання полях""".split()
)


def qualifies(one: Mention, found: Sequence[Mention], passage: Passage) -> bool:
    """`ливанская «Хезболла»`: an adjective right before another name only says where that is from."""
    return slavic.adjective(passage.tokens[one.first].forms[0]) and any(other.first == one.last for other in found)
