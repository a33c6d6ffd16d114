"""From a match to readings: for each sentence that carries it, what the sentence says and whether that is enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from streams.rules.model import Match, StatementPolicy
from streams.statements import actors, scope, slavic, tenses, when, who
from streams.statements.attribution import speech_verbs
from streams.statements.event import WEAKENING, Cues, event_of
from streams.statements.event import acts as acts_of
from streams.statements.governed import BY, GOVERNING, governor
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage, passages
from streams.statements.scene import Scene
from streams.statements.slots import slots
from streams.statements.soldiers import own_soldiers
from streams.statements.speaker import Speaker, speaker
from streams.statements.voice import not_the_articles_voice
from wire.records import Article, Cue, Evidence, Modality, Polarity, Recency, Slot, Statement, Voice

AFFIRMING = ("negation", "refusal")
MOST_READINGS = 24
"""Sentences of one match that are read."""


@dataclass(frozen=True)
class Reading:
    """What one sentence of a match says; `suppressed` is the reason why it is no detection, or None.

    `meant`: the sentence names none of its actors, nor a speaker who is one; they were understood from the rest.
    """

    evidence: Evidence
    statement: Statement
    suppressed: str | None = None
    meant: bool = False


@dataclass(frozen=True)
class _Sentence:
    """A sentence to be read: all of the article, which one, and the words that carry the event."""

    article: Article
    whole: tuple[Passage, ...]
    at: int
    spans: tuple[tuple[int, int], ...]

    @property
    def passage(self) -> Passage:
        return self.whole[self.at]

    @property
    def language(self) -> str:
        return self.article.language or "en"


def read(article: Article, match: Match) -> Iterator[Reading]:
    """A reading of every sentence that a match touches, in order."""
    whole = passages(article)
    for at, spans in islice(_touched(whole, match), MOST_READINGS):
        yield _read(_Sentence(article, whole, at, spans), match.rule.statement)


def _touched(whole: Sequence[Passage], match: Match) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Sentences by number with the matched characters in them. A match over two sentences is in the fuller one."""
    found: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for hit in match.hits:
        inside: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for start, end in hit.spans:
            at = _holding(whole, hit.part, start)
            if at is not None:
                begin = whole[at].start
                inside[at].append((start - begin, min(end, whole[at].end) - begin))
        if inside:
            fullest = max(inside, key=lambda at: (len(inside[at]), -at))
            found[fullest].update(inside[fullest])
    for at in sorted(found):
        yield at, tuple(sorted(found[at]))


def _holding(whole: Sequence[Passage], part: str, position: int) -> int | None:
    for at, passage in enumerate(whole):
        if passage.part == part and passage.start <= position < passage.end:
            return at
    return None


def _read(sentence: _Sentence, policy: StatementPolicy) -> Reading:
    passage, language = sentence.passage, sentence.language
    found = scope.cues(passage, language, policy.cues)
    speech = speech_verbs(passage, language)
    matched = sorted({word for start, end in sentence.spans for word in passage.words_at(start, end)})
    places = acts_of(policy, passage, language)
    event, acts = event_of(passage, policy, matched, Cues(found, speech, language), places)
    says = speaker(sentence.whole, sentence.at, event, language)
    weak = [
        cue
        for cue in acts
        if cue.meaning in WEAKENING
        and cue.meaning not in policy.events
        and _of_the_speaker(cue, event, says, passage, speech)
    ]
    dates = when.dates(passage, sentence.article.stamps.published)
    told_now = policy.who == "speaker" and _told_now(sentence, says)
    recap = [] if told_now else _recap(sentence, event, acts, dates)
    published = sentence.article.stamps.published
    today = published.date() if published else None
    scene = Scene(passage, event, says, today, sentence.whole, language, places)
    actors_named = who.acting(scene, policy.who)
    if policy.who == "speaker" and "refusal" in policy.events and own_soldiers(passage, actors_named):
        actors_named = ()
    statement = Statement(
        polarity=Polarity.NEGATED if any(cue.meaning in AFFIRMING for cue in weak) else Polarity.AFFIRMED,
        modality=_modality(weak, passage, event),
        recency=Recency.RECAP if recap else Recency.CURRENT,
        voice=says.voice,
        speaker=says.name,
        actors=actors_named,
        slots=_slots(passage, dates),
        cues=tuple(_cue(passage, cue) for cue in (*weak, *recap)),
    )
    evidence = Evidence(sentence=passage.text, part=passage.part, start=passage.start, spans=sentence.spans)
    if policy.act is not None and not places:
        return Reading(evidence, statement, "no_act")
    here = {one.meaning for one in scene.named(passage)} | {says.state}
    meant = bool(actors_named) and here.isdisjoint(actors_named)
    return Reading(evidence, statement, _suppressed(sentence, policy, statement, weak, says), meant)


def _of_the_speaker(
    cue: Mention, event: Sequence[int], says: Speaker, passage: Passage, speech: Sequence[Mention]
) -> bool:
    """Whether a word for those who speak for no state belongs to who speaks or acts here."""
    if cue.meaning != "unofficial":
        return True
    told = says.attribution if says.attribution is not None and says.attribution.passage is passage else None
    if told is None and cue.last <= min(event, default=0) and scope.is_passive(passage, event):
        return False  # `a retired director was put on the list`
    article_tells = told is None or told.verb in event
    if article_tells and cue.first > min(event, default=0) and _governed(passage, cue.first):
        return False  # `les comptes de l'ancien président`, `blacklists judges over jailing of protesters`
    if told is None and any(0 <= verb.first - cue.last <= _SUBJECT for verb in speech):
        return True  # `..., a retired judge said`
    if told is not None:
        who = told.who.first if told.who is not None else told.verb
        if min(who, told.verb) < cue.first < max(who, told.verb):
            return True  # `said the head of the farmers' union, X`
        if who <= told.verb and cue.first - told.verb > _AUDIENCE:
            return False  # `X said that protesters ...`
        apart = (
            cue.first < who
            and cue.first > _OPENING
            and any("," in passage.between(at) for at in range(cue.last, who + 1))
        )
        return not apart and min(abs(cue.first - who), abs(cue.first - told.verb)) <= _BESIDE
    return cue.first < max(event, default=0) or cue.last >= len(passage.tokens) - 1


def _governed(passage: Passage, at: int) -> bool:
    """Whether a word is no agent: a preposition other than `by` stands before it."""
    by = governor(passage, at)
    if passage.language == "en":
        return (by in GOVERNING and by not in BY) or (at > 0 and passage.tokens[at - 1].forms[0] == "of")
    return _tensed(passage) and by in GOVERNING


_OPENING = 3
_SUBJECT = 2
_AUDIENCE = 6
"""Words behind a verb of speech in which those stand who were told: `told a rally`."""
_BESIDE = 8
"""Words between a speaker's name and what describes him, at most."""


def _modality(weak: Sequence[Mention], passage: Passage, event: Sequence[int]) -> Modality:
    for cue in weak:
        axis, label = scope.AXIS[cue.meaning]
        if axis == "modality":
            return Modality(label)
    end = passage.tokens[max(event, default=0)].end if _tensed(passage) and event else len(passage.text)
    asked = passage.text.rstrip("\"'”’» ").endswith("?") or "?" in passage.text[end:]
    return Modality.ASKED if asked else Modality.ASSERTED


def _recap(
    sentence: _Sentence, event: Sequence[int], acts: Sequence[Mention], dates: Sequence[when.Dated]
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
            soon = _tensed(passage) and today - dated.day < _UNDATED and _ahead(sentence, dated, event)
            if old and not soon and not _span_of_time(passage, dated):
                recap.append(Mention(dated.first, dated.last, "recap"))
        if _tensed(passage):
            recap += [Mention(at, at + 1, "recap") for at in tenses.past_years(passage, event, today)]
        opens = passage.text.casefold().startswith(_OPENING_WITH_A_DAY)
        if passage.part == "body" and (passage.paragraph > 0 or opens):
            recap += [
                Mention(day.first, day.last, "recap")
                for day in when.weekday(passage, published)
                if today - day.day >= timedelta(days=2) and not _ahead(sentence, day, event) and _dates(day, event)
            ]
    return recap


def _told_now(sentence: _Sentence, says: Speaker) -> bool:
    """Whether somebody says it on the day of publication or the day before: of what is said, saying is the event."""
    published, told = sentence.article.stamps.published, says.attribution
    if published is None or told is None or told.passage is not sentence.passage:
        return False
    return any(
        published.date() - day.day <= timedelta(days=1) and abs(day.first - told.verb) <= _BESIDE_SPEECH
        for day in when.weekday(sentence.passage, published)
    )


_BESIDE_SPEECH = 5


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


def _ahead(sentence: _Sentence, day: when.Dated, event: Sequence[int]) -> bool:
    """Whether a day lies ahead: the sentence speaks of the future."""
    passage = sentence.passage
    if sentence.language in slavic.LANGUAGES:
        return not any(slavic.past(passage.tokens[word].forms[0], sentence.language) for word in event)
    before = passage.tokens[max(0, day.first - 24) : day.first]
    if _tensed(passage):
        return tenses.future(before, passage.tokens, passage.language)
    future = ("will", "due", "to", "next", "shall", "until", "since", "are", "is")
    return any(token.forms[0] in future for token in before)


def _tensed(passage: Passage) -> bool:
    return passage.language in tenses.LANGUAGES


def _slots(passage: Passage, dates: Sequence[when.Dated]) -> tuple[Slot, ...]:
    taken = frozenset(word for dated in dates for word in range(dated.first, dated.last))
    return (*slots(passage, taken), *(when.slot(dated, passage) for dated in dates if not dated.whole_month))


def _cue(passage: Passage, cue: Mention) -> Cue:
    axis, label = scope.AXIS[cue.meaning]
    last = min(cue.last, len(passage.tokens)) - 1
    return Cue(axis=axis, label=label, start=passage.tokens[cue.first].start, end=passage.tokens[last].end)


def _suppressed(
    sentence: _Sentence, policy: StatementPolicy, statement: Statement, weak: Sequence[Mention], says: Speaker
) -> str | None:
    """The first requirement that the sentence does not meet, as a reason."""
    voice = not_the_articles_voice(sentence.article, sentence.whole, sentence.at)
    if voice is not None:
        return voice
    if "asserted" in policy.require:
        if weak:
            return weak[0].meaning
        if statement.modality is Modality.ASKED:
            return "asked"
    elif "affirmed" in policy.require and statement.polarity is Polarity.NEGATED:
        return "negation"
    if "named_speaker" in policy.require and statement.speaker is None:
        return "no_speaker"
    if "official" in policy.require and not _official(statement, says):
        return "not_official"
    return _actor_missing(sentence, policy, statement)


def _official(statement: Statement, says: Speaker) -> bool:
    """The words of a state: somebody who serves one speaks, or the sentence makes a state the one that objects."""
    known = statement.speaker is not None or says.state is not None
    return bool(statement.actors) and (statement.voice is not Voice.QUOTED or known)


def _actor_missing(sentence: _Sentence, policy: StatementPolicy, statement: Statement) -> str | None:
    if not policy.actor:
        return None
    kinds = {actors.table()[name].kind for name in statement.actors if name in actors.table()}
    wanted = {"state_or_bloc": {"state", "bloc"}, "any": {"state", "bloc", "armed"}}.get(policy.actor, {policy.actor})
    if kinds & wanted or (policy.who != "parties" and who.collective(sentence.passage)):
        return None
    return "no_actor"
