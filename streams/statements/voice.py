"""Text that is not the article's own report: opinion, fiction, captions, links to other articles, biographies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from streams.statements.passage import Passage
from wire.records import Article

_OPINION_TITLE = re.compile(
    r"^\s*(?:opinion|column|comment|analysis|editorial|letters?|op-ed|guest essay)\b\s*[:|–—-]", re.I
)
_CORRECTION = re.compile(
    r"^\s*(?:corrections?|clarifications?|errat(?:um|a)|editor'?s note|for the record|quiz)\b", re.I
)
_FICTION = re.compile(
    r"\b(?:novel|thriller|paperback|bookshelf|short story|screenplay|video game|box office|film's|the heroine|"
    r"the hero|board game|satire|fiction(?:al)?)\b",
    re.I,
)
_MADE_UP = re.compile(
    r"\b(?:fictitious|fictional|imaginary|make-believe|thriller|novel|novelist|war ?games?|wargam\w+|table-?top|"
    r"role-play\w*|screenplay|satirical|satire|umpire|heroine|protagonist|sequel|paperback|box office|april fool\w*|"
    r"does not exist)\b",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(?:I|my|mine|me)\b")
_QUOTED = re.compile(r'[“"«][^”"»]*[”"»]')
_FURNITURE = re.compile(
    r"^\s*(?:photo|image|picture|file photo|related|read more|read also|see also|more on this|watch|listen|"
    r"advertisement|subscribe|sign up for|most read|recommended|about the author|the author|the writer|comments?|"
    r"topics|tags|claim|the claim|myth|rumou?r|q|question)\b\s*(?:[:|–—-]|is\b|writes\b|$)",
    re.I,
)
_ERROR = re.compile(
    r"\b(?:please disregard|disregard (?:the|our)|(?:issued|sent|published) in error|mandatory kill|"
    r"story is withdrawn)\b",
    re.I,
)
_ENOUGH = 3


def not_the_articles_voice(article: Article, whole: Sequence[Passage], at: int) -> str | None:
    """`opinion`, `fiction` or `furniture` where sentence `at` is no report; None where it is."""
    if _FURNITURE.match(whole[at].text):
        return "furniture"
    if _ERROR.search(whole[at].text):
        return "correction"
    return _genre(article.title, article.text)


@lru_cache(maxsize=8)
def _genre(title: str, text: str) -> str | None:
    own = _QUOTED.sub(" ", text)
    if len(_FICTION.findall(own)) >= _ENOUGH:
        return "fiction"
    if len({word.casefold() for word in _MADE_UP.findall(f"{title} {own}")}) >= _ENOUGH - 1:
        return "fiction"
    if _CORRECTION.match(title):
        return "correction"
    if _OPINION_TITLE.match(title) or len(_FIRST_PERSON.findall(own)) >= 2 * _ENOUGH:
        return "opinion"
    return None
