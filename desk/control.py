"""The control socket: how commands that write reach the running process.

A unix socket of mode 0600 in the data directory; one JSON object in, one out, then it closes. Without a running
process the commands lock the log's file themselves.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from wire.errors import TocsinError

SOCKET = "control.sock"
MAX_BYTES = 1024 * 1024
TIMEOUT_S = 30.0
_LONGEST_PATH = 100

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class ControlError(TocsinError):
    """The running process refused, or did not answer."""


class ControlServer:
    """Answers commands while the product runs. `handlers` maps the word in `do` to what is done."""

    def __init__(self, data_dir: Path, handlers: dict[str, Handler]) -> None:
        self._data_dir = data_dir
        self._handlers = handlers
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; the log's lock guarantees that a socket left behind is nobody's."""
        (self._data_dir / SOCKET).unlink(missing_ok=True)
        with _short_path(self._data_dir) as path:
            before = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._answer, path=path, limit=MAX_BYTES)
            finally:
                os.umask(before)

    async def close(self) -> None:
        """Stop listening and take the socket away."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            (self._data_dir / SOCKET).unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                writer.write(msgspec.json.encode(await self._result(await reader.readline())) + b"\n")
                await writer.drain()
        except (TimeoutError, ConnectionError, ValueError):
            pass  # the caller went away or sent more than a command: nothing was begun
        finally:
            writer.close()

    async def _result(self, line: bytes) -> dict[str, Any]:
        try:
            request = msgspec.json.decode(line, type=dict[str, Any])
            handler = self._handlers[request["do"]]
        except (msgspec.DecodeError, KeyError):
            return {"error": f"expected a command, one of {', '.join(sorted(self._handlers))}"}
        try:
            return await handler(request)
        except TocsinError as error:
            return {"error": str(error)}


async def call(data_dir: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """Ask the running process; None where none listens. Raises ControlError where it refuses."""
    if not (data_dir / SOCKET).exists():
        return None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            with _short_path(data_dir) as path:
                reader, writer = await asyncio.open_unix_connection(path, limit=MAX_BYTES)
            writer.write(msgspec.json.encode(request) + b"\n")
            await writer.drain()
            answer = msgspec.json.decode(await reader.readline(), type=dict[str, Any])
            writer.close()
            await writer.wait_closed()
    except (ConnectionRefusedError, FileNotFoundError):
        return None
    except (TimeoutError, OSError, msgspec.DecodeError) as error:
        raise ControlError(f"the running process did not answer: {error or 'timed out'}") from error
    if "error" in answer:
        raise ControlError(str(answer["error"]))
    return answer


@contextmanager
def _short_path(data_dir: Path) -> Iterator[str]:
    """A path of the socket that fits the 108 bytes a unix socket may have, however deep the directory lies."""
    path = str(data_dir / SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    directory = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{SOCKET}"
    finally:
        os.close(directory)
