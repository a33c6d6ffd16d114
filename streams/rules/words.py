"""Words of a text: where they stand, and the forms under which a rule may know them.

A word is a run of letters and digits with apostrophes inside; hyphens, full stops and underscores part words. Forms
of a word: itself folded, without a possessive 's, without an elided article (l', d', qu' ...). Everything about a
word is worked out once for each distinct word.
"""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = "'’ʼ"
WORD = re.compile(rf"[^\W_](?:[^\W_]|[\u0300-\u036f]|[{APOSTROPHES}](?=[^\W_]))*")
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'(?=\w)")
_TYPOGRAPHIC = str.maketrans("’ʼ", "''")


def fold(text: str) -> str:
    """Composed, case-folded, with straight apostrophes: the form in which words are compared. Accents stay."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC).casefold()


_PLAIN = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "œ": "oe", "ı": "i"})


def bare(text: str) -> str:
    """Without the accents of Latin and Greek letters, and without stress marks; й and ї are letters, and stay."""
    kept: list[str] = []
    base = ""
    for letter in unicodedata.normalize("NFD", text.translate(_PLAIN)):
        if not unicodedata.combining(letter):
            base = letter
        elif letter in "\u0300\u0301" or base < "\u0400" or "\u1e00" <= base < "\u2000":
            continue
        kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


LEMMATISED = ("de", "en", "fr", "ru", "uk")
"""Languages in which `~word` is known."""


def lemma(word: str, language: str) -> str:
    """The folded dictionary form of a word. A language's dictionary is loaded when it is first asked, up to 2 s."""
    import simplemma

    return fold(simplemma.lemmatize(word, lang=language))


def lemmas(surface: str, language: str) -> set[str]:
    """The dictionary forms that a word as written may have: as it is, in small letters, and with a capital."""
    found: set[str] = set()
    for form in cased_forms(surface):
        variants = {form, form.lower()} | ({form.capitalize()} if language == "de" else set())
        found |= {lemma(variant, language) for variant in variants if variant}
    return found


def forms(surface: str) -> tuple[str, ...]:
    """The folded forms of a word as written, the whole one first."""
    whole = fold(surface)
    if "'" not in whole:
        return (whole,)
    found = [whole]
    if whole.endswith("'s"):
        found.append(whole[:-2])
    if article := _ELIDED.match(whole):
        found.append(whole[article.end() :])
    return tuple(found)


def elided(surface: str) -> int:
    """How many characters an elided article takes in front of a word: two of `l'Italie`, none of `Italie`."""
    article = _ELIDED.match(surface.translate(_TYPOGRAPHIC).lower())
    return article.end() if article else 0


def cased_forms(surface: str) -> tuple[str, ...]:
    """As `forms`, with the letters' case kept."""
    whole = unicodedata.normalize("NFC", surface).translate(_TYPOGRAPHIC)
    if "'" not in whole:
        return (whole,)
    found = [whole, whole.removesuffix("'s")]
    if article := _ELIDED.match(whole.lower()):
        found.append(whole[article.end() :])
    return tuple(found)
