"""Snapshots: files in this folder that hold what must not change by accident."""

import json
import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def snapshot_of():
    """The stored value of a snapshot; with UPDATE_SNAPSHOTS=1 `present` is stored first, for a change on purpose."""

    def snapshot_of(name, present):
        path = HERE / name
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(json.dumps(present, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        return json.loads(path.read_text())

    return snapshot_of
