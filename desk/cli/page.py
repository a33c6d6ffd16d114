"""One page in place of a text, for `tocsin rules explain`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli.output import DEFAULT_CONFIGS, json_line

if TYPE_CHECKING:
    from connectors.pages.single import Page
    from wire.records import Article
    from wire.settings import Settings

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether a text is the address of a page and nothing else."""
    return _ADDRESS.fullmatch(text.strip()) is not None


def read(url: str, config: Path | None, as_json: bool) -> Page:
    """The page at an address; where no article comes of it, says why and ends."""
    import asyncio
    import os

    from connectors.pages.single import PageUnread
    from wire.settings_file import load_settings

    settings = load_settings(config or next((path for path in DEFAULT_CONFIGS if path.is_file()), None), os.environ)
    try:
        return asyncio.run(_asked_for(url, settings))
    except PageUnread as error:
        if as_json:
            json_line({"url": url, "reason": error.reason, "detail": error.detail})
        else:
            click.echo(str(error), err=True)
        sys.exit(2)


async def _asked_for(url: str, settings: Settings) -> Page:
    from contextlib import AsyncExitStack

    from msgspec.structs import replace

    from connectors.http import HttpClient
    from connectors.pages.single import PageReader
    from connectors.pages.workers import ExtractionWorkers

    async with AsyncExitStack() as stack:
        http, workers = HttpClient(settings.http), ExtractionWorkers(replace(settings.pages, workers=1))
        stack.push_async_callback(http.close)
        stack.push_async_callback(workers.close)
        return await PageReader(http, workers, settings.pages, settings.http.user_agent).read(url)


def article_of_page(page: Page, title: str, language: str) -> Article:
    """What the rule is asked about; headline and language in place of the page's own. Without a date it is of now."""
    from datetime import UTC, datetime

    from msgspec.structs import replace

    from streams.rules.testing import article_of
    from wire.records import Stamps

    now = datetime.now(UTC)
    return replace(
        article_of(title or page.title, page.text, language or page.language),
        url=page.url,
        publisher=page.publisher,
        stamps=Stamps(published=page.published or now, seen=now),
    )


def header(page: Page) -> dict[str, str]:
    """What is shown above the explanation."""
    published = page.published.isoformat() if page.published else ""
    return {
        "url": page.url,
        "title": page.title,
        "publisher": page.publisher,
        "language": page.language,
        "published": published,
        **({"cut": "only its beginning was read"} if page.cut else {}),
    }
