"""When it was: news of the day, or something that an article looks back on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from streams.statements import slavic, tenses, when
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage, opening_of
from streams.statements.sentence import Sentence
from streams.statements.speaker import Speaker

_OPENING = 3
_BESIDE = 8
"""Words between a day and the event that it dates, at most."""


def recap_of(
    sentence: Sentence,
    event: Sequence[int],
    acts: Sequence[Mention],
    dates: Sequence[when.Dated],
) -> list[Mention]:
    """What makes the sentence one that looks back: a cue, a day long past, or a pluperfect."""
    passage = sentence.passage
    recap = [cue for cue in acts if cue.meaning == "recap"]
    published = sentence.article.stamps.published
    if published is not None:
        today = published.date()
        for dated in dates:
            old = (
                (dated.day.year, dated.day.month) < (today.year, today.month)
                if dated.whole_month
                else today - dated.day >= when.RECALLED
            )
            soon = tensed(passage) and today - dated.day < _UNDATED and _ahead(sentence, dated, event)
            if old and not soon and not _span_of_time(passage, dated):
                recap.append(Mention(dated.first, dated.last, "recap"))
        if tensed(passage) or passage.language == "en":
            recap += [Mention(at, at + 1, "recap") for at in tenses.past_years(passage, event, today)]
        if passage.part == "body" and _under_an_old_day(sentence):
            recap.append(Mention(0, 1, "recap"))
        opens = passage.text.casefold().startswith(_OPENING_WITH_A_DAY)
        if passage.part == "body" and (passage.paragraph > 0 or opens):
            recap += [
                Mention(day.first, day.last, "recap")
                for day in when.weekday(passage, published)
                if today - day.day >= timedelta(days=2) and not _ahead(sentence, day, event) and _dates(day, event)
            ]
    return recap


def before_then(passage: Passage, event: Sequence[int], speech: Sequence[Mention], says: Speaker) -> list[Mention]:
    """English `had agreed` and `had said`, which go back. `X said that it had agreed` does not."""
    if passage.language != "en" or passage.part != "body" or "hours" in {token.forms[0] for token in passage.tokens}:
        return []
    told = [verb.first for verb in speech if verb.first not in event]
    telling = says.attribution.verb if says.attribution is not None and says.attribution.passage is passage else -1
    verbs = event if not told else [telling] if told[0] == telling else []
    found = []
    for at in verbs:
        before = [token.forms[0] for token in passage.tokens[max(0, at - _AUXILIARIES) : at]]
        if "had" in before and not any(word in _NO_AUXILIARY for word in before[before.index("had") + 1 :]):
            had = at - len(before) + before.index("had")
            found.append(Mention(had, had + 1, "recap"))
    return found


_AUXILIARIES = 3
_NO_AUXILIARY = frozenset("a an the no to not that it its their".split())
"""After which `had` is a verb of its own, or far off."""


def _under_an_old_day(sentence: Sentence) -> bool:
    """Whether the paragraph opens with nothing but a day long past, as in a chronicle: `15 January. ...`."""
    published, passage = sentence.article.stamps.published, sentence.passage
    opening = opening_of(sentence.whole, passage)
    if published is None or opening is passage or len(opening.tokens) > _ONLY_A_DAY:
        return False
    return any(
        not one.whole_month and published.date() - one.day >= when.RECALLED for one in when.dates(opening, published)
    )


_ONLY_A_DAY = 4


def told_now(sentence: Sentence, says: Speaker) -> bool:
    """Whether somebody says it on the day of publication or the day before: of what is said, saying is the event."""
    published, told = sentence.article.stamps.published, says.attribution
    if published is None or told is None or told.passage is not sentence.passage:
        return False
    return any(
        published.date() - day.day <= timedelta(days=1) and abs(day.first - told.verb) <= _BESIDE_SPEECH
        for day in when.weekday(sentence.passage, published)
    )


_BESIDE_SPEECH = 5


def of_the_telling(
    cues: Sequence[Mention], dates: Sequence[when.Dated], says: Speaker, event: Sequence[int]
) -> tuple[Sequence[Mention], Sequence[when.Dated]]:
    """English: what dates somebody's saying it, without what dates the thing said: `jammed last week, X said`."""
    told = says.attribution
    if told is None or told.verb in event or told.passage.language != "en":
        return cues, dates

    def dates_it(one: Mention | when.Dated) -> bool:
        behind, before = one.first - told.verb, told.verb - one.last
        close = 0 <= before <= 1 and "," not in told.passage.between(one.last)
        return one.first <= _OPENING or 0 < behind <= _BESIDE_SPEECH or close

    kept = [cue for cue in cues if cue.meaning != "recap" or dates_it(cue)]
    days = [day for day in dates if dates_it(day) or (day.first < told.verb and not day.whole_month)]
    return kept, days


def _dates(day: when.Dated, event: Sequence[int]) -> bool:
    """Whether a day of the week is that of the event: beside its words, or opening the sentence."""
    return day.first <= _OPENING or any(abs(day.first - word) <= _BESIDE for word in event)


_UNDATED = timedelta(days=200)
"""From this age on, a day must have been named with its year, so that it cannot be one to come."""


_OPENING_WITH_A_DAY = ("on ", "last ", "back on ")


def _span_of_time(passage: Passage, dated: when.Dated) -> bool:
    """`since March`, `until March`: the date bounds something else than the event."""
    before = passage.tokens[dated.first - 1].forms[0] if dated.first else ""
    return before in (
        "since",
        "until",
        "till",
        "from",
        "depuis",
        "dès",
        "avant",
        "après",
        "seit",
        "ab",
        "vor",
        "über",
        "zum",
        "с",
        "з",
        "до",
        "по",
        "bis",
        "jusqu",
        "jusqu'en",
        "jusqu'au",
        "jusqu'à",
        "jusqu'aux",
        "au",
        "before",
        "after",
        "by",
        "through",
        "than",
        "for",
    )


def _ahead(sentence: Sentence, day: when.Dated, event: Sequence[int]) -> bool:
    """Whether a day lies ahead: the sentence speaks of the future."""
    passage = sentence.passage
    if sentence.language in slavic.LANGUAGES:
        return not any(slavic.past(passage.tokens[word].forms[0], sentence.language) for word in event)
    before = passage.tokens[max(0, day.first - 24) : day.first]
    if tensed(passage):
        return tenses.future(before, passage.tokens, passage.language)
    future = ("will", "due", "to", "next", "shall", "until", "since", "are", "is")
    return any(token.forms[0] in future for token in before)


def dated_before(sentence: Sentence) -> bool:
    """Whether the paragraph gave an old day before this sentence: `January 19, The Hague. ...`."""
    published = sentence.article.stamps.published
    if published is None:
        return False
    before = [one for one in sentence.whole[: sentence.at] if one.paragraph == sentence.passage.paragraph]
    days = [dated.day for one in before if one.part == sentence.passage.part for dated in when.dates(one, published)]
    return any(published.date() - day >= when.RECALLED for day in days)


def tensed(passage: Passage) -> bool:
    """Whether the passage's language tells its tenses by `streams.statements.tenses`."""
    return passage.language in tenses.LANGUAGES
