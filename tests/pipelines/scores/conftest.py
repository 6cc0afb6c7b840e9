"""The published purchase history, and a warehouse as dbt leaves it for the scores."""

import importlib.util
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.warehouse import Warehouse

# Both tables as the dbt models define them; the history is the one the marts are joined on.
PURCHASE_DAYS = """
create or replace table intermediate.int_customers__purchase_days as
select shop, customer_id, purchase_date, cast(net_sales_amount as decimal(18, 4)) as net_sales_amount from purchases
"""
PURCHASE_HISTORY = """
create or replace table intermediate.int_customers__purchase_history as
with ranked as (
    select *, row_number() over (partition by shop, customer_id order by purchase_date) as nth
    from intermediate.int_customers__purchase_days
)
select
    shop,
    customer_id,
    min(purchase_date) as first_order_date,
    max(purchase_date) as last_order_date,
    count(*) - 1 as frequency,
    max(purchase_date) - min(purchase_date) as recency_days,
    cast(? as date) - min(purchase_date) as age_days,
    cast(coalesce(avg(net_sales_amount) filter (where nth > 1), 0) as decimal(18, 4)) as monetary_value,
    'USD' as currency
from ranked
group by shop, customer_id
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    config = tmp_path / "boomerang.toml"
    config.write_text(
        f'data_dir = "{tmp_path}"\n'
        "[shops.us]\ndomain = 'boomerang-us.myshopify.com'\n[shops.eu]\ndomain = 'boomerang-eu.myshopify.com'\n"
    )
    monkeypatch.setenv("BOOMERANG_CONFIG", str(config))
    for shop in ("US", "EU"):
        monkeypatch.setenv(f"BOOMERANG_SHOPS__{shop}__ACCESS_TOKEN", "public-dummy")
    return Settings()


@pytest.fixture
def build(settings: Settings) -> Callable[[pa.Table, date], None]:
    """Put purchases (shop, customer_id, purchase_date, net_sales_amount) where dbt would, seen at a business day."""

    def put(purchases: pa.Table, as_of: date) -> None:
        with Warehouse(settings).session() as session:
            session.execute("create schema if not exists intermediate")
            session.execute("create temp table purchases (shop text, customer_id bigint, purchase_date date, "
                            "net_sales_amount decimal(18, 4))")  # fmt: skip
            session.append("purchases", purchases)
            session.execute(PURCHASE_DAYS)
            session.execute(PURCHASE_HISTORY, (as_of,))

    return put


@pytest.fixture(scope="session")
def cdnow() -> pa.Table:
    """The one-tenth sample: 2,357 customers who first bought in the first quarter of 1997, followed to June 1998.

    Columns in the file: number in the full data, number in the sample, day, CDs bought, dollars. Purchases of one
    customer on one day count as one.
    """
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / "CDNOW_sample.txt"
    lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
    raw = pa.table(
        {"id": [row[1] for row in lines], "day": [row[2] for row in lines], "paid": [row[4] for row in lines]}
    )
    with duckdb.connect() as connection:
        connection.register("raw", raw)
        return connection.sql(
            "select 'us' as shop, id::bigint as customer_id, strptime(day, '%Y%m%d')::date as purchase_date, "
            "sum(paid::decimal(18, 4))::decimal(18, 4) as net_sales_amount from raw group by all"
        ).to_arrow_table()
