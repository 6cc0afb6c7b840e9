"""A hole in a feed is no break: what is missing because of it waits until the feed is whole, and is told then."""

from pathlib import Path

import duckdb

from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.reconciliation.test_breaks import BUILT
from tests.dbt_project.reconciliation.world import ERP, PARTNER, World

# A feed in trouble, how, the table in which an order's row is missing, the row's key, and what that would look like.
HOLES = (
    (("threepl", PARTNER, "shipments", "FED-07"), ("shipments", "shipment_id", "H801"), "FUL-02"),
    (("erp", ERP, "fulfillments", "FED-03"), ("fulfillments", "sales_order_id", "S802"), "FUL-03"),
    (("erp", ERP, "payments", "FED-09"), ("payments", "sales_order_id", "S803"), "PAY-01"),
    (("erp", ERP, "sales_orders", "FED-10"), ("sales_orders", "sales_order_id", "S804"), "ORD-01"),
)


def found(work: Path, world: World) -> dict[str, tuple[str, str | None]]:
    """State of each break and the problem that holds it, by code, after another build."""
    path = work / "boomerang.duckdb"
    with duckdb.connect(str(path)) as connection:
        world.write(connection)
    run_dbt(work, path, *BUILT)
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("select code, state, held_by from marts.fct_breaks").fetchall()
    return {code: (state, held_by) for code, state, held_by in rows}


def test_what_is_missing_in_a_feed_in_trouble_is_no_break_until_the_feed_is_whole(tmp_path: Path) -> None:
    world = World()
    for (source, *_), (table, key, value), _ in HOLES:
        world.order(int(value[1:]))
        world.rows[source, table] = [row for row in world.rows[source, table] if row[key] != value]
    names = ("source", "connection", "feed", "code")
    world.problems = [dict(zip(names, problem, strict=True)) for problem, _, _ in HOLES]
    held = found(tmp_path, world)
    # Open are the troubles themselves, and nothing else.
    assert {code for code, (state, _) in held.items() if state == "open"} == {problem[3] for problem, _, _ in HOLES}
    assert {code: held[code] for _, _, code in HOLES} == {code: ("pending", problem[3]) for problem, _, code in HOLES}

    world.problems = []
    whole = found(tmp_path, world)
    assert {code: whole[code] for _, _, code in HOLES} == {code: ("open", None) for _, _, code in HOLES}
