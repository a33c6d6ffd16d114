"""A day of news as articles: the demo's day and a busy newsroom, with what goes wrong on real days."""

import random
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from desk.newsroom.busy import busy_script
from desk.newsroom.script import Script
from wire.codec import encode
from wire.identity import article_id, revision_id
from wire.records import Article, Silence, Stamps

MORNING = datetime(2026, 3, 4, 6, tzinfo=UTC)


def articles_of(script: Script, start: datetime = MORNING, minutes_a_second: float = 1.0) -> list[Article]:
    """One article for each piece, in the order of publishing."""
    return [
        an_article(
            f"https://{piece.outlet}.test/{piece.id}",
            piece.title,
            piece.text,
            start + timedelta(minutes=piece.at * minutes_a_second),
        )
        for piece in sorted(script.pieces, key=lambda piece: piece.at)
    ]


def an_article(url: str, title: str, text: str, at: datetime, language: str = "en") -> Article:
    return Article(
        id=article_id(url),
        revision=revision_id(title, text),
        url=url,
        title=title,
        text=text,
        publisher=url.split("/")[2],
        feed=url.split("/")[2],
        entry=url,
        language=language,
        stamps=Stamps(published=at, seen=at),
    )


def a_day(seed: int, stories: int = 30, noise: int = 60, *, silenced: bool = True) -> list[tuple[str, bytes]]:
    """Keys and bytes of a day: repeats, corrected texts and garbage; `silenced`: withdrawn and old ones as well."""
    chance = random.Random(seed)
    articles = articles_of(busy_script(seed, stories, 6, noise))
    day: list[Article] = []
    for article in articles:
        day.append(article)
        luck = chance.random()
        if luck < 0.05:
            day.append(article)  # told twice
        elif luck < 0.10:
            text = article.text.replace(".", " again.", 1)
            day.append(replace(article, text=text, revision=revision_id(article.title, text)))
        elif luck < 0.15 and silenced:
            day.append(replace(article, text="The page is gone.", revision=revision_id(article.title, "gone")))
        elif luck < 0.20 and silenced:
            day[-1] = replace(article, silence=Silence.STALE)
    records = [(article.id, encode(article)) for article in day]
    for bad in (b"", b"{", b"not a record", records[0][1][:-40], b"\xff\x00\xfe"):
        records.insert(chance.randrange(len(records)), (f"bad-{len(bad)}", bad))
    return records
