"""Where sentences and paragraphs begin and end. Spans count characters, half-open, without outer white space."""

from __future__ import annotations

import re

_PARAGRAPH = re.compile(r"[^\n](?:[^\n]|\n(?!\s*\n))*")
_END = re.compile(r"[.!?…。！？]+[\"'”’»›)\]]*(?=\s|$)")
_BEGIN = re.compile(r"\s+[\"'“‘«‹„(\[—–-]*\s*(?P<word>[^\W_][\w'’.-]*)")
_LAST = re.compile(r"[\w.'’-]*$")
_TITLES = (
    "mr mrs ms mx dr prof rev hon st sen rep gov gen lt col maj capt cmdr adm sgt brig pres sec "
    "hr fr frau mme mlle me m "
    "г гр ген гл им т д п с акад проф"
)
_NEVER_LAST = frozenset(_TITLES.split())
"""Abbreviations that stand before a name: a full stop after one ends no sentence."""

_WITHIN = frozenset(
    [
        *(
            "no",
            "vs",
            "etc",
            "eg",
            "ie",
            "e.g",
            "i.e",
            "cf",
            "al",
            "approx",
            "art",
            "nos",
            "vol",
            "fig",
            "jan",
            "feb",
        ),
        *("mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "bzw", "z.b", "d.h", "u.a", "usw"),
        *("ca", "nr", "abs", "st", "tel", "inkl", "ст", "тыс", "млн", "млрд", "руб", "гг", "рр", "р", "ім", "тис"),
        *("грн", "вул", "просп", "т.д", "т.п", "т.е", "т.к", "н.э", "av", "env", "p.ex"),
    ]
)
"""Abbreviations after which a sentence goes on unless a capital follows."""

_MONTHS = frozenset(
    [
        *("januar", "jänner", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober"),
        *("november", "dezember"),
    ]
)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Runs of text parted by blank lines."""
    return [trimmed for match in _PARAGRAPH.finditer(text) if (trimmed := _trimmed(text, *match.span()))]


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences, none across two paragraphs. A headline or line without a full stop is one sentence."""
    found: list[tuple[int, int]] = []
    for start, end in paragraphs(text):
        begin = start
        for stop in _END.finditer(text, start, end):
            if stop.end() < end and not _parts(text, stop, begin, end):
                continue
            if trimmed := _trimmed(text, begin, stop.end()):
                found.append(trimmed)
            begin = stop.end()
        if trimmed := _trimmed(text, begin, end):
            found.append(trimmed)
    return found


MARKS = ".!?…。！？"
CLOSERS = "\"'”’»›)]"
OPENERS = "\"'“‘«‹„([—–-"
ABBREVIATIONS = _NEVER_LAST | _WITHIN
"""What the compiled engine needs to know to decide the plain cases itself: see `ends_sentence`."""


def ends_sentence(text: str, at: int) -> bool:
    """Whether the marks that begin at character `at`, and stand before white space, end a sentence."""
    stop = _END.match(text, at)
    return stop is not None and (stop.end() == len(text) or _parts(text, stop, 0, len(text)))


def _parts(text: str, stop: re.Match[str], begin: int, end: int) -> bool:
    """Whether the marks at `stop` end a sentence, given what stands before and after."""
    following = _BEGIN.match(text, stop.end(), end)
    if following is None:
        return True
    word = following["word"]
    marks = stop[0]
    if word[0].islower():
        return False  # "Stop!" she said; "...and so on", approx. five
    if not marks.startswith(".") or marks.startswith("..."):
        return True
    last = _LAST.search(text, max(begin, stop.start() - 30), stop.start())
    before = last[0] if last else ""
    if before.isdigit() and _ordinal(text, stop.start() - len(before), before, word):
        return False
    return not _abbreviates(before, word, closed=len(marks) > 1)


_NUMBERED = re.compile(
    r"(?:\b(?:das|dem|des|der|den|die|ein|eine|einem|einen|ihr|ihre|ihrem|ihren|ihres|sein|seine|seinem|seinen|unser|vom|"
    r"zum|zur|beim|im|dieses|diesem|jedes|mittlerweile|inzwischen|nunmehr|bereits)\s+)$",
    re.I,
)
_BEGINNING = frozenset(
    """der die das den dem des ein eine einen er sie es wir man in im am auf mit nach vor bei von zu zum zur und aber
    doch auch danach damit dabei dann dort""".split()
)


def _ordinal(text: str, start: int, number: str, word: str) -> bool:
    """German `das 21. Paket`: a number behind an article and in front of a noun ends no sentence."""
    if len(number) > 3 or word.casefold() in _BEGINNING:
        return False
    return _NUMBERED.search(text, max(0, start - 16), start) is not None


def _abbreviates(before: str, word: str, *, closed: bool) -> bool:
    """Whether a full stop after `before` belongs to it. `closed`: a quotation mark or bracket follows the stop."""
    if closed:
        return False
    bare = before.casefold().strip("'’-")
    if bare in _NEVER_LAST:
        return True
    if len(before) == 1 and before.isalpha() and before.isupper():
        return True  # an initial
    if len(before) == 1 and before.isalpha() and len(word) == 2 and word.endswith("."):
        return True  # z. B., d. h.
    if "." in before and all(len(piece) <= 2 for piece in before.split(".")):
        return True  # U.S. President, e.g. France
    if before.isdigit():
        return len(before) <= 2 and word.casefold().rstrip(".") in _MONTHS
    return bare in _WITHIN and (word[0].isdigit() or bare in ("no", "nr", "vs", "art", "ст"))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
