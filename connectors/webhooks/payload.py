"""What a subscriber receives: a CloudEvents 1.0 JSON object around an alert of this format's own version.

The outbound type is apart from the record, so that what lies in our topics may change without subscribers noticing.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from wire.records import Alert, Delivery, Report

CONTENT_TYPE = "application/cloudevents+json"
SCHEMA = "tocsin:alert:1"
SOURCE = "tocsin"
MAX_BYTES = 20_000


class Telling(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One outlet's report. `spans` are the matched words, in Unicode characters of `sentence`, half-open."""

    url: str
    publisher: str
    headline: str
    sentence: str
    spans: tuple[tuple[int, int], ...] = ()
    part: str = "body"
    speaker: str | None = None
    language: str = ""
    published: datetime | None = None
    article: str
    detection: str


class Fact(Struct, frozen=True, kw_only=True):
    """A number, ordinal, place or day that the story holds."""

    kind: str
    value: str


class AlertData(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`data` of the event, format tocsin:alert:1. `includes`: earlier numbers of the story, sent with this one."""

    alert: str
    story: str
    number: int
    includes: tuple[int, ...] = ()
    kind: str
    reason: str
    rule: str
    rule_title: str
    severity: str
    headline: str
    actors: tuple[str, ...] = ()
    speaker: str | None = None
    facts: tuple[Fact, ...] = ()
    new_facts: tuple[str, ...] = ()
    articles: int = 0
    independent_texts: int = 0
    publishers: int = 0
    reports: tuple[Telling, ...] = ()
    reports_left_out: int = 0
    ruleset: str = ""
    published: datetime | None = None
    seen: datetime | None = None
    fetched: datetime | None = None
    extracted: datetime | None = None
    detected: datetime | None = None
    alerted: datetime | None = None


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """CloudEvents 1.0, structured mode."""

    specversion: str = "1.0"
    id: str
    source: str = SOURCE
    type: str
    subject: str
    time: datetime | None
    datacontenttype: str = "application/json"
    dataschema: str = SCHEMA
    data: AlertData


def payload(delivery: Delivery) -> bytes:
    """The body of a delivery's webhook: the same bytes at every attempt, at most 20,000.

    Where it would be larger, the last reports are left out and counted in `reports_left_out`.
    """
    alert = delivery.alert
    for kept in range(len(alert.reports), -1, -1):
        body = msgspec.json.encode(_event(delivery, alert, kept))
        if len(body) <= MAX_BYTES:
            return body
    return body


def _event(delivery: Delivery, alert: Alert, kept: int) -> CloudEvent:
    return CloudEvent(
        id=delivery.id,
        type=f"tocsin.alert.{alert.kind}",
        subject=alert.story,
        time=alert.stamps.alerted,
        data=AlertData(
            alert=alert.id,
            story=alert.story,
            number=alert.number,
            includes=delivery.includes,
            kind=str(alert.kind),
            reason=str(alert.reason),
            rule=alert.rule,
            rule_title=alert.rule_title,
            severity=str(alert.severity),
            headline=alert.headline,
            actors=alert.actors,
            speaker=alert.speaker,
            facts=tuple(Fact(kind=slot.kind, value=slot.value) for slot in alert.slots),
            new_facts=alert.new_facts,
            articles=alert.counts.articles,
            independent_texts=alert.counts.texts,
            publishers=alert.counts.publishers,
            reports=tuple(_telling(report) for report in alert.reports[:kept]),
            reports_left_out=len(alert.reports) - kept,
            ruleset=alert.ruleset,
            **{name: getattr(alert.stamps, name) for name in alert.stamps.__struct_fields__},
        ),
    )


def _telling(report: Report) -> Telling:
    return Telling(
        url=report.url,
        publisher=report.publisher,
        headline=report.headline,
        sentence=report.evidence.sentence,
        spans=report.evidence.spans,
        part=report.evidence.part,
        speaker=report.speaker,
        language=report.language,
        published=report.published,
        article=report.article,
        detection=report.detection,
    )
