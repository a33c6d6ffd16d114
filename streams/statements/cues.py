"""The cues of a sentence: words that deny, weaken or date a statement, by the classes of `data/cues.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from streams.statements import actors
from streams.statements.lexicon import Mention, Phrases, Token, phrases, separated
from streams.statements.passage import Passage
from streams.statements.when import MONTHS
from wire.records import Modality, Polarity, Recency

NEUTRAL = "neutral"
"""The class of phrases that hold a cue and take nothing back: `not only`, `non seulement`, `ohne Vorbedingungen`."""
AXIS: Mapping[str, tuple[str, str]] = {
    "negation": ("polarity", Polarity.NEGATED),
    "refusal": ("polarity", Polarity.NEGATED),
    "possible": ("modality", Modality.POSSIBLE),
    "conditional": ("modality", Modality.CONDITIONAL),
    "intended": ("modality", Modality.INTENDED),
    "urged": ("modality", Modality.URGED),
    "unofficial": ("voice", "unofficial"),
    "recap": ("recency", Recency.RECAP),
}
"""What a class of cues makes of a statement: axis and label."""


def cues(passage: Passage, language: str, extra: Mapping[str, tuple[str, ...]]) -> list[Mention]:
    """Mentions of cues in a sentence, each meaning its class. `extra` adds phrases to classes."""
    found = [
        one
        for one in phrases("cues", language).find(passage.tokens)
        if not (_month(passage, one) or _armed_opposition(passage, one) or _at_request(passage, one))
    ]
    taken = {at for one in found for at in range(one.first, one.last)}
    parts = separated("cues", language, passage.text, passage.tokens)
    found += [one for one in parts if one.first not in taken]
    if extra:
        shielded = {at for one in found if one.meaning == NEUTRAL for at in range(one.first, one.last)}
        added = [
            one
            for one in _extra(tuple((kind, words) for kind, words in sorted(extra.items()))).find(passage.tokens)
            if not shielded.issuperset(range(one.first, one.last))
        ]
        covered = {at for mention in added for at in range(mention.first, mention.last)}
        found = [one for one in found if not covered.intersection(range(one.first, one.last))] + added
    if language == "fr":
        found += [Mention(at, at + 1, "negation") for at, one in enumerate(passage.tokens) if elided_not(one)]
    return sorted(found)


def elided_not(token: Token) -> bool:
    """`n'enverra`: half a negation in one word with its verb."""
    return token.forms[0].startswith("n'") and not token.text[2:3].isupper()


def _armed_opposition(passage: Passage, cue: Mention) -> bool:
    """`the opposition SPLM-IO`: an armed group, and no party that speaks for no state."""
    if cue.meaning != "unofficial":
        return False
    return any(
        one.first <= cue.last <= one.last and actors.table()[one.meaning].kind == actors.ARMED
        for one in actors.find(passage.tokens, passage.language)
    )


def _at_request(passage: Passage, cue: Mention) -> bool:
    """`at Madrid's request`: it has been met."""
    before = [token.forms[0] for token in passage.tokens[max(0, cue.first - 4) : cue.first]]
    return passage.tokens[cue.first].forms[0] in ("request", "invitation", "urging") and "at" in before


def _month(passage: Passage, cue: Mention) -> bool:
    """`on 5 May`: the month is no verb."""
    token = passage.tokens[cue.first]
    return cue.first > 0 and token.capital and cue.last - cue.first == 1 and token.forms[0] in MONTHS


@cache
def _extra(classes: tuple[tuple[str, tuple[str, ...]], ...]) -> Phrases:
    return Phrases((word, kind) for kind, words in classes for word in words)
