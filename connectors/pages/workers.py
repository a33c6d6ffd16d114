"""Extraction in processes of their own, each task bounded in seconds and memory, so that the event loop never stalls.

A stuck, greedy or crashed worker costs the page it was at, and no other.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeout

from pebble import ProcessExpired, ProcessPool

from connectors.pages.extract import Extracted, extract
from wire.errors import TocsinError
from wire.records import ExtractReason
from wire.settings import PagesSettings

MAX_TASKS = 500
"""Pages after which a worker is replaced: what leaks in C libraries does not pile up."""


class ExtractFailed(TocsinError):
    """A page that gave no text because its extraction did not end well."""

    def __init__(self, reason: ExtractReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class ExtractionWorkers:
    """A pool of processes with trafilatura loaded. `workers` 0 means one for each core."""

    def __init__(self, settings: PagesSettings) -> None:
        self._settings = settings
        self._pool: ProcessPool | None = None

    async def warm(self) -> None:
        """Start the workers, so that the first page does not wait for them."""
        await asyncio.gather(*(self.extract(b"<p>warm</p>", "https://warm.invalid/") for _ in range(self._count)))

    async def extract(self, page: bytes, url: str, content_type: str = "") -> Extracted:
        """The article on a page. Raises ExtractFailed where a limit was passed or the worker died."""
        pool = await asyncio.to_thread(self._opened)
        future = pool.schedule(extract, args=(page, url, content_type), timeout=self._settings.extract_timeout_s)
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
            future.cancel()
            raise
        except Exception:  # whatever the extractor's libraries raise on a page is that page's failure
            raise ExtractFailed(ExtractReason.EXTRACTOR_CRASH) from None

    async def close(self) -> None:
        """End every worker."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    @property
    def _count(self) -> int:
        return self._settings.workers or os.cpu_count() or 1

    def _opened(self) -> ProcessPool:
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["connectors.pages.extract"])
            self._pool = ProcessPool(
                max_workers=self._count,
                max_tasks=MAX_TASKS,
                initializer=_bound,
                initargs=(self._settings.memory_bytes,),
                context=context,
            )
        return self._pool


def _bound(memory_bytes: int) -> None:
    """Bound this process's memory; a library that asks for more gets MemoryError."""
    import signal

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends its workers


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()
