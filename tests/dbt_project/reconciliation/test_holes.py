"""A hole in a feed is no break: what is missing because of it waits until the feed is whole, and is told then."""

from pathlib import Path

import duckdb

from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.reconciliation.test_breaks import BUILT
from tests.dbt_project.reconciliation.world import ERP, PARTNER, World

# A feed, the table in which an order's row is missing, the row's key, and what that would look like.
HOLES = (
    (("erp", ERP, "fulfillments"), ("fulfillments", "sales_order_id", "S802"), "FUL-03"),
    (("threepl", PARTNER, "shipments"), ("shipments", "shipment_id", "H801"), "FUL-02"),
    (("erp", ERP, "payments"), ("payments", "sales_order_id", "S803"), "PAY-01"),
    (("erp", ERP, "sales_orders"), ("sales_orders", "sales_order_id", "S804"), "ORD-01"),
)
# Every trouble that a feed can be in, as many at once as there are holes. Ascending: of several feeds that a break
# looks at, as FUL-03 does at shipments, too, the lowest code is named.
TROUBLES = (
    ("FED-01", "FED-02", "FED-03", "FED-04"),
    ("FED-05", "FED-06", "FED-07", "FED-08"),
    ("FED-01", "FED-02", "FED-09", "FED-10"),
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
    for troubles in TROUBLES:
        world.problems = [
            dict(zip(names, (*feed, code), strict=True)) for (feed, _, _), code in zip(HOLES, troubles, strict=True)
        ]
        held = found(tmp_path, world)
        # Open are the troubles themselves, and nothing else.
        assert {code for code, (state, _) in held.items() if state == "open"} == set(troubles)
        missing = {code: ("pending", trouble) for (_, _, code), trouble in zip(HOLES, troubles, strict=True)}
        assert {code: held[code] for code in missing} == missing

    world.problems = []
    whole = found(tmp_path, world)
    assert {code: whole[code] for _, _, code in HOLES} == {code: ("open", None) for _, _, code in HOLES}
