"""Committed windows: rows replaced as the source knows them, all or nothing, however often and whenever it dies."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import MerchantMetafield, Settings
from pipelines.contracts.arrivals import Admitted
from pipelines.contracts.dead_letters import count_dead_letters
from pipelines.failures import IncompleteExtraction
from pipelines.loading.commit import WindowCommit
from pipelines.loading.load import ensure_tables
from pipelines.shopify.contract import shopify_contract
from pipelines.warehouse import Warehouse
from tests.pipelines.shopify.exports import (
    NOON,
    good_orders,
    line_item,
    load_lines,
    order,
    rows,
    settings_in,
    transaction,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def counts(settings: Settings) -> dict[str, int]:
    names = [table.name for table in shopify_contract(settings).tables_of("orders")]
    return {name: rows(settings, f"select count(*) from raw_shopify.{name}")[0][0] for name in names}


def test_all_tables_of_the_contract_exist_after_the_first_load_even_when_empty(settings: Settings) -> None:
    load_lines(settings, good_orders())
    found = {
        name for (name,) in rows(settings, "select table_name from duckdb_tables() where schema_name = 'raw_shopify'")
    }
    assert found == {table.name for table in shopify_contract(settings).tables}


def test_types_are_those_of_the_contract(settings: Settings) -> None:
    load_lines(settings, good_orders())
    of_orders = "schema_name = 'raw_shopify' and table_name = 'orders'"
    sql = f"select column_name, data_type from duckdb_columns() where {of_orders}"
    types = dict(rows(settings, sql))
    assert (types["order_id"], types["total_amount"], types["created_at"], types["is_test"], types["deleted_at"]) == (
        "BIGINT",
        "DECIMAL(18,4)",
        "TIMESTAMP WITH TIME ZONE",
        "BOOLEAN",
        "TIMESTAMP WITH TIME ZONE",
    )


def test_loading_the_same_export_twice_changes_no_count(settings: Settings) -> None:
    first = load_lines(settings, good_orders())
    before = counts(settings)
    load_lines(settings, good_orders(), window_id="w2", at=NOON + timedelta(hours=1))
    assert counts(settings) == before == {name: count.loaded for name, count in first.tables.items()}


def test_children_are_replaced_with_their_parent_and_others_stay(settings: Settings) -> None:
    load_lines(settings, good_orders())
    changed = [order(1, transactions=[]), line_item(19, 1, taxLines=[])]
    load_lines(settings, changed, window_id="w2", at=NOON + timedelta(hours=1))
    lines = "select order_line_id from raw_shopify.order_lines order by 1"
    assert rows(settings, lines) == [(19,), (21,), (22,), (31,), (32,)]
    assert rows(settings, "select distinct order_id from raw_shopify.order_line_taxes order by 1") == [(2,), (3,)]
    assert rows(settings, "select order_id from raw_shopify.order_transactions order by 1") == [(2,), (3,)]
    assert rows(settings, "select count(*) from raw_shopify.orders") == [(3,)]


def test_a_parent_without_children_any_more_loses_them(settings: Settings) -> None:
    load_lines(settings, good_orders())
    load_lines(settings, [order(1)], window_id="w2", at=NOON + timedelta(hours=1))
    assert rows(settings, "select count(*) from raw_shopify.order_lines where order_id = 1") == [(0,)]


def carrier(number: int) -> dict[str, Any]:
    return {"__typename": "Order", "id": f"gid://shopify/Order/{number}"}


def a_return(number: int, order_number: int) -> list[Any]:
    base = {"quantity": 1, "refundedQuantity": 0, "__parentId": f"gid://shopify/Return/{number}"}
    return [
        {
            "__typename": "Return",
            "id": f"gid://shopify/Return/{number}",
            "name": f"#{number}",
            "status": "OPEN",
            "createdAt": "2026-02-01T00:00:00Z",
            "totalQuantity": 1,
            "__parentId": f"gid://shopify/Order/{order_number}",
        },
        {"__typename": "ReturnLineItem", "id": f"gid://shopify/ReturnLineItem/{number}", **base},
    ]


def test_what_hung_on_a_row_that_went_goes_with_it(settings: Settings) -> None:
    load_lines(settings, [carrier(1), carrier(2), *a_return(5, 1), *a_return(6, 2)], entity="returns")
    later = NOON + timedelta(hours=1)
    load_lines(settings, [carrier(1), *a_return(7, 1)], entity="returns", window_id="w2", at=later)
    assert rows(settings, "select return_id from raw_shopify.returns order by 1") == [(6,), (7,)]
    assert rows(settings, "select return_id from raw_shopify.return_lines order by 1") == [(6,), (7,)]
    load_lines(settings, [carrier(2)], entity="returns", window_id="w3", at=later + timedelta(hours=1))
    assert rows(settings, "select return_id from raw_shopify.return_lines order by 1") == [(7,)]


def test_a_whole_snapshot_replaces_what_the_shop_had_and_nothing_of_other_shops(settings: Settings) -> None:
    def location(number: int) -> dict[str, Any]:
        times = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
        return {
            "__typename": "Location",
            "id": f"gid://shopify/Location/{number}",
            "name": "x",
            "isActive": True,
            **times,
        }

    load_lines(settings, [location(1), location(2)], entity="locations", mode="full")
    with Warehouse(settings).session() as session:
        session.execute("update raw_shopify.locations set shop = 'eu' where location_id = 1")
    load_lines(settings, [location(3)], entity="locations", mode="full", window_id="w2", at=NOON + timedelta(hours=1))
    assert rows(settings, "select shop, location_id from raw_shopify.locations order by 2") == [("eu", 1), ("us", 3)]


def test_the_rejected_version_of_a_row_leaves_the_accepted_one_in_place(settings: Settings) -> None:
    load_lines(settings, good_orders())
    bad = [order(1, currencyCode="usd"), line_item(11, 1), order(2, note="changed"), line_item(21, 2)]
    load_lines(settings, bad, window_id="w2", at=NOON + timedelta(hours=1))
    found = rows(settings, "select order_id, note, _window_id from raw_shopify.orders order by 1")
    assert found == [(1, None, "w1"), (2, "changed", "w2"), (3, None, "w1")]
    assert rows(settings, "select count(*) from raw_shopify.order_lines where order_id = 1") == [(2,)]
    assert count_dead_letters(settings) == {
        ("us", "order_lines", "parent_rejected"): 1,
        ("us", "orders", "currency_pattern"): 1,
    }


def test_a_row_that_comes_back_good_closes_its_dead_letter(settings: Settings) -> None:
    load_lines(settings, [order(1, currencyCode="usd")])
    load_lines(settings, [order(1, currencyCode="usd")], window_id="w2", at=NOON + timedelta(hours=1))
    assert rows(settings, "select window_id, state from ops.dead_letters order by 1") == [
        ("w1", "superseded"),
        ("w2", "open"),
    ]
    load_lines(settings, [order(1)], window_id="w3", at=NOON + timedelta(hours=2))
    assert count_dead_letters(settings) == {}


def test_the_ledger_says_what_was_loaded(settings: Settings) -> None:
    admitted = load_lines(settings, [*good_orders(), "not json"])
    ((state, expected, arrived, rejected, loaded),) = rows(
        settings, "select state, expected_rows, arrived_rows, rejected_rows, loaded_rows from ops.extraction_windows"
    )
    assert (state, arrived, rejected, loaded) == ("loaded", 10, 1, 9)
    assert expected is None  # written when the file is on disk, by the run
    stored = rows(settings, "select table_name, arrived, rejected, loaded from ops.extraction_tables order by 1")
    assert stored == sorted((n, c.arrived, c.rejected, c.loaded) for n, c in admitted.tables.items())


def test_a_window_that_does_not_add_up_leaves_no_trace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    load_lines(settings, good_orders())
    before = counts(settings)

    def lose_a_row(self: WindowCommit) -> None:
        self.session.execute("delete from raw_shopify.order_lines where order_line_id = 11")
        prove(self)

    prove = WindowCommit.prove
    monkeypatch.setattr(WindowCommit, "prove", lose_a_row)
    with pytest.raises(
        IncompleteExtraction, match="Of table order_lines of shop us, 5 rows reached the warehouse, not 6"
    ):
        load_lines(settings, good_orders(), window_id="w2", at=NOON + timedelta(hours=1))
    assert counts(settings) == before
    assert rows(settings, "select distinct _window_id from raw_shopify.orders") == [("w1",)]
    assert rows(settings, "select state from ops.extraction_windows where window_id = 'w2'") == [("planned",)]


def test_a_contract_that_gained_a_column_finds_its_table_grown(tmp_path: Path) -> None:
    load_lines(settings_in(tmp_path), good_orders())
    wanted = MerchantMetafield(owner="orders", namespace="custom", key="source", type="string")
    richer = settings_in(tmp_path, metafields=[wanted])
    line = order(9, metafield_custom_source={"value": "fair"})
    load_lines(richer, [line], window_id="w2", at=NOON + timedelta(hours=1))
    found = rows(richer, "select order_id, metafield_custom_source from raw_shopify.orders order by 1")
    assert found == [(1, None), (2, None), (3, None), (9, "fair")]


def test_tables_are_made_only_once(settings: Settings) -> None:
    for _ in range(2):
        with Warehouse(settings).session() as session:
            ensure_tables(session, shopify_contract(settings))


DIE = """
import os, sys
from datetime import timedelta
from pathlib import Path
from pipelines.loading import commit, landing, load
from tests.pipelines.shopify.exports import NOON, line_item, load_lines, order, settings_in, transaction

where = sys.argv[2]

def die(*_, **__):
    os._exit(9)

def after(function):
    def run(*arguments, **options):
        function(*arguments, **options)
        os._exit(9)
    return run

if where == "before landing":
    landing.Landing.land = die
elif where == "with a package extracted":
    from dlt.pipeline.pipeline import Pipeline
    Pipeline.normalize = die
elif where == "with a package normalized":
    from dlt.pipeline.pipeline import Pipeline
    Pipeline.load = die
elif where == "after the first table of a package":
    from dlt.destinations.impl.filesystem.filesystem import FilesystemLoadJob
    FilesystemLoadJob.run = after(FilesystemLoadJob.run)
elif where == "after landing":
    landing.Landing.land = after(landing.Landing.land)
elif where == "within the transaction":
    commit.WindowCommit.prove = after(commit.WindowCommit.prove)
elif where == "before the commit":
    commit.ledger.loaded = after(commit.ledger.loaded)
elif where == "after the commit":
    load._commit = after(load._commit)
second = [order(1, transactions=[]), line_item(19, 1), order(4, transactions=[transaction(40), transaction(41)])]
load_lines(settings_in(Path(sys.argv[1])), second, window_id="w2", at=NOON + timedelta(hours=1))
"""


@pytest.mark.parametrize(
    "where",
    [
        "before landing",
        "with a package extracted",
        "with a package normalized",
        "after the first table of a package",
        "after landing",
        "within the transaction",
        "before the commit",
        "after the commit",
    ],
)
def test_a_load_that_dies_shows_all_or_nothing_and_can_be_repeated(tmp_path: Path, where: str) -> None:
    settings = settings_in(tmp_path)
    load_lines(settings, good_orders())
    before = counts(settings)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", DIE, str(tmp_path), where]
    died = subprocess.run(command, cwd=tmp_path, env=environment, check=False, timeout=120)
    assert died.returncode == 9
    expected = {**before, "orders": 4, "order_lines": 5, "order_transactions": 4, "order_line_taxes": 5}
    assert counts(settings) == (expected if where == "after the commit" else before)
    again = [order(1, transactions=[]), line_item(19, 1), order(4, transactions=[transaction(40), transaction(41)])]
    admitted: Admitted = load_lines(settings, again, window_id="w3", at=NOON + timedelta(hours=2))
    assert counts(settings) == expected
    assert all(count.adds_up for count in admitted.tables.values())
