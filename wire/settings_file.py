"""From `tocsin.yaml` and `TOCSIN_*` to one `Settings`: everything checked, every fault told at once with its place.

`TOCSIN_DESK__PORT=0` overrides `desk: {port: ...}`; a list is written with commas. Feeds, subscriptions and secrets
come from files only, but `TOCSIN_FEEDS` and `TOCSIN_SUBSCRIPTIONS` may name other files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from wire.errors import ConfigError
from wire.positioned import ListNode, MapNode, Node, Place, ScalarNode, load_positioned, scalar_of
from wire.secrets import resolve_secret
from wire.settings import Settings
from wire.settings_lists import Lists
from wire.shapes import FAULT, Shapes, Terms, clipped, closest

__all__ = ["describe", "load_settings", "resolve_secret"]

PREFIX = "TOCSIN_"
RESERVED = frozenset({"TOCSIN_CONFIG"})
"""Variables that the command line reads itself: no settings."""

_ALLOWED_PEER = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from a file (None: the defaults) and the environment's overrides.

    Relative paths are relative to the file they stand in; those in the environment to the working directory.
    Raises ConfigError with all problems, and nothing else.
    """
    shapes = Shapes()
    try:
        root: Node = load_positioned(path) if path else ScalarNode(Place("settings"), None, "")
    except ConfigError as error:
        shapes.problems.extend(error.problems)
        root = ScalarNode(Place(str(path)), None, "")
    members = _read(shapes, _overridden(shapes, root, environ), path.parent if path else Path())
    if shapes.problems:
        raise ConfigError(*shapes.problems)
    return Settings(**members)


def describe(settings: Settings) -> dict[str, Any]:
    """Settings as plain data for people to read; secrets appear as where they come from, never as what they are."""
    return msgspec.to_builtins(settings, enc_hook=str)  # type: ignore[no-any-return]


def _read(shapes: Shapes, root: Node, base: Path) -> dict[str, Any]:
    lists = Lists(shapes, base)
    values = shapes.struct(
        root,
        Settings,
        terms=Terms(
            given={
                "data_dir": lambda node, name: _path(shapes, node, name, base),
                "rules": lambda node, name: _existing(shapes, node, name, base),
                "feeds": lists.feeds,
                "subscriptions": lists.subscriptions,
                "secrets": lists.secrets,
            }
        ),
    )
    members = values or {}
    lists.check_secret_names(set(members.get("secrets", {})))
    if isinstance(root, MapNode) and (http := root.get("http")) is not None and "http" in members:
        _check_allow(shapes, http, members["http"].allow)
    return members


def _path(shapes: Shapes, node: Node, name: str, base: Path) -> Any:
    if (
        not isinstance(node, ScalarNode)
        or not isinstance(node.value, str)
        or not node.text.strip()
        or "\0" in node.text
    ):
        return shapes.fault(node.place, f"{name}: expected a path")
    return (Path() if node.place.line == 0 else base) / node.text


def _existing(shapes: Shapes, node: Node, name: str, base: Path) -> Any:
    """One path or a list of paths, each to a file or folder that is there."""
    found = [
        (item, _path(shapes, item, name, base))
        for item in (node.items if isinstance(node, ListNode) else _commas(node))
    ]
    for item, path in found:
        if path is not FAULT and not _is_there(path):
            shapes.fault(item.place, f"{name}: there is no file or folder {clipped(_text(item))!r}")
    return FAULT if any(path is FAULT for _, path in found) else tuple(path for _, path in found)


def _text(node: Node) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _commas(node: Node) -> tuple[Node, ...]:
    if isinstance(node, ScalarNode) and node.place.line == 0:
        return tuple(ScalarNode(node.place, part.strip(), part.strip()) for part in node.text.split(","))
    return (node,)


def _check_allow(shapes: Shapes, http: Node, allow: tuple[str, ...]) -> None:
    node = http.get("allow") if isinstance(http, MapNode) else None
    for peer in allow:
        found = _ALLOWED_PEER.fullmatch(peer)
        if node and (not found or not 1 <= int(found[2]) <= 65_535):
            shapes.fault(node.place, f"http.allow: expected host:port, got {clipped(peer)!r}")


# ------------------------------------------------------------------ the environment


def _overridden(shapes: Shapes, root: Node, environ: Mapping[str, str]) -> Node:
    """`root` with each `TOCSIN_*` of the environment laid over it."""
    ours = {name: text for name, text in environ.items() if name.startswith(PREFIX) and name not in RESERVED}
    for name in sorted(ours.keys() - _secret_variables(root)):
        keys = tuple(name.removeprefix(PREFIX).lower().split("__"))
        place = Place(f"environment variable {name}")
        known = _settable()
        if keys not in known:
            near = closest("__".join(keys), ["__".join(path) for path in known], "").upper()
            hint = near.replace("DID YOU MEAN '", f"did you mean '{PREFIX}") or "levels are joined by two underscores"
            shapes.fault(place, "is not a setting", hint)
        elif ours[name]:
            root = _laid_over(root, keys, ScalarNode(place, scalar_of(ours[name]), ours[name]))
    return root


def _settable() -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for field in msgspec.structs.fields(Settings):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            for inner in msgspec.structs.fields(field.type):
                paths += [(field.name, name) for name in {inner.name, inner.name.removesuffix("_s")}]
        elif field.name != "secrets":
            paths.append((field.name,))
    return sorted(paths)


def _secret_variables(root: Node) -> set[str]:
    """Variables that `secrets:` names: not settings, though they may begin with our prefix."""
    secrets = root.get("secrets") if isinstance(root, MapNode) else None
    sources = [source for _, source in secrets.pairs] if isinstance(secrets, MapNode) else []
    named = [source.get("env") for source in sources if isinstance(source, MapNode)]
    return {node.text for node in named if isinstance(node, ScalarNode)}


def _laid_over(node: Node, keys: tuple[str, ...], leaf: ScalarNode) -> Node:
    if not keys:
        return leaf
    if isinstance(node, ScalarNode) and node.value is None:
        node = MapNode(node.place, {}, {})
    if not isinstance(node, MapNode):
        return node
    same = {keys[0], keys[0].removesuffix("_s"), keys[0] + "_s"}
    old = next((name for name in node.keys if name in same), "")
    key = node.keys[old] if old else ScalarNode(leaf.place, keys[0], keys[0])
    inner = node.values[old] if old else ScalarNode(leaf.place, None, "")
    rest = [name for name in node.keys if name != old]
    return MapNode(
        node.place,
        {name: node.keys[name] for name in rest} | {key.text: key},
        {name: node.values[name] for name in rest} | {key.text: _laid_over(inner, keys[1:], leaf)},
    )
