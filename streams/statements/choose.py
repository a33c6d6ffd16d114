"""Which readings of a match count: one for each event that the article tells, the best evidence of it."""

from __future__ import annotations

from collections.abc import Sequence

from streams.statements.read import Reading
from wire.records import Recency


def choose(readings: Sequence[Reading]) -> list[Reading]:
    """The best reading of each event, in the order of the text. Readings of one event have actors in common.

    A headline counts where nothing in the text stands: what it says shortly, the text says in full.
    """
    body = [reading for reading in readings if reading.evidence.part != "title"]
    groups: list[list[Reading]] = []
    for reading in sorted(body or readings, key=_worth, reverse=True):
        group = next((group for group in groups if _one_event(group, reading)), None)
        if group is None:
            groups.append([reading])
        else:
            group.append(reading)
    chosen = [group[0] for group in groups]
    return sorted(chosen, key=lambda one: (one.evidence.part != "title", one.evidence.start))


def _one_event(group: Sequence[Reading], reading: Reading) -> bool:
    first = group[0].statement
    ours = reading.statement
    if first.recency is ours.recency and (reading.meant or group[0].meant):
        return True  # `Those listed may not travel`: of the event that another sentence tells with its actors
    if first.recency is not ours.recency and set(first.actors) != set(ours.actors):
        return False
    if not first.actors or not ours.actors:
        return True
    a, b = set(first.actors), set(ours.actors)
    return a <= b or b <= a


def _worth(reading: Reading) -> tuple[bool, bool, bool, bool, bool, int]:
    """The body before the title, the present before the past, actors named, here at best, a speaker, the earlier."""
    statement, evidence = reading.statement, reading.evidence
    return (
        evidence.part == "body",
        statement.recency is Recency.CURRENT,
        bool(statement.actors),
        not reading.meant,
        statement.speaker is not None,
        -evidence.start,
    )
