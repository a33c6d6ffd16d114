"""What a telling does to a story: founding, joining, going away, and the stub that is left at the end.

A story stays within its bounds: the first `FULL` live tellings and the newest keep signature and report, up to
`TELLINGS` are known by id, and every text from outside is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from msgspec.structs import replace

from streams.expiry import event_time
from streams.signature import NEAR, similarity
from streams.stories.join import FOUNDING, Fit, Kinship, is_recap, told_at
from wire.identity import story_id
from wire.records import Counts, Detection, Evidence, Report, Slot, Story, Telling, TellingKind

FULL = 6
TELLINGS = 150
SENTENCES = 8
NAMES = 24
SLOTS = 32
SENTENCE_CHARS = 500
HEADLINE_CHARS = 200
_URL_CHARS = 1500
NAME_CHARS = 100

_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "gob", "gouv", "net", "or", "org"})


def founded(detection: Detection) -> Story:
    """The story that a detection founds, not rung."""
    told, seen = told_at(detection), event_time(detection.stamps)
    closes_at = max(told, seen) + timedelta(seconds=detection.story.window_s)
    return Story(
        id=story_id(detection.rule, detection.id),
        rule=detection.rule,
        rule_title=detection.rule_title,
        severity=detection.severity,
        silence=None if is_recap(detection) else detection.silence,
        remember_s=detection.story.remember_s,
        actors=_names(detection.statement.actors),
        slots=_slots(detection.statement.slots),
        sentences=_sentences((detection.evidence.sentence, detection.headline)),
        tellings=(_telling(detection, ()),),
        opened_at=told,
        last_at=told,
        closes_at=closes_at,
        forget_at=closes_at + timedelta(seconds=detection.story.remember_s),
    )


def joined(fit: Fit, detection: Detection) -> Story:
    """The story with one more telling. A recap adds its telling and nothing else: it lengthens no window.

    Actors widen only where no story of other actors fits as well, so that nothing is bridged.
    """
    story = fit.story
    tellings = _bounded((*story.tellings, _telling(detection, story.tellings)))
    if is_recap(detection):
        return replace(story, tellings=tellings)
    told, seen = told_at(detection), event_time(detection.stamps)
    closes_at = max(story.closes_at, max(told, seen) + timedelta(seconds=detection.story.window_s))
    actors = story.actors
    if fit.alone and fit.kinship in (Kinship.PART, Kinship.UNNAMED):
        actors = _names((*story.actors, *detection.statement.actors))
    first = not any(_counts(telling) for telling in story.tellings)
    return replace(
        story,
        silence=detection.silence if first else story.silence,
        actors=actors,
        slots=_slots((*story.slots, *detection.statement.slots)),
        sentences=_sentences((*story.sentences, detection.evidence.sentence, detection.headline)),
        tellings=tellings,
        stub=False,
        opened_at=min(story.opened_at, told),
        last_at=max(story.last_at, told),
        closes_at=closes_at,
        forget_at=closes_at + timedelta(seconds=story.remember_s),
    )


def without(story: Story, detection: str) -> Story:
    """The story with a telling marked as gone. Its id stays, so that it cannot come back by redelivery."""
    tellings = tuple(
        Telling(
            detection=telling.detection,
            article=telling.article,
            publisher=telling.publisher,
            kind=TellingKind.WITHDRAWN,
        )
        if telling.detection == detection
        else telling
        for telling in story.tellings
    )
    return replace(story, tellings=tellings)


def stub(story: Story) -> Story:
    """What is left of an expired story: identity, keys, two sentences, and the ids of its tellings."""
    return replace(
        story,
        stub=True,
        sentences=story.sentences[:FOUNDING],
        tellings=tuple(_slim(telling) for telling in story.tellings),
    )


def is_told(story: Story) -> bool:
    """Whether any telling still stands that is no mere recap."""
    return any(_counts(telling) for telling in story.tellings)


def counts(story: Story) -> Counts:
    """Articles that tell the story now, the independent texts among them, and the families that wrote those."""
    live = [telling for telling in story.tellings if _counts(telling)]
    texts = [telling for telling in live if telling.kind is TellingKind.TEXT]
    return Counts(
        articles=len({telling.article for telling in live}),
        texts=len(texts),
        publishers=len({publisher_family(telling.publisher) for telling in texts}),
    )


def publisher_family(publisher: str) -> str:
    """`www.bbc.co.uk` and `news.bbc.co.uk` are one family: the name under the public suffix, by a short rule."""
    labels = publisher.casefold().strip().strip(".").split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])


def report(detection: Detection) -> Report:
    """The detection as an alert cites it, cut to size."""
    evidence = detection.evidence
    sentence = evidence.sentence[:SENTENCE_CHARS]
    spans = tuple(span for span in evidence.spans if span[1] <= len(sentence))[:16]
    speaker = detection.statement.speaker
    return Report(
        detection=detection.id,
        article=detection.article,
        url=detection.url[:_URL_CHARS],
        headline=detection.headline[:HEADLINE_CHARS],
        publisher=detection.publisher[:NAME_CHARS],
        evidence=Evidence(sentence=sentence, part=evidence.part, start=evidence.start, spans=spans),
        language=detection.language[:16],
        speaker=speaker[:NAME_CHARS] if speaker else None,
        published=detection.stamps.published,
    )


def _telling(detection: Detection, known: tuple[Telling, ...]) -> Telling:
    return Telling(
        detection=detection.id,
        article=detection.article,
        publisher=detection.publisher[:NAME_CHARS],
        signature=detection.signature,
        seen=detection.stamps.seen,
        kind=_kind(detection, known),
        report=report(detection),
    )


def _kind(detection: Detection, known: tuple[Telling, ...]) -> TellingKind:
    """A second sentence of one article, or a text seen before under another name, is a copy."""
    if is_recap(detection):
        return TellingKind.RECAP
    for telling in known:
        if _counts(telling) and (
            telling.article == detection.article or similarity(telling.signature, detection.signature) >= NEAR
        ):
            return TellingKind.COPY
    return TellingKind.TEXT


def _counts(telling: Telling) -> bool:
    return telling.kind in (TellingKind.TEXT, TellingKind.COPY)


def _bounded(tellings: tuple[Telling, ...]) -> tuple[Telling, ...]:
    kept = tellings[:1] + tellings[1:][-(TELLINGS - 1) :]
    full = [at for at, telling in enumerate(kept) if telling.report is not None]
    keep = {*full[: FULL // 2], *full[-(FULL - FULL // 2) :]}
    return tuple(telling if at in keep else _slim(telling) for at, telling in enumerate(kept))


def _slim(telling: Telling) -> Telling:
    return replace(telling, signature=(), report=None, seen=None)


def _sentences(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(_distinct(text[:SENTENCE_CHARS] for text in texts if text))[:SENTENCES]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_distinct(name[:NAME_CHARS] for name in names)))[:NAMES]


def _slots(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    plain = (Slot(kind=slot.kind[:NAME_CHARS], value=slot.value[:NAME_CHARS]) for slot in slots)
    pairs = {(slot.kind, slot.value.casefold()): slot for slot in plain}
    return tuple(pairs.values())[-SLOTS:]


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    return iter(dict.fromkeys(texts))
