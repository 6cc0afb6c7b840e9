"""One merchant's two days on a warehouse: what was sent, what Shopify then held, and every table that models made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.warehouse import Warehouse
from sandbox.server import Size, pristine_world
from tests.end_to_end.cycle import Merchant, merchant
from tests.end_to_end.proofs import (
    TABLES_UNBALANCED,
    UNBALANCED,
    held_by_shopify,
    last_log_entry,
    mutations,
    wanted_by_shopify_rules,
)

# One shop has customers enough for a fit of its scores, the other has not. Behind both are an ERP and two operators of
# warehouses, and some of everything is broken between them. The world's clock stands still within a day: however slow a
# warehouse is, it meets the same instants, which stocks and breaks bear.
WORLD = Size(customers=340)
OPTIONS = ("--customers", str(WORLD.customers), "--backoffice", "--plant", "default", "--frozen-clock")
SCHEMAS = ("marts", "syncs")


@dataclass
class Day:
    """What was found after a refresh and a delivery."""

    windows: int
    unbalanced: list[tuple[Any, ...]]
    orders: int
    held: dict[str, dict[str, Any]]
    wanted: dict[str, dict[str, Any]]
    tables: dict[str, pa.Table]


@dataclass
class Cycle:
    """Both days, and what a second delivery on the first day sent."""

    merchant: Merchant
    days: list[Day] = field(default_factory=list)
    sent_again: list[dict[str, Any]] = field(default_factory=list)


def built_world(folder: Path) -> Path:
    """The sandbox's world as a folder to start from, so that each warehouse meets the same one."""
    pristine_world(folder, WORLD)
    return folder


@contextmanager
def cycled(
    folder: Path, world: Path, variables: dict[str, str], afterwards: Callable[[Merchant], None] = lambda one: None
) -> Iterator[Cycle]:
    """Run both days on the warehouse that `variables` point at; on the folder's DuckDB file when there are none.

    `afterwards` is called at the end, also when something failed.
    """
    with merchant(folder, *OPTIONS, elsewhere=variables, world=world) as one:
        try:
            yield _both_days(one, again=bool(variables))
        finally:
            afterwards(one)


def _both_days(one: Merchant, *, again: bool) -> Cycle:
    cycle = Cycle(one)
    cycle.days.append(_day(one))
    if again:  # on DuckDB the end-to-end tests do it
        before = last_log_entry(one)
        one.run_well("deliver")
        cycle.sent_again = mutations(one, before)
    one.sandbox.meta("advance", days=1)
    cycle.days.append(_day(one))
    return cycle


def _day(one: Merchant) -> Day:
    one.run_well("refresh")
    one.run_well("deliver")
    return Day(
        windows=one.query("select count(*) from ops.extraction_windows")[0][0],
        unbalanced=one.query(UNBALANCED) + one.query(TABLES_UNBALANCED),
        orders=one.query("select count(*) from raw_shopify.orders")[0][0],
        held=held_by_shopify(one),
        wanted=wanted_by_shopify_rules(one),
        tables=_tables(one),
    )


def _tables(one: Merchant) -> dict[str, pa.Table]:
    """Every table of the schemas that people and syncs read, as Arrow.

    Not a model's scratch (`fct_orders__changed_orders`): gone with its session on Snowflake, within hours on BigQuery.
    """
    with Warehouse(one.settings()).session() as session:
        return {
            f"{schema}.{table}": session.arrow(f"select * from {schema}.{table}")
            for schema in SCHEMAS
            for table in sorted(session.columns(schema))
            if "__" not in table.removeprefix("sync_shopify__")
        }
