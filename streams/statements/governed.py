"""The preposition that governs a name, over articles, adjectives and people's roles."""

from __future__ import annotations

from streams.statements import nationality
from streams.statements.numerals import NUMBERS
from streams.statements.passage import Passage
from streams.statements.when import MONTHS, WEEKDAYS

BY = frozenset("by par durch von vom".split())
PLACING = frozenset(
    """in at from near on about inside around to outside off across within в у на из із à en dans au auf bei
    nach""".split()
)
TOPIC = frozenset("on over against об о про sur über".split())
GOVERNING = (
    frozenset(
        """for in to against on over at with from into towards toward near around off about inside outside across
        under of within between behind after before since despite amid during per via
        для в на против к с от из о об под над при через во со ко до від про у щодо проти з із під за
        pour dans sur contre en à au aux avec vers chez depuis
        für in gegen auf an mit aus von nach über bei zu zur zum vom im am um gegenüber""".split()
    )
    | {nationality.GENITIVE}
    | BY
)
_STEP = frozenset(NUMBERS) | frozenset(
    """northern southern eastern western central north south east west
    sechs drei vier fünf sieben acht zehn elf trois quatre cinq six sept huit dix the a an and its their whole all
    le la les l' un une und der die das den dem des ein eine einem einen einer own i и та й et with both""".split()
)
PEOPLE = frozenset(
    """president presidents minister ministers leader leaders premier premiers chancellor government governments
    king prime delegation delegations negotiators authorities army officials member members states state
    presidents' parliament people rebels movement side sides department office ministry council republic kingdom
    head heads rebel commission spokesman spokeswoman secretary house palace investigators regulators regulator
    diplomats prosecutors lawmakers deputies commanders commander envoys agencies agency intelligence military
    navy junta cabinet regime police coastguard customs foreign security aviation transport civil""".split()
)
_PLACES = frozenset("capital city port soil territory coast waters airspace skies town".split())
_RULERS = frozenset(
    "government governments authorities rulers junta administration leadership regime cabinet".split()
)
_FAR = 6


def governor(passage: Passage, at: int) -> str:
    """The preposition that governs word `at`; an empty string where none does."""
    if passage.language in nationality.LANGUAGES and nationality.belongs(passage, at):
        return "in" if nationality.located(passage, at) else nationality.GENITIVE
    if at > 1 and passage.between(at).strip() == "," and passage.tokens[at - 1].capital and _closed(passage, at):
        placed = governor(passage, at - 1)  # `in Apia, Samoa`
        if placed in ("in", "at"):
            return placed
    for back in range(at - 1, max(-1, at - _FAR - 1), -1):
        word = passage.tokens[back].forms[0]
        if any(mark in passage.between(back + 1) for mark in ',;:—()“”"') and word not in ("and",):
            return ""
        if word == "of" and back > 0 and _people(passage, back):
            continue
        if word in MONTHS or word in WEEKDAYS or word.isdigit():
            return ""
        if word in _SEATED and back > 0 and _rules(passage, back - 1):
            continue  # `the government in Juba`
        if word == "of" and back > 0 and passage.tokens[back - 1].forms[0] in _PLACES:
            return "in"
        if word in GOVERNING:
            return word
        if word == "the" and back > 0 and _named_before(passage, back):
            return ""  # `In Luxembourg the European Union blacklisted ...`
        if word in _STEP or word in PEOPLE or passage.tokens[back].capital:
            continue
        return ""
    return ""


def _named_before(passage: Passage, at: int) -> bool:
    """Whether a name of its own ends right before the article at word `at`."""
    token = passage.tokens[at - 1]
    return (
        token.capital and token.text.isalpha() and not passage.between(at).strip() and token.forms[0] not in GOVERNING
    )


_SEATED = frozenset("in à au".split())


def _rules(passage: Passage, at: int) -> bool:
    token = passage.tokens[at]
    german_or_french = passage.language in nationality.LANGUAGES
    return token.forms[-1] in _RULERS or (german_or_french and nationality.stands(token, passage.language))


def _closed(passage: Passage, at: int) -> bool:
    """Whether a name in apposition ends at a comma, a full stop or a preposition, and not at a verb."""
    end = at + 1
    while end < len(passage.tokens) and not passage.between(end).strip():
        token = passage.tokens[end]
        if not (token.capital or token.forms[0] in ("of", "the", "and")):
            return token.forms[0] in GOVERNING
        end += 1
    return True


def _people(passage: Passage, at: int) -> bool:
    """Whether `of` follows people: `the presidents of X and Y` are X and Y."""
    return any(token.forms[-1] in PEOPLE for token in passage.tokens[max(0, at - 2) : at])
