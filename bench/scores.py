"""Scores: customers drawn from BG/NBD in SQL, read as cells, fitted, backtested and written.

The cost follows the distinct (frequency, recency, age), so ten times the customers must not take ten times as long.
"""

import time
from pathlib import Path
from typing import Any

from bench.process import Measured, measured
from bench.report import Finding
from bench.workspace import settings_in
from pipelines.scores.fit import fit_scores
from pipelines.warehouse import Warehouse

CUSTOMERS = {"small": 20_000, "default": 1_000_000, "full": 1_000_000}
FEWER = 10
DAYS = 730
AS_OF = "date '2026-10-31'"


def run(scale: str, folder: Path) -> list[Finding]:
    """Fit the many and a tenth of them."""
    many = CUSTOMERS[scale]
    few, all_of_them = (_fitted(folder / str(count), count) for count in (many // FEWER, many))
    return [
        Finding(
            "scores",
            f"{many:,} customers, {all_of_them.result['cells']:,} cells",
            f"fit and backtest {all_of_them.result['seconds']:.1f} s",
            f"{many // FEWER:,} customers: {few.result['seconds']:.1f} s",
            all_of_them.result["seconds"] / few.result["seconds"],
            " x",
            cpu=all_of_them.result["cpu"],
            peak_mb=all_of_them.peak_mb,
            details={"many": all_of_them.result, "few": few.result},
        )
    ]


def _fitted(folder: Path, customers: int) -> Measured:
    measured(prepare, folder, customers=customers)
    return measured(fit, folder)


def prepare(folder: Path, customers: int) -> dict[str, Any]:
    """Purchases of customers who came over two years, bought at their own pace and left after some purchase.

    Rates are gamma and chances of leaving nearly beta distributed, each made of uniform draws, so that SQL can do it.
    """
    with Warehouse(settings_in(folder)).session() as session:
        session.execute("select setseed(0.5)")
        session.execute("create schema if not exists intermediate")
        session.execute(
            f"""
            create table drawn as
            select
                i + 1 as customer_id, (random() * {DAYS - 1})::integer as joined,
                -- a gamma of shape 1, scale 1/60 a day; a leaving chance with mean 1/4
                -ln(1 - random()) / 60 as rate, 1 - pow(random(), 1.0 / 3) as leaves,
                20 + 60 * -ln(1 - random()) as spends
            from range({customers}) as numbers (i)
            """
        )
        session.execute(
            f"""
            create table intermediate.int_customers__purchase_days as
            with recursive purchases as (
                select customer_id, joined::double as day, rate, leaves, spends from drawn
                union all
                select customer_id, day + -ln(1 - random()) / rate, rate, leaves, spends
                from purchases
                where random() >= leaves and day < {DAYS}
            )
            select
                'us' as shop, customer_id, {AS_OF} - {DAYS - 1} + floor(day)::integer as purchase_date,
                count(*) as orders_count, sum(spends * (0.5 + random()))::decimal(18, 4) as net_sales_amount,
                'USD' as currency
            from purchases
            where day < {DAYS}
            group by all
            """
        )
        session.execute(
            f"""
            create table intermediate.int_customers__purchase_history as
            with ranked as (
                select *, row_number() over (partition by customer_id order by purchase_date) as nth
                from intermediate.int_customers__purchase_days
            )
            select
                shop, customer_id, min(purchase_date) as first_order_date, max(purchase_date) as last_order_date,
                count(*) - 1 as frequency, (max(purchase_date) - min(purchase_date))::bigint as recency_days,
                ({AS_OF} - min(purchase_date))::bigint as age_days,
                coalesce(avg(net_sales_amount) filter (where nth > 1), 0)::decimal(18, 4) as monetary_value,
                'USD' as currency
            from ranked
            group by shop, customer_id
            """
        )
    return {}


def fit(folder: Path) -> dict[str, Any]:
    """Fit as `boomerang score` does."""
    settings = settings_in(folder)
    began, cpu = time.perf_counter(), time.process_time()
    report = fit_scores(settings)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    purchases = report.shops[0].fit.purchases
    return {"seconds": seconds, "cpu": cpu, "cells": purchases.cells, "status": purchases.status}
