"""Both operators of the sandbox, as the demo sets them up: what they tell at different times has to agree."""

import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.demo_systems import system_sections, system_variables
from pipelines.config import Settings, load_settings
from pipelines.failures import AuthenticationFailed
from pipelines.intake.report import ExtractionFailed
from pipelines.progress import SilentProgress
from pipelines.threepl.shipbob import client as shipbob_client
from pipelines.threepl.source import extract
from pipelines.warehouse import Warehouse
from tests.sandbox.backoffice_fixture import access, office, office_world  # noqa: F401
from tests.sandbox_fixture import SandboxClient, sandbox_world  # noqa: F401

SHOP = '[shops.us]\ndomain = "boomerang-us.myshopify.com"\n'
# On hand of a SKU at a site, and what it had been at the snapshot before plus all movements since.
STOCK = """
with levels as (
    select partner, warehouse_code, sku, as_of, on_hand_quantity,
        lag(as_of) over snapshots as as_of_before, lag(on_hand_quantity) over snapshots as on_hand_before
    from raw_threepl.inventory_snapshots
    window snapshots as (partition by partner, warehouse_code, sku order by as_of)
)
select levels.partner, levels.warehouse_code, count(distinct levels.as_of),
    count(*) filter (on_hand_quantity <> on_hand_before + coalesce(moved, 0)), sum(abs(moved)) > 0
from levels left join lateral (
    select sum(quantity) as moved from raw_threepl.movements
    where movements.partner = levels.partner and movements.warehouse_code = levels.warehouse_code
        and movements.sku = levels.sku and occurred_at > as_of_before and occurred_at <= as_of
) on true
where as_of_before is not null
group by 1, 2 order by 1, 2
"""


@pytest.fixture
def settings(office: SandboxClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:  # noqa: F811
    """Settings of a merchant with both operators."""
    ready = access(office)
    (tmp_path / "boomerang.toml").write_text(SHOP + system_sections(ready), encoding="utf-8")
    monkeypatch.setenv("BOOMERANG_SHOPS__US__ACCESS_TOKEN", "unused")
    for name, value in system_variables(ready).items():
        monkeypatch.setenv(name, value)
    return load_settings()


class Notes(SilentProgress):
    """Keeps what each item ended with."""

    def __init__(self) -> None:
        self.ended: dict[str, str] = {}

    def finish(self, stage: str, item: str, note: str = "") -> None:
        self.ended[item] = note


def asked(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with Warehouse(settings).session() as session:
        return session.rows(sql)


OPEN_PROBLEMS = "select feed, code from ops.feed_problems where cleared_at is null order by all"


def test_stock_is_the_stock_before_and_all_movements_since_in_files_and_over_http(
    office: SandboxClient,  # noqa: F811
    settings: Settings,
) -> None:
    for run in ("first", "second"):
        for partner in ("nordlager", "shipbob"):
            extract(settings, partner, run_id=run, progress=SilentProgress())
        if run == "first":
            office.advance(days=2)

    with Warehouse(settings).session() as session:
        assert [row[:2] + row[3:] for row in session.rows(STOCK)] == [
            ("nordlager", "HAM", 0, True),
            ("nordlager", "LEJ", 0, True),
            ("shipbob", "141", 0, True),
            ("shipbob", "156", 0, True),
        ]
        assert session.rows("select count(*) from ops.feed_problems where cleared_at is null") == [(0,)]
        assert session.rows("select count(*) from ops.dead_letters") == [(0,)]
        assert session.rows("select count(*) > 20 from ops.threepl_files where state = 'loaded'") == [(True,)]


def test_every_fault_of_the_api_is_waited_out_or_told_and_the_next_run_has_every_row(
    office: SandboxClient,  # noqa: F811
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(*entities: str, progress: SilentProgress | None = None) -> None:
        extract(settings, "shipbob", entities=entities, run_id="run", progress=progress or SilentProgress())

    def fault(**what: Any) -> None:
        office.http.delete("/__meta/faults").raise_for_status()
        office.faults({"shop": "shipbob", **what})

    # A page that is empty though more were announced: its window only.
    fault(kind="capped_page", root="order")
    with pytest.raises(ExtractionFailed) as failed:
        read("shipments", "returns")
    assert set(failed.value.failures) == {"shipments"}
    assert asked(settings, OPEN_PROBLEMS) == [("shipments", "FED-07")]
    assert asked(settings, "select count(*) from raw_threepl.shipments") == [(0,)]
    assert asked(settings, "select count(*) > 0 from raw_threepl.returns") == [(True,)]

    # A token that ended, and a limit that does not give way.
    fault(kind="expired_token")
    with pytest.raises(AuthenticationFailed, match="BOOMERANG_THREEPL__SHIPBOB__ACCESS_TOKEN"):
        read("shipments")
    assert asked(settings, OPEN_PROBLEMS) == [("shipments", "FED-07"), ("shipments", "FED-09")]
    fault(kind="http_status", status=429, root="return")
    with monkeypatch.context() as impatient:
        impatient.setattr(shipbob_client, "LONGEST_HOLD_SECONDS", 0.5)
        with pytest.raises(ExtractionFailed, match="because of its call limit"):
            read("returns")

    # What passes is not worth a word.
    office.http.delete("/__meta/faults").raise_for_status()
    for what in (
        {"kind": "drop_connection", "times": 1, "skip": 1},
        {"kind": "http_status", "status": 503, "times": 1, "skip": 2},
        {"kind": "http_status", "status": 429, "times": 1, "skip": 3},
    ):
        office.faults({"shop": "shipbob", **what})
    notes = Notes()
    read("shipments", "returns", progress=notes)
    assert asked(settings, OPEN_PROBLEMS) == []
    # Of returns only what changed came again; shipments came for the first time.
    sql = "select (select count(*) from raw_threepl.shipments) + (select count(*) from raw_threepl.shipment_lines)"
    assert notes.ended["shipbob/shipments"] == f"{asked(settings, sql)[0][0]:,} rows"
    assert re.fullmatch(r"[\d,]+ rows", notes.ended["shipbob/returns"])


def test_a_run_over_files_says_how_many_rows_came_of_how_many_files(
    office: SandboxClient,  # noqa: F811
    settings: Settings,
) -> None:
    notes = Notes()
    extract(settings, "nordlager", run_id="run", progress=notes)
    files = asked(settings, "select count(*) from ops.threepl_files")[0][0]
    assert re.fullmatch(rf"[\d,]{{4,}} rows of {files:,} files", notes.ended["nordlager/files"])
