"""What lies in the topics: small frozen records, complete at birth, each tagged with its name and version.

Every record is one JSON object whose first member, `record`, is its name and version (`article/1`). Times are aware
UTC datetimes. Spans count characters of the text they point into, half-open. An optional member may be added within a
version; anything else is a new version, and `wire.codec` keeps the way up from the old one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0)]


class Record(Struct, frozen=True, kw_only=True, tag_field="record", omit_defaults=True):
    """Root of all records."""


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Root of what records are made of."""


# ------------------------------------------------------------------ closed sets


class Silence(StrEnum):
    """Why an entry may found or join stories but rings nothing."""

    FIRST_POLL = "first_poll"
    STALE = "stale"
    UNDATED = "undated"
    OUTAGE = "outage"


class BodySource(StrEnum):
    """Where an article's text comes from."""

    PAGE = "page"
    FEED = "feed"
    SUMMARY = "summary"


class FetchReason(StrEnum):
    """Why a request outward gave nothing. Shared by feeds, pages and webhooks."""

    DNS = "dns"
    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS = "tls"
    REDIRECT = "redirect"
    BLOCKED_ADDRESS = "blocked_address"
    TOO_LARGE = "too_large"
    STATUS_4XX = "status_4xx"
    STATUS_5XX = "status_5xx"
    GONE = "gone"
    THROTTLED = "throttled"
    BAD_URL = "bad_url"
    BAD_ANSWER = "bad_answer"


class OutcomeKind(StrEnum):
    """What became of an entry: every entry ends in exactly one."""

    ARTICLE_FROM_PAGE = "article_from_page"
    ARTICLE_FROM_FEED = "article_from_feed"
    UNCHANGED = "unchanged"
    NO_TEXT = "no_text"
    BAD_ADDRESS = "bad_address"
    FAILED = "failed"


class ExtractReason(StrEnum):
    """Why the page's text was not used."""

    SHORTER_THAN_FEED = "shorter_than_feed"
    NO_BODY = "no_body"
    EXTRACTOR_TIMEOUT = "extractor_timeout"
    EXTRACTOR_MEMORY = "extractor_memory"
    EXTRACTOR_CRASH = "extractor_crash"
    NOT_HTML = "not_html"


class Severity(StrEnum):
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Polarity(StrEnum):
    AFFIRMED = "affirmed"
    NEGATED = "negated"


class Modality(StrEnum):
    ASSERTED = "asserted"
    POSSIBLE = "possible"
    CONDITIONAL = "conditional"
    INTENDED = "intended"
    URGED = "urged"
    ASKED = "asked"


class Recency(StrEnum):
    CURRENT = "current"
    RECAP = "recap"


class Voice(StrEnum):
    """Whose words the matched span is."""

    ARTICLE = "article"
    QUOTED = "quoted"
    REPORTED = "reported"
    SECOND_HAND = "second_hand"


class DetectionKind(StrEnum):
    FOUND = "found"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class TellingKind(StrEnum):
    """What a telling counts as: a text of its own, a near-copy, a look back, or evidence that went away."""

    TEXT = "text"
    COPY = "copy"
    RECAP = "recap"
    WITHDRAWN = "withdrawn"


class AlertKind(StrEnum):
    NEW = "new"
    CONFIRMED = "confirmed"
    UPDATED = "updated"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


class AlertReason(StrEnum):
    """Why there is this alert; it rides in the payload."""

    FIRST_REPORT = "first_report"
    CONFIRMED = "confirmed"
    NEW_FACT = "new_fact"
    CORRECTION = "correction"
    RETRACTION = "retraction"
    REPEAT = "repeat"
    DIGEST = "digest"
    TEST = "test"


class DeliveryState(StrEnum):
    PENDING = "pending"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


class DeadReason(StrEnum):
    """Why a record was set aside."""

    UNDECODABLE = "undecodable"
    STAGE_ERROR = "stage_error"
    TOO_LARGE = "too_large"
    DELIVERY_EXHAUSTED = "delivery_exhausted"


# ------------------------------------------------------------------ parts


class Stamps(Part, frozen=True, kw_only=True):
    """How far a record has come, and when. Latency is read off the record."""

    published: datetime | None = None
    seen: datetime | None = None
    fetched: datetime | None = None
    extracted: datetime | None = None
    detected: datetime | None = None
    alerted: datetime | None = None


class Cue(Part, frozen=True, kw_only=True):
    """The words that gave a statement one of its labels; the span points into the sentence."""

    axis: str
    label: str
    start: Count
    end: Count


class Slot(Part, frozen=True, kw_only=True):
    """A fact of a statement: a number with what it counts, an ordinal, a place, a day."""

    kind: str
    value: str
    start: Count = 0
    end: Count = 0


class Statement(Part, frozen=True, kw_only=True):
    """What the matched sentence says."""

    polarity: Polarity = Polarity.AFFIRMED
    modality: Modality = Modality.ASSERTED
    recency: Recency = Recency.CURRENT
    voice: Voice = Voice.ARTICLE
    speaker: str | None = None
    actors: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    cues: tuple[Cue, ...] = ()


class Evidence(Part, frozen=True, kw_only=True):
    """The sentence that proves a detection.

    `part` is `title` or `body`; `start` is the sentence's first character in that part; `spans` are the matched
    words within the sentence.
    """

    sentence: str
    part: str = "body"
    start: Count = 0
    spans: tuple[tuple[int, int], ...] = ()


class StoryPolicy(Part, frozen=True, kw_only=True):
    """What of a rule decides over its stories; it rides in each detection."""

    same: tuple[str, ...] = ("actors",)
    measure: tuple[str, ...] = ()
    window_s: int = 72 * 3600
    remember_s: int = 180 * 86400
    confirm: int = 2
    ring: tuple[Recency, ...] = (Recency.CURRENT,)


class Report(Part, frozen=True, kw_only=True):
    """One outlet's telling, as an alert cites it."""

    detection: str
    article: str
    url: str
    headline: str
    publisher: str
    evidence: Evidence
    language: str = ""
    speaker: str | None = None
    published: datetime | None = None


class Counts(Part, frozen=True, kw_only=True):
    """`texts` counts independent texts, `publishers` their distinct publisher families."""

    articles: Count = 0
    texts: Count = 0
    publishers: Count = 0


# ------------------------------------------------------------------ records


class Feed(Record, frozen=True, kw_only=True, tag="feed/1"):
    """A subscribed address. Durations in seconds; 0 means the product's default."""

    id: str
    url: str
    title: str = ""
    publisher: str = ""
    language: str = ""
    interval_s: int = 0
    fresh_for_s: int = 0
    page: bool = True
    origin: str = "file"


class Checkpoint(Record, frozen=True, kw_only=True, tag="checkpoint/1"):
    """Where a source stands with a feed. `known` maps the first letters of guid digests to those of entry ids."""

    feed: str
    epoch: int = 0
    polls: Count = 0
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    full_get_at: datetime | None = None
    next_at: datetime | None = None
    etag: str = ""
    last_modified: str = ""
    failures: float = 0.0
    last_reason: str = ""
    last_detail: str = ""
    entries: Count = 0
    last_entry_at: datetime | None = None
    known: dict[str, str] = {}


class Entry(Record, frozen=True, kw_only=True, tag="entry/1"):
    """One item as the feed states it. `content` and `summary` are the feed's own text, markup removed."""

    id: str
    feed: str
    publisher: str
    guid: str
    url: str
    title: str
    summary: str = ""
    content: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    page: bool = True
    silence: Silence | None = None
    stamps: Stamps = Stamps()


class Outcome(Record, frozen=True, kw_only=True, tag="outcome/1"):
    """What became of an entry. `reason` is a FetchReason or ExtractReason where one applies."""

    entry: str
    feed: str
    url: str
    kind: OutcomeKind
    reason: str = ""
    detail: str = ""
    article: str = ""
    tries: Count = 1
    at: datetime


class Article(Record, frozen=True, kw_only=True, tag="article/1"):
    """The entry with its body and identity. `text` is paragraphs split by a blank line, at most 200 kB."""

    id: str
    revision: str
    url: str
    title: str
    text: str
    publisher: str
    feed: str = ""
    entry: str = ""
    language: str = ""
    canonical_url: str = ""
    authors: tuple[str, ...] = ()
    body_source: BodySource = BodySource.PAGE
    body_reason: str = ""
    cut: bool = False
    silence: Silence | None = None
    stamps: Stamps = Stamps()


class Detection(Record, frozen=True, kw_only=True, tag="detection/1"):
    """One rule met by one article, with its evidence. A changed one names the detection that it replaces."""

    id: str
    kind: DetectionKind = DetectionKind.FOUND
    replaces: str = ""
    rule: str
    rule_title: str
    severity: Severity = Severity.MEDIUM
    ruleset: str
    article: str
    revision: str
    url: str
    headline: str
    publisher: str
    language: str = ""
    evidence: Evidence
    statement: Statement = Statement()
    story: StoryPolicy = StoryPolicy()
    signature: tuple[int, ...] = ()
    silence: Silence | None = None
    shadow: bool = False
    stamps: Stamps = Stamps()


class Alert(Record, frozen=True, kw_only=True, tag="alert/1"):
    """A numbered notice about a story, at most 20 kB. `reports` are the telling reports, the newest fact first."""

    id: str
    story: str
    number: int
    kind: AlertKind
    reason: AlertReason
    rule: str
    rule_title: str
    severity: Severity = Severity.MEDIUM
    ruleset: str = ""
    headline: str
    actors: tuple[str, ...] = ()
    speaker: str | None = None
    slots: tuple[Slot, ...] = ()
    new_facts: tuple[str, ...] = ()
    counts: Counts = Counts()
    reports: tuple[Report, ...] = ()
    shadow: bool = False
    stamps: Stamps = Stamps()


class Subscription(Record, frozen=True, kw_only=True, tag="subscription/1"):
    """Who wants which alerts where. `secrets` are names of secrets, never the secrets.

    `rules` and `languages` are shell-style patterns; empty means all. Durations in seconds.
    """

    id: str
    url: str
    title: str = ""
    rules: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    min_severity: Severity = Severity.INFO
    secrets: tuple[str, ...] = ()
    retries_s: tuple[float, ...] = ()
    deliver_by_s: int = 0
    paused: bool = False
    origin: str = "file"


class Delivery(Record, frozen=True, kw_only=True, tag="delivery/1"):
    """One alert owed to one subscription: its present state. `id` is also the `webhook-id`.

    `includes` are the numbers of earlier alerts of the story that this delivery stands for as well.
    """

    id: str
    subscription: str
    alert: Alert
    state: DeliveryState = DeliveryState.PENDING
    reason: str = ""
    attempts: Count = 0
    includes: tuple[int, ...] = ()
    next_at: datetime | None = None
    settled_at: datetime | None = None


class Attempt(Record, frozen=True, kw_only=True, tag="attempt/1"):
    """One POST. `answer` is at most 4 KiB of what came back."""

    delivery: str
    subscription: str
    alert: str
    number: int
    at: datetime
    seconds: float
    status: int = 0
    reason: FetchReason | None = None
    retry: bool = False
    next_at: datetime | None = None
    answer: str = ""


class DeadLetter(Record, frozen=True, kw_only=True, tag="dead-letter/1"):
    """A record that should have worked, set aside with its bytes (base64 in JSON; empty beyond the limit)."""

    origin: str
    topic: str
    partition: int
    offset: int
    stage: str
    reason: DeadReason
    detail: str = ""
    key: str = ""
    value: bytes = b""
    value_hash: str = ""
    headers: tuple[tuple[str, bytes], ...] = ()
    at: datetime
    requeued_at: datetime | None = None


class Ruleset(Record, frozen=True, kw_only=True, tag="ruleset/1"):
    """All rules active together: the files they came from, by name."""

    id: str
    files: dict[str, str]
    rules: int
    at: datetime


class Activation(Record, frozen=True, kw_only=True, tag="activation/1"):
    """From `at` on articles are judged by `ruleset`; `before` named the one until then, empty at the first start."""

    ruleset: str
    before: str = ""
    at: datetime


# ------------------------------------------------------------------ state: what lies in tables and agendas


class PageVisit(Record, frozen=True, kw_only=True, tag="page-visit/1"):
    """An entry on its way to an article. `told` is the revision already emitted from the feed's own text."""

    entry: Entry
    tries: Count = 0
    told: str = ""


class ArticleMemory(Record, frozen=True, kw_only=True, tag="article-memory/1"):
    """What `detect` remembers of an article that had detections: its revision and what was found."""

    article: str
    revision: str
    detections: dict[str, str]
    forget_at: datetime


class Telling(Part, frozen=True, kw_only=True):
    """One article within a story, as the story remembers it. An old one keeps neither signature nor report."""

    detection: str
    article: str
    publisher: str
    signature: tuple[int, ...] = ()
    seen: datetime | None = None
    kind: TellingKind = TellingKind.TEXT
    report: Report | None = None


class Story(Record, frozen=True, kw_only=True, tag="story/1"):
    """Detections of one rule that tell of one real-world event, at most 64 kB.

    `rang` is the number of the last alert, 0 where the story is silent; `rang_by` is the detection whose evidence
    stands behind it. `silence` is that of the first telling that is no recap. A stub keeps identity and keys only.
    """

    id: str
    rule: str
    rule_title: str = ""
    severity: Severity = Severity.MEDIUM
    silence: Silence | None = None
    rang_by: str = ""
    remember_s: int = 0
    actors: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    sentences: tuple[str, ...] = ()
    tellings: tuple[Telling, ...] = ()
    rang: int = 0
    confirmed: bool = False
    stub: bool = False
    opened_at: datetime
    last_at: datetime
    closes_at: datetime
    forget_at: datetime


class AlertMemory(Record, frozen=True, kw_only=True, tag="alert-memory/1"):
    """What `route` remembers of an alert it has routed: the subscriptions it went to."""

    alert: str
    subscriptions: tuple[str, ...]
    forget_at: datetime
