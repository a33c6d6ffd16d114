"""What the product can be told: one frozen object, from `tocsin.yaml` and `TOCSIN_*`.

The defaults here are the product's defaults. Durations are seconds, sizes bytes, as the names say.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from wire.records import Feed, Subscription
from wire.topics import PARTITIONS

Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]
Positive = Annotated[int, Meta(ge=1)]
Port = Annotated[int, Meta(ge=0, le=65_535)]


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Root of all sections; unknown keys are refused."""


class HttpSettings(Section, frozen=True, kw_only=True):
    """The guarded client. `allow` lists exact host:port pairs that may be dialled though not public."""

    user_agent: str = "Tocsin/0.1 (news monitor)"
    allow: tuple[str, ...] = ()
    connect_timeout_s: Seconds = 10.0
    redirects: Annotated[int, Meta(ge=0, le=20)] = 10
    connections: Positive = 64


class PollingSettings(Section, frozen=True, kw_only=True):
    """How feeds are polled."""

    interval_s: Seconds = 600.0
    ceiling_s: Seconds = 86_400.0
    jitter: Annotated[float, Meta(ge=0, le=0.5)] = 0.1
    fresh_for_s: Seconds = 24 * 3600.0
    deliver_by_s: Seconds = 6 * 3600.0
    timeout_s: Seconds = 30.0
    max_bytes: Positive = 15_000_000
    max_entries: Positive = 2000
    full_get_every: Positive = 12
    concurrency: Positive = 16


class PagesSettings(Section, frozen=True, kw_only=True):
    """How article pages are fetched and their bodies extracted. `memory_bytes` bounds one worker process."""

    timeout_s: Seconds = 25.0
    max_bytes: Positive = 5_000_000
    host_delay_s: Seconds = 1.0
    concurrency: Positive = 16
    retries_s: tuple[Seconds, ...] = (60.0, 300.0, 1800.0, 7200.0, 43_200.0)
    workers: Annotated[int, Meta(ge=0, le=64)] = 0
    extract_timeout_s: Seconds = 10.0
    memory_bytes: Positive = 1_500_000_000


class DeliverySettings(Section, frozen=True, kw_only=True):
    """How webhooks are sent. `retries_s[n]` is the wait after attempt n + 1."""

    timeout_s: Seconds = 15.0
    retries_s: tuple[Seconds, ...] = (5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
    jitter: Annotated[float, Meta(ge=0, le=0.5)] = 0.2
    retry_after_cap_s: Seconds = 86_400.0
    concurrency: Positive = 16
    deliver_by_s: Seconds = 6 * 3600.0


class DeskSettings(Section, frozen=True, kw_only=True):
    """Where the dashboard, metrics and health listen."""

    host: str = "127.0.0.1"
    port: Port = 8321


class KafkaSettings(Section, frozen=True, kw_only=True):
    """The brokers of a cluster; without `bootstrap` there is none. `password` is the name of a secret.

    `instance` names this process for good, as a stateful set does: a restart within ten seconds moves no partition.
    Compaction leaves the newest `compaction_lag_s` of a table alone: an owner's time to mend what came too late.
    """

    bootstrap: str = ""
    prefix: str = "tocsin."
    replication: Annotated[int, Meta(ge=1, le=9)] = 1
    min_insync: Annotated[int, Meta(ge=1, le=9)] = 1
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    ca_file: str = ""
    instance: str = ""
    compaction_lag_s: Annotated[int, Meta(ge=0, le=7 * 86_400)] = 600


class SecretSource(Section, frozen=True, kw_only=True):
    """Where a secret is read from when it is needed: an environment variable or a file, exactly one."""

    env: str = ""
    file: str = ""


class Settings(Section, frozen=True, kw_only=True):
    """Everything, checked. Relative paths are relative to the file they stand in."""

    data_dir: Path = Path("data")
    partitions: Annotated[int, Meta(ge=1, le=512)] = PARTITIONS
    rules: tuple[Path, ...] = ()
    feeds: tuple[Feed, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    secrets: dict[str, SecretSource] = {}
    http: HttpSettings = HttpSettings()
    polling: PollingSettings = PollingSettings()
    pages: PagesSettings = PagesSettings()
    delivery: DeliverySettings = DeliverySettings()
    desk: DeskSettings = DeskSettings()
    kafka: KafkaSettings = KafkaSettings()
