"""The parts of a rule that are no queries: what a sentence must say, which detections are one event, tests."""

from __future__ import annotations

from collections.abc import Iterator

from streams.rules.model import InlineTest, StatementPolicy
from streams.rules.values import Values
from wire.positioned import ListNode, MapNode, ScalarNode
from wire.records import Recency, StoryPolicy

STATEMENT_KEYS = ("require", "actor", "events", "cues", "act", "who")
STORY_KEYS = ("same", "measure", "window", "remember", "confirm")
TEST_KEYS = ("fires", "silent", "language", "actors", "speaker", "recap")
REQUIREMENTS = ("asserted", "affirmed", "named_speaker", "official")
WHO = ("subject", "speaker", "parties")
ACTORS = ("state", "bloc", "state_or_bloc", "any")
SLOTS = ("actors", "place", "day", "ordinal", "object", "number")


class Policies(Values):
    """Reads these parts."""

    def _statement(self, node: MapNode) -> StatementPolicy | None:
        """What a matched sentence must say, but for `act`; None where nothing is said of it."""
        value = self._map(node, "statement", STATEMENT_KEYS)
        if value is None:
            return None
        cues: dict[str, tuple[str, ...]] = {}
        cue_node = value.get("cues")
        if isinstance(cue_node, MapNode):
            cues = {name.text: tuple(item.text for item in self._scalars(words)) for name, words in cue_node.pairs}
        actor, who = value.get("actor"), value.get("who")
        return StatementPolicy(
            require=self._words(value, "require", REQUIREMENTS, ("asserted",)),
            actor=self._word(actor, ACTORS) if actor is not None else "",
            events=self._words(value, "events", None, ()),
            cues=cues,
            who=self._word(who, WHO) if who is not None else "subject",
        )

    def _story(self, node: MapNode) -> StoryPolicy | None:
        """Which detections are one event; None where nothing is said of it."""
        value = self._map(node, "story", STORY_KEYS)
        ring = node.get("ring")
        if value is None and ring is None:
            return None
        default = StoryPolicy()
        rings = default.ring
        if ring is not None:
            rings = tuple(Recency(self._word(item, tuple(Recency)) or "current") for item in self._scalars(ring))
        if value is None:
            return StoryPolicy(ring=rings)
        confirm = value.get("confirm")
        return StoryPolicy(
            same=self._words(value, "same", SLOTS, default.same),
            measure=self._words(value, "measure", SLOTS, default.measure),
            window_s=self._duration(value, "window", default.window_s),
            remember_s=self._duration(value, "remember", default.remember_s),
            confirm=self._count(confirm) if confirm is not None else default.confirm,
            ring=rings,
        )

    def _tests(self, node: MapNode) -> Iterator[InlineTest]:
        value = node.get("tests")
        if value is None:
            return
        if not isinstance(value, ListNode):
            self.problems.append(value.place.problem('`tests` is a list: `- fires: "..."`, `- silent: "..."`'))
            return
        for item in value.items:
            if not isinstance(item, MapNode):
                self.problems.append(item.place.problem("a test is `fires: ...` or `silent: ...`"))
                continue
            self._only(item, TEST_KEYS, "a test")
            fires, silent = item.get("fires"), item.get("silent")
            text = fires or silent
            if (fires is None) == (silent is None) or not isinstance(text, ScalarNode):
                self.problems.append(item.place.problem("a test is `fires: ...` or `silent: ...`, one of them"))
                continue
            actors, speaker, recap = item.get("actors"), item.get("speaker"), item.get("recap")
            language = item.get("language")
            yield InlineTest(
                text=text.text,
                fires=fires is not None,
                line=item.place.line,
                language=language.text if isinstance(language, ScalarNode) else "en",
                actors=None if actors is None else tuple(one.text for one in self._scalars(actors)),
                speaker=speaker.text if isinstance(speaker, ScalarNode) else None,
                recap=bool(recap.value) if isinstance(recap, ScalarNode) else None,
            )
