"""What fct_breaks remembers from build to build: first sight, resolution by data, patience with feeds in trouble."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.reconciliation.test_breaks import BUILT
from tests.dbt_project.reconciliation.world import ENTITIES, ERP, NOW, SHOP, World, minutes

LATER, LATEST = NOW + minutes(120), NOW + minutes(240)
OF_ERP = ("sales_orders", "sales_order_lines", "fulfillments", "invoices", "payments")


def lost_in_the_erp(world: World, number: int, **given: Any) -> list[tuple[str, dict[str, Any]]]:
    """An order that the ERP does not have yet; returns its rows there."""
    world.order(number, **given)
    rows = []
    for table in OF_ERP:
        kept = world.rows["erp", table]
        mine = [row for row in kept if row.get("sales_order_id") == f"S{number}"]
        world.rows["erp", table] = [row for row in kept if row not in mine]
        rows += [(table, row) for row in mine]
    return rows


def arrive(world: World, rows: list[tuple[str, dict[str, Any]]]) -> None:
    """The ERP has the order now."""
    for table, row in rows:
        world.add("erp", table, **row)


def built(work: Path, world: World, now: datetime) -> dict[str, dict[str, Any]]:
    """The breaks after another extraction and build, by object."""
    world.reached = {(name, entity): now for name, entities in ENTITIES.items() for entity in entities}
    path = work / "boomerang.duckdb"
    with duckdb.connect(str(path)) as connection:
        world.write(connection)
    run_dbt(work, path, *BUILT, "+fct_orders")
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("select * from marts.fct_breaks where code = 'ORD-01'")
        names = [column[0] for column in found.description or []]
        return {row["object_key"]: row for row in (dict(zip(names, r, strict=True)) for r in found.fetchall())}


def told(work: Path, number: int) -> tuple[Any, ...]:
    """What fct_orders says that the ERP and the partner say of an order, and whether they agree."""
    with duckdb.connect(str(work / "boomerang.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select erp_order_number, erp_paid_amount, warehouse_status, parcels_count, reconciliation_state "
            "from marts.fct_orders where order_id = ?",
            [number],
        ).fetchall()[0]


def test_breaks_are_resolved_by_data_and_kept_while_a_feed_is_in_trouble(tmp_path: Path) -> None:
    world = World()
    healed, held = lost_in_the_erp(world, 601), lost_in_the_erp(world, 602)
    young = lost_in_the_erp(world, 603, at=NOW - minutes(30), until="ready")
    first = built(tmp_path, world, NOW)
    assert {key: row["state"] for key, row in first.items()} == {"601": "open", "602": "open", "603": "pending"}
    assert told(tmp_path, 601) == (None, None, "shipped", 1, "broken")
    assert told(tmp_path, 603) == (None, None, "processing", 0, "pending")

    # Its order arrived, and the one on its way, too: what never was a break leaves no row.
    arrive(world, healed)
    arrive(world, young)
    second = built(tmp_path, world, LATER)
    assert {key: row["state"] for key, row in second.items()} == {"601": "resolved", "602": "open"}
    assert (second["601"]["first_seen_at"], second["601"]["last_seen_at"]) == (NOW, NOW)
    assert second["601"]["resolved_at"] == LATER
    # Nothing of it changed in the shop, and its row of the facts says what the ERP says now.
    assert told(tmp_path, 601) == ("SO601", 10, "shipped", 1, "matched")
    assert (second["602"]["first_seen_at"], second["602"]["last_seen_at"]) == (NOW, LATER)

    # A feed in trouble: the hole in it is no news, whatever it shows.
    arrive(world, held)
    lost_in_the_erp(world, 604)
    world.problems = [{"source": "erp", "connection": ERP, "feed": "sales_orders", "code": "FED-03"}]
    third = built(tmp_path, world, LATEST)
    assert {key: (row["state"], row["held_by"]) for key, row in third.items()} == {
        "601": ("resolved", None),
        "602": ("open", "FED-03"),
        "604": ("pending", "FED-03"),
    }


def test_nothing_is_missed_in_systems_that_the_merchant_has_not(tmp_path: Path) -> None:
    world = World()
    world.order(701)
    for source, table in list(world.rows):
        if source in ("erp", "threepl"):
            del world.rows[source, table]
    path = tmp_path / "boomerang.duckdb"
    world.reached = {(SHOP, entity): NOW for entity in ENTITIES[SHOP]}
    with duckdb.connect(str(path)) as connection:
        world.write(connection)
    run_dbt(tmp_path, path, *BUILT)
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_breaks").fetchall() == [(0,)]
