"""The topics as they must be on the brokers: planned, made, and verified before anything starts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from wire.errors import ConfigError, LogError, Problem
from wire.kafka.connection import Connection
from wire.topics import AGENDAS, FOREVER, MIB, TOPICS, Cleanup, Topic

OVERHEAD_BYTES = 64 * 1024
"""Room beside a record's value for its key, headers and batch."""

_TOPIC_EXISTS = 36
KNOWN_S = 15.0
"""How long it may take until every broker knows of a topic that was made."""

_PAUSE_S = 0.2


@dataclass(frozen=True)
class Wanted:
    """One topic as it must be: its name on the brokers, partitions, replicas, and settings."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it must be. `mend` says how, empty where `tocsin topics apply` does it."""

    topic: str
    what: str
    mend: str = ""


def wanted(connection: Connection, partitions: int) -> list[Wanted]:
    """Every topic and agenda."""
    found = [
        Wanted(connection.topic(topic.name), partitions, connection.replication, _configs(topic, connection))
        for topic in TOPICS.values()
    ]
    compacted = {**_compact(connection), **_common(connection, MIB)}
    found += [Wanted(connection.agenda(name), partitions, connection.replication, compacted) for name in AGENDAS]
    return found


def _compact(connection: Connection) -> dict[str, str]:
    return {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": str(connection.compaction_lag_s * 1000),
        "delete.retention.ms": str(24 * 3600 * 1000),
        "min.cleanable.dirty.ratio": "0.2",
    }


def _common(connection: Connection, max_bytes: int) -> dict[str, str]:
    return {
        "max.message.bytes": str(max_bytes + OVERHEAD_BYTES),
        "min.insync.replicas": str(connection.min_insync),
        "unclean.leader.election.enable": "false",
    }


def _configs(topic: Topic, connection: Connection) -> dict[str, str]:
    if topic.cleanup is Cleanup.COMPACT:
        return {**_compact(connection), **_common(connection, topic.max_bytes)}
    keep = {"cleanup.policy": "delete", "retention.ms": str(topic.keep_s * 1000 if topic.keep_s != FOREVER else -1)}
    if topic.keep_bytes != FOREVER:
        keep["retention.bytes"] = str(topic.keep_bytes)
    return {**keep, **_common(connection, topic.max_bytes)}


async def differences(admin: AIOKafkaAdminClient, wants: list[Wanted]) -> list[Difference]:
    """What is not as it must be, in the order of `wants`."""
    present = {one["topic"]: one for one in await admin.describe_topics() if one["error_code"] == 0}
    there = [one for one in wants if one.name in present]
    configs = await _described(admin, [one.name for one in there])
    found = []
    for want in wants:
        have = present.get(want.name)
        if have is None:
            found.append(Difference(want.name, "is missing"))
            continue
        count = len(have["partitions"])
        if count != want.partitions:
            mend = f"set `partitions: {count}`, or make the topic anew: partitions cannot change under keyed data"
            found.append(Difference(want.name, f"has {count} partitions, expected {want.partitions}", mend))
        replicas = min(len(part["replicas"]) for part in have["partitions"])
        if replicas < want.replication:
            mend = "kafka-reassign-partitions adds replicas"
            found.append(Difference(want.name, f"has {replicas} replicas, expected {want.replication}", mend))
        for key, value in want.configs.items():
            is_ = configs.get(want.name, {}).get(key)
            if is_ != value:
                found.append(Difference(want.name, f"{key} is {is_}, expected {value}"))
    return found


async def _described(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for _, _, _, name, entries in response.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def apply(admin: AIOKafkaAdminClient, wants: list[Wanted]) -> list[Difference]:
    """Make what is missing and set what can be set; returns what remains different."""
    missing = {one.topic for one in await differences(admin, wants) if one.what == "is missing"}
    new = [
        NewTopic(one.name, one.partitions, one.replication, topic_configs=dict(one.configs))
        for one in wants
        if one.name in missing
    ]
    if new:
        response = await admin.create_topics(new)
        bad = [error for error in response.topic_errors if error[1] not in (0, _TOPIC_EXISTS)]
        if bad:
            raise LogError(f"topics could not be made: {', '.join(f'{e[0]}: {e[2] or e[1]}' for e in bad)}")
    wrong = {one.topic for one in await _known(admin, wants) if "is missing" not in one.what and not one.mend}
    changed = [one for one in wants if one.name in wrong]
    if changed:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, one.name, dict(one.configs)) for one in changed]
        )
    return await differences(admin, wants)


async def _known(admin: AIOKafkaAdminClient, wants: list[Wanted]) -> list[Difference]:
    """The differences once every broker asked knows the topics that were just made."""
    for _ in range(round(KNOWN_S / _PAUSE_S)):
        found = await differences(admin, wants)
        if not any(one.what == "is missing" for one in found):
            return found
        await asyncio.sleep(_PAUSE_S)
    return found


async def verify(connection: Connection, partitions: int, *, create: bool = True) -> None:
    """Make missing topics where `create` is set; raises ConfigError where anything else is not as it must be."""
    admin = await opened_admin(connection)
    try:
        wants = wanted(connection, partitions)
        found = await differences(admin, wants)
        if create and any(one.what == "is missing" for one in found):
            new = {one.topic for one in found if one.what == "is missing"}
            await apply(admin, [one for one in wants if one.name in new])
            found = await _known(admin, wants)
        if found:
            hint = "`tocsin topics plan` lists it all, `tocsin topics apply` sets what can be set"
            raise ConfigError(*(Problem(one.topic, 0, 0, one.what, one.mend or hint) for one in found))
    except KafkaError as error:
        raise LogError(f"the brokers at {connection.bootstrap} refused: {error}") from error
    finally:
        await admin.close()


async def opened_admin(connection: Connection) -> AIOKafkaAdminClient:
    """A started admin client. Raises LogError where no broker answers."""
    options: dict[str, Any] = connection.client()
    admin = AIOKafkaAdminClient(**options)
    try:
        await admin.start()
    except (KafkaError, OSError) as error:
        await admin.close()
        raise LogError(f"no broker answers at {connection.bootstrap}: {error}") from error
    return admin
