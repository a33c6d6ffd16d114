"""What detect puts out at first sight and for newer revisions, and how a judgement becomes detections."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from streams.detect import REMEMBER, ArticleIndex, Judgement, detect, detect_stage
from streams.judge import Reader
from streams.memory import PlainMemory
from streams.verdicts import verdicts
from wire.identity import detection_id
from wire.records import Article, DetectionKind, Evidence, Severity, Stamps, Statement, StoryPolicy

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ARTICLE = Article(
    id="ar1-a",
    revision="re1-a",
    url="https://a.test/1",
    title="Jets promised",
    text="Norland pledged jets. Nobody pledged ships.",
    publisher="a.test",
    stamps=Stamps(seen=NOON),
)
POLICY = StoryPolicy()
STATEMENT = Statement(actors=("Norland",))


@dataclass(frozen=True)
class OneRule:
    id: str = "pledge"
    title: str = "Pledge"
    severity: Severity = Severity.HIGH
    story: StoryPolicy = POLICY
    shadow: bool = True


@dataclass(frozen=True)
class OneMatch:
    rule: OneRule = OneRule()
    signature: tuple[int, ...] = (3, 8)


@dataclass(frozen=True)
class OneReading:
    evidence: Evidence
    statement: Statement = STATEMENT
    suppressed: str | None = None


class OneRuleset:
    id = "rs1-x"

    def match(self, article):
        return [OneMatch()] if "pledged" in article.text else []


def read(article, match):
    for sentence in article.text.split(". "):
        if "pledged" in sentence:
            yield OneReading(Evidence(sentence=sentence), suppressed="negated" if "Nobody" in sentence else None)


READER = Reader(read, choose=lambda readings: readings)


def run(memory, article):
    step = detect(lambda given: READER.judge(given, OneRuleset()), article, memory)
    memory.apply(step.changes)
    return step


def fresh():
    return PlainMemory((), ArticleIndex())


def test_a_detection_carries_everything_and_what_fell_is_counted():
    step = run(fresh(), ARTICLE)
    [output] = step.outputs
    found = output.record
    assert (output.topic, output.key, output.partition_key) == ("detections", found.id, "pledge")
    assert found.id == detection_id("ar1-a", "pledge", "Norland pledged jets")
    assert (found.rule_title, found.severity, found.ruleset, found.shadow) == ("Pledge", "high", "rs1-x", True)
    assert (found.headline, found.publisher, found.stamps) == ("Jets promised", "a.test", ARTICLE.stamps)
    assert found.signature == (3, 8)
    assert step.tallies == {("pledge", "negated"): 1}


def test_the_same_revision_says_nothing_again():
    memory = fresh()
    run(memory, ARTICLE)
    again = run(memory, replace(ARTICLE, stamps=Stamps(seen=NOON + timedelta(hours=1))))
    assert (again.outputs, again.changes) == ((), {})


def test_a_newer_revision_says_only_the_difference():
    memory = fresh()
    [first] = run(memory, ARTICLE).outputs
    same = replace(ARTICLE, revision="re1-b", text=ARTICLE.text + " More.")
    assert run(memory, same).outputs == ()
    added = replace(ARTICLE, revision="re1-c", text="Norland pledged jets. Norland pledged tanks")
    assert [output.record.kind for output in run(memory, added).outputs] == [DetectionKind.FOUND]
    changed = replace(ARTICLE, revision="re1-d", text="Norland pledged six jets. Norland pledged tanks")
    new, gone = (output.record for output in run(memory, changed).outputs)
    assert (new.kind, new.replaces) == (DetectionKind.CHANGED, first.key)
    assert (gone.kind, gone.id) == (DetectionKind.WITHDRAWN, first.key)
    emptied = run(memory, replace(ARTICLE, revision="re1-e", text="Removed"))
    assert {output.record.kind for output in emptied.outputs} == {DetectionKind.WITHDRAWN}
    assert len(emptied.outputs) == 2


def test_only_articles_with_detections_are_remembered_and_not_for_ever():
    memory = fresh()
    run(memory, replace(ARTICLE, text="Nothing"))
    assert len(memory) == 0
    run(memory, ARTICLE)
    run(memory, replace(ARTICLE, id="ar1-b", text="Nothing", stamps=Stamps(seen=NOON + REMEMBER)))
    assert len(memory) == 0


def test_an_article_without_stamps_needs_no_clock():
    first, second = (run(fresh(), replace(ARTICLE, stamps=Stamps())) for _ in range(2))
    assert first == second
    assert first.outputs


def test_the_stage_judges_under_its_ruleset():
    stage = detect_stage(OneRuleset(), READER.judge)
    assert len(stage.run(ARTICLE, PlainMemory((), stage.index())).outputs) == 1
    assert (stage.name, stage.stamp) == ("detect", "detected")


def test_verdicts_name_the_story_and_what_rang():
    twice = [ARTICLE, ARTICLE, replace(ARTICLE, id="ar1-b", publisher="b.test")]
    first, second = verdicts(twice, lambda article: READER.judge(article, OneRuleset()))
    assert (first.rings_new, second.rings_new) == (True, False)
    assert first.story == second.story != ""
    assert list(verdicts(twice, lambda article: Judgement())) == []
