"""A headless Chromium that opens a page, lets its scripts run, and tells what a person would see."""

import shutil
import subprocess
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Virtual time: the page gets this long to load its data, however fast the machine is.
PATIENCE_MS = 30_000


def _chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine; .ci/run installs it, or: apt-get install chromium")
    return found


def _run(url: str, profile: Path, *options: str) -> str:
    command = [
        _chromium(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={profile}",
        f"--virtual-time-budget={PATIENCE_MS}",
        "--window-size=1600,1000",
        *options,
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def page(url: str, profile: Path) -> str:
    """The HTML of a page after its scripts have run."""
    return _run(url, profile, "--dump-dom")


def screenshot(url: str, profile: Path, target: Path) -> Path:
    """A picture of the page as PNG."""
    _run(url, profile, f"--screenshot={target}")
    return target
