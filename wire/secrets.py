"""Secrets: named in settings, read when needed, never part of a setting, a record or an error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wire.errors import ConfigError, Problem
from wire.settings import Settings

MAX_BYTES = 8192


def resolve_secret(settings: Settings, name: str, environ: Mapping[str, str]) -> str:
    """The secret called `name`, surrounding white space removed.

    Raises ConfigError where there is no such secret or it cannot be read; the error says where it should be, never
    what it is.
    """
    source = settings.secrets.get(name)
    if source is None:
        raise ConfigError(Problem(f"secret {name}", 0, 0, "is not in `secrets:`"))
    where = f"environment variable {source.env}" if source.env else f"file {source.file}"
    text = environ.get(source.env, "") if source.env else _content(name, source.file)
    if not text.strip():
        hint = f"set {source.env} before starting" if source.env else "write the secret into that file"
        raise ConfigError(Problem(f"secret {name}", 0, 0, f"{where} is missing or empty", hint))
    return text.strip()


def _content(name: str, file: str) -> str:
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "not a usable path"
        raise ConfigError(Problem(f"secret {name}", 0, 0, f"file {file} cannot be read: {reason.lower()}")) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(Problem(f"secret {name}", 0, 0, f"file {file} is larger than {MAX_BYTES} bytes"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(Problem(f"secret {name}", 0, 0, f"file {file} is not UTF-8")) from None
