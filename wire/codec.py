"""Records to bytes and back. Stored bytes of every earlier version still decode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from wire import records
from wire.errors import CodecError
from wire.records import Record

R = TypeVar("R", bound=Record)

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Record], msgspec.json.Decoder[Any]] = {}

# From the tag of an earlier version to a function that turns its plain members into the present version's.
UPGRADES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def encode(record: Record) -> bytes:
    """One JSON object, UTF-8, members in the order of their declaration."""
    return _encoder.encode(record)


def decode(data: bytes | None, kind: type[R]) -> R:
    """The record of type `kind` in `data`.

    Raises CodecError where the bytes are not JSON, are another record, or break the record's types.
    """
    if data is None:
        raise CodecError(f"expected {tag_of(kind)}, got a tombstone")
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(data)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _upgraded(data, kind, error)


def _upgraded(data: bytes, kind: type[R], error: Exception) -> R:
    try:
        members = msgspec.json.decode(data, type=dict[str, Any])
        while (upgrade := UPGRADES.get(str(members.get("record")))) is not None:
            members = upgrade(members)
        if members.get("record") != tag_of(kind):
            raise error
        return msgspec.convert(members, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CodecError(f"expected {tag_of(kind)}: {error}") from error


def tag_of(kind: type[Record]) -> str:
    """`article/1` for Article."""
    return str(kind.__struct_config__.tag)


def kinds() -> Iterator[type[Record]]:
    """Every record type, by order of declaration."""
    for value in vars(records).values():
        if isinstance(value, type) and issubclass(value, Record) and value is not Record:
            yield value


def plain(record: Record) -> Any:
    """The record as JSON types, for people and templates."""
    return msgspec.to_builtins(record)


def schema() -> dict[str, Any]:
    """JSON Schema of all records, by tag: what the snapshot in tests/wire holds."""
    found = list(kinds())
    _, components = msgspec.json.schema_components(found, ref_template="#/$defs/{name}")
    return {"records": {tag_of(kind): kind.__name__ for kind in found}, "$defs": components}
