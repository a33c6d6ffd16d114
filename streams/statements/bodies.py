"""The names of bodies and of those who only have a role, from their heads outwards: `Romania's defence ministry`."""

from __future__ import annotations

from streams.rules.words import elided
from streams.statements import slavic
from streams.statements.body_names import french_begin, french_end, german_begin, german_end
from streams.statements.lexicon import Mention
from streams.statements.name_words import BEFORE_BODY, LINKS, NEVER, OF
from streams.statements.named import BODY, ROLE, Named, text_of
from streams.statements.noun_groups import body_group
from streams.statements.passage import Passage
from streams.statements.speaking import bodies, is_one_of, roles, speaking


def whole_body(passage: Passage, first: int, last: int, states: list[Mention], language: str) -> Named:
    """A body's name with what belongs to it on either side."""
    if language == "fr":
        last = french_end(passage, last, states)
    if language == "de":
        first = german_begin(passage, first, states)
        last = german_end(passage, last, states)
    if language == "en":
        first, last = _joined(passage, first, last, states)
    state = next((one.meaning for one in states if first <= one.first < last), None)
    if language == "en" and state is None:
        last, state = _seated(passage, last, states)
    text = text_of(passage, first, last)
    return Named(first, last, text[elided(text) :] if language == "fr" else text, BODY, state)


def _joined(passage: Passage, first: int, last: int, states: list[Mention]) -> tuple[int, int]:
    """A name with what `and` joins to it: `Iran's Ports and Maritime Organisation`, `Foreign Affairs and Trade`."""
    words = passage.tokens
    begin = first - 1
    while begin > 0 and words[begin - 1].capital and not passage.between(begin).strip():
        begin -= 1
    owned = words[begin].text.endswith(("'s", "’s")) or (begin and words[begin - 1].forms[0] == "the")
    named = range(begin, first) if first > 1 and words[first - 1].forms[0] == "and" else range(0)
    if len(named) > 1 and owned and not any(one.last - 1 in named[1:] for one in states):
        first = begin
    of = any(words[at].forms[0] in OF for at in range(first, last))
    end = last + 1
    while of and end < len(words) and words[end].capital and not passage.between(end).strip():
        end += 1
    joins = end > last + 1 and words[last].forms[0] == "and" and not passage.between(last).strip()
    return first, end if joins and not any(last < one.first < end for one in states) else last


def _seated(passage: Passage, last: int, states: list[Mention]) -> tuple[int, str | None]:
    """Where the seat of a body of no named state ends, and the state: `the Defence Ministry in Ankara`."""
    if last < len(passage.tokens) and passage.tokens[last].forms[0] in ("in", "of"):
        seat = next((one for one in states if last < one.first <= last + 2), None)
        if seat is not None and not passage.between(seat.first).strip():
            return seat.last, seat.meaning
    return last, None


def lower_body(passage: Passage, at: int, states: list[Mention], language: str) -> Named | None:
    """`the Chilean foreign ministry`, `Romania's defence ministry`, `the ministry`: from its last word leftwards."""
    words = passage.tokens
    if language == "fr" and (begin := french_begin(passage, at)) is not None:
        return whole_body(passage, begin, at + 1, states, language)
    if not is_one_of(words[at].forms[-1], bodies(language)):
        return None
    if language in slavic.LANGUAGES:
        first, last, state = body_group(passage, at, states, lambda word: is_one_of(word, speaking(language)))
        return Named(first, last, text_of(passage, first, last), BODY, state)
    first = at
    while first > 0 and at - first < 6 and not passage.between(first).strip(" -'’s"):
        before = words[first - 1]
        owner = next((one for one in states if one.first <= first - 1 < one.last), None)
        if owner is not None:
            first = owner.first
            break
        if (
            before.forms[0] in BEFORE_BODY
            or is_one_of(before.forms[-1], bodies(language))
            or (before.capital and before.forms[0] not in NEVER)
        ):
            first -= 1
            continue
        owner = _owner(passage, first, states)
        if owner is not None:
            first = owner.first
        break
    if language == "fr":
        return whole_body(passage, at, at + 1, states, language)
    if first == at:
        first = _described(passage, at)
    end = _tail(passage, at + 1, language)
    after = next((one for one in states if one.first == end and language not in ("en", "")), None)
    last = after.last if after is not None else end
    state = next((one.meaning for one in states if first <= one.first < last), None)
    if state is None:
        last, state = _seated(passage, last, states)
    return Named(first, last, text_of(passage, first, last), BODY, state)


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
        if not linked or is_one_of(word, roles(language)):
            break
        last += 1
    while last > end and words[last - 1].forms[0] in OF:
        last -= 1
    return last


_TAIL = 4


def unnamed_role(passage: Passage, at: int, states: list[Mention], language: str) -> Named | None:
    """`a spokeswoman for the ministry`: whoever word `at` is the role of; None where it is no role."""
    word = passage.tokens[at].forms[-1]
    if not is_one_of(word, roles(language)):
        return None
    if language in slavic.LANGUAGES:
        head = at + 1 if passage.between(at + 1) == "-" else at  # `премьер-министр`
        _, last, state = body_group(passage, head, states, lambda word: is_one_of(word, speaking(language)))
        return Named(at, last, text_of(passage, at, last), ROLE, state)
    return Named(at, at + 1, _role_text(passage, at, language), ROLE)


def _role_text(passage: Passage, at: int, language: str) -> str:
    """A role with what it belongs to: `Foreign Ministry spokesperson`, `spokeswoman for its government`."""
    words = passage.tokens
    first, last = at, at + 1
    while first > 0 and at - first < 6 and not passage.between(first).strip(" -'’s"):
        before = words[first - 1]
        if (
            not (before.capital or before.forms[-1] in BEFORE_BODY or is_one_of(before.forms[-1], bodies(language)))
            or before.forms[0] in NEVER
        ):
            break
        first -= 1
    if first == at and last < len(words) and words[last].forms[0] in ("for", "of", "at", "from"):
        end = last + 1
        while end < len(words) and end - last < 8 and not passage.between(end).strip(" -'’s"):
            if is_one_of(words[end].forms[-1], bodies(language)):
                return text_of(passage, first, end + 1)
            end += 1
    return text_of(passage, first, last)
