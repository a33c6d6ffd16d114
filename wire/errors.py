"""The errors a caller may want to tell apart.

TocsinError
├── ConfigError          settings, rules, feeds or subscriptions that cannot be used: file, line, hint
├── CodecError           bytes that are not the record they should be
└── LogError             the log could not do what was asked
    ├── LogLocked        another process holds it
    ├── LogFull          no space, or a limit of the topic was passed
    ├── LogClosed        used before start or after close
    └── NotOwner         the partition is another process's now: only on a cluster
"""

from __future__ import annotations

from dataclasses import dataclass


class TocsinError(Exception):
    """Root of every error that Tocsin raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one file. `line` and `column` count from 1; 0 means unknown.

    `mark` is the character of `excerpt` that is meant, from 0.
    """

    path: str
    line: int
    column: int
    message: str
    hint: str = ""
    excerpt: str = ""
    mark: int = 0

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        text = f"{where}: {self.message}"
        if self.excerpt:
            text += f"\n    {self.excerpt}\n    {' ' * self.mark}^"
        return text + (f"\n    hint: {self.hint}" if self.hint else "")


class ConfigError(TocsinError):
    """Files that cannot be used. `problems` holds every fault found, not only the first."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class CodecError(TocsinError):
    """Bytes that are not the record they should be."""


class LogError(TocsinError):
    """The log could not do what was asked; nothing of that unit of work was stored."""


class LogLocked(LogError):
    """Another process holds the log."""


class LogFull(LogError):
    """No space left, or a record passed its topic's limit."""


class LogClosed(LogError):
    """The log was used before it was started or after it was closed."""


class NotOwner(LogError):
    """A partition is another process's now: what was being done for it is that process's to do."""
