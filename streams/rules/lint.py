"""What rules cost on a sample: how often a rule's rarest clause makes it a candidate, and how often it matches.

A rule is tried on every article that has a word of its *anchor*, the required clause that the fewest articles meet. A
rule whose anchor is in every other article is tried all the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streams.rules import syntax as s
from streams.rules.bind import written
from streams.rules.engine import Engine, Words
from streams.rules.model import RuleSet
from wire.records import Article

COMMON = 200
"""Candidates a thousand articles from which on an anchor counts as too common."""

USELESS = 50
"""Candidates for each match from which on a rule looks in vain; asked of common anchors only."""


@dataclass(frozen=True)
class Cost:
    """One query of a rule over the sample, all a thousand articles but `anchor`, the clause it is looked up by."""

    rule: str
    language: str
    anchor: str
    candidates: float
    matches: float

    @property
    def warning(self) -> str:
        """What is wrong with it, or nothing."""
        if self.candidates < COMMON:
            return ""
        if self.matches * USELESS < self.candidates:
            return "common anchor, few matches: ask for a rarer word too"
        return "the anchor is common: ask for a rarer word too"


def costs(ruleset: RuleSet, articles: Iterable[Article]) -> list[Cost]:
    """Every query of the rules, by falling candidates."""
    asked = [(rule, language, node) for rule in ruleset.rules for language, node in rule.queries.items()]
    engine = Engine([node for _, _, node in asked])
    leaves = engine.leaves
    clauses = [
        sorted({frozenset(leaves[word] for word in c) for c in s.required(n)}, key=sorted) for _, _, n in asked
    ]
    met: Counter[frozenset[int]] = Counter()
    everything = {clause for one in clauses for clause in one}
    by_leaf: dict[int, list[frozenset[int]]] = {}
    for clause in everything:
        for leaf in clause:
            by_leaf.setdefault(leaf, []).append(clause)
    matches: Counter[str] = Counter()
    total = 0
    for article in articles:
        total += 1
        there = {leaf for text in (article.title, article.text) for leaf in engine.index("", Words(text)).positions}
        met.update({clause for leaf in there for clause in by_leaf.get(leaf, ())})
        matches.update(match.rule.id for match in ruleset.match(article))
    share = 1_000 / max(1, total)
    names = {number: written(word) for word, number in leaves.items()}
    made = []
    for (rule, language, _), found in zip(asked, clauses, strict=True):
        anchor = min(found, key=lambda clause: (met[clause], len(clause)))
        words = shortened([names[leaf] for leaf in sorted(anchor)])
        made.append(Cost(rule.id, language, words, met[anchor] * share, matches[rule.id] * share))
    return sorted(made, key=lambda cost: (-cost.candidates, cost.rule, cost.language))


def shortened(words: Sequence[str], most: int = 4) -> str:
    """The first words of a clause."""
    more = f" … ({len(words)})" if len(words) > most else ""
    return " OR ".join(words[:most]) + more
