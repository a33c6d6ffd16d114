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
    return unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC).casefold()


def forms(surface: str) -> tuple[str, ...]:
    """The folded forms of a word as written, the whole one first."""
    whole = fold(surface)
    if "'" not in whole:
        return (whole,)
    found = [whole]
    if whole.endswith("'s"):
        found.append(whole[:-2])
    if elided := _ELIDED.match(whole):
        found.append(whole[elided.end() :])
    return tuple(found)


def cased_forms(surface: str) -> tuple[str, ...]:
    """As `forms`, with the letters' case kept."""
    whole = unicodedata.normalize("NFC", surface).translate(_TYPOGRAPHIC)
    if "'" not in whole:
        return (whole,)
    found = [whole, whole.removesuffix("'s")]
    if elided := _ELIDED.match(whole.lower()):
        found.append(whole[elided.end() :])
    return tuple(found)
