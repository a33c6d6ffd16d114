"""Rules and articles for `benchmarks/match.py`, made from a seed: invented words with the frequencies of a language.

*Dense* rules ask for words that are in every other article; *monitoring-like* ones for names and topics, so that most
articles meet none. Both mix OR NEAR OR, sentences, phrases, titles and NOT.
"""

from __future__ import annotations

import random
from itertools import accumulate

from streams.rules import Rule
from streams.rules import syntax as s
from wire.records import Article

WORDS = 40_000
SYLLABLES = [
    a + b
    for a in "b c d f g h j k l m n p r s t v w z ch st tr pl".split()
    for b in "a e i o u ai ea or an en".split()
]


class Language:
    """Invented words by rank; rank r is drawn with weight 1 / (r + 3)."""

    def __init__(self, seed: int) -> None:
        pick = random.Random(seed)
        words: dict[str, None] = {}
        while len(words) < WORDS:
            syllables = 1 + (len(words) > 60) + (len(words) > 1_500) * (pick.random() < 0.7) + (pick.random() < 0.3)
            words[
                "".join(pick.choice(SYLLABLES) for _ in range(syllables)) + pick.choice(["", "", "s", "n", "d"])
            ] = None
        self.words = list(words)
        self.ordered = sorted(words)
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))

    def draw(self, pick: random.Random, count: int) -> list[str]:
        """So many words as text has them."""
        return pick.choices(self.words, cum_weights=self._weights, k=count)


def articles(language: Language, count: int, size: int, seed: int) -> list[Article]:
    """Articles of `size` bytes: a title, and paragraphs of three sentences."""
    pick = random.Random(seed)
    made: list[Article] = []
    for number in range(count):
        body: list[str] = []
        length = 0
        while length < size:
            words = language.draw(pick, pick.randrange(12, 30))
            words[pick.randrange(len(words))] += ","
            sentence = " ".join(words).capitalize() + "."
            body.append(sentence)
            length += len(sentence) + 1
        lines = [" ".join(body[at : at + 3]) for at in range(0, len(body), 3)]
        title = " ".join(language.draw(pick, 10)).capitalize()
        made.append(
            Article(
                id=f"a{number}",
                revision="r",
                url="u",
                title=title,
                text="\n\n".join(lines)[:size].rsplit(" ", 1)[0],
                publisher="p",
                language="en",
            )
        )
    return made


def rules(language: Language, count: int, seed: int, *, dense: bool) -> list[Rule]:
    """So many rules of every common kind."""
    pick = random.Random(seed)
    low, high = (250, 25_000) if dense else (2_500, WORDS)

    def word() -> s.Word:
        rank = int(low * (high / low) ** pick.random()) if dense else pick.randrange(low, high)
        text = language.words[rank]
        return s.Word(text[:5], prefix=True) if len(text) > 6 and pick.random() < 0.2 else s.Word(text)

    def one_of(most: int) -> s.Node:
        found = tuple(dict.fromkeys(word() for _ in range(pick.randrange(2, most + 1))))
        return s.Or(found) if len(found) > 1 else found[0]

    def query() -> s.Node:
        kind = pick.random()
        if kind < 0.4:
            return s.Near(one_of(6), one_of(6), pick.choice([5, 10, 15]), pick.random() < 0.2)
        if kind < 0.6:
            return s.Within("sentence", s.And((one_of(6), one_of(6))))
        if kind < 0.75:
            return s.And((s.Or((s.Phrase((word(), word())), word())), one_of(8)))
        if kind < 0.85:
            return s.And((s.Part("title", one_of(6)), one_of(8)))
        if kind < 0.95:
            return s.And((one_of(4), one_of(8), s.Not(one_of(3))))
        return s.And((one_of(4), one_of(4), one_of(6)))

    return [Rule(id=f"r{number}", title="", queries={"*": query()}) for number in range(count)]
