"""The seed case of the design: one article, two events, each with its sentence and its speaker."""

from datetime import UTC, datetime
from pathlib import Path

from streams.pipeline import READER
from streams.rules import load_rules
from streams.verdicts import verdicts
from wire.identity import article_id, revision_id
from wire.records import Article, Recency, Stamps, Voice

AT = datetime(2026, 3, 4, 15, tzinfo=UTC)
TITLE = "Talks on Ukraine end with promises and a warning"
PLEDGE = "Officials who took part said that 26 countries pledged contributions to a potential peacekeeping force."
REJECTION = (
    "In Moscow, foreign ministry spokeswoman Maria Zakharova stated that Russia considers the deployment of "
    'foreign troops in the country "unacceptable".'
)
TEXT = "\n\n".join(
    [
        "Two days of talks on the future of Ukraine closed on Wednesday in a hotel by the lake, with a list of "
        "offers on the table and no signature under it.",
        f"{PLEDGE} The list names ships, aircraft and engineers, and is to be gone through again in April.",
        "No country has pledged tanks, and two delegations left the room when the word was used.",
        f"{REJECTION} She did not take questions.",
        "Analysts said the force might never be formed. Hotels in the town are booked out until Sunday.",
    ]
)
URL = "https://lakeside.test/talks"
ARTICLE = Article(
    id=article_id(URL),
    revision=revision_id(TITLE, TEXT),
    url=URL,
    title=TITLE,
    text=TEXT,
    publisher="lakeside.test",
    language="en",
    stamps=Stamps(published=AT, seen=AT),
)
RULES = Path(__file__).parents[2] / "deploy/rules"


def test_the_seed_case_gives_both_detections_and_rings_for_each():
    ruleset = load_rules(RULES)
    found = {
        verdict.detection.rule: verdict
        for verdict in verdicts([ARTICLE], lambda article: READER.judge(article, ruleset))
    }
    assert set(found) == {"security_guarantee_pledge", "foreign_troops_unacceptable"}

    pledge = found["security_guarantee_pledge"].detection
    assert pledge.evidence.sentence == PLEDGE
    assert pledge.statement.actors == ()
    assert pledge.statement.recency is Recency.CURRENT
    assert ("number", "26 countries") in {(slot.kind, slot.value) for slot in pledge.statement.slots}

    rejection = found["foreign_troops_unacceptable"].detection
    assert rejection.evidence.sentence == REJECTION
    assert rejection.statement.speaker == "Maria Zakharova"
    assert rejection.statement.actors == ("Russia",)
    assert rejection.statement.voice in (Voice.QUOTED, Voice.REPORTED)

    assert all(verdict.rings_new for verdict in found.values())


def test_its_matched_words_stand_where_the_spans_point():
    ruleset = load_rules(RULES)
    for detection in READER.judge(ARTICLE, ruleset).detections:
        evidence = detection.evidence
        assert ARTICLE.text[evidence.start :].startswith(evidence.sentence)
        words = [evidence.sentence[start:end].casefold() for start, end in evidence.spans]
        assert words and all(word and word == word.strip() for word in words)
    pledge = next(d for d in READER.judge(ARTICLE, ruleset).detections if d.rule == "security_guarantee_pledge")
    marked = {pledge.evidence.sentence[start:end] for start, end in pledge.evidence.spans}
    assert marked & {"pledged", "peacekeeping"}
