"""What writing brings, as the report says it, against worlds whose true lift is known, and against scipy."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from sandbox.world.lift import with_lift
from sandbox.world.parameters import Parameters, period
from sandbox.world.purchases import purchases
from sandbox.world.times import DAY
from tests.dbt_project.conftest import PROJECT, run_dbt
from tests.dbt_project.raw_tables import create_raw_tables

MODELS = ("student_t", "stg_ops__holdout_assignments", "int_customers__holdout_*", "rpt_sync_lift")
START, BEGIN = period(12, "2026-06-01T00:00:00Z")
BEGAN_AT = datetime.fromtimestamp(BEGIN, UTC)
DAYS = 90
SEEDS = range(1, 13)
Row = dict[str, Any]


@dataclass(frozen=True)
class Experiment:
    """Orders of each customer since the assignment, and who is held out; `truth`: orders that the lift adds to each."""

    name: str
    orders: np.ndarray[Any, Any]
    held: np.ndarray[Any, Any]
    truth: float = 0.0
    strata: tuple[str, ...] = ("",)
    days: int = DAYS

    @property
    def assignments(self) -> pa.Table:
        first, count = abs(hash_of(self.name)), len(self.held)
        return pa.table(
            {
                "sync": [self.name] * count,
                "customer_id": np.arange(count) + first,
                "assigned_group": np.where(self.held, "control", "treated"),
                "stratum": [self.strata[place * len(self.strata) // count] for place in range(count)],
                "assigned_at": [BEGAN_AT + timedelta(days=DAYS - self.days)] * count,
                "orders": self.orders,
            }
        )


def hash_of(name: str) -> int:
    """A block of customer numbers of the experiment's own."""
    return int.from_bytes(name.encode()[-6:]) * 10_000


def simulated(seed: int, lift: float) -> Experiment:
    """Three months of a world in which customers who are written to buy more often by `lift`."""
    parameters = Parameters(seed=seed, customers=4000, start=START, built=BEGIN)
    base = purchases(parameters, BEGIN, BEGIN + DAYS * DAY)
    known = np.arange(4000)
    held = np.random.default_rng(seed).permutation(known) % 5 == 0
    lifted = with_lift(base, known[~held], seed, lift, BEGIN + DAYS * DAY)
    counted = [np.bincount(each.customers, minlength=4000)[:4000] for each in (base, lifted)]
    return Experiment(f"{seed}-{lift}", counted[1], held, lift * float(counted[0].mean()))


def drawn(name: str, customers: int, control: int, **given: Any) -> Experiment:
    """Orders by chance, with nothing behind them."""
    orders = np.random.default_rng(customers).poisson(0.4, customers)
    return Experiment(name, orders, np.arange(customers) < control, **given)


def uneven() -> Experiment:
    """Good customers, half of them held out, and others, a tenth of them: without a lift, in any of both."""
    chance = np.random.default_rng(1)
    orders = np.concatenate([chance.poisson(2.0, 600), chance.poisson(0.3, 600)])
    held = np.concatenate([np.arange(600) % 2 == 0, np.arange(600) % 10 == 0])
    return Experiment("uneven", orders, held, strata=("gold", "none"))


EXPERIMENTS = {
    each.name: each
    for each in (
        *(simulated(seed, lift) for seed in SEEDS for lift in (0.0, 0.4)),
        uneven(),
        drawn("small", 230, 110),
        drawn("few", 230, 90),
        drawn("young", 400, 200, days=27),
        Experiment("idle", np.zeros(400, dtype=np.int64), np.arange(400) < 200),
    )
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Row]:
    """Rows of the report by sync and metric."""
    work = tmp_path_factory.mktemp("lift")
    path = work / "boomerang.duckdb"
    with duckdb.connect(str(path)) as connection:
        create_raw_tables(connection)
        fill(connection)
    run_dbt(work, path, "build", "--select", *MODELS, "--exclude-resource-type", "unit_test")
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.sql("select * from marts.rpt_sync_lift").arrow().read_all().to_pylist()
    return {(row["sync"], row["metric"]): row for row in found}


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that the models of the lift read, with the orders of the experiments."""
    everybody = pa.concat_tables([each.assignments for each in EXPERIMENTS.values()])  # noqa: F841 - DuckDB reads it
    connection.execute("""
        insert into ops.holdout_assignments
        select sync, 'spring', 'us', customer_id, stratum, 0.2, assigned_group, assigned_at, null from everybody
    """)
    connection.execute("create schema intermediate; create schema marts")
    connection.execute(f"""
        create table intermediate.int_shops__as_of as
        select 'us' as shop, 'UTC' as iana_timezone, date '{BEGAN_AT + timedelta(days=DAYS):%Y-%m-%d}' as as_of_date;
        create table intermediate.int_orders__totals as
        select
            'us' as shop, row_number() over () as order_id, customer_id, assigned_at + interval 1 hour as placed_at,
            1 as units_sold, 25.0::double as net_sales_reporting_amount
        from everybody, unnest(range(cast(orders as bigint)));
        -- bought before the assignment: no effect of it
        insert into intermediate.int_orders__totals
        select 'us', -row_number() over (), customer_id, assigned_at - interval 1 hour, 1, 999 from everybody;
        create table marts.fct_gross_margin as
        select shop, order_id, 10.0 as gross_margin_reporting_amount from intermediate.int_orders__totals
        where customer_id % 2 = 0;
    """)


@pytest.mark.parametrize("lift", [0.0, 0.4])
def test_the_interval_covers_the_true_lift(report: dict[tuple[str, str], Row], lift: float) -> None:
    truths = {name: each.truth for name, each in EXPERIMENTS.items() if name.endswith(f"-{lift}")}
    rows = {name: report[name, "orders"] for name in truths}
    covered = [name for name, truth in truths.items() if rows[name]["lift_low"] <= truth <= rows[name]["lift_high"]]
    # Of twelve intervals of 95 % two or more miss in one world of nine, three or more in one of fifty.
    assert len(covered) >= len(truths) - 2
    right = "higher" if lift else "no difference shown"
    assert sum(row["finding"] == right for row in rows.values()) >= len(rows) - 2
    # Who bought at all is what the lift does not change.
    kept = [report[name, "retention"]["finding"] for name in truths]
    assert kept.count("no difference shown") >= len(truths) - 2


def test_the_interval_is_that_of_scipy(report: dict[tuple[str, str], Row]) -> None:
    small = EXPERIMENTS["small"]
    treated, control = small.orders[~small.held], small.orders[small.held]
    tested = stats.ttest_ind(treated, control, equal_var=False)
    lift = treated.mean() - control.mean()
    reach = abs(lift / tested.statistic) * stats.t.ppf(0.975, min(np.floor(tested.df), 200))
    row = report["small", "orders"]
    assert [float(row[name]) for name in ("lift", "lift_low", "lift_high")] == pytest.approx(
        [lift, lift - reach, lift + reach], abs=2e-6
    )
    assert float(report["small", "net_sales"]["lift"]) == pytest.approx(25 * lift, abs=2e-6)
    assert float(report["small", "retention"]["treated_mean"]) == pytest.approx((treated > 0).mean(), abs=2e-6)


def test_a_stratum_of_which_more_are_held_out_is_compared_with_itself(report: dict[tuple[str, str], Row]) -> None:
    each, row = EXPERIMENTS["uneven"], report["uneven", "orders"]
    assert each.orders[~each.held].mean() < each.orders[each.held].mean() - 0.5
    assert row["finding"] == "no difference shown"
    by_stratum = [
        (part[~held].mean(), part[held].mean())
        for part, held in zip(np.split(each.orders, 2), np.split(each.held, 2), strict=True)
    ]
    assert float(row["lift"]) == pytest.approx(np.mean([a - b for a, b in by_stratum]), abs=2e-6)


@pytest.mark.parametrize(
    ("sync", "metric", "why"),
    [
        ("few", "orders", "compared: 140 customers written to and 90 held out, each for 28 days or more; 100 of each"),
        ("young", "orders", "compared: 0 customers written to and 0 held out"),
        ("idle", "retention", "bought: 0 of the customers written to and 0 of those held out; 10 of each are needed"),
        ("small", "margin", "the cost of "),
    ],
)
def test_too_little_is_said_in_words_and_without_figures(
    report: dict[tuple[str, str], Row], sync: str, metric: str, why: str
) -> None:
    row = report[sync, metric]
    assert row["finding"] == "not enough data"
    assert why in row["why_not"]
    assert [row[name] for name in ("lift", "lift_low", "lift_high", "relative_lift")] == [None] * 4


def test_the_quantiles_are_those_of_scipy() -> None:
    rows = (PROJECT / "seeds" / "student_t.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert rows == [f"{degrees},{stats.t.ppf(0.975, degrees):.6f}" for degrees in range(1, 201)]
