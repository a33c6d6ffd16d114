"""The JSON Schema of a rule file, for editors: keys, values, and what they are for."""

from __future__ import annotations

from typing import Any

from streams.rules import policies, reading
from wire.records import Recency, Severity

_LANGUAGE = r"^(\*|[a-z]{2,3})$"


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    query = {"type": "string", "minLength": 1, "description": "a query, see docs/rules.md"}
    queries = {
        "description": "one query, or one for each language; `*` is for every language",
        "oneOf": [query, {"type": "object", "patternProperties": {_LANGUAGE: query}, "additionalProperties": False}],
    }
    item = {"type": ["string", "number"]}
    words = {"description": "words, phrases, NEAR, or other lists", "oneOf": [item, _listed(item)]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tocsin rules",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "lists": {"type": "object", "additionalProperties": words},
            "rules": _listed(_rule(query, queries)),
        },
    }


def _rule(query: dict[str, Any], queries: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "id": {"type": "string", "pattern": "^[a-z0-9_-]+$", "description": "never changed later"},
        "title": {"type": "string", "description": "what subscribers read"},
        "severity": {"enum": [str(one) for one in Severity], "default": "medium"},
        "when": queries,
        "unless": queries,
        "fold": {"type": "boolean", "default": False, "description": "accents do not count"},
        "statement": _statement(query),
        "ring": _one_or_more([str(one) for one in Recency]),
        "story": _story(),
        "shadow": {"type": "boolean", "default": False, "description": "stored, never delivered"},
        "tests": _listed(_test()),
    }
    assert tuple(properties) == reading.RULE_KEYS
    return _closed(properties, ["id", "title", "when"])


def _statement(query: dict[str, Any]) -> dict[str, Any]:
    return _closed(
        {
            "require": _one_or_more(policies.REQUIREMENTS),
            "actor": {"enum": list(policies.ACTORS)},
            "events": {"oneOf": [{"type": "string"}, _listed({"type": "string"})]},
            "cues": {"type": "object", "additionalProperties": _listed({"type": "string"})},
            "act": query,
            "who": {"enum": list(policies.WHO)},
        }
    )


def _story() -> dict[str, Any]:
    duration = {"type": ["string", "number"], "description": "seconds, or a duration such as 72h"}
    return _closed(
        {
            "same": _one_or_more(policies.SLOTS),
            "measure": _one_or_more(policies.SLOTS),
            "window": duration,
            "remember": duration,
            "confirm": {"type": "integer", "minimum": 1, "maximum": 100},
        }
    )


def _test() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    properties = {
        "fires": text,
        "silent": text,
        "language": {"type": "string"},
        "actors": _listed({"type": "string"}),
        "speaker": {"type": "string"},
        "recap": {"type": "boolean"},
    }
    return _closed(properties) | {"oneOf": [{"required": ["fires"]}, {"required": ["silent"]}]}


def _closed(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return made | ({"required": required} if required else {})


def _listed(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _one_or_more(known: Any) -> dict[str, Any]:
    one = {"enum": list(known)}
    return {"oneOf": [one, _listed(one)]}
