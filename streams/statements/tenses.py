"""French and German: whether a sentence looks ahead, from its verbs. Both use the present for what is to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from streams.statements.lexicon import Token
from streams.statements.passage import Passage

LANGUAGES = ("fr", "de")

_AHEAD = {
    "fr": frozenset(
        """va vont doit doivent prévu prévue prévus prévues programmé programmée fixé fixée attendu attendue attendus
        attendues prochain prochaine prochains prochaines calé calée""".split()
    ),
    "de": frozenset(
        """wird werden werde soll sollen solle geplant angesetzt anberaumt vorgesehen kommenden kommende kommender
        nächsten nächste nächster""".split()
    ),
}
_PAST = {
    "fr": frozenset("a ont est sont avait avaient était étaient fut furent s'est".split()),
    "de": frozenset(
        """hat haben ist sind war waren wurde wurden hatte hatten worden traf trafen kam kamen fand fanden empfing
        empfingen schloss schlossen beschloss beschlossen trat traten schwieg schwiegen begann begannen verbot
        verboten fror froren unterschrieb unterschrieben""".split()
    ),
}
_TO_COME = ("ra", "ront", "rait", "raient")
_PRETERITE = ("te", "ten")
_SHORTEST = 5
_TOLD = frozenset(
    """sagte sagten teilte teilten erklärte erklärten kündigte kündigten bestätigte bestätigten betonte warnte
    mitteilte mitteilten ankündigte ankündigten bekräftigte verkündete verkündeten
    meldete meldeten berichtete berichteten
    letzten ersten zweiten dritten""".split()
)
"""Of the telling, not of what is told; and no verbs."""


def past_years(passage: Passage, event: Sequence[int], today: date) -> Iterator[int]:
    """Words that date the event to a year gone by: `imposées en 2022`, `2024 verhängt`; not `l'accord de 2015`."""
    for at, token in enumerate(passage.tokens):
        if not (token.text.isdigit() and len(token.text) == 4 and _FIRST_YEAR <= int(token.text) < today.year):
            continue
        if int(token.text) % _ROUND == 0 or any(one.forms[0] in _COUNTED for one in passage.tokens[at + 1 : at + 2]):
            continue  # `2000 Mann`
        before = passage.tokens[at - 1].forms[0] if at else ""
        within = _WITHIN.get(passage.language)
        dated = before == within if within else before not in _BOUNDING
        if dated and any(abs(at - word) <= _BESIDE for word in event):
            yield at


_WITHIN = {"fr": "en", "en": "in"}
"""What stands before the year of an event; German needs nothing there."""

_FIRST_YEAR = 1900
_ROUND = 100
_COUNTED = frozenset("mann soldaten polizisten blauhelme menschen personen euro dollar kilometer tonnen".split())
_BESIDE = 8
_BOUNDING = frozenset("seit bis von vom ab aus der des dem den".split())


def future(before: Sequence[Token], sentence: Sequence[Token], language: str) -> bool:
    """Whether a day lies ahead of which `before` are the words in front. French tells before it, German anywhere."""
    told = before if language == "fr" else sentence
    if any(_comes(token, language) for token in told):
        return True
    return not any(token.forms[-1] in _PAST[language] or _was(token, language) for token in told)


def _comes(token: Token, language: str) -> bool:
    word = token.forms[-1]
    if word in _AHEAD[language]:
        return True
    return language == "fr" and len(word) >= _SHORTEST and word.endswith(_TO_COME) and not token.capital


def _was(token: Token, language: str) -> bool:
    word = token.forms[0]
    if word in _TOLD:
        return False
    return language == "de" and len(word) >= _SHORTEST and word.endswith(_PRETERITE) and not token.capital
