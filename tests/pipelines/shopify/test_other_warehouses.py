"""What is proven of windows on DuckDB holds on Snowflake and BigQuery: the life of one shop, told on an emulator."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.contracts.dead_letters import count_dead_letters
from pipelines.contracts.replay import replay
from pipelines.failures import IncompleteExtraction
from pipelines.loading.commit import WindowCommit
from pipelines.shopify.contract import shopify_contract
from pipelines.shopify.deletions import mark_deleted_by_events
from pipelines.warehouse import Warehouse
from tests.pipelines.contracts.test_replay import fixed_contract  # noqa: F401
from tests.pipelines.loading import test_load
from tests.pipelines.shopify import test_deletions
from tests.pipelines.shopify.exports import NOON, good_orders, line_item, load_lines, order, rows, transaction
from tests.warehouses.fixtures import *  # noqa: F403

pytestmark = pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)

LINES = "select order_line_id from raw_shopify.order_lines order by order_line_id"
ORDERS = "select order_id from raw_shopify.orders order by order_id"
DIE = "from pipelines.config import load_settings\n" + test_load.DIE.replace(
    "settings_in(Path(sys.argv[1]))", "load_settings()"
)


def at(hours: int) -> dict[str, object]:
    return {"window_id": f"at-{hours}", "at": NOON + timedelta(hours=hours)}


def test_a_shop_lives_through_windows_dead_letters_deletions_and_deaths(
    warehouse_settings: Settings,
    fixed_contract: None,  # noqa: F811
    tmp_path: Path,
) -> None:
    settings = warehouse_settings
    load_lines(settings, good_orders())
    admitted = load_lines(
        settings,
        [order(1, transactions=[]), line_item(19, 1, taxLines=[]), order(9, currencyCode="usd"), line_item(91, 9)],
        **at(1),
    )
    assert rows(settings, LINES) == [(19,), (21,), (22,), (31,), (32,)]
    assert rows(settings, "select distinct order_id from raw_shopify.order_line_taxes order by order_id") == [
        (2,),
        (3,),
    ]
    assert {name: count.adds_up for name, count in admitted.tables.items()} == dict.fromkeys(admitted.tables, True)
    assert count_dead_letters(settings) == {
        ("us", "order_lines", "parent_rejected"): 1,
        ("us", "orders", "currency_pattern"): 1,
    }

    assert replay(settings, run_id="run-2").replayed == 2
    assert rows(settings, ORDERS) == [(1,), (2,), (3,), (9,)]
    assert count_dead_letters(settings) == {}
    assert rows(settings, "select distinct state, attempts from ops.dead_letters") == [("replayed", 2)]

    load_lines(settings, [test_deletions.event(1, "Order/2"), test_deletions.event(2, "Order/x")], entity="events")
    with Warehouse(settings).session() as session, session.transaction():
        assert mark_deleted_by_events(session, shopify_contract(settings), "us", NOON + timedelta(hours=3)) == 1
    assert test_deletions.swept(settings, [test_deletions.bare(number) for number in (1, 2, 9)]) == 1
    assert rows(settings, test_deletions.DELETED) == [(2,), (3,)]

    before = test_load.counts(settings)
    for where in ("after landing", "within the transaction"):
        died = subprocess.run(
            [sys.executable, "-c", DIE, str(tmp_path), where],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            check=False,
            timeout=300,
        )
        assert died.returncode == 9
        assert test_load.counts(settings) == before
    load_lines(settings, [order(4, transactions=[transaction(40), transaction(41)])], **at(5))
    assert test_load.counts(settings) == {
        **before,
        "orders": before["orders"] + 1,
        "order_transactions": before["order_transactions"] + 2,
    }
    with Warehouse(settings).session() as session:
        assert session.columns("landing_shopify_us") == {}


@pytest.mark.parametrize(
    "story",
    [
        test_load.test_what_hung_on_a_row_that_went_goes_with_it,
        test_load.test_a_whole_snapshot_replaces_what_the_shop_had_and_nothing_of_other_shops,
    ],
    ids=lambda story: story.__name__,
)
def test_a_story_told_again(warehouse_settings: Settings, story: Callable[[Settings], None]) -> None:
    story(warehouse_settings)


def test_a_window_that_does_not_add_up_leaves_no_trace(
    warehouse_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove = WindowCommit.prove

    def lose_a_row(self: WindowCommit) -> None:
        self.session.execute("delete from raw_shopify.order_lines where order_line_id = 11")
        prove(self)

    monkeypatch.setattr(WindowCommit, "prove", lose_a_row)
    with pytest.raises(IncompleteExtraction, match="Of table order_lines of shop us, 5 rows reached the warehouse"):
        load_lines(warehouse_settings, good_orders())
    assert rows(warehouse_settings, ORDERS) == []
    assert rows(warehouse_settings, "select state from ops.extraction_windows") == [("planned",)]
