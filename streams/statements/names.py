"""Who is named in a sentence: persons, and the bodies of a state. By shape and word lists, without a parser."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from streams.rules.words import elided
from streams.statements import actors, slavic
from streams.statements.body_names import french_begin, french_end, german_begin, german_end
from streams.statements.lexicon import Mention, table
from streams.statements.name_words import BEFORE_BODY, GROUPED, LINKS, NEVER, OF, TITLES
from streams.statements.noun_groups import body_group
from streams.statements.passage import Passage

PRONOUNS = frozenset("he she они он она він вона il elle er sie".split())


class Named(NamedTuple):
    """A person or body: words `first` up to `last` of its sentence, its name, its kind, and the state it serves."""

    first: int
    last: int
    text: str
    kind: str
    state: str | None = None


PERSON, BODY, PRONOUN, ROLE = "person", "body", "pronoun", "role"


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
    tied, named_words = _tied(language), _speaking(language)
    words = passage.tokens
    return all(
        words[at].capital
        or _is(words[at].forms[-1], tied)
        or (at + 1 < last and _is(words[at + 1].forms[-1], named_words))
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
        return _lower_body(passage, at, states, language) or _role(passage, at, states, language)
    end = _run(passage, at, language)
    found = _of_run(passage, at, end, states, language)
    return _role(passage, at, states, language) if found is None and language == "de" else found


def _bloc(passage: Passage, at: int, states: list[Mention]) -> Named | None:
    """`selon l'ONU`, `laut Nato`: a bloc speaks by its bare name, as a state does not."""
    one = next((state for state in states if state.first == at), None)
    if one is None or actors.table()[one.meaning].kind != actors.BLOC or not passage.tokens[at].capital:
        return None
    if passage.between(one.last) == "-":
        return None  # `EU-Außenbeauftragte`
    text = _text(passage, one.first, one.last)
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
    bodies = _bodies(language)
    of = next((n for n in range(at, end) if words[n].forms[0] in ("of", "for", "from")), None)
    if of is not None and of - at >= 2 and not any(_is(words[n].forms[-1], bodies) for n in range(at, of)):
        person = _person(passage, at, of, state, language)
        if person is not None and person.last - person.first >= 2 and not _generic(passage, person):
            return person
    if any(_is(words[n].forms[-1], bodies) for n in range(at, end)):
        last_head = max(n for n in range(at, end) if _is(words[n].forms[-1], bodies))
        rest = list(range(last_head + 1, end))
        name_end = end if any(words[n].forms[0] in OF for n in rest) or not rest else last_head + 1
        if len(rest) >= 2 and name_end == last_head + 1 and _person_like(passage, last_head + 1, end, language):
            person = _person(passage, last_head + 1, end, state, language)
            if person is not None or language not in slavic.LANGUAGES:
                return person
        if language in slavic.LANGUAGES:
            return _lower_body(passage, last_head, states, language)
        return _whole_body(passage, at, name_end, states, language)
    return _person(passage, at, end, state, language)


def _whole_body(passage: Passage, first: int, last: int, states: list[Mention], language: str) -> Named:
    """A body's name with what belongs to it on either side."""
    if language == "fr":
        last = french_end(passage, last, states)
    if language == "de":
        first = german_begin(passage, first, states)
        last = german_end(passage, last, states)
    state = next((one.meaning for one in states if first <= one.first < last), None)
    text = _text(passage, first, last)
    return Named(first, last, text[elided(text) :] if language == "fr" else text, BODY, state)


def _generic(passage: Passage, one: Named) -> bool:
    """`Joint Chiefs` is no person."""
    return any(
        token.forms[-1] in ("chiefs", "ministry", "centre", "center")
        for token in passage.tokens[one.first : one.last]
    )


def _metonym(passage: Passage, mention: Mention, language: str) -> Named | None:
    """The White House speaks; Washington only acts."""
    words = passage.tokens[mention.first : mention.last]
    if not any(_is(token.forms[-1], _bodies(language)) or token.forms[-1] in _METONYMS for token in words):
        return None
    return Named(mention.first, mention.last, _text(passage, mention.first, mention.last), BODY, mention.meaning)


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
        or (language == "fr" and words[first].forms[-1] in _PORTFOLIOS)
        or _is(words[first].forms[-1], _roles(language))
        or first in known
        or words[first].forms[0] in LINKS
    ):
        first += 1
    if first < end and words[first].forms[0] in NEVER:
        first += 1
    titled = [
        n
        for n in range(first, end - 1)
        if words[n].forms[-1] in _OFFICES or _is(words[n].forms[-1], _roles(language))
    ]
    first = titled[-1] + 1 if titled else first
    if language in slavic.LANGUAGES:
        while first < end - 2 and words[first].text.isupper() and len(words[first].text) > 1:
            first += 1  # `МАГАТЕ Леннарт Сольберг`
    while end > first and (words[end - 1].forms[0] in LINKS or words[end - 1].text in _SUFFIX):
        end -= 1
    if not _person_like(passage, first, end, language):
        return None
    return Named(first, end, _text(passage, first, end), PERSON, state)


_PORTFOLIOS = frozenset(
    """défense intérieur affaires finances économie transports justice santé énergie commerce agriculture culture
    éducation sécurité industrie travail""".split()
)
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


def _lower_body(passage: Passage, at: int, states: list[Mention], language: str) -> Named | None:
    """`the Chilean foreign ministry`, `Romania's defence ministry`, `the ministry`: from its last word leftwards."""
    words = passage.tokens
    if language == "fr" and (begin := french_begin(passage, at)) is not None:
        return _whole_body(passage, begin, at + 1, states, language)
    if not _is(words[at].forms[-1], _bodies(language)):
        return None
    if language in slavic.LANGUAGES:
        first, last, state = body_group(passage, at, states, lambda word: _is(word, _speaking(language)))
        return Named(first, last, _text(passage, first, last), BODY, state)
    first = at
    while first > 0 and at - first < 6 and not passage.between(first).strip(" -'’s"):
        before = words[first - 1]
        owner = next((one for one in states if one.first <= first - 1 < one.last), None)
        if owner is not None:
            first = owner.first
            break
        if (
            before.forms[0] in BEFORE_BODY
            or _is(before.forms[-1], _bodies(language))
            or (before.capital and before.forms[0] not in NEVER)
        ):
            first -= 1
            continue
        owner = _owner(passage, first, states)
        if owner is not None:
            first = owner.first
        break
    if language == "fr":
        return _whole_body(passage, at, at + 1, states, language)
    if first == at:
        first = _described(passage, at)
    end = _tail(passage, at + 1, language)
    after = next((one for one in states if one.first == end and language not in ("en", "")), None)
    last = after.last if after is not None else end
    state = next((one.meaning for one in states if first <= one.first < last), None)
    if state is None and last < len(words) and words[last].forms[0] in ("in", "of"):
        seat = next((one for one in states if last < one.first <= last + 2), None)
        if seat is not None and not passage.between(seat.first).strip():
            last, state = seat.last, seat.meaning
    return Named(first, last, _text(passage, first, last), BODY, state)


def _owner(passage: Passage, first: int, states: list[Mention]) -> Mention | None:
    """Whose body it is, over the one or two things that it is for: `the Chilean mining (and works) agency`."""
    words = passage.tokens
    for size in (1, 3):
        owner = next((one for one in states if one.last == first - size), None)
        if owner is None:
            continue
        between = words[owner.last : first]
        plain = all(word.text.isalpha() and word.forms[0] not in NEVER for word in (between[0], between[-1]))
        if plain and between[0].forms[0] not in LINKS and (size == 1 or between[1].forms[0] == "and"):
            return owner
    return None


def _described(passage: Passage, at: int) -> int:
    """Where a body's own description begins, after its article: `the (state news) agency`."""
    words = passage.tokens
    for back in range(at - 1, max(-1, at - 4), -1):
        if passage.between(back + 1).strip(" -") or words[back].capital:
            return at
        if words[back].forms[0] in ("the", "a", "an"):
            return back + 1
        if not words[back].text.isalpha() or words[back].forms[0] in LINKS or words[back].forms[-1].endswith("ing"):
            return at
    return at


def _tail(passage: Passage, end: int, language: str) -> int:
    """Where a body's name ends that goes on behind its head: `ministère de la Défense`."""
    words = passage.tokens
    last = end
    while last < len(words) and last - end < _TAIL and not passage.between(last).strip():
        word = words[last].forms[0]
        linked = language in ("fr", "de") and (word in OF or words[last - 1].forms[0] in OF)
        if not linked or _is(word, _roles(language)):
            break
        last += 1
    while last > end and words[last - 1].forms[0] in OF:
        last -= 1
    return last


_TAIL = 4


def _role(passage: Passage, at: int, states: list[Mention], language: str) -> Named | None:
    word = passage.tokens[at].forms[-1]
    if not _is(word, _roles(language)):
        return None
    if language in slavic.LANGUAGES:
        head = at + 1 if passage.between(at + 1) == "-" else at  # `премьер-министр`
        _, last, state = body_group(passage, head, states, lambda word: _is(word, _speaking(language)))
        return Named(at, last, _text(passage, at, last), ROLE, state)
    return Named(at, at + 1, _role_text(passage, at, language), ROLE)


def _role_text(passage: Passage, at: int, language: str) -> str:
    """A role with what it belongs to: `Foreign Ministry spokesperson`, `spokeswoman for its government`."""
    words = passage.tokens
    first, last = at, at + 1
    while first > 0 and at - first < 6 and not passage.between(first).strip(" -'’s"):
        before = words[first - 1]
        if (
            not (before.capital or before.forms[-1] in BEFORE_BODY or _is(before.forms[-1], _bodies(language)))
            or before.forms[0] in NEVER
        ):
            break
        first -= 1
    if first == at and last < len(words) and words[last].forms[0] in ("for", "of", "at", "from"):
        end = last + 1
        while end < len(words) and end - last < 8 and not passage.between(end).strip(" -'’s"):
            if _is(words[end].forms[-1], _bodies(language)):
                return _text(passage, first, end + 1)
            end += 1
    return _text(passage, first, last)


def _text(passage: Passage, first: int, last: int) -> str:
    text = passage.text[passage.tokens[first].start : passage.tokens[last - 1].end]
    for ending in ("'s", "’s"):
        text = text.removesuffix(ending)
    return text


def _is(word: str, words: frozenset[str]) -> bool:
    """Whether a word is one of these, a form of a stem (`міністерств*`), or ends with an ending (`-ministerium`)."""
    return (
        word in words
        or word.startswith(_stems(words))
        or (len(word) > _COMPOUND and any(word.endswith(end) for end in _endings(words)))
    )


_COMPOUND = 9


@cache
def _endings(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word[1:] for word in words if word.startswith("-"))


@cache
def _stems(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word[:-1] for word in words if word.endswith("*"))


@cache
def _tied(language: str) -> frozenset[str]:
    return TITLES | BEFORE_BODY | GROUPED | _speaking(language)


@cache
def _speaking(language: str) -> frozenset[str]:
    return _bodies(language) | _roles(language)


@cache
def _serving(language: str) -> frozenset[str]:
    return _roles(language) | _bodies(language)


def serves(word: str, language: str) -> bool:
    """Whether a word is people or a body that speaks for a state: `ministre`, `Außenministerium`."""
    return _is(word, _serving(language))


@cache
def _bodies(language: str) -> frozenset[str]:
    return _words(language, "bodies")


@cache
def _roles(language: str) -> frozenset[str]:
    return _words(language, "roles")


def _words(language: str, kind: str) -> frozenset[str]:
    speech = table("speech")
    words: Iterable[str] = (*speech["en"][kind], *speech.get(language, {}).get(kind, ()))
    return frozenset(str(word).casefold() for word in words)
