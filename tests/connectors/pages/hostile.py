"""What a page can do to its extractor, as functions that a worker process imports by name."""

import os
import time

from connectors.pages.extract import Extracted


def work(page: bytes, url: str, content_type: str) -> Extracted:
    """Do what the page says, else return it."""
    if page == b"hang":
        time.sleep(3600)
    if page == b"crash":
        os.abort()
    if page == b"greedy":
        return Extracted(text=str(len(bytearray(8_000_000_000))))
    if page == b"raise":
        raise ValueError("a surprise")
    if page == b"pid":
        return Extracted(title=str(os.getpid()))
    if page.startswith(b"sleep "):
        time.sleep(float(page.split()[1]))
    return Extracted(text=page.decode(), title=str(os.getpid()))
