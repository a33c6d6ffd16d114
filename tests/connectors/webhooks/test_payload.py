"""What a subscriber receives: CloudEvents 1.0, the same bytes each time, never above the limit."""

import json
from datetime import UTC, datetime

from connectors.webhooks.payload import MAX_BYTES, payload
from wire.records import (
    Alert,
    AlertKind,
    AlertReason,
    Counts,
    Delivery,
    Evidence,
    Report,
    Slot,
    Stamps,
)

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)


def report(number: int, sentence: str = "Nine ports pledged ships.") -> Report:
    return Report(
        detection=f"de1-{number}",
        article=f"ar1-{number}",
        url=f"https://outlet{number}.example/story",
        headline="Ports pledge ships",
        publisher=f"Outlet {number}",
        evidence=Evidence(sentence=sentence, spans=((11, 18),)),
        speaker="The Harbour Master",
        language="en",
        published=AT,
    )


def delivery(reports: tuple[Report, ...], **fields: object) -> Delivery:
    alert = Alert(
        id="al1-a",
        story="st1-a",
        number=2,
        kind=AlertKind.UPDATED,
        reason=AlertReason.NEW_FACT,
        rule="pledge",
        rule_title="A pledge",
        headline="Ports pledge ships",
        slots=(Slot(kind="number", value="9 ports"),),
        counts=Counts(articles=3, texts=2, publishers=2),
        reports=reports,
        stamps=Stamps(seen=AT, alerted=AT),
    )
    return Delivery(id="dl1-a", subscription="desk", alert=alert, **fields)


def test_the_envelope_is_cloudevents_1_0():
    event = json.loads(payload(delivery((report(1),), includes=(1,))))
    assert {name: value for name, value in event.items() if name != "data"} == {
        "specversion": "1.0",
        "id": "dl1-a",
        "source": "tocsin",
        "type": "tocsin.alert.updated",
        "subject": "st1-a",
        "time": "2026-03-04T09:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "tocsin:alert:1",
    }
    data = event["data"]
    assert (data["alert"], data["story"], data["number"], data["includes"]) == ("al1-a", "st1-a", 2, [1])
    assert (data["kind"], data["reason"], data["severity"]) == ("updated", "new_fact", "medium")
    assert data["facts"] == [{"kind": "number", "value": "9 ports"}]
    assert (data["articles"], data["independent_texts"], data["publishers"]) == (3, 2, 2)
    told = data["reports"][0]
    start, end = told["spans"][0]
    assert told["sentence"][start:end] == "pledged"
    assert data["seen"] == data["alerted"] == "2026-03-04T09:00:00Z"


def test_the_delivery_s_own_state_is_not_told():
    first = payload(delivery((report(1),)))
    assert first == payload(delivery((report(1),), attempts=7, reason="timeout", next_at=AT))


def test_what_does_not_fit_is_left_out_and_counted():
    body = payload(delivery(tuple(report(n, "ж" * 400) for n in range(60))))
    data = json.loads(body)["data"]
    assert len(body) <= MAX_BYTES
    assert data["reports_left_out"] > 0
    assert len(data["reports"]) + data["reports_left_out"] == 60
    assert data["reports"][0]["detection"] == "de1-0"


def test_one_sentence_may_be_larger_than_all_that_is_allowed():
    body = payload(delivery((report(1, "x" * 30_000),)))
    assert len(body) <= MAX_BYTES
    assert json.loads(body)["data"]["reports_left_out"] == 1
