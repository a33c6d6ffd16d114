"""French and German: whether a sentence looks ahead, from its verbs. Both use the present for what is to come."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements.lexicon import Token

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
    "de": frozenset("hat haben ist sind war waren wurde wurden hatte hatten worden".split()),
}
_TO_COME = ("ra", "ront", "rait", "raient")
_PRETERITE = ("te", "ten")
_SHORTEST = 5


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
    return language == "de" and len(word) >= _SHORTEST and word.endswith(_PRETERITE) and not token.capital
