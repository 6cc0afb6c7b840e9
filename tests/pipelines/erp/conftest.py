"""What holds for every test of this folder."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in the test's own folder, away from the project's boomerang.toml."""
    monkeypatch.chdir(tmp_path)
