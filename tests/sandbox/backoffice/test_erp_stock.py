"""Stock in the ERP: what it never heard of shows below zero, and the truth says so for as long as it does."""

from __future__ import annotations

from pathlib import Path

from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.threepl_sites import site_of
from sandbox.world.times import epoch
from tests.sandbox.backoffice.conftest import closed, opened


def told(office: BackOffice) -> set[tuple[str, str]]:
    now = epoch(str(office.store.get_meta("now")))
    return {(row["shop"], row["object_key"]) for row in office.planter.truth(now) if row["code"] == "INV-07"}


def test_a_return_unknown_to_the_erp_is_told_while_its_stock_is_below_zero(sandbox_world: Path, tmp_path: Path) -> None:
    office = opened(sandbox_world, tmp_path, {})
    try:
        levels = [level for level in office.stock.levels() if (level.shop, level.place) == ("us", 0)]
        level = next(level for level in levels if 0 < level.on_hand < 9)
        key = ("us", f"{site_of('us', 0).code}/{level.sku}")
        assert key not in told(office)
        connection = office.records.connection()
        connection.execute(
            "INSERT INTO erp_unheard (order_id, shop, place, sku, units) VALUES (1, 'us', 0, ?, ?)",
            (level.sku, -level.on_hand - 2),
        )
        office.update()
        assert key in told(office)
        connection.execute("DELETE FROM erp_unheard WHERE order_id = 1")
        office.update()
        assert key not in told(office)
    finally:
        closed(office)
