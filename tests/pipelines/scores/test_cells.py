from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.failures import WarehouseError
from pipelines.scores import backtest, cells, tracking
from pipelines.scores.cells import (
    current_history,
    history_as_of,
    history_at,
    read_purchase_cells,
    read_value_cells,
    require_history,
)
from pipelines.warehouse import Warehouse

Build = Callable[[pa.Table, date], None]


def purchases(*rows: tuple[str, int, str, float]) -> pa.Table:
    shop, customer, day, amount = zip(*rows, strict=True)
    days = pa.array([date.fromisoformat(value) for value in day])
    return pa.table({"shop": shop, "customer_id": customer, "purchase_date": days, "net_sales_amount": amount})


THREE = purchases(
    ("us", 1, "2026-01-01", 50.0),
    ("us", 1, "2026-01-11", 10.0),
    ("us", 1, "2026-02-20", 30.01),
    ("us", 2, "2026-01-01", 5.0),
    ("us", 3, "2026-01-01", 7.0),
    ("eu", 1, "2026-01-05", 9.0),
)


def test_customers_with_the_same_history_share_a_cell(settings: Settings, build: Build) -> None:
    build(THREE, date(2026, 3, 1))
    with Warehouse(settings).session() as session:
        found = read_purchase_cells(session, current_history("us"))
        values = read_value_cells(session, current_history("us"))
    assert found.frequency.tolist() == [0, 2]
    assert found.recency_days.tolist() == [0, 50]
    assert found.age_days.tolist() == [59, 59]
    assert found.customers.tolist() == [2, 1]
    # (10.00 + 30.01) / 2 is 20.005: half a cent rounds up, and the first purchase is left out.
    assert (values.frequency.tolist(), values.monetary_value.tolist(), values.customers.tolist()) == ([2], [20.01], [1])


def test_the_history_rebuilt_for_the_last_day_is_the_one_of_the_warehouse(
    settings: Settings, build: Build, cdnow: pa.Table
) -> None:
    as_of = date(1998, 6, 30)
    build(cdnow, as_of)
    columns = "customer_id, frequency, recency_days, age_days, monetary_value"
    with Warehouse(settings).session() as session:
        rebuilt = history_at("us", as_of)
        difference = session.rows(
            f"(select {columns} from ({rebuilt.sql})) "
            f"except (select {columns} from {cells.HISTORY_TABLE} where shop = 'us')",
            rebuilt.params,
        )
        assert difference == []
        assert history_as_of(session, "us") == as_of
        assert history_as_of(session, "eu") is None


def test_what_came_after_the_cut_is_unknown_at_the_cut(settings: Settings, build: Build) -> None:
    build(THREE, date(2026, 3, 1))
    with Warehouse(settings).session() as session:
        found = read_purchase_cells(session, history_at("us", date(2026, 1, 11)))
        before = read_purchase_cells(session, history_at("eu", date(2026, 1, 4)))
    assert found.frequency.tolist() == [0, 1]
    assert found.age_days.tolist() == [10, 10]
    assert before.frequency.size == 0


def test_a_history_built_for_an_earlier_day_than_its_purchases_is_refused(settings: Settings, build: Build) -> None:
    build(THREE, date(2026, 1, 15))
    with (
        Warehouse(settings).session() as session,
        pytest.raises(
            WarehouseError, match="shop 'us' holds 1 customers whose last purchase is after the reference day"
        ),
    ):
        read_purchase_cells(session, current_history("us"))


def test_without_a_dbt_build_the_sentence_says_what_to_build(settings: Settings) -> None:
    with Warehouse(settings).session() as session, pytest.raises(WarehouseError, match="dbt build --select"):
        require_history(session)


# dagster-dbt brings sqlglotrs, which warns about itself when sqlglot is imported.
@pytest.mark.filterwarnings("ignore:sqlglotrs is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("engine", "days_between"), [("snowflake", "DATEDIFF(DAY,"), ("bigquery", "DATE_DIFF(")])
def test_the_statements_translate_to_the_other_warehouses(engine: str, days_between: str) -> None:
    import sqlglot

    history = cells.HISTORY_AT
    for statement in (
        cells.PURCHASE_CELLS.format(history=cells.HISTORY),
        cells.VALUE_CELLS.format(history=history),
        backtest.OUTCOMES.format(history=history),
        tracking.DAILY,
    ):
        translated = sqlglot.transpile(statement, read="duckdb", write=engine, error_level=sqlglot.ErrorLevel.RAISE)[0]
        assert (days_between in translated) == ("date_diff" in statement)
        # Positional parameters keep their number, and with it their order.
        assert translated.count("?") == statement.count("?")
