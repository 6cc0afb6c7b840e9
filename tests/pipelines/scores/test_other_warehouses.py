"""Scores that are fitted on Snowflake and BigQuery are those of DuckDB: the same cells, the same parameters."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.fit import fit_scores
from pipelines.scores.gamma_gamma import GammaGamma
from pipelines.scores.plots import backtest_plots
from pipelines.warehouse import Warehouse
from tests.pipelines.scores.conftest import PURCHASE_DAYS, PURCHASE_HISTORY
from tests.pipelines.scores.simulation import draw_purchases
from tests.warehouses.fixtures import *  # noqa: F403

START, DAYS = date(2025, 1, 1), 400
DEFINITIONS = {
    "int_customers__purchase_days": "shop varchar, customer_id bigint, purchase_date date, "
    "net_sales_amount decimal(18, 4)",
    "int_customers__purchase_history": "shop varchar, customer_id bigint, first_order_date date, last_order_date date, "
    "frequency bigint, recency_days bigint, age_days bigint, monetary_value decimal(18, 4), currency varchar",
}


def histories() -> dict[str, pa.Table]:
    """What dbt would have built for one shop, by table."""
    purchases = draw_purchases(BgNbd(0.7, 7.0, 0.8, 2.5), GammaGamma(6.0, 4.0, 120.0), 1_000, START, 300, DAYS, seed=31)
    with duckdb.connect() as scratch:
        scratch.register("purchases", purchases)
        scratch.execute("create schema intermediate")
        scratch.execute(PURCHASE_DAYS)
        scratch.execute(PURCHASE_HISTORY, (START + timedelta(days=DAYS - 1),))
        return {name: scratch.sql(f"from intermediate.{name}").to_arrow_table() for name in DEFINITIONS}


def scores(settings: Settings, built: dict[str, pa.Table]) -> dict[str, list[tuple[Any, ...]]]:
    """Fit on these tables; the rows of the score tables without the time of the fit."""
    with Warehouse(settings).session() as session:
        session.execute("create schema if not exists intermediate")
        for name, columns in DEFINITIONS.items():
            session.execute(f"create table intermediate.{name} ({columns})")
            session.append(f"intermediate.{name}", built[name])
    for _ in range(2):  # the second replaces the first
        fit_scores(settings)
    with Warehouse(settings).session() as session:
        assert set(backtest_plots(session, "us")) == {"calibration", "tracking"}
        return {
            "fits": session.rows(
                "select shop, model, as_of_date, status, r, alpha, a, b, p, q, v, customers from scores.model_fits "
                "order by model"
            ),
            "cells": session.rows(
                "select frequency, recency_days, age_days, customers, p_alive, expected_orders_90d "
                "from scores.purchase_cells order by frequency, recency_days, age_days"
            ),
            "backtests": session.rows("select cut_date, status, customers, buyers, brier_score from scores.backtests"),
            "weeks": session.rows(
                "select week_end_date, is_holdout, actual_orders from scores.backtest_weeks order by week_end_date"
            ),
        }


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
def test_scores_are_those_of_duckdb(warehouse_settings: Settings, tmp_path: Path) -> None:
    built = histories()
    embedded = warehouse_settings.model_copy(update={"warehouse": "duckdb", "data_dir": tmp_path / "embedded"})
    expected, found = scores(embedded, built), scores(warehouse_settings, built)
    for name, rows in expected.items():
        assert [row[:4] for row in found[name]] == [row[:4] for row in rows]
        for one, other in zip(found[name], rows, strict=True):
            assert one == pytest.approx(other, rel=1e-9) if name == "cells" else one == other
