"""Whose soldiers a sentence speaks of: `600 Kenyan officers`, `gendarmes français`, `deutsche Polizisten`."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements import actors, grammar, nationality
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage

_SENT = {
    "fr": tuple("soldat militaire gendarme policier casque instructeur démineur sapeur frégate".split()),
    "de": tuple("polizist soldat gendarm pionier ausbilder blauhelm fregatte minenräum".split()),
    "en": tuple(
        """soldier peacekeeper troop gendarme marine sapper coastguard battalion contingent squadron detachment
        frigate minehunter minesweeper serviceman servicemen paratrooper infantry medic police officer engineer
        instructor jets airmen field""".split()
    ),
}
"""Men, units and ships that may be sent, by their stems."""

_UNITS = {
    "fr": ("troupe", "contingent", "bataillon", "brigade"),
    "de": ("truppe", "kontingent", "bataillon", "brigade"),
    "en": ("force", "brigade", "unit"),
}


def of_soldiers(passage: Passage, one: Mention) -> bool:
    """Whether a name only tells whose men or ships those beside it are."""
    words, language = passage.tokens, passage.language
    if language == "en":
        only = grammar.adjective(passage, one, language, frozenset())
    else:
        only = nationality.qualifies(passage, one)
    near = words[one.first - 1 : one.first] if language == "fr" else words[one.last : one.last + 1]
    return only and any(token.forms[-1].startswith(_SENT.get(language, ())) for token in near)


def own_soldiers(passage: Passage, states: Sequence[str]) -> bool:
    """Whether all soldiers told of serve the states that speak: `Rome exclut l'envoi de soldats italiens`.

    Who objects to soldiers of his own will not send them; they are no foreign ones.
    """
    words, language = passage.tokens, passage.language
    stems = (*_SENT.get(language, ()), *_UNITS.get(language, ()))
    troops = [at for at, token in enumerate(words) if token.forms[-1].startswith(stems)]
    own = set()
    for one in actors.find(words, language):
        beside = one.first - 1 if language == "fr" else one.last
        if one.meaning not in states or beside not in troops or words[one.first - 1].forms[0] == "non":
            continue
        if grammar.adjective(passage, one, "en", frozenset()) if language == "en" else not words[one.first].capital:
            own.add(beside)
    return bool(troops) and own.issuperset(troops)
