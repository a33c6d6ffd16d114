"""Where actors are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from streams.statements import actors
from streams.statements.lexicon import Mention
from streams.statements.passage import Passage
from streams.statements.speaker import Speaker


@dataclass(frozen=True)
class Scene:
    """Where actors are looked for: the sentence, its event words (all places of them too), who speaks, the day."""

    passage: Passage
    event: Sequence[int]
    speaker: Speaker
    on: date | None
    article: Sequence[Passage]
    language: str
    places: Sequence[Sequence[int]] = field(default=())

    def named(self, passage: Passage) -> list[Mention]:
        """States by their names and by their leaders; a name inside a leader's (`Santiago Peña`) is his."""
        language = passage.language
        leaders = actors.leaders(passage.tokens, self.on, language)
        within = {at for one in leaders if one.last - one.first > 1 for at in range(one.first, one.last)}
        return sorted([*(one for one in actors.find(passage.tokens, language) if one.first not in within), *leaders])
