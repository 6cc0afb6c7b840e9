"""What the models see: customers grouped by the numbers that matter, in the warehouse.

A purchase is a business day with a sale: two orders on one day are one decision to buy, which is how the published
studies count. Frequency is the number of purchases after the first; recency the days from the first to the last; age
the days from the first to `as_of`; monetary value the mean net sales of the purchases after the first.

The statements keep to SQL that DuckDB, Snowflake and BigQuery share (after sqlglot's translation of date_diff).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.failures import WarehouseError
from pipelines.scores.maximum_likelihood import Floats
from pipelines.warehouse import Session

HISTORY_TABLE = "intermediate.int_customers__purchase_history"
DAYS_TABLE = "intermediate.int_customers__purchase_days"

HISTORY = f"""
select customer_id, frequency, recency_days, age_days, monetary_value
from {HISTORY_TABLE}
where shop = ?
"""

# The same columns as they stood at the close of a business day, for fits in the past.
HISTORY_AT = f"""
select
    customer_id,
    count(*) - 1 as frequency,
    date_diff('day', min(first_date), max(purchase_date)) as recency_days,
    date_diff('day', min(first_date), cast(? as date)) as age_days,
    cast(coalesce(
        sum(case when purchase_date > first_date then net_sales_amount end) / nullif(count(*) - 1, 0), 0
    ) as decimal(18, 4)) as monetary_value
from (
    select
        customer_id,
        purchase_date,
        net_sales_amount,
        min(purchase_date) over (partition by customer_id) as first_date
    from {DAYS_TABLE}
    where shop = ? and purchase_date <= cast(? as date)
) as observed
group by customer_id
"""

PURCHASE_CELLS = """
select frequency, recency_days, age_days, count(*) as customers
from ({history}) as history
group by frequency, recency_days, age_days
order by frequency, recency_days, age_days
"""

# Cents are all that a mean value can mean; the published estimates were made from values rounded half up to cents.
VALUE_CELLS = """
select frequency, cast(monetary_cents as double) as monetary_value, count(*) as customers
from (
    select frequency, round(monetary_value, 2) as monetary_cents
    from ({history}) as history
    where frequency > 0
) as repeat_customers
group by frequency, monetary_cents
order by frequency, monetary_cents
"""


@dataclass(frozen=True)
class PurchaseCells:
    """Distinct (frequency, recency, age) of one shop, times in days, with the number of customers. Shapes: (cells,)."""

    frequency: Floats
    recency_days: Floats
    age_days: Floats
    customers: Floats


@dataclass(frozen=True)
class ValueCells:
    """Distinct (frequency, mean value) of customers with a repeat purchase, in the reporting currency."""

    frequency: Floats
    monetary_value: Floats
    customers: Floats


@dataclass(frozen=True)
class History:
    """A query with one row a customer of one shop (frequency, recency_days, age_days, monetary_value)."""

    shop: str
    sql: str
    params: tuple[Any, ...]


def current_history(shop: str) -> History:
    """The purchase history as dbt built it."""
    return History(shop, HISTORY, (shop,))


def history_at(shop: str, as_of: date) -> History:
    """The purchase history rebuilt from purchases up to and including the business day `as_of`."""
    return History(shop, HISTORY_AT, (as_of, shop, as_of))


def require_history(session: Session) -> None:
    """Raise a WarehouseError with the command to run when dbt has not built the purchase history yet."""
    missing = [table for table in (HISTORY_TABLE, DAYS_TABLE) if not session.exists(table)]
    if missing:
        raise WarehouseError(
            f"Scores cannot be fitted: {' and '.join(missing)} is not in the warehouse; "
            "build it first with 'dbt build --select +int_customers__purchase_history'."
        )


def history_as_of(session: Session, shop: str | None = None) -> date | None:
    """The business day that the purchase history was built for (of one shop, or the latest); None without a row."""
    where, params = ("where shop = ?", (shop,)) if shop else ("", ())
    # All of a shop are seen on one day: the youngest customer is the one who came last.
    sql = f"select max(first_order_date), min(age_days) from {HISTORY_TABLE} {where} group by shop"
    days: list[date] = [first + timedelta(days=int(age)) for first, age in session.rows(sql, params)]
    return max(days, default=None)


def read_purchase_cells(session: Session, history: History) -> PurchaseCells:
    """Group a history into purchase cells. Raises a WarehouseError when recency and age contradict each other."""
    columns = _columns(session.arrow(PURCHASE_CELLS.format(history=history.sql), history.params))
    cells = PurchaseCells(columns["frequency"], columns["recency_days"], columns["age_days"], columns["customers"])
    repeated_at_once = (cells.frequency > 0) & (cells.recency_days == 0)
    wrong = repeated_at_once | (cells.recency_days < 0) | (cells.age_days < cells.recency_days)
    if wrong.any():
        customers = int(cells.customers[wrong].sum())
        raise WarehouseError(
            f"The purchase history of shop '{history.shop}' holds {customers:,} customers whose "
            "last purchase is after the reference day or whose repeat purchases span no time; "
            "rebuild it with 'dbt build --select int_customers__purchase_history' for the same as_of."
        )
    return cells


def read_value_cells(session: Session, history: History) -> ValueCells:
    """Group the repeat customers of a history into value cells, including those with a value of zero or below."""
    columns = _columns(session.arrow(VALUE_CELLS.format(history=history.sql), history.params))
    return ValueCells(columns["frequency"], columns["monetary_value"], columns["customers"])


def _columns(table: pa.Table) -> dict[str, Floats]:
    return {name: table[name].to_numpy().astype(np.float64) for name in table.column_names}
