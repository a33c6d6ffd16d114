"""Who is named in a sentence: persons, and the bodies of a state. By shape and word lists, without a parser."""

from __future__ import annotations

from streams.rules.words import elided
from streams.statements import actors, slavic
from streams.statements.bodies import lower_body, unnamed_role, whole_body
from streams.statements.lexicon import Mention
from streams.statements.name_words import LINKS, NEVER, OF, TITLES
from streams.statements.named import BODY, PERSON, PRONOUN, Named, text_of
from streams.statements.passage import Passage
from streams.statements.speaking import bodies, is_one_of, roles, speaking, tied

PRONOUNS = frozenset("he she они он она він вона il elle er sie".split())


def named(passage: Passage, language: str) -> list[Named]:
    """Persons, bodies, pronouns and unnamed roles of a sentence, in order."""
    states = actors.find(passage.tokens, language)
    found: list[Named] = []
    at = 0
    while at < len(passage.tokens):
        one = _name_at(passage, at, states, language)
        if one is not None:
            found.append(one)
            at = one.last
        else:
            at = next((state.last for state in states if state.first == at), at + 1)
    return found


def one_group(passage: Passage, first: int, last: int, language: str) -> bool:
    """Whether words `first` up to `last` are such as tie a state to the one who serves it: roles, bodies, titles."""
    if last - first > 9:
        return False
    beside, named_words = tied(language), speaking(language)
    words = passage.tokens
    return all(
        words[at].capital
        or is_one_of(words[at].forms[-1], beside)
        or (at + 1 < last and is_one_of(words[at + 1].forms[-1], named_words))
        or (at + 1 < last and words[at].forms[0] in _SEATED and words[at + 1].capital)
        for at in range(first, last)
    )


_SEATED = frozenset("в у при".split())
"""`координатор ООН в Ливане X`: where somebody serves does not part him from whom he serves."""


def _name_at(passage: Passage, at: int, states: list[Mention], language: str) -> Named | None:
    words = passage.tokens
    word = words[at].forms[-1]
    if language in ("fr", "de") and (bloc := _bloc(passage, at, states)) is not None:
        return bloc
    if not words[at].capital or word in NEVER or (language == "fr" and elided(words[at].text)):
        if word in PRONOUNS:
            return Named(at, at + 1, words[at].text, PRONOUN)
        return lower_body(passage, at, states, language) or unnamed_role(passage, at, states, language)
    end = _run(passage, at, language)
    found = _of_run(passage, at, end, states, language)
    return unnamed_role(passage, at, states, language) if found is None and language == "de" else found


def _bloc(passage: Passage, at: int, states: list[Mention]) -> Named | None:
    """`selon l'ONU`, `laut Nato`: a bloc speaks by its bare name, as a state does not."""
    one = next((state for state in states if state.first == at), None)
    if one is None or actors.table()[one.meaning].kind != actors.BLOC or not passage.tokens[at].capital:
        return None
    if passage.between(one.last) == "-":
        return None  # `EU-Außenbeauftragte`
    text = text_of(passage, one.first, one.last)
    return Named(one.first, one.last, text[elided(text) :], BODY, one.meaning)


def _run(passage: Passage, at: int, language: str) -> int:
    """Where the run of capitalised words that begins at `at` ends. Links join only what a capital follows."""
    words = passage.tokens
    links = LINKS - slavic.SHORT_WORDS if language in slavic.LANGUAGES else LINKS | {"the"}
    end = at + 1
    while end < len(words):
        if passage.between(end).strip(" \u00a0-.") or ("." in passage.between(end) and len(words[end - 1].text) > 2):
            break
        if words[end].capital or passage.between(end) == "-":
            end += 1
            continue
        link = end
        while link < len(words) and words[link].forms[0] in links and link - end < 2:
            if passage.between(link).strip(" -"):
                break
            link += 1
        if link == end or link >= len(words) or not words[link].capital or passage.between(link).strip(" -"):
            break
        end = link + 1
    return end


def _of_run(passage: Passage, at: int, end: int, states: list[Mention], language: str) -> Named | None:
    words = passage.tokens
    state = next((one.meaning for one in states if at <= one.first < end), None)
    metonym = next((one for one in states if one.first == at and (one.last == end or _long(one, language))), None)
    if metonym is not None:
        return _metonym(passage, metonym, language)
    body_words = bodies(language)
    of = next((n for n in range(at, end) if words[n].forms[0] in ("of", "for", "from")), None)
    if of is not None and of - at >= 2 and not any(is_one_of(words[n].forms[-1], body_words) for n in range(at, of)):
        person = _person(passage, at, of, state, language)
        if person is not None and person.last - person.first >= 2 and not _generic(passage, person):
            return person
    if any(is_one_of(words[n].forms[-1], body_words) for n in range(at, end)):
        last_head = max(n for n in range(at, end) if is_one_of(words[n].forms[-1], body_words))
        rest = list(range(last_head + 1, end))
        name_end = end if any(words[n].forms[0] in OF for n in rest) or not rest else last_head + 1
        if len(rest) >= 2 and name_end == last_head + 1 and _person_like(passage, last_head + 1, end, language):
            person = _person(passage, last_head + 1, end, state, language)
            if person is not None or language not in slavic.LANGUAGES:
                return person
        if language in slavic.LANGUAGES:
            return lower_body(passage, last_head, states, language)
        return whole_body(passage, at, name_end, states, language)
    return _person(passage, at, end, state, language)


def _generic(passage: Passage, one: Named) -> bool:
    """`Joint Chiefs` is no person."""
    return any(
        token.forms[-1] in ("chiefs", "ministry", "centre", "center")
        for token in passage.tokens[one.first : one.last]
    )


def _metonym(passage: Passage, mention: Mention, language: str) -> Named | None:
    """The White House speaks; Washington only acts."""
    words = passage.tokens[mention.first : mention.last]
    if not any(is_one_of(token.forms[-1], bodies(language)) or token.forms[-1] in _METONYMS for token in words):
        return None
    return Named(mention.first, mention.last, text_of(passage, mention.first, mention.last), BODY, mention.meaning)


_METONYMS = frozenset("affairs affaires maison quai haus hauses".split())
"""Words of metonyms that speak without being bodies elsewhere: `Maison-Blanche`, `Weißes Haus`."""


def _long(one: Mention, language: str) -> bool:
    """`Affaires mondiales Canada`: a name of several words, not all of them with a capital."""
    return language == "fr" and one.last - one.first > 1


def _person(passage: Passage, at: int, end: int, state: str | None, language: str) -> Named | None:
    words = passage.tokens
    first = at
    known = {n for one in actors.find(words[at:end], language) for n in range(at + one.first, at + one.last)}
    while first < end and (
        words[first].forms[-1] in TITLES
        or words[first].forms[-1] in _PORTFOLIOS.get(language, ())
        or is_one_of(words[first].forms[-1], roles(language))
        or first in known
        or words[first].forms[0] in LINKS
    ):
        first += 1
    if first < end and words[first].forms[0] in NEVER:
        first += 1
    titled = [
        n
        for n in range(first, end - 1)
        if words[n].forms[-1] in _OFFICES or is_one_of(words[n].forms[-1], roles(language))
    ]
    first = titled[-1] + 1 if titled else first
    if language in slavic.LANGUAGES:
        while first < end - 2 and words[first].text.isupper() and len(words[first].text) > 1:
            first += 1  # `МАГАТЕ Леннарт Сольберг`
    while end > first and (words[end - 1].forms[0] in LINKS or words[end - 1].text in _SUFFIX):
        end -= 1
    if not _person_like(passage, first, end, language):
        return None
    return Named(first, end, text_of(passage, first, end), PERSON, state)


_PORTFOLIOS = {
    "fr": frozenset(
        """défense intérieur affaires finances économie transports justice santé énergie commerce agriculture culture
        éducation sécurité industrie travail""".split()
    ),
    "en": frozenset(
        """affairs aviation civil communications infrastructure shipping ports railways maritime digital security
        development cooperation energy health agriculture industry labour justice environment home foreign internal
        external interior defence defense finance trade transport tourism relations water fisheries""".split()
    ),
}
"""What a minister is for, between the office and the name: `le ministre de la Défense X`."""

_OFFICES = frozenset(
    """minister ministers secretary president chancellor spokesman spokeswoman spokesperson ambassador general colonel
    commodore admiral captain major brigadier marshal commissioner director""".split()
)
"""Titles up to which all before a name is office: `Public Security Minister Itzel Quintero`."""


_SUFFIX = frozenset("TD MP MEP MLA MSP MK QC KC PhD MBE OBE CBE".split())
"""What stands behind a name and is none."""


def _person_like(passage: Passage, first: int, end: int, language: str) -> bool:
    words = passage.tokens
    if end <= first or end - first > 6:
        return False
    if language in slavic.LANGUAGES and any(words[n].text.isascii() for n in range(first, end)):
        return False  # `Sky News`: people are written in Cyrillic
    if any(words[n].forms[-1] in NEVER or words[n].text.isdigit() for n in range(first, end)):
        return False
    if language == "de" and end - first > 1 and all(passage.between(n) == "-" for n in range(first + 1, end)):
        return False  # `GPS-Signale`
    return not any(words[n].forms[0] in ("of", "for", "the") for n in range(first, end))
