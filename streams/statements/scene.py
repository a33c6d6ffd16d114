"""Where actors are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

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
