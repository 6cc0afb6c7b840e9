"""A partner of the test: a server with a folder, settings that reach it, and what came into the warehouse."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.intake.report import ExtractionReport
from pipelines.progress import SilentProgress
from pipelines.threepl.source import extract
from pipelines.warehouse import Warehouse
from tests.pipelines.threepl.sftp_server import PASSWORD, USER, Sftp, sftp_server

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAME = "nordlager"


@dataclass
class Partner:
    """A partner's server, and the settings with which it is read; `clock` of the settings is that of its files."""

    server: Sftp
    settings: Settings
    runs: int = 0

    def put(self, name: str, content: str, *, hours_ago: float = 1.0) -> None:
        """Leave a file, written so many hours before the test's present."""
        path = self.server.root / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        at = (NOW - timedelta(hours=hours_ago)).timestamp()
        os.utime(path, (at, at))

    def extract(self, *entities: str) -> ExtractionReport:
        """Read what is new."""
        self.runs += 1
        given = entities or None
        return extract(self.settings, NAME, entities=given, run_id=f"run-{self.runs}", progress=SilentProgress())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with Warehouse(self.settings).session() as session:
            return session.rows(sql)

    def problems(self) -> list[tuple[Any, ...]]:
        """Open problems: feed, code, file."""
        return self.rows("select feed, code, file from ops.feed_problems where cleared_at is null order by 1, 2, 3")

    def manifest(self) -> dict[str, str]:
        """State of each version of each file."""
        return dict(self.rows("select file_id, state from ops.threepl_files"))


def partner_settings(folder: Path, server: Sftp, **changes: Any) -> Settings:
    """Settings of a merchant with this partner; `changes` are of the partner's section."""
    csv = {"warehouse": "LEJ", "trailer": "TRAILER"}
    section = {
        "kind": "files",
        "host": "127.0.0.1",
        "port": server.port,
        "user": USER,
        "password": PASSWORD,
        "host_key": server.host_key,
        "settle_seconds": 0,
        "clock": "files",
        "warehouses": {"LEJ": {"zone": "Europe/Berlin", "name": "Leipzig"}, "HAM": {"zone": "Europe/Berlin"}},
        "feeds": {
            "leipzig_shipments": {**csv, "pattern": "out/shp_*.csv", "kind": "shipments"},
            "leipzig_stock": {**csv, "pattern": "out/inv_*.csv", "kind": "inventory_snapshots"},
            "hamburg": {"pattern": "out/*.x12", "format": "x12"},
        },
        **changes,
    }
    return Settings(
        data_dir=folder / "data",
        shops={"us": {"domain": "boomerang-us.myshopify.com", "access_token": "unused"}},  # type: ignore[dict-item]
        threepl={NAME: section},  # type: ignore[dict-item]
        extraction={"attempts": 1, "request_timeout_seconds": 10},  # type: ignore[arg-type]
    )


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in the test's own folder, away from the project's boomerang.toml."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Partner]:
    """A partner with two feeds of CSV from Leipzig and X12 from Hamburg."""
    with sftp_server(tmp_path / "sftp") as server:
        (server.root / "out").mkdir()
        yield Partner(server, partner_settings(tmp_path, server))


def shipments_csv(*rows: str) -> str:
    """A file of shipments: order, shipment, line, SKU, ordered, shipped, carrier, tracking, shipped at."""
    heading = "order_ref,shipment_id,line_no,sku,qty_ordered,qty_shipped,carrier,tracking,shipped_at"
    return "\n".join((heading, *rows, f"TRAILER,{len(rows)}", ""))


def stock_csv(*levels: tuple[str, int], as_of: str = "2026-11-23 06:00:00", warehouse: str = "LEJ") -> str:
    """A file of stock: SKU and units on hand."""
    rows = [f"{warehouse},{sku},{units},{units},,{as_of}" for sku, units in levels]
    return "\n".join(("warehouse_code,sku,qty_on_hand,qty_available,lot,as_of", *rows, f"TRAILER,{len(rows)}", ""))
