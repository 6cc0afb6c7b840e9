"""The official schema files, from the npm package that carries them; a skip with its reason when they cannot be had."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from sandbox.schema.slice import read_official

PACKAGE = "@shopify/dev-mcp@1.16.0"


@functools.cache
def _folder() -> Path | str:
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    cache = Path(tempfile.gettempdir()) / f"boomerang-official-schema-{os.getuid()}-{PACKAGE.rsplit('@', 1)[-1]}"
    data = cache / "node_modules" / "@shopify" / "dev-mcp" / "dist" / "data"
    if not data.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(cache), PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        except subprocess.TimeoutExpired:
            return f"npm did not install {PACKAGE} within three minutes"
        if done.returncode != 0 or not data.exists():
            return f"npm could not install {PACKAGE}: {done.stderr.strip().splitlines()[-1:]}"
    return data


@functools.cache
def official(version: str) -> dict[str, Any]:
    """Return the official schema file of a version, or skip the test."""
    folder = _folder()
    if isinstance(folder, str):
        pytest.skip(folder)
    return read_official(folder / f"admin_{version}.json.gz")
