"""Where the brokers are, and how one speaks to them."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from wire.errors import LogError
from wire.settings import KafkaSettings
from wire.topics import AGENDAS, MEMBERS, TOPICS, Cleanup

REQUEST_TIMEOUT_MS = 30_000
PATIENCE_S = 30.0
"""How long what the brokers may answer a moment later is asked again."""

_PAUSE_S = 0.1
T = TypeVar("T")


@dataclass(frozen=True)
class Connection:
    """Addresses and security of a cluster. `prefix` stands before every topic and group of ours.

    `instance` names this process among its group's members: one that comes back in time keeps its partitions.
    """

    bootstrap: str
    prefix: str = "tocsin."
    replication: int = 1
    min_insync: int = 1
    security: dict[str, Any] = field(default_factory=dict, repr=False)
    instance: str = ""
    compaction_lag_s: int = 600

    @classmethod
    def of(cls, settings: KafkaSettings, secret: Callable[[str], str]) -> Connection:
        """From settings; `secret` gives the password by its name."""
        security: dict[str, Any] = {"security_protocol": settings.security}
        if settings.security.endswith("SSL"):
            security["ssl_context"] = ssl.create_default_context(cafile=settings.ca_file or None)
        if settings.security.startswith("SASL"):
            security |= {"sasl_mechanism": settings.sasl_mechanism, "sasl_plain_username": settings.username}
            security["sasl_plain_password"] = secret(settings.password)
        return cls(
            settings.bootstrap,
            settings.prefix,
            settings.replication,
            settings.min_insync,
            security,
            settings.instance,
            settings.compaction_lag_s,
        )

    def client(self) -> dict[str, Any]:
        """The options of every client."""
        return {
            "bootstrap_servers": self.bootstrap,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            **self.security,
        }

    def topic(self, name: str) -> str:
        """The name that a topic of ours has on the brokers."""
        return self.prefix + name

    def agenda(self, name: str) -> str:
        """The topic that holds an agenda."""
        return f"{self.prefix}agenda.{name}"

    def group(self, name: str) -> str:
        """The name that a group of ours has on the brokers: the stages of one stream worker are one group there."""
        return self.prefix + MEMBERS.get(name, name)


def compacted() -> tuple[str, ...]:
    """The topics that are tables."""
    return tuple(name for name, topic in TOPICS.items() if topic.cleanup is Cleanup.COMPACT)


def agendas() -> tuple[str, ...]:
    """The agendas that there are."""
    return tuple(AGENDAS)


async def patiently(act: Callable[[], Awaitable[T]]) -> T:
    """Ask until the brokers answer: leaders move and coordinators load. Raises LogError where they never do."""
    gives_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await act()
        except (KafkaError, OSError) as error:
            retriable = isinstance(error, OSError) or error.retriable
            if not retriable or time.monotonic() > gives_up:
                raise LogError(f"the brokers did not answer: {error!r}") from error
            await asyncio.sleep(_PAUSE_S)
