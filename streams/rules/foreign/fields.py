"""Fields of other tools: which are parts of an article here, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping

ANYWHERE = ""
PARTS = ("title", "lead", "body")

TEXT_FIELDS: Mapping[str, Mapping[str, str]] = {
    "brandwatch": {"title": "title"},
    "meltwater": {"title": "title", "ingress": "lead"},
    "lucene": {"title": "title", "lead": "lead", "body": "body"},
}
"""For each dialect the fields of text, and the parts of an article that they are."""

LANGUAGE = frozenset({"language", "lang"})

_SOURCE = (
    "sources are chosen by the feeds that are read",
    "site url source sources publisher publication author authors links channelid guid blogname parentblogname "
    "rootblogname weblogtitle subreddit subreddittopics topleveldomain domain mediatype pubtype "
    "publishersubtype http https",
)
_PLACE = (
    "where an article comes from is not known here",
    "continent country countrycode region state county city latitude longitude location geo",
)
_TONE = ("tone and rank are not judged here", "sentiment rating reach authorfollowers authorgender")
_TIME = ("when an article was published is for replay and for silences to choose", "date published minuteofday")

_REASONS = {name: reason for reason, names in (_SOURCE, _PLACE, _TONE, _TIME) for name in names.split()}


def why_not(name: str) -> str:
    """Why a query cannot ask for a field of this name."""
    lower = name.lower()
    if lower in LANGUAGE:
        return "a language is named beside the whole query, and not inside it"
    reason = _REASONS.get(lower) or _REASONS.get(lower.rpartition(".")[2])
    return reason or f"an article has no field `{name}` here"


def hint(name: str) -> str:
    """What to write instead."""
    return "`when: {en: ...}`" if name.lower() in LANGUAGE else ""
