"""Grammar of the Slavic languages (`ru`, `uk`) that lists cannot hold: forms of verbs, names in their cases.

All by the endings of folded words, without a dictionary: right for the words of the news, and not for every word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LANGUAGES = frozenset(("ru", "uk"))
POINTING = frozenset(
    """этом это таким такое такой такую соответствующее договоренности договорённости соглашении решении
    це цим таку такий відповідну домовленість рішення""".split()
)
"""Words that point back to what was just said: `Об этом сообщил`, `О решении объявил`, `Таку заяву зробила`."""

SHORT_WORDS = frozenset("и у з й і та в".split())
"""Prepositions and conjunctions that in other languages join the parts of a name."""

# ---------------------------------------------------------------- verbs

_INFINITIVE = {
    "ru": re.compile(r"(?:[аеиоуыюя]ть|[дзйс]ти|чь)(?:ся|сь)?$"),
    "uk": re.compile(r"[аеиіоуюядзйсгк]ти(?:ся|сь)?$"),
}
_PARTICIPLE = {
    "ru": re.compile(
        r"(?:[аеёя]нн|вш|[аующя]щ|[еыя]т)"
        r"(?:ый|ий|ая|ое|ее|ые|ие|ого|его|ому|ему|ой|ей|ую|юю|ых|их|ыми?|ими?|ом|ем)(?:ся)?$"
    ),
    "uk": re.compile(r"(?:[аеєя]н|[иуя]т|[уюая]ч)(?:ого|ому|ої|ій|ою|их|ими?|у)$"),
}
_FINITE = {
    "ru": re.compile(r"(?:л[аио]?(?:сь|ся)?|[иеё]г|[её]с|[аеёиуюя]т(?:ся)?|[аеёя]н[аоы]?|[уыя]т[аоы]?)$"),
    "uk": re.compile(
        r"(?:л[аио](?:с[ья])?|[аиуя]в(?:с[ья])?|[вбн]?вів|іс|яг|[вдзнс]е|є|[аеєиіуюя]ться|[аиіуюя]ть|"
        r"[аеєія]н[аеіо]|[иуя]т[аеіо])$"
    ),
}
_PAST = {
    "ru": re.compile(r"(?:[аеёиоуыюя]л[аио]?(?:сь|ся)?|[иеё]г|[её]с)$"),
    "uk": re.compile(r"(?:[аеєиіоуюя]л[аио](?:с[ья])?|[аиіїуя]в(?:с[ья])?|іс|яг)$"),
}
_PASSIVE = {
    "ru": re.compile(r"(?:[аеёя]н[аоы]?|(?:ня|зя|ры)т[аоы]?|[аеуюя]тся)$"),
    "uk": re.compile(r"(?:[аеєія]н[аеоі]|[иуя]т[аеоі])$"),
}
_WILL = frozenset("будет будут будем буду буде будуть будемо".split())
_NOT_VERBS = ("ости", "ості", "власти", "области", "части", "сеть", "путь", "пять")
_NOT_PARTICIPLES = ("военн", "иностранн", "внутренн", "объединенн", "объединённ", "временн", "безопасн")
_NOT_PASSIVES = ("намерен", "вынужден", "должн", "стран", "план", "охран", "країн", "змушен", "повинн")
_SHORT = 4
_PREDICATES = ("готов", "не", "ни", "ні", "нема")
"""Words that make an infinitive a statement: `готовы направить`, `делать нечего`, `не стрелять`."""


def tells_no_event(words: Sequence[str], place: Iterable[int], language: str) -> bool:
    """Whether the verbs at a place among folded words are all infinitives or full participles: `ввести`, `введённые`.

    An infinitive is what somebody wishes, may or has to do, except in `будет рассматриваться`; a full participle
    says what something is like. In `uk` a participle in the nominative may be the predicate, so only its other cases
    count.
    """
    unfinished = finite = False
    for at in place:
        word = words[at]
        if word.startswith(_PREDICATES):
            finite = True
        elif (infinitive(word, language) and not _will(words, at)) or participle(word, language):
            unfinished = True
        elif _shaped(_FINITE, word, language):
            finite = True
    return unfinished and not finite


def _will(words: Sequence[str], at: int) -> bool:
    """Whether word `at` is the infinitive of a compound future."""
    return any(before in _WILL for before in words[max(0, at - 2) : at])


def infinitive(word: str, language: str) -> bool:
    """Whether a folded word ends as infinitives do."""
    return _shaped(_INFINITIVE, word, language) and not word.endswith(_NOT_VERBS)


def participle(word: str, language: str) -> bool:
    """Whether a folded word ends as participles do that stand before their noun."""
    return _shaped(_PARTICIPLE, word, language) and not word.startswith(_NOT_PARTICIPLES)


def passive(word: str, language: str) -> bool:
    """Whether a folded word has the shape of a passive: `введены`, `замораживаются`, `ухвалено`."""
    return len(word) > _SHORT and _shaped(_PASSIVE, word, language) and not word.startswith(_NOT_PASSIVES)


def past(word: str, language: str) -> bool:
    """Whether a folded word has the shape of a past tense: `ввели`, `введены`, `запровадив`."""
    return _shaped(_PAST, word, language) or passive(word, language)


def denies(words: Iterable[str], language: str) -> bool:
    """Whether an event's own words deny: `никогда не согласится` holds one negation, and not two."""
    return language in LANGUAGES and any(word in ("не", "ни", "ні", "нет", "немає", "нема") for word in words)


def _shaped(shapes: dict[str, re.Pattern[str]], word: str, language: str) -> bool:
    shape = shapes.get(language)
    return shape is not None and shape.search(word) is not None


# ---------------------------------------------------------------- names and what stands beside them

_CASE = re.compile(
    r"(?:ого|ому|ыми?|ими?|ой|ою|ої|ом|ові|еві|ем|ём|єм|ей|ею|єю|ий|ый|ій|ую|ая|а|я|у|ю|ы|и|і|ї|е|є|ь|й)$"
)
_OF_COUNTRY = re.compile(r"(?:[сцз]к|[сцз]ьк)(?:о|[а-яїієґ]{1,3})$")
_ADJECTIVAL = re.compile(
    r"(?:[ыи]й|[ая]я|[ое]е|[ыи]е|[ое]го|[ое]му|[ыи]м|[ыи]х|ої|[сцз]ьк[аеіу]|(?:ич|аль|ій|ов)н[аеі])$"
)
_NOMINATIVE = re.compile(r"(?:ий|ая|ое|ие|а|е|і)$")
_GENITIVE = re.compile(r"(?:[иы]х|[ое]го|[ое]й|ої|[оеії]в|[иі]й|[аыияїіу]|ел|справ|ств)$")
_NO_GENITIVE = re.compile(r"(?:л[аи]|л[аи]с[ья]|ся|вчера|сегодня|вчора|сьогодні|завтра)$")
_SHORTEST = 3
"""Letters that stay of a name, at least."""


def family_name(name: str) -> str:
    """The last word of a name, folded; without the ending of its case (`Гнатишин` of `Гнатишина`) if Cyrillic."""
    last = name.rsplit(maxsplit=1)[-1].casefold()
    if not "а" <= last[0] <= "ґ":
        return last
    stem = _CASE.sub("", last)
    return stem if len(stem) >= _SHORTEST else last


def indeclinable(name: str) -> bool:
    """Whether a name as written has no cases, so that its nominative may be any: `США`, `ЕС`, `Токио`, `Мали`."""
    return name.isupper() or name[-1] in "оеиуюэіїє"


def adjective(word: str) -> bool:
    """Whether a folded word is an adjective of a country: `японских`, `грецький`."""
    return _OF_COUNTRY.search(word) is not None


def nominative(word: str) -> bool:
    """Whether a folded adjective of a country may stand in the nominative."""
    return _NOMINATIVE.search(word) is not None


def adjectival(word: str) -> bool:
    """Whether a folded word has the ending of an adjective: `внешнеполитическое`, `британського`."""
    return len(word) > _SHORTEST and _ADJECTIVAL.search(word) is not None


def genitive(word: str) -> bool:
    """Whether a folded word may be the genitive that goes on a name: `иностранных дел`, `оборони`."""
    return word == "дел" or (
        len(word) > _SHORTEST and _GENITIVE.search(word) is not None and _NO_GENITIVE.search(word) is None
    )
