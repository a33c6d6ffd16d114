"""A real webhook receiver on loopback: verifies, stores durably, counts, and misbehaves where a test tells it to.

It is what `tocsin listen`, the demo and the tests deliver to.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web

from connectors.webhooks.sign import SignatureError, verify
from wire.clock import Clock

MAX_BODY = 256 * 1024
MAX_ID = 200


class Conduct(StrEnum):
    """How one POST is met. After its effect: the message is stored, and the sender cannot know."""

    ACCEPT = "accept"
    ANSWER_500 = "answer_500"
    ANSWER_410 = "answer_410"
    HANG = "hang"
    CUT = "cut"
    CUT_AFTER_EFFECT = "cut_after_effect"
    HANG_AFTER_EFFECT = "hang_after_effect"


_TAKES_IN = frozenset({Conduct.ACCEPT, Conduct.CUT_AFTER_EFFECT, Conduct.HANG_AFTER_EFFECT})


@dataclass(frozen=True)
class Received:
    """One verified message: its `webhook-id`, when it came first (RFC 3339), and its CloudEvents document."""

    id: str
    at: str
    event: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The alert within the event; empty where there is none."""
        data = self.event.get("data")
        return data if isinstance(data, dict) else {}


@dataclass(frozen=True)
class Tally:
    """What came. `verified` counts POSTs with a good signature, repeats included; `alerts` and `stories` count
    distinct messages by the alert's id and by its story; `by_id` is how often each `webhook-id` came."""

    verified: int
    refused: int
    repeats: int
    by_id: dict[str, int]
    alerts: dict[str, int]
    stories: dict[str, int]


@dataclass
class _Counts:
    verified: int = 0
    refused: int = 0
    repeats: int = 0
    by_id: Counter[str] = field(default_factory=Counter)


class Receiver:
    """Listens on 127.0.0.1 at `port` (0: any free one) and verifies with `secrets`.

    With `store`, each message is a JSON line there, flushed to the disk before the answer 204; messages that the file
    already holds count as repeats when they come again. `clock` gives the time that signatures are checked against.
    `on_receipt` gets each message once, as it lies in the store.
    """

    def __init__(
        self,
        secrets: Iterable[str],
        store: Path | None,
        clock: Clock,
        port: int = 0,
        on_receipt: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._secrets = tuple(secrets)
        self._store = store
        self._clock = clock
        self._port = port
        self._on_receipt = on_receipt
        self._inbox: dict[str, Received] = {}
        self._counts = _Counts()
        self._conduct: deque[Conduct] = deque()
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._file: TextIO | None = None
        self.peer = ""

    @property
    def url(self) -> str:
        """Where to POST; known after `start`."""
        return f"http://{self.peer}/in"

    @property
    def messages(self) -> tuple[Received, ...]:
        """Distinct verified messages in the order of their first coming."""
        return tuple(self._inbox.values())

    async def start(self) -> None:
        """Open the store and listen. Raises OSError where either cannot be had."""
        if self._store:
            self._file = _opened(self._store, self._inbox)
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post("/{tail:.*}", self._post)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.peer = f"{host}:{port}"

    async def close(self) -> None:
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()
        if self._file:
            self._file.close()

    def misbehave(self, *conduct: Conduct) -> None:
        """Meet the next POSTs so, one each; after them all is accepted again."""
        self._conduct.extend(conduct)

    def tally(self) -> Tally:
        """What came so far."""
        alerts = Counter(str(data["alert"]) for data in self._alerts() if data.get("alert"))
        stories = Counter(str(data["story"]) for data in self._alerts() if data.get("story"))
        counts = self._counts
        return Tally(counts.verified, counts.refused, counts.repeats, dict(counts.by_id), dict(alerts), dict(stories))

    async def wait_for(self, messages: int) -> None:
        """Return once there are that many distinct verified messages."""
        while len(self._inbox) < messages:
            self._changed.clear()
            await self._changed.wait()

    def _alerts(self) -> list[dict[str, Any]]:
        return [message.data for message in self._inbox.values()]

    # ------------------------------------------------------------------ one POST

    async def _post(self, request: web.Request) -> web.StreamResponse:
        conduct = self._conduct.popleft() if self._conduct else Conduct.ACCEPT
        if conduct in _TAKES_IN:
            answer: web.StreamResponse = await self._take_in(request)
            if conduct is Conduct.ACCEPT or answer.status != 204:
                return answer
        if conduct in (Conduct.HANG, Conduct.HANG_AFTER_EFFECT):
            await self._closing.wait()
        if conduct in (Conduct.CUT, Conduct.CUT_AFTER_EFFECT) and request.transport:
            request.transport.abort()
        return web.Response(status=410 if conduct is Conduct.ANSWER_410 else 500, text="told to fail")

    async def _take_in(self, request: web.Request) -> web.Response:
        """Verify and store. 204 once it is safe, 401 for a bad signature, 400 for a body that is no JSON object."""
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            verify(headers, body, self._secrets, self._clock.now_ms() // 1000)
        except SignatureError:
            self._counts.refused += 1
            return web.Response(status=401, text="signature not accepted")
        try:
            event = json.loads(body)
        except ValueError:
            event = None
        message_id = headers.get("webhook-id", "")
        if not isinstance(event, dict) or not 0 < len(message_id) <= MAX_ID:
            self._counts.refused += 1
            return web.Response(status=400, text="expected a JSON object and a webhook-id")
        self._keep(Received(message_id, self._clock.now().isoformat(), event))
        return web.Response(status=204)

    def _keep(self, message: Received) -> None:
        self._counts.verified += 1
        self._counts.by_id[message.id] += 1
        if message.id in self._inbox:
            self._counts.repeats += 1
            return
        line = {"id": message.id, "at": message.at, "event": message.event}
        if self._file:
            self._file.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        self._inbox[message.id] = message
        self._changed.set()
        if self._on_receipt:
            self._on_receipt(line)


def _opened(store: Path, inbox: dict[str, Received]) -> TextIO:
    """The store, ready to append, its messages put into `inbox`; a line cut by a crash is dropped."""
    store.parent.mkdir(parents=True, exist_ok=True)
    whole = 0
    if store.exists():
        for line in store.read_bytes().splitlines(keepends=True):
            try:
                row: Any = json.loads(line) if line.endswith(b"\n") else None
                inbox.setdefault(row["id"], Received(row["id"], row["at"], row["event"]))
            except (ValueError, TypeError, KeyError):
                break
            whole += len(line)
        os.truncate(store, whole)
    return store.open("a", encoding="utf-8")
