"""Both operators of the sandbox, as the demo sets them up: what they tell at different times has to agree."""

from pathlib import Path

import pytest

from orchestration.demo_systems import system_sections, system_variables
from pipelines.config import Settings, load_settings
from pipelines.progress import SilentProgress
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
