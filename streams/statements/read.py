"""From a match to readings: for each sentence that carries it, what the sentence says and whether that is enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from streams.rules.model import Match, Rule, StatementPolicy
from streams.statements import actors, scope, when, who
from streams.statements.cues import AXIS
from streams.statements.cues import cues as cues_of
from streams.statements.event import WEAKENING, Cues, event_of
from streams.statements.event import acts as acts_of
from streams.statements.governed import BY, GOVERNING, governor
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage, passages
from streams.statements.recency import before_then, dated_before, of_the_telling, recap_of, tensed, told_now
from streams.statements.scene import Scene
from streams.statements.sentence import Sentence
from streams.statements.slots import slots
from streams.statements.soldiers import own_soldiers
from streams.statements.speaker import Speaker, speaker
from streams.statements.speaking import serves
from streams.statements.speech_verbs import speech_verbs
from streams.statements.voice import not_the_articles_voice, recalls
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


def read(article: Article, match: Match) -> Iterator[Reading]:
    """A reading of every sentence that a match touches, in order."""
    whole = passages(article)
    touched = islice(_touched(whole, match), MOST_READINGS)
    found = [_read(Sentence(article, whole, at, spans), match.rule.statement) for at, spans in touched]
    unofficial = {one.statement.speaker for one in found if one.suppressed == "unofficial"} - {None}
    for one in found:  # who speaks for no state in one sentence speaks for none in the next
        mute = one.suppressed is None and (one.statement.speaker in unofficial or _goes_on(whole, one, match.rule))
        yield replace(one, suppressed="unofficial") if mute else one


def _goes_on(whole: Sequence[Passage], one: Reading, rule: Rule) -> bool:
    """English: whether a sentence that opens with `He` or `She` goes on about one who speaks for no state."""
    at = _holding(whole, one.evidence.part, one.evidence.start) or 0
    while at > 0 and whole[at].language == "en" and whole[at].tokens and whole[at].tokens[0].forms[0] in _HE:
        at -= 1
        if whole[at].part != one.evidence.part:
            return False
        if any(cue.meaning == "unofficial" for cue in cues_of(whole[at], "en", rule.statement.cues)):
            return True
    return False


_HE = frozenset("he she".split())


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


def _read(sentence: Sentence, policy: StatementPolicy) -> Reading:
    passage, language = sentence.passage, sentence.language
    found = cues_of(passage, language, policy.cues)
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
    of_today = policy.who == "speaker" and told_now(sentence, says)
    told = of_the_telling(acts, dates, says, event) if policy.who == "speaker" else (acts, dates)
    recap = [] if of_today else recap_of(sentence, event, *told) + before_then(passage, event, speech, says)
    published = sentence.article.stamps.published
    today = published.date() if published else None
    scene = Scene(passage, event, says, today, sentence.whole, language, places)
    actors_named = who.acting(scene, policy.who)
    if policy.who == "speaker" and "refusal" in policy.events and own_soldiers(passage, actors_named):
        actors_named = ()
    voice = not_the_articles_voice(sentence.article, sentence.whole, sentence.at)
    recalled = voice == "opinion" and recalls(passage) and bool(recap or dated_before(sentence))
    statement = Statement(
        polarity=Polarity.NEGATED if any(cue.meaning in AFFIRMING for cue in weak) else Polarity.AFFIRMED,
        modality=_modality(weak, passage, event),
        recency=Recency.RECAP if recap or recalled else Recency.CURRENT,
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
    reason = (None if recalled else voice) or _suppressed(sentence, policy, statement, weak, says)
    return Reading(evidence, statement, reason, meant)


def _of_the_speaker(
    cue: Mention, event: Sequence[int], says: Speaker, passage: Passage, speech: Sequence[Mention]
) -> bool:
    """Whether a word for those who speak for no state belongs to who speaks or acts here."""
    if cue.meaning != "unofficial":
        return True
    if any(token.forms[0] in _WHOEVER_SPEAKS for token in passage.tokens[cue.first : cue.last]):
        return True
    if _in_office_now(passage, cue):
        return False
    told = says.attribution if says.attribution is not None and says.attribution.passage is passage else None
    if told is None and cue.last <= min(event, default=0) and scope.is_passive(passage, event):
        return False  # `a retired director was put on the list`
    article_tells = told is None or told.verb in event
    against = passage.tokens[cue.first - 1].forms[0] in _AGAINST
    if article_tells and (against or (cue.first > min(event, default=0) and _governed(passage, cue.first))):
        return False  # `les comptes de l'ancien président`, `blacklists judges over jailing of protesters`
    if told is None and any(0 <= verb.first - cue.last <= _SUBJECT for verb in speech):
        return True  # `..., a retired judge said`
    if told is not None:
        who = told.who.first if told.who is not None else told.verb
        if min(who, told.verb) < cue.first < max(who, told.verb):
            return True  # `said the head of the farmers' union, X`
        between = [token.forms[0] for token in passage.tokens[told.verb + 1 : cue.first]]
        if who <= told.verb and (cue.first - told.verb > _AUDIENCE or "that" in between):
            return False  # `X said that protesters ...`
        apart = (
            cue.first < who
            and cue.first > _OPENING
            and any("," in passage.between(at) for at in range(cue.last, who + 1))
        )
        return not apart and min(abs(cue.first - who), abs(cue.first - told.verb)) <= _BESIDE
    return cue.first < max(event, default=0) or cue.last >= len(passage.tokens) - 1


def _in_office_now(passage: Passage, cue: Mention) -> bool:
    """`the mediator, former minister X`: what somebody was stands beside what he is."""
    if passage.tokens[cue.first].forms[-1] not in _FORMER:
        return False
    commas = [at for at in range(max(1, cue.first - 2), cue.first + 1) if "," in passage.between(at)]
    return any(
        serves(form, passage.language)
        for at in commas
        for token in passage.tokens[max(0, at - _SUBJECT) : at]
        for form in token.forms
    )


_FORMER = frozenset("former retired ex ancien ancienne ehemaliger ehemalige früherer frühere pensionierter".split())


def _governed(passage: Passage, at: int) -> bool:
    """Whether a word is no agent: a preposition other than `by` stands before it."""
    by = governor(passage, at)
    if passage.language == "en":
        return (by in GOVERNING and by not in BY) or (at > 0 and passage.tokens[at - 1].forms[0] == "of")
    return tensed(passage) and by in GOVERNING


_WHOEVER_SPEAKS = frozenset("if post posts video meme".split())
"""`pledged that, if elected, he would`, `a post claims that the army has declared`."""
_AGAINST = frozenset("against over gegen contre wegen".split())
_OPENING = 3
_SUBJECT = 2
_AUDIENCE = 6
"""Words behind a verb of speech in which those stand who were told: `told a rally`."""
_BESIDE = 8
"""Words between a speaker's name and what describes him, at most."""


def _modality(weak: Sequence[Mention], passage: Passage, event: Sequence[int]) -> Modality:
    for cue in weak:
        axis, label = AXIS[cue.meaning]
        if axis == "modality":
            return Modality(label)
    end = passage.tokens[max(event, default=0)].end if tensed(passage) and event else len(passage.text)
    asked = passage.text.rstrip("\"'”’» ").endswith("?") or "?" in passage.text[end:]
    return Modality.ASKED if asked else Modality.ASSERTED


def _slots(passage: Passage, dates: Sequence[when.Dated]) -> tuple[Slot, ...]:
    taken = frozenset(word for dated in dates for word in range(dated.first, dated.last))
    return (*slots(passage, taken), *(when.slot(dated, passage) for dated in dates if not dated.whole_month))


def _cue(passage: Passage, cue: Mention) -> Cue:
    axis, label = AXIS[cue.meaning]
    last = min(cue.last, len(passage.tokens)) - 1
    return Cue(axis=axis, label=label, start=passage.tokens[cue.first].start, end=passage.tokens[last].end)


def _suppressed(
    sentence: Sentence, policy: StatementPolicy, statement: Statement, weak: Sequence[Mention], says: Speaker
) -> str | None:
    """The first requirement that the sentence does not meet, as a reason."""
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


def _actor_missing(sentence: Sentence, policy: StatementPolicy, statement: Statement) -> str | None:
    if not policy.actor:
        return None
    kinds = {actors.table()[name].kind for name in statement.actors if name in actors.table()}
    wanted = {"state_or_bloc": {"state", "bloc"}, "any": {"state", "bloc", "armed"}}.get(policy.actor, {policy.actor})
    if kinds & wanted or (policy.who != "parties" and who.collective(sentence.passage)):
        return None
    return "no_actor"
