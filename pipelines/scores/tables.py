"""The tables that carry scores to dbt, with explicit types, replaced shop by shop.

Made before anything is fitted, so that dbt's sources exist from the first run on.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipelines.warehouse import SCORES_SCHEMA, Session

_SHOP = {"shop": "varchar", "as_of_date": "date"}

# Keys: model_fits (shop, model) · purchase_cells (shop, frequency, recency_days, age_days) · backtests (shop)
# · backtest_bins (shop, bin) · backtest_weeks (shop, week_end_date). Only the latest fit of a shop is kept.
TABLES: dict[str, dict[str, str]] = {
    "model_fits": {
        **_SHOP,
        "model": "varchar",
        "fitted_at": "timestamp with time zone",
        "status": "varchar",
        "reason": "varchar",
        # BG/NBD: r, alpha, a, b. Gamma-Gamma: p, q, v. Null unless the status is 'fitted'.
        **{parameter: "double" for parameter in ("r", "alpha", "a", "b", "p", "q", "v")},
        **{f"{parameter}_standard_error": "double" for parameter in ("r", "alpha", "a", "b", "p", "q", "v")},
        "days_per_unit": "double",
        "currency": "varchar",
        "log_likelihood": "double",
        "starts": "bigint",
        "agreeing_starts": "bigint",
        "customers": "bigint",
        "repeat_customers": "bigint",
        "customers_left_out": "bigint",
        "cells": "bigint",
        "history_days": "bigint",
        # Repeat purchases in the sample (BG/NBD), mean value of a purchase (Gamma-Gamma).
        "observed": "double",
        "expected": "double",
        "value_correlation": "double",
    },
    "purchase_cells": {
        **_SHOP,
        "frequency": "bigint",
        "recency_days": "bigint",
        "age_days": "bigint",
        "customers": "bigint",
        "p_alive": "double",
        "purchase_probability_90d": "double",
        "expected_orders_90d": "double",
        "expected_orders_365d": "double",
    },
    "backtests": {
        **_SHOP,
        "cut_date": "date",
        "fitted_at": "timestamp with time zone",
        "status": "varchar",
        "reason": "varchar",
        "holdout_days": "bigint",
        "r": "double",
        "alpha": "double",
        "a": "double",
        "b": "double",
        "customers": "bigint",
        "buyers": "bigint",
        "expected_buyers": "double",
        "actual_orders": "bigint",
        "expected_orders": "double",
        "brier_score": "double",
        "brier_score_constant": "double",
        "rank_correlation": "double",
        "rank_correlation_recency": "double",
        "rank_correlation_frequency": "double",
    },
    "backtest_bins": {
        **_SHOP,
        "bin": "bigint",
        "customers": "bigint",
        "expected_orders_mean": "double",
        "actual_orders_mean": "double",
        "purchase_probability_mean": "double",
        "buyers_share": "double",
    },
    "backtest_weeks": {
        **_SHOP,
        "week_end_date": "date",
        "is_holdout": "boolean",
        "actual_orders": "bigint",
        "expected_orders": "double",
    },
}

_ARROW = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}


def ensure_score_tables(session: Session) -> None:
    """Create the tables of the schema `scores` where they are missing.

    A table with the columns of an older version is made anew: its rows are derived and come back with the next fit.
    """
    stored = session.columns(SCORES_SCHEMA)
    for name, columns in TABLES.items():
        table = f"{SCORES_SCHEMA}.{name}"
        if stored.get(name, list(columns)) != list(columns):
            session.execute(f"drop table {table}")
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        session.execute(f"create table if not exists {table} ({declared})")


def replace_shop(session: Session, shop: str, rows: Mapping[str, pa.Table]) -> None:
    """Put the rows of one shop in place of its old ones, in all tables. Call inside a transaction."""
    for name in TABLES:
        table = f"{SCORES_SCHEMA}.{name}"
        session.execute(f"delete from {table} where shop = ?", (shop,))
        if name in rows and rows[name].num_rows:
            session.append(table, rows[name])


def arrow_rows(name: str, records: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Records as an Arrow table with the declared columns of `scores.<name>`; a missing key is null."""
    return pa.Table.from_pylist([dict(record) for record in records], schema=arrow_schema(name))


def arrow_schema(name: str) -> pa.Schema:
    """Declared columns of `scores.<name>` as an Arrow schema."""
    return pa.schema([(column, _ARROW[kind]) for column, kind in TABLES[name].items()])
