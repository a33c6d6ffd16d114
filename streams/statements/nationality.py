"""French and German: whether a state's name acts by itself or only belongs to a thing.

A French adjective follows its noun (`le ministre russe`, `des banques russes`), a German one precedes it, as do most
genitives (`Polens Kanzler`, `Polens Grenze`) and the first parts of compounds (`EU-Botschafter`, `EU-Sanktionen`).
Beside people and bodies a name stands for its state, beside things it only qualifies them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.statements import actors
from streams.statements.lexicon import Mention, Token, tokens
from streams.statements.passage import Passage
from streams.statements.speaking import serves
from streams.statements.when import MONTHS, WEEKDAYS

LANGUAGES = ("fr", "de")

GENITIVE = "genitive"
"""What governs a name that belongs to a thing: `l'invasion de l'Italie`, `die Konten der Hamas`."""

_STANDING = {
    "fr": frozenset(
        """forces troupes rebelles combattants insurgés miliciens milice mouvement guérilla groupe gardes pays
        services état états membres capitales présidence camp partie parties belligérants voisins alliés
        pourparlers major côtes""".split()
    ),
    "de": frozenset(
        """rebellen kräfte truppen soldaten kämpfer bewegung guerilla miliz milizen staaten mitgliedstaaten länder
        mitglieder hauptstädte lager partei geheimdienste dienste nachbarn verbündeten""".split()
    ),
}
"""Besides those who speak for a state: who fights and agrees for it."""

_CHAIN = frozenset(
    """de du des la le les l' et à aux au affaires étrangères étrangère extérieures défense intérieur sécurité général
    générale adjoint adjointe délégué déléguée fédéral national nationale civile aviation transition armées
    transports santé finances justice république conseil souveraineté""".split()
)
_ARTICLES = frozenset("la le les".split())
_OF = frozenset("de du des".split())
_FAR = 6
_AHEAD = 4


ACTS = tuple(
    """contribution participation engagement envoi concours promesse offre déploiement beitrag beiträge beteiligung
    zusage entsendung angebot teilnahme""".split()
)
MEASURES = tuple("sanction embargo mesure sanktion massnahme maßnahme verbot".split())
"""What another may adopt as well, so that its owner acts only where nobody else does."""


def qualifies(passage: Passage, one: Mention) -> bool:
    """Whether a state's name only tells of what kind a thing is."""
    if passage.language == "fr":
        small = not any(token.capital for token in passage.tokens[one.first : one.last])
        return small and not _stands_before(passage, one.first)
    return _german(passage, one)


def belongs(passage: Passage, at: int) -> bool:
    """Whether the name at a word is the genitive of a thing."""
    if passage.language == "fr":
        head = _head_of(passage, at)
        return head is not None and not _stands_before(passage, head + 1)
    words = passage.tokens
    head = at - 2 if at > 1 and words[at - 1].forms[0] in ("der", "des") else at - 1
    if head < 0 or (head == at - 1 and not _genitive(words[at])) or passage.between(head + 1).strip():
        return False
    noun = words[head]
    return noun.capital and noun.forms[0] not in (MONTHS | WEEKDAYS) and not stands(noun, "de")


def located(passage: Passage, at: int) -> bool:
    """Whether the name at a word only says where: `dans la capitale des Émirats`, `auf dem Boden der Mongolei`."""
    words = passage.tokens
    if passage.language == "fr":
        head = _head_of(passage, at)
    else:
        head = at - 2 if at > 1 and words[at - 1].forms[0] in ("der", "des") else at - 1
    return head is not None and head >= 0 and words[head].forms[-1] in _PLACES[passage.language]


_PLACES = {
    "fr": frozenset("capitale ville sol territoire frontière frontières port ciel côtes eaux large".split()),
    "de": frozenset("hauptstadt boden gebiet staatsgebiet territorium grenze grenzen küste hafenstadt".split()),
}


def owns(passage: Passage, one: Mention, event: Sequence[int], nouns: Sequence[str] = ACTS) -> bool:
    """Whether a name belongs to an act that is told as a noun: `la contribution belge`, `Irlands Beitrag`."""
    words = passage.tokens
    acts = [word for word in event if any(noun in words[word].forms[-1] for noun in nouns)]
    if passage.language == "fr":
        return any(word < one.first <= word + _OWNED and not words[one.first].capital for word in acts) or any(
            word < one.first <= word + _OWNED and _head_of(passage, one.first) == word for word in acts
        )
    return any(one.last == word or (word < one.first <= word + 2 and belongs(passage, one.first)) for word in acts)


_OWNED = 3


def mediates(passage: Passage, one: Mention) -> bool:
    """Whether a state only stands between others: `les médiateurs qataris`, `sous l'égide d'Oman`."""
    words = passage.tokens
    for back in range(one.first - 1, max(-1, one.first - 1 - _FAR), -1):
        if passage.between(back + 1).strip(" -\u00a0'’"):
            break
        if words[back].forms[-1].startswith(_MEDIATING):
            return True
    behind = words[one.last : one.last + 2]
    return any(token.forms[-1].startswith(_MEDIATING) for token in behind) and passage.language == "de"


_MEDIATING = tuple(
    """médiateur médiatrice médiation égide auspices entremise parrainage facilitateur facilitation intercession
    vermittl vermittelt schirmherrschaft""".split()
)


def stands(token: Token, language: str) -> bool:
    """Whether a word is people or a body that acts for a state."""
    return serves(token.forms[-1], language) or token.forms[-1] in _STANDING[language]


def _stands_before(passage: Passage, end: int) -> bool:
    """French: whether the noun group that ends at a word is headed by people or a body of a state."""
    other = _named_words(passage)
    for back in range(end - 1, max(-1, end - 1 - _FAR), -1):
        token = passage.tokens[back]
        if _parted(passage, back + 1):
            return False
        if stands(token, "fr"):
            return True
        if not (token.capital or token.forms[-1] in _CHAIN or back in other):
            return False
    return False


def _parted(passage: Passage, at: int) -> bool:
    """Whether something stands between two words; not the comma of `du Mali, du Niger`."""
    if at >= len(passage.tokens):
        return False
    listed = passage.tokens[at].forms[0] in _OF or passage.tokens[at].forms[0].startswith("d'")
    return bool(passage.between(at).strip(" -\u00a0'’" + ("," if listed else "")))


def introduces(passage: Passage, one: Mention) -> bool:
    """Whether the person named behind a state serves it: `l'émissaire de l'ONU, X`."""
    if passage.language == "fr":
        return _stands_before(passage, one.first)
    before = passage.tokens[max(0, one.first - 3) : one.first]
    return passage.language == "de" and any(stands(token, "de") for token in before)


def _named_words(passage: Passage) -> frozenset[int]:
    found = actors.find(passage.tokens, passage.language)
    return frozenset(word for one in found for word in range(one.first, one.last))


def _head_of(passage: Passage, at: int) -> int | None:
    """French: the word before `de`, `du`, `des` or `d'` that governs the name at a word; None where none does."""
    words = passage.tokens
    if words[at].forms[0].startswith("d'"):
        return at - 1 if at else None
    back = at - 1
    if back > 0 and words[back].forms[0] in _ARTICLES:
        back -= 1
    return back - 1 if back > 0 and words[back].forms[0] in _OF else None


def _german(passage: Passage, one: Mention) -> bool:
    words, last = passage.tokens, one.last
    if last >= len(words):
        return False
    if passage.between(last) == "-":
        return not stands(words[last], "de")
    small = not words[one.first].capital or words[last - 1].forms[0].rstrip("ernms").endswith("isch")
    genitive = not small and _genitive(words[last - 1])
    demonym = words[last - 1].text.endswith("er") and words[last].capital and not passage.between(last).strip()
    if not (small or genitive or demonym):
        return False
    return any(not stands(token, "de") for token in _noun_behind(passage, last)) or (
        small and not any(True for _ in _noun_behind(passage, last))
    )


def _noun_behind(passage: Passage, first: int) -> Iterator[Token]:
    """German: the noun that a word stands before, over adjectives in between."""
    words = passage.tokens
    for at in range(first, min(first + _AHEAD, len(words))):
        if passage.between(at).strip():
            return
        if words[at].capital:
            yield words[at]
            return
        if not words[at].text.endswith(("e", "en", "er", "es", "em")) and words[at].forms[0] != "und":
            return


def _genitive(token: Token) -> bool:
    """`Polens`: a name with an ending that it has in no other case."""
    if not (token.capital and token.text.endswith("s")) or token.text in actors.table():
        return False
    return bool(actors.find(tokens(token.text[:-1]), "de"))
