"""Values of rule files, each checked as it is read; what is wrong is noted, and a harmless value given instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from wire.errors import Problem
from wire.positioned import ListNode, MapNode, Node, ScalarNode
from wire.shapes import closest
from wire.units import seconds_of

E = TypeVar("E", bound=StrEnum)


@dataclass
class Values:
    """Reads values. `problems` holds every fault found."""

    problems: list[Problem] = field(default_factory=list)

    def _only(self, node: MapNode, known: Sequence[str], what: str) -> None:
        for name, key in node.keys.items():
            if name not in known:
                self.problems.append(key.place.problem(f"{what} has no `{key.text}`", closest(key.text, known)))

    def _map(self, node: MapNode, key: str, known: Sequence[str]) -> MapNode | None:
        value = node.get(key)
        if value is None:
            return None
        if not isinstance(value, MapNode):
            self.problems.append(value.place.problem(f"`{key}` is a map", f"known here: {', '.join(known)}"))
            return None
        self._only(value, known, f"`{key}`")
        return value

    def _text(self, node: MapNode, key: str) -> ScalarNode | None:
        value = node.get(key)
        if isinstance(value, ScalarNode) and value.text.strip():
            return value
        self.problems.append((value or node).place.problem(f"a rule needs `{key}`"))
        return None

    def _scalars(self, node: Node) -> list[ScalarNode]:
        items = node.items if isinstance(node, ListNode) else (node,)
        bad = [item for item in items if not isinstance(item, ScalarNode)]
        self.problems.extend(item.place.problem("expected words") for item in bad)
        return [item for item in items if isinstance(item, ScalarNode)]

    def _word(self, node: Node, known: Sequence[str]) -> str:
        text = node.text if isinstance(node, ScalarNode) else ""
        if text not in known:
            self.problems.append(
                node.place.problem(f"`{text}` is not known here", closest(text, [str(word) for word in known]))
            )
            return ""
        return text

    def _words(
        self, node: MapNode, key: str, known: Sequence[str] | None, default: tuple[str, ...]
    ) -> tuple[str, ...]:
        value = node.get(key)
        if value is None:
            return default
        items = self._scalars(value)
        return tuple(item.text if known is None else self._word(item, known) for item in items)

    def _choice(self, node: MapNode, key: str, choices: type[E], default: E) -> E:
        value = node.get(key)
        if value is None:
            return default
        try:
            return choices(value.text if isinstance(value, ScalarNode) else "")
        except ValueError:
            self._word(value, tuple(choices))
            return default

    def _flag(self, node: MapNode, key: str) -> bool:
        value = node.get(key)
        if value is None:
            return False
        if not isinstance(value, ScalarNode) or not isinstance(value.value, bool):
            self.problems.append(value.place.problem(f"`{key}` is true or false"))
            return False
        return value.value

    def _count(self, node: Node) -> int:
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
            self.problems.append(node.place.problem("expected a whole number from 1 to 100"))
            return 1
        return value

    def _duration(self, node: MapNode, key: str, default: int) -> int:
        value = node.get(key)
        if value is None:
            return default
        try:
            if not isinstance(value, ScalarNode):
                raise ValueError("expected a duration")
            return round(seconds_of(value.text))
        except ValueError as error:
            self.problems.append(value.place.problem(str(error), "as in `72h`, `180d`, `30m`"))
            return default
