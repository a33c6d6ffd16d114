"""What settings list by name: feeds, subscriptions and secrets, inline or in files of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wire.errors import ConfigError
from wire.identity import ascii_host
from wire.positioned import ListNode, MapNode, Node, Place, ScalarNode, load_positioned
from wire.records import Feed, Subscription
from wire.settings import SecretSource
from wire.shapes import SECRET_MARKS, Shapes, Terms, clipped, closest, kind_of

MAX_URL = 2048
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST_PREFIX = re.compile(r"^(www|feeds|feed|rss)\.")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")

NAME_HINT = "letters, digits, dots, hyphens and underscores, at most 80"


class Lists:
    """Reads the three lists; faults go to `shapes`."""

    def __init__(self, shapes: Shapes, base: Path) -> None:
        self._shapes = shapes
        self._base = base
        self._wanted_secrets: list[tuple[Place, str]] = []
        self._first: dict[tuple[str, str, str], Place] = {}

    def feeds(self, node: Node, name: str) -> Any:
        feeds = [self._feed(row, name) for row in self._rows(node, name)]
        return tuple(feed for feed in feeds if feed is not None)

    def subscriptions(self, node: Node, name: str) -> Any:
        rows = [self._subscription(row, name) for row in self._rows(node, name)]
        return tuple(row for row in rows if row is not None)

    def secrets(self, node: Node, name: str) -> Any:
        """Name to source; no value that stands here is ever repeated in a fault."""
        if not isinstance(node, MapNode):
            return self._shapes.fault(
                node.place, f"{name}: expected a map from names to {{env: ...}} or {{file: ...}}"
            )
        sources = {key.text: self._secret(key, value, name) for key, value in node.pairs}
        return {key: source for key, source in sources.items() if source is not None}

    def check_secret_names(self, known: set[str]) -> None:
        """After all is read: each secret that a subscription names must be in `secrets:`."""
        for place, wanted in self._wanted_secrets:
            if any(mark in wanted for mark in SECRET_MARKS):
                hint = "give it a name in `secrets:` with {env: ...} or {file: ...}, and write that name here"
                self._shapes.fault(place, "this is a secret, not the name of one", hint)
            elif wanted not in known:
                self._shapes.fault(place, f"no secret is called {clipped(wanted)!r}", closest(wanted, known))

    # -------------------------------------------------------------- rows

    def _rows(self, node: Node, name: str) -> list[Node]:
        """The items of an inline list, of a file, or of several files."""
        if isinstance(node, ScalarNode) and node.value is None:
            return []
        rows: list[Node] = []
        for item in node.items if isinstance(node, ListNode) else (node,):
            if isinstance(item, ScalarNode) and isinstance(item.value, str):
                rows += self._file(item, name)
            else:
                rows.append(item)
        return rows

    def _file(self, item: ScalarNode, name: str) -> list[Node]:
        if "://" in item.text:
            self._shapes.fault(item.place, f"{name}: expected a map or the path of a file", "write `- url: ...`")
            return []
        path = (Path() if item.place.line == 0 else self._base) / item.text
        try:
            listed = load_positioned(path)
        except ConfigError as error:
            for problem in error.problems:
                missing = problem.line == 0
                self._shapes.problems.append(
                    item.place.problem(f"{name}: {problem.path} {problem.message}") if missing else problem
                )
            return []
        if isinstance(listed, ListNode):
            return list(listed.items)
        if not isinstance(listed, ScalarNode) or listed.value is not None:
            self._shapes.fault(
                listed.place, f"{name}: expected a list, got {kind_of(listed)}", "begin each with `- `"
            )
        return []

    # -------------------------------------------------------------- one of each

    def _feed(self, node: Node, name: str) -> Feed | None:
        terms = Terms(given={"url": self._url, "id": self._id}, hidden=("origin",), optional=("id",))
        values = self._shapes.struct(node, Feed, name, terms)
        if not values or "url" not in values:
            return None
        values.setdefault("id", slug_of(values["url"]))
        values.setdefault("publisher", _HOST_PREFIX.sub("", ascii_host(urlsplit(values["url"]).hostname or "")))
        self._once(node, name, "id", values["id"])
        self._once(node, name, "url", values["url"])
        return Feed(**values)

    def _subscription(self, node: Node, name: str) -> Subscription | None:
        terms = Terms(given={"url": self._url, "id": self._id, "secrets": self._secret_names}, hidden=("origin",))
        values = self._shapes.struct(node, Subscription, name, terms)
        if values is None:
            return None
        if isinstance(node, MapNode) and node.get("secrets") is None:
            self._shapes.fault(
                node.place, f"{name}: 'secrets' is missing", "every delivery is signed: name one secret"
            )
        if "id" in values:
            self._once(node, name, "id", values["id"])
        return Subscription(**values) if {"id", "url"} <= values.keys() else None

    def _secret_names(self, node: Node, name: str) -> Any:
        items = node.items if isinstance(node, ListNode) else (node,)
        names = [item for item in items if isinstance(item, ScalarNode) and item.text]
        if not items or len(names) < len(items):
            return self._shapes.fault(node.place, f"{name}: expected the names of one or more secrets")
        self._wanted_secrets += [(item.place, item.text) for item in names]
        return tuple(item.text for item in names)

    def _secret(self, key: ScalarNode, node: Node, name: str) -> SecretSource | None:
        path = f"{name}.{clipped(key.text)}"
        pairs = node.pairs if isinstance(node, MapNode) else ()
        stated = {word.text: value.text for word, value in pairs if isinstance(value, ScalarNode) and value.text}
        if not _ID.fullmatch(key.text) or any(mark in key.text for mark in SECRET_MARKS):
            self._shapes.fault(key.place, f"{name}: {clipped(key.text)!r} is not a name", NAME_HINT)
        elif len(pairs) != 1 or len(stated) != 1 or not stated.keys() <= {"env", "file"}:
            hint = "a secret itself never stands in settings"
            self._shapes.fault(node.place, f"{path}: expected exactly one of {{env: NAME}} and {{file: PATH}}", hint)
        elif "env" in stated and not _VARIABLE.fullmatch(stated["env"]):
            self._shapes.fault(node.place, f"{path}.env: expected the name of an environment variable")
        elif "file" in stated:
            return SecretSource(file=str(self._base / stated["file"]))
        else:
            return SecretSource(env=stated["env"])
        return None

    # -------------------------------------------------------------- fields

    def _id(self, node: Node, name: str) -> Any:
        if isinstance(node, ScalarNode) and node.value is not None and _ID.fullmatch(node.text):
            return node.text
        return self._shapes.fault(node.place, f"{name}: expected a name, got {kind_of(node)}", NAME_HINT)

    def _url(self, node: Node, name: str) -> Any:
        """An http(s) address; it is not repeated in a fault, as some carry a key."""
        if not isinstance(node, ScalarNode) or not is_web_address(node.text):
            return self._shapes.fault(node.place, f"{name}: expected an address that begins with http:// or https://")
        if "@" in urlsplit(node.text).netloc:
            return self._shapes.fault(node.place, f"{name}: an address must not carry a user or password")
        return node.text

    def _once(self, node: Node, name: str, field: str, value: str) -> None:
        first = self._first.setdefault((name, field, value), node.place)
        if first is not node.place:
            shown = f" {value!r}" if field == "id" else ""
            message = f"{name}: the {field}{shown} is already taken (by {first.file}:{first.line})"
            self._shapes.fault(node.place, message, "give it an `id:` of its own" if field == "id" else "remove one")


def is_web_address(text: str) -> bool:
    """Whether `text` is an http or https address with a host and, if any, a real port."""
    if len(text) > MAX_URL or any(ord(letter) <= 32 or ord(letter) == 127 for letter in text):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def slug_of(url: str) -> str:
    """The id that a feed gets from its address: host and path in letters, digits and hyphens."""
    parts = urlsplit(url)
    words = f"{_HOST_PREFIX.sub('', ascii_host(parts.hostname or ''))} {parts.port or ''} {parts.path} {parts.query}"
    return _NOT_SLUG.sub("-", words.lower()).strip("-")[:80]
