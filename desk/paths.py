"""Where things lie."""

from __future__ import annotations

from pathlib import Path

DEPLOY = Path(__file__).parent.parent / "deploy"
"""Default rules, feeds and settings, beside the packages."""

LOG_FILE = "tocsin.sqlite"
"""The log, in the data directory."""
