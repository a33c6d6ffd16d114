"""When the event of a sentence was: now, or recalled. From the sentence's dates against the day of publication."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from streams.statements.passage import Passage
from wire.records import Slot

RECALLED = timedelta(days=3)
"""From this age on, the day of a past event makes its sentence a recap."""

_MONTHS = (
    ("january", "january jan januar janvier января январе січня січні"),
    ("february", "february feb februar février февраля феврале лютого лютому"),
    ("march", "march mar märz mars марта марте березня березні"),
    ("april", "april apr avril апреля апреле квітня квітні"),
    ("may", "may mai мая мае травня травні"),
    ("june", "june jun juni juin июня июне червня червні"),
    ("july", "july jul juli juillet июля июле липня липні"),
    ("august", "august aug août августа августе серпня серпні"),
    ("september", "september sept sep septembre сентября сентябре вересня вересні"),
    ("october", "october oct oktober octobre октября октябре жовтня жовтні"),
    ("november", "november nov novembre ноября ноябре листопада листопаді"),
    ("december", "december dec dezember décembre декабря декабре грудня грудні"),
)
MONTHS = {word: number for number, (_, words) in enumerate(_MONTHS, 1) for word in words.split()}
_WEEKDAYS = (
    "monday montag lundi понедельник понеділок",
    "tuesday dienstag mardi вторник вівторок",
    "wednesday mittwoch mercredi среду середу",
    "thursday donnerstag jeudi четверг четвер",
    "friday freitag vendredi пятницу п'ятницю",
    "saturday samstag samedi субботу суботу",
    "sunday sonntag dimanche воскресенье неділю",
)
WEEKDAYS = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
_TENS = {"twenty": 20, "thirty": 30}
_MAY_BE_VERB = frozenset({"may", "march", "mar", "mars", "mai"})
_SHORT = frozenset("jan janv feb févr mar mars apr avr jun jul aug sept sep oct okt nov dec dez déc".split())
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?$")


class Dated(NamedTuple):
    """A day that a sentence names, with its words; `day` None where only a month is named."""

    first: int
    last: int
    day: date
    whole_month: bool = False


def dates(passage: Passage, published: datetime | None) -> list[Dated]:
    """Days that a sentence names, resolved to the one nearest the day of publication."""
    if published is None:
        return []
    found = []
    words = passage.tokens
    for at, token in enumerate(words):
        month = MONTHS.get(token.forms[0])
        if month is None:
            continue
        if token.forms[0] in _MAY_BE_VERB and not token.capital:
            continue
        number = _number(passage, at - 1) or _number(passage, at - 2, of=True)
        first = at - 1 if number else at
        last = at + 1
        if number is None and at + 1 < len(words):
            number = _number(passage, at + 1)
            last = at + 2 if number else at + 1
        year = _year(passage, last)
        if number is None and year is None and token.forms[0] in _SHORT:
            continue  # `Jan Vogt`, `les Vingt-Sept`
        day = _nearest(month, number or 15, year, published.date())
        if day is not None:
            found.append(Dated(max(first, 0), last, day, number is None))
    return found


def weekday(passage: Passage, published: datetime | None) -> list[Dated]:
    """Bare days of the week, as the last such day before or on the day of publication."""
    if published is None:
        return []
    found = []
    for at, token in enumerate(passage.tokens):
        number = WEEKDAYS.get(token.forms[0].removesuffix("'s"))
        if number is not None:
            back = (published.weekday() - number) % 7
            found.append(Dated(at, at + 1, published.date() - timedelta(days=back)))
    return found


def slot(dated: Dated, passage: Passage) -> Slot:
    """A date as a slot."""
    value = dated.day.strftime("%Y-%m") if dated.whole_month else dated.day.isoformat()
    return Slot(
        kind="day",
        value=value,
        start=passage.tokens[dated.first].start,
        end=passage.tokens[dated.last - 1].end,
    )


def _number(passage: Passage, at: int, *, of: bool = False) -> int | None:
    if not 0 <= at < len(passage.tokens):
        return None
    text = passage.tokens[at].forms[0]
    if of and passage.tokens[at + 1].forms[0] != "of":
        return None
    if match := _DAY.match(text):
        value = int(match[1])
        return value if 1 <= value <= 31 else None
    ordinal = _ORDINALS.get(text)
    if ordinal is None or ordinal >= _ORDINALS["tenth"] or at == 0:
        return ordinal
    return ordinal + _TENS.get(passage.tokens[at - 1].forms[0], 0)


def _year(passage: Passage, at: int) -> int | None:
    if at < len(passage.tokens):
        text = passage.tokens[at].text
        if text.isdigit() and len(text) == 4:
            return int(text)
    return None


def _nearest(month: int, day: int, year: int | None, published: date) -> date | None:
    years = [year] if year else [published.year - 1, published.year, published.year + 1]
    days = []
    for one in years:
        try:
            days.append(date(one, month, day))
        except ValueError:
            continue
    return min(days, key=lambda one: abs((one - published).days), default=None)
