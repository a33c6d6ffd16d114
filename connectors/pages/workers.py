"""Extraction in processes of their own, each task bounded in seconds and memory, so that the event loop never stalls.

A stuck, greedy or crashed worker costs the page it was at, and no other.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeout

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from connectors.pages.extract import Extracted, extract
from wire.errors import TocsinError
from wire.records import ExtractReason
from wire.settings import PagesSettings

Work = Callable[[bytes, str, str], Extracted]

MAX_TASKS = 500
"""Pages after which a worker is replaced: what leaks in C libraries does not pile up."""


class ExtractFailed(TocsinError):
    """A page that gave no text because its extraction did not end well."""

    def __init__(self, reason: ExtractReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class ExtractionWorkers:
    """A pool of processes with trafilatura loaded. `workers` 0 means one for each core.

    `work` is what they do with (page, address, content type): a function that can be imported by its name.
    """

    def __init__(self, settings: PagesSettings, work: Work = extract) -> None:
        self._settings = settings
        self._work = work
        self._pool: ProcessPool | None = None
        self._opening = asyncio.Lock()
        self._under_way: set[ProcessFuture[Extracted]] = set()

    async def warm(self) -> None:
        """Start the workers, so that the first page does not wait for them."""
        await asyncio.gather(*(self.extract(b"<p>warm</p>", "https://warm.invalid/") for _ in range(self._count)))

    async def extract(self, page: bytes, url: str, content_type: str = "") -> Extracted:
        """The article on a page. Raises ExtractFailed where a limit was passed or the worker died."""
        pool = await self._opened()
        future = pool.schedule(self._work, args=(page, url, content_type), timeout=self._settings.extract_timeout_s)
        self._under_way.add(future)
        try:
            extracted: Extracted = await asyncio.wrap_future(future)
            return extracted
        except (TimeoutError, FutureTimeout):
            raise ExtractFailed(ExtractReason.EXTRACTOR_TIMEOUT) from None
        except MemoryError:
            raise ExtractFailed(ExtractReason.EXTRACTOR_MEMORY) from None
        except (ProcessExpired, BrokenExecutor):
            raise ExtractFailed(ExtractReason.EXTRACTOR_CRASH) from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not task.cancelling():  # not we: the pool was closed meanwhile
                raise ExtractFailed(ExtractReason.EXTRACTOR_CRASH) from None
            future.cancel()
            raise
        except Exception:  # whatever the extractor's libraries raise on a page is that page's failure
            raise ExtractFailed(ExtractReason.EXTRACTOR_CRASH) from None
        finally:
            self._under_way.discard(future)

    async def close(self) -> None:
        """End every worker; what is under way fails."""
        pool, self._pool = self._pool, None
        for future in tuple(self._under_way):
            future.cancel()  # a pool that stops answers nobody
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    @property
    def _count(self) -> int:
        return self._settings.workers or os.cpu_count() or 1

    async def _opened(self) -> ProcessPool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncio.to_thread(self._open)  # starting processes takes its time
            return self._pool

    def _open(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["connectors.pages.extract"])
        pool = ProcessPool(
            max_workers=self._count,
            max_tasks=MAX_TASKS,
            initializer=_bound,
            initargs=(self._settings.memory_bytes,),
            context=context,
        )
        pool.schedule(_nothing)  # the pool starts with its first task
        return pool


def _nothing() -> None:
    """A task that only starts the pool."""


def _bound(memory_bytes: int) -> None:
    """Bound this process's memory; a library that asks for more gets MemoryError."""
    import logging
    import signal

    logging.disable(logging.CRITICAL)  # what a page's own faults are is told by its outcome
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends its workers


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()
