"""The Dagster UI, as a person opens it: a real web server, a real browser."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import httpx
import pytest

from orchestration.lib.instance import dagster_home
from pipelines.config import Settings
from tests.orchestration.browser import page
from tests.orchestration.conftest import write_settings

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def ui(project: tuple[Settings, dg.Definitions]) -> Iterator[str]:
    """Address of a running UI on the code location."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    home, folder = dagster_home(project[0]), project[0].data_dir.parent
    with pytest.MonkeyPatch.context() as patch:
        write_settings(folder, patch)
        environment = {**os.environ, "DAGSTER_HOME": str(home)}
    command = [sys.executable, "-m", "dagster_webserver", "-w", str(home / "workspace.yaml")]
    log = home / "webserver.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port)],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _answering(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        process.wait(30)


def _answering(address: str, process: subprocess.Popen[bytes], log: Path) -> str:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            if httpx.get(f"{address}/server_info").is_success:
                return address
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(f"the UI did not come up: {log.read_text()[-2000:]}")


def seen(html: str) -> str:
    """The words on a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script).*?</\1>", " ", html)).split())


def test_the_catalog_opens_on_our_assets_without_a_dialog(ui: str, tmp_path: Path) -> None:
    words = seen(page(f"{ui}/assets", tmp_path))
    assert "analysts / read_copy" in words
    assert "delivered / shopify / customers" in words
    assert "Join the Dagster community" not in words


@pytest.mark.parametrize(
    ("group", "asset"), [("shopify", "orders"), ("sales", "fct_sales"), ("to_shopify", "sync_shopify__customers")]
)
def test_a_group_shows_its_assets(ui: str, tmp_path: Path, group: str, asset: str) -> None:
    words = seen(page(f"{ui}/locations/boomerang/asset-groups/{group}/list", tmp_path))
    assert group in words
    assert asset in words


def test_the_automation_page_shows_schedules_and_the_sensor(ui: str, tmp_path: Path) -> None:
    words = seen(page(f"{ui}/automation", tmp_path))
    for name in ("refresh_hourly", "deliver_daily", "deliver_when_trusted"):
        assert name in words
