"""Who says a sentence in one of his own that follows: `Das teilte X mit`, `C'est ce qu'a annoncé X`."""

from __future__ import annotations

from itertools import pairwise

from streams.statements import nationality, slavic
from streams.statements.attribution import attributions
from streams.statements.labels import Attribution
from streams.statements.named import BODY, PERSON
from streams.statements.passage import Passage

_OPENING = 3
"""Words in which a sentence points back, where its verb of speech comes first."""
_EARLY = 4
_AGREED = frozenset("darauf dazu hierauf".split())
_POINTING = {
    "de": ("das", "dies", "so", *_AGREED),
    "fr": ("c'est ce", "c'est ce qu'a", "c'est ce qu'ont", "l'annonce en"),
}


def told_next(following: Passage, language: str, known: frozenset[str]) -> Attribution | None:
    """Who tells of the sentence before; None where `following` tells something else."""
    opening = [token.forms[0] for token in following.tokens[:_OPENING]]
    if language in slavic.LANGUAGES:
        if not slavic.POINTING.intersection(opening):
            return None
        told = attributions(following, language, known)
        return next((one for one in told if one.who is not None or one.role), None)
    if language not in nationality.LANGUAGES:
        return None
    told = attributions(following, language, known)
    return next((one for one in told if _pointed(following, opening, one) or _resumed(following, one)), None)


def _pointed(passage: Passage, opening: list[str], told: Attribution) -> bool:
    """Whether a sentence opens with what was said before: `Das bestätigte X`, `Darauf einigten sich X und Y`."""
    if told.who is None and told.state is None:
        return False
    if not any(" ".join(opening).startswith(start) for start in _POINTING[passage.language]):
        return False
    return told.verb <= _EARLY or opening[0] in _AGREED


def _resumed(passage: Passage, told: Attribution) -> bool:
    """Whether somebody tells of it further on: `X l'a annoncé`, `X bestätigte den Termin`, `..., wie X mitteilte`."""
    words = [token.forms[0] for token in passage.tokens]
    if told.who is None or told.who.kind not in (PERSON, BODY) or words[told.verb] not in _TELLING:
        return False
    if passage.language == "fr":
        return words[told.verb - 1] in ("l'a", "l'ont") or not _RESUMING.isdisjoint(words[told.verb :])
    bare = any(word == "das" and after in _BEHIND_DAS for word, after in pairwise(words))
    return bare or not _RESUMING.isdisjoint(words)


_TELLING = frozenset(
    """annoncé annonce confirmé confirme confirment indiqué précisé teilte teilten mitteilte mitteilten mitgeteilt
    bestätigte bestätigten bestätigt bekannt bekanntgab gab gaben verkündete verkündeten""".split()
)
_RESUMING = frozenset(
    """l'information l'annonce rendez décision l'accord nouvelle dies termin schritt entscheidung einigung
    vereinbarung beschluss zusage""".split()
)
_BEHIND_DAS = frozenset("am im in nach vor gegenüber auf bei heute anschließend später abends".split())
"""What follows `das` where it is no article: `Das Kabinett billigte das am Montag`."""
