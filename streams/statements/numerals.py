"""Words for numbers, and what is counted by ordinals under one name for all languages."""

from __future__ import annotations

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
    "нуль один дві три чотири п'ять шість сім вісім дев'ять десять одинадцять дванадцять тринадцять чотирнадцять "
    "п'ятнадцять шістнадцять сімнадцять вісімнадцять дев'ятнадцять",
    "- одна две - чотирьох - - - - - - - - - - - - - - -",
    "- одна двоє троє четверо п'ятеро шестеро семеро восьмеро",
)
_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    "двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто",
)
NUMBERS = {word: number for row in _UNITS for number, word in enumerate(row.split()) if word != "-"} | {
    word: 10 * number for row in _TENS for number, word in enumerate(row.split(), 2)
}
"""Numbers under a hundred by their words."""

SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}

ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
_STEMS = (
    "перв втор трет четв пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат "
    "шестнадцат семнадцат восемнадцат девятнадцат двадцат",
    "перш друг трет четв п'ят шост сьом восьм дев'ят десят одинадцят дванадцят тринадцят чотирнадцят п'ятнадцят "
    "шістнадцят сімнадцят вісімнадцят дев'ятнадцят двадцят",
)
_BY_STEM = sorted(
    ((stem, number) for row in _STEMS for number, stem in enumerate(row.split(), 1)), key=lambda one: -len(one[0])
)
SUFFIXES = frozenset("th st nd rd й e го му м ый ий ой ого та ти".split())
"""What follows the figures of an ordinal: `19th`, `19-й`, `19-го`."""

_COUNTED = {
    "package": "package paquet paket пакет пакета пакету пакетом пакете пакеті",
    "round": "round раунд раунда раунде раунду раунді",
    "tranche": "tranche транш траншу",
    "summit": "summit саммит саммита саммите саміт саміту саміті",
    "meeting": "meeting",
    "session": "session",
    "phase": "phase этап этапа этапе етап етапу фаза фазы фази",
    "extension": "extension",
}
COUNTED = {word: name for name, words in _COUNTED.items() for word in words.split()}
"""What news counts by ordinals, by its word in any language."""


def ordinal(word: str) -> int | None:
    """The number of a folded ordinal: 3 of `third`, `третьего`, `третій`."""
    if word in ORDINALS:
        return ORDINALS[word]
    if word in NUMBERS:
        return None
    return next((number for stem, number in _BY_STEM if word.startswith(stem)), None)
