"""To whom a sentence is attributed: the person or body nearest its verb of speech, by the name it first had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from streams.statements import actors, nationality, slavic
from streams.statements.attribution import attributions, gap_of
from streams.statements.following import told_next
from streams.statements.governed import PLACING, governor
from streams.statements.labels import Attribution, label_of
from streams.statements.lexicon import Mention, tokens
from streams.statements.named import PERSON, PRONOUN, ROLE, Named
from streams.statements.names import named, one_group
from streams.statements.passage import Passage, opening_of
from streams.statements.speaking import roles
from wire.records import Voice


@dataclass(frozen=True)
class Speaker:
    """The speaker's full name or None, the state it serves, whose words they are, and the words that tell."""

    name: str | None = None
    state: str | None = None
    voice: Voice = Voice.ARTICLE
    attribution: Attribution | None = None


def speaker(article: Sequence[Passage], at: int, event: Sequence[int], language: str) -> Speaker:
    """Who says sentence `at`, of whose words `event` are the ones that matter."""
    passage = article[at]
    found = list(attributions(passage, language, surnames(tuple(article), language)))
    quoted = bool(event) and all(passage.quoted[word] for word in event)
    chosen = _nearest(found, event)
    if chosen is None and (quoted or _in_open_quote(passage)):
        chosen = _neighbour(article, at, language)
    chosen = chosen or _labelled(article, at, language)
    if chosen is None or (chosen.who is None and language in slavic.LANGUAGES):
        chosen = _told_next(article, at, language) or chosen
    if chosen is None:
        partly = language in nationality.LANGUAGES and not _in_open_quote(passage)  # `rejette «catégoriquement»`
        return Speaker(voice=Voice.QUOTED if quoted and not partly else Voice.ARTICLE)
    voice = Voice.QUOTED if quoted else Voice.REPORTED
    if chosen.who is None and chosen.verb in event:
        voice = Voice.ARTICLE  # `Oslo pledged`: the verb is the event itself, told by the article
    who = chosen.who
    unnamed = chosen.role or (chosen.state is not None and language in nationality.LANGUAGES)
    if unnamed and (who is None or who.kind == ROLE):
        who = _named_next(article, at, language) or who
    if who is None or who.kind == ROLE:
        tied = who.text if who is not None and " " in who.text else None
        return Speaker(tied, _state_of_nobody(article, chosen, language), voice, chosen)
    whole = _resolved(article, at, who, language)
    named_as_source = language in nationality.LANGUAGES and chosen.who is None
    state = (chosen.state if named_as_source else None) or _state_of(article, chosen, whole, language)
    return Speaker(whole.text if whole is not None and whole.kind != PRONOUN else None, state, voice, chosen)


def _nearest(found: Sequence[Attribution], event: Sequence[int]) -> Attribution | None:
    """An attribution that names somebody, the nearest to the event; one behind the event before one in front."""
    if not found:
        return None
    anchor = min(event) if event else 0

    def rank(one: Attribution) -> tuple[int, bool, int]:
        inside = one.verb in event
        unnamed = one.who is None or (one.who.kind == ROLE and " " not in one.who.text)
        return 2 if unnamed else _told_of(one), inside, abs(one.verb - anchor)

    return min(found, key=rank)


def _told_of(one: Attribution) -> int:
    """1 where French or German tell of an accusation or use a pronoun, which another may report; else 0."""
    if one.passage.language not in nationality.LANGUAGES or one.who is None:
        return 0
    return int(one.who.kind == PRONOUN or one.passage.tokens[one.verb].forms[-1] in _ACCUSING)


_ACCUSING = frozenset(
    """accuse accusent accusé soupçonne soupçonnent soupçonné dénonce dénoncent dénoncé reproche reproché wirft werfen
    warf warfen beschuldigt beschuldigte beschuldigten verdächtigt verdächtigte lastet lastete""".split()
)


def _in_open_quote(passage: Passage) -> bool:
    return bool(passage.quoted) and sum(passage.quoted) > 0.8 * len(passage.quoted)


def _neighbour(article: Sequence[Passage], at: int, language: str) -> Attribution | None:
    """Who said the rest of the same quotation: the sentence before, then the one after, in the paragraph."""
    for other in (at - 1, at + 1, at - 2):
        if 0 <= other < len(article) and article[other].paragraph == article[at].paragraph:
            known = surnames(tuple(article), language)
            found = [one for one in attributions(article[other], language, known) if one.who is not None]
            if found and article[other].part == article[at].part:
                return found[-1 if other < at else 0]
    return None


def _named_next(article: Sequence[Passage], at: int, language: str) -> Named | None:
    """The person whom the next sentence names as speaking, where this one says only `a spokeswoman`."""
    if at + 1 >= len(article) or article[at + 1].part != article[at].part:
        return None
    here = {one.text for one in named(article[at], language) if one.kind == PERSON}
    for one in attributions(article[at + 1], language, surnames(tuple(article), language)):
        if one.who is not None and one.who.kind == PERSON and one.who.text not in here:
            return one.who
    return None


def _told_next(article: Sequence[Passage], at: int, language: str) -> Attribution | None:
    """Who says a sentence of a text's body in the sentence that follows it."""
    if at + 1 >= len(article) or article[at + 1].part != article[at].part or article[at].part == "title":
        return None
    return told_next(article[at + 1], language, surnames(tuple(article), language))


def _labelled(article: Sequence[Passage], at: int, language: str) -> Attribution | None:
    """Who speaks by the label of a transcript (`NAME NAME: ...`): the sentence's own, or the last one before it."""
    known = surnames(tuple(article), language)
    labels = [
        (number, one) for number, passage in enumerate(article) if (one := label_of(passage, known)) is not None
    ]
    before = [(number, one) for number, one in labels if number <= at and article[number].part == article[at].part]
    if not before:
        return None
    number, one = before[-1]
    same = article[number].paragraph == article[at].paragraph
    return one if same or len(labels) >= _TRANSCRIPT else None


_TRANSCRIPT = 3
"""Labels that make a text a transcript, where what a speaker says may run over paragraphs."""


# ---------------------------------------------------------------- the whole name


@lru_cache(maxsize=8)
def mentioned(article: tuple[Passage, ...], language: str) -> tuple[tuple[int, Named], ...]:
    """Every name of an article with the number of its sentence, in order."""
    return tuple((at, one) for at, passage in enumerate(article) for one in named(passage, language))


@lru_cache(maxsize=8)
def surnames(article: tuple[Passage, ...], language: str) -> frozenset[str]:
    """The family names of those whom an article names in full, as `slavic.family_name` gives them."""
    names = (one.text.split() for _, one in mentioned(article, language) if one.kind == PERSON)
    return frozenset(slavic.family_name(words[-1]) for words in names if len(words) > 1)


def _resolved(article: Sequence[Passage], at: int, who: Named, language: str) -> Named | None:
    known = mentioned(tuple(article), language)
    earlier = [one for number, one in known if number <= at and (number < at or one.first < who.first)]
    if who.kind == PRONOUN:
        whole_names = surnames(tuple(article), language)
        persons = [one for one in earlier if one.kind == PERSON and slavic.family_name(one.text) in whole_names]
        return _whole(known, persons[-1]) if persons else None
    return _whole(known, who)


def _whole(known: Iterable[tuple[int, Named]], who: Named) -> Named:
    """The first mention that says more: `Reyes` is a Marco Reyes named before, `the palace` the palace's name."""
    last = slavic.family_name(who.text)
    best = who
    for _, one in known:
        if one.kind != who.kind or slavic.family_name(one.text) != last:
            continue
        words = len(one.text.split())
        if who.kind == PERSON and len(who.text.split()) > 1:
            break
        if words > len(best.text.split()):
            best = one
            break
    return best


def _state_of_nobody(article: Sequence[Passage], attribution: Attribution, language: str) -> str | None:
    """The state that speaks without a person: the one named as source, else the one beside the verb."""
    if language in nationality.LANGUAGES and attribution.state is not None:
        return attribution.state
    return _state_of(article, attribution, None, language) or attribution.state


def _state_of(article: Sequence[Passage], attribution: Attribution, whole: Named | None, language: str) -> str | None:
    """The state that the speaker serves: named beside him, or where he was first named."""
    here = own_states(attribution, language)
    if here or whole is None:
        return here[0].meaning if here else None
    if whole.kind == PERSON and (office := actors.serving(tokens(whole.text), language)):
        return office[0].meaning
    last = slavic.family_name(whole.text)
    for passage in article:
        words = [n for n, token in enumerate(passage.tokens) if slavic.family_name(token.forms[-1]) == last]
        if words and passage is not attribution.passage:
            size = len(whole.text.split())
            first = Named(max(0, words[0] - size + 1), words[0] + 1, whole.text, PERSON)
            found = own_states(Attribution(first, -1, passage), language)
            if found:
                return found[0].meaning
    return None


def own_states(attribution: Attribution, language: str) -> list[Mention]:
    """States named within the speaker's noun group, the nearest first; not beyond his verb, over one comma."""
    who, passage, verb = attribution.who, attribution.passage, attribution.verb
    first = who.first if who is not None else verb
    last = who.last if who is not None else verb + (language in nationality.LANGUAGES)
    near = []
    for one in actors.find(passage.tokens, language):
        if first <= one.first < last:
            near.append((0, one))
            continue
        if language in slavic.LANGUAGES and governor(passage, one.first) in PLACING:
            continue
        begin, end = (one.last, first) if one.last <= first else (last, one.first)
        if begin > end or (begin <= verb < end and who is not None):
            continue
        gap = gap_of(passage, begin, end)
        ended = one.last <= first and gap.lstrip("'’s ").startswith(",")  # `troops in Y, X said`
        ended = ended or (one.last <= first and "," in gap and bool(gap.rpartition(",")[2].strip()))
        ended = (
            ended
            and not nationality.introduces(passage, one)
            and not (gap.strip() == "," and _served(passage, one, language))
        )
        if ended or gap.count(",") > 1 or any(mark in gap for mark in ';:"“”«»—()'):
            continue
        if one_group(passage, begin, end, language):
            near.append((end - begin, one))
    return [one for _, one in sorted(near)]


def _served(passage: Passage, one: Mention, language: str) -> bool:
    """English: whether somebody's office stands before a name: `the special envoy of the African Union, X, said`."""
    words = [token.forms[0] for token in passage.tokens[max(0, one.first - _TO_OFFICE) : one.first]]
    while words and words[-1] == "the":
        words.pop()
    return language == "en" and len(words) > 1 and words[-1] in ("of", "for") and words[-2] in roles(language)


_TO_OFFICE = 4


def home(article: Sequence[Passage]) -> str | None:
    """The state from which an article reports: that of its dateline, else the one it names most often."""
    if (placed := dateline_state(article)) is not None:
        return placed
    mentions = [(passage, one) for passage in article for one in actors.find(passage.tokens, passage.language)]
    free = [one.meaning for passage, one in mentions if not _placed(passage, one)]
    names = Counter(free or [one.meaning for _, one in mentions])
    return next((name for name, _ in names.most_common() if actors.table()[name].kind == actors.STATE), None)


def _placed(passage: Passage, one: Mention) -> bool:
    return one.first > 0 and passage.tokens[one.first - 1].forms[0] in _PLACES_OF


_PLACES_OF = frozenset("в на у".split())


def dateline_state(article: Sequence[Passage]) -> str | None:
    """The state of an article's dateline."""
    for passage in article:
        if passage.dateline:
            found = actors.find(tokens(passage.dateline.title()), passage.language)
            if found:
                return found[0].meaning
    return None


def section_state(article: Sequence[Passage], passage: Passage) -> str | None:
    """The state that a digest sets before a paragraph, and nothing beside it: `Mexico. ...`."""
    opening = opening_of(article, passage)
    found = actors.find(opening.tokens, opening.language)
    whole = len(found) == 1 and found[0].first == 0 and found[0].last == len(opening.tokens)
    return found[0].meaning if whole and opening is not passage else None
