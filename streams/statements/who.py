"""Who acts in a sentence: the states, blocs and armed groups that its event word is about, as the rule asks."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements import actors
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage
from streams.statements.speaker import Speaker

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
    parliament people rebels movement side sides""".split()
)
COLLECTIVE = frozenset(
    """countries states nations governments allies members capitals country nation neighbours neighbors sides parties
    стран страны государств государства держав держави країн країни pays états staaten länder""".split()
)


def acting(passage: Passage, event: Sequence[int], speaker: Speaker, who: str) -> tuple[str, ...]:
    """Canonical names, sorted. `who` is `subject`, `speaker` (whose state declares it) or `parties`."""
    found = actors.find(passage.tokens)
    if who == "speaker":
        if speaker.state is not None:
            return (speaker.state,)
        return _sorted(_subjects(passage, found, event)[:1])
    if who == "parties":
        return _sorted(_parties(passage, found, speaker))
    subjects = _subjects(passage, found, event)
    if subjects:
        return _sorted(subjects)
    return (speaker.state,) if speaker.state is not None else ()


def _subjects(passage: Passage, found: Sequence[Mention], event: Sequence[int]) -> list[str]:
    """Those before the event word that no preposition governs, and those after `by`."""
    first = min(event) if event else len(passage.tokens)
    names = []
    for one in found:
        governor = _governor(passage, one.first)
        if governor in _BY or (one.first < first and governor not in _NOT_SUBJECT):
            names.append(one.meaning)
    return names


def _parties(passage: Passage, found: Sequence[Mention], speaker: Speaker) -> list[str]:
    """All but places (`in Abu Dhabi`) and whoever speaks."""
    says = speaker.attribution
    names = []
    for one in found:
        if _governor(passage, one.first) in ("in", "at", "from", "near", "в", "у", "à", "en", "to", "dans", "around"):
            continue
        if says is not None and says.passage is passage and _beside(one, says.verb, passage, speaker):
            continue
        names.append(one.meaning)
    return names


def _beside(one: Mention, verb: int, passage: Passage, speaker: Speaker) -> bool:
    """Whether a state is only the speaker's."""
    who = speaker.attribution.who if speaker.attribution else None
    if who is not None and who.first <= one.first < who.last:
        return True
    low, high = (min(who.first, verb), max(who.last, verb)) if who is not None else (verb - 7, verb + 7)
    return low - 8 <= one.first <= high + 8 and ("," not in _text(passage, one.last, low) if one.last <= low else True)


def _text(passage: Passage, first: int, last: int) -> str:
    if first >= last:
        return ""
    return passage.text[passage.tokens[first - 1].end : passage.tokens[last].start]


def _governor(passage: Passage, at: int) -> str:
    """The preposition that governs word `at`, over articles, adjectives with a capital and people's roles."""
    for back in range(at - 1, max(-1, at - 7), -1):
        word = passage.tokens[back].forms[0]
        if any(mark in passage.between(back + 1) for mark in ",;:—()“”\"") and word not in ("and",):
            return ""
        if word == "of" and back > 0 and _people(passage, back):
            continue
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
