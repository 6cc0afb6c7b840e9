from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.failures import ConfigurationError, WarehouseError
from pipelines.scores.__main__ import main
from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.fit import fit_scores
from pipelines.scores.gamma_gamma import GammaGamma
from pipelines.scores.plots import backtest_plots
from pipelines.scores.tables import TABLES, ensure_score_tables, replace_shop
from pipelines.warehouse import Warehouse
from tests.pipelines.scores.simulation import draw_purchases

Build = Callable[[pa.Table, date], None]
START, DAYS = date(2025, 1, 1), 400
LAST = START + timedelta(days=DAYS - 1)
COUNTS = " union all ".join(f"select '{name}', count(*) from scores.{name} where shop = ?" for name in TABLES)


@pytest.fixture
def two_shops(build: Build) -> None:
    """A shop with enough customers for scores, and one with far too few."""
    model, spend = BgNbd(0.7, 7.0, 0.8, 2.5), GammaGamma(6.0, 4.0, 120.0)
    many = draw_purchases(model, spend, 2_500, START, 300, DAYS, seed=31)
    few = draw_purchases(model, spend, 40, START, 30, DAYS, seed=32, shop="eu")
    build(pa.concat_tables([many, few]), LAST)


@pytest.mark.usefixtures("two_shops")
def test_every_customer_of_a_fitted_shop_finds_exactly_one_cell(settings: Settings) -> None:
    fit_scores(settings)
    with Warehouse(settings).session() as session:
        [(customers, matched, lowest, highest, worst)] = session.rows(
            "select count(*), count(c.p_alive), min(c.p_alive), max(c.p_alive), "
            "min(c.expected_orders_365d - c.expected_orders_90d) "
            "from intermediate.int_customers__purchase_history as h "
            "left join scores.purchase_cells as c using (shop, frequency, recency_days, age_days) where h.shop = 'us'"
        )
        assert session.rows("select sum(customers) from scores.purchase_cells") == [(2_500,)]
    assert customers == matched == 2_500
    assert 0 <= lowest < highest == 1
    assert worst > 0


@pytest.mark.usefixtures("two_shops")
def test_stored_scores_follow_from_the_stored_parameters(settings: Settings) -> None:
    fit_scores(settings)
    with Warehouse(settings).session() as session:
        [parameters] = session.rows(
            "select r, alpha, a, b from scores.model_fits where shop = 'us' and model = 'bg_nbd' and days_per_unit = 7"
        )
        cell = session.dicts("select * from scores.purchase_cells where frequency > 1 order by all limit 1")[0]
    model = BgNbd(*parameters)
    x, t_x, age = (np.array([float(cell[name])]) for name in ("frequency", "recency_days", "age_days"))
    history = x, t_x / 7, age / 7
    assert cell["p_alive"] == pytest.approx(model.probability_alive(*history)[0])
    assert cell["purchase_probability_90d"] == pytest.approx(model.probability_of_purchase(*history, 90 / 7)[0])
    assert cell["expected_orders_90d"] == pytest.approx(model.expected_purchases(*history, 90 / 7)[0])
    assert cell["expected_orders_365d"] == pytest.approx(model.expected_purchases(*history, 365 / 7)[0])


@pytest.mark.usefixtures("two_shops")
def test_a_shop_with_too_little_data_gets_a_reason_and_no_scores(settings: Settings) -> None:
    report = fit_scores(settings)
    assert [scores.shop for scores in report.shops] == list(settings.shops)
    with Warehouse(settings).session() as session:
        fits = session.dicts("select * from scores.model_fits where shop = 'eu' order by model")
        counts = dict(session.rows(COUNTS, ["eu"] * len(TABLES)))
        backtests = session.rows("select status, brier_score from scores.backtests where shop = 'eu'")
    assert [(fit["model"], fit["status"]) for fit in fits] == [
        ("bg_nbd", "too_little_data"),
        ("gamma_gamma", "too_little_data"),
    ]
    assert all("are needed" in fit["reason"] for fit in fits)
    assert all(fit[parameter] is None for fit in fits for parameter in ("r", "alpha", "a", "b", "p", "q", "v"))
    assert counts == {"model_fits": 2, "purchase_cells": 0, "backtests": 1, "backtest_bins": 0, "backtest_weeks": 0}
    assert backtests == [("too_little_data", None)]


@pytest.mark.usefixtures("two_shops")
def test_fitting_again_replaces_the_rows_of_a_shop_and_gives_the_same_scores(settings: Settings) -> None:
    fit_scores(settings)
    scores = "select * from scores.purchase_cells order by all"
    with Warehouse(settings).session() as session:
        first, counts = session.rows(scores), sorted(session.rows(COUNTS, ["us"] * len(TABLES)))
    fit_scores(settings, shops=["us"])
    with Warehouse(settings).session() as session:
        assert session.rows(scores) == first
        assert sorted(session.rows(COUNTS, ["us"] * len(TABLES))) == counts
        assert session.rows("select count(*) from scores.model_fits where shop = 'eu'") == [(2,)]


@pytest.mark.usefixtures("two_shops")
def test_a_shop_without_any_purchase_is_seen_on_the_day_of_the_others(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        for table in ("history", "days"):
            session.execute(f"delete from intermediate.int_customers__purchase_{table} where shop = 'eu'")
    report = fit_scores(settings, shops=["eu"])
    assert report.shops[0].fit.as_of == LAST
    assert report.shops[0].fit.purchases.reason is not None


def test_in_an_empty_warehouse_the_tables_exist_and_scores_wait_for_data(settings: Settings, build: Build) -> None:
    nothing = {
        "shop": pa.string(),
        "customer_id": pa.int64(),
        "purchase_date": pa.date32(),
        "net_sales_amount": pa.float64(),
    }
    build(pa.schema(list(nothing.items())).empty_table(), LAST)
    report = fit_scores(settings)
    assert [(scores.fit.as_of, scores.backtest) for scores in report.shops] == [(None, None)] * 2
    with Warehouse(settings).session() as session:
        assert session.rows("select distinct status from scores.model_fits") == [("too_little_data",)]


def test_the_tables_have_the_declared_types_and_an_old_layout_gives_way(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        session.execute("create table scores.backtests (shop varchar, forgotten double)")
        ensure_score_tables(session)
        ensure_score_tables(session)
        for name, columns in TABLES.items():
            found = session.rows(
                "select column_name, lower(data_type) from information_schema.columns "
                "where table_schema = 'scores' and table_name = ? order by ordinal_position",
                (name,),
            )
            assert found == list(columns.items())


@pytest.mark.usefixtures("two_shops")
def test_a_failure_while_writing_leaves_the_old_scores_in_place(settings: Settings) -> None:
    fit_scores(settings)
    with Warehouse(settings).session() as session:
        before = sorted(session.rows(COUNTS, ["us"] * len(TABLES)))
        with pytest.raises(duckdb.Error), session.transaction():
            replace_shop(session, "us", {"backtest_weeks": pa.table({"shop": ["us"], "unknown": [1]})})
        assert sorted(session.rows(COUNTS, ["us"] * len(TABLES))) == before


def test_an_unknown_shop_is_named(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="Shop 'jp' is not configured"):
        fit_scores(settings, shops=["jp"])


def test_without_a_dbt_build_there_is_one_sentence(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WarehouseError):
        fit_scores(settings)
    assert main([]) == 1
    assert "build it first with 'dbt build" in capsys.readouterr().err


@pytest.mark.usefixtures("two_shops", "settings")
def test_the_command_prints_a_line_for_each_shop_and_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--shop", "us", "--shop", "eu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "us bg_nbd fitted",
        "us gamma_gamma fitted",
        "us backtest",
        "eu bg_nbd too_little_data",
        "eu gamma_gamma too_little_data",
    ]


@pytest.mark.usefixtures("two_shops")
def test_the_plots_of_a_judged_shop_are_pictures_and_there_are_none_without(settings: Settings) -> None:
    fit_scores(settings)
    with Warehouse(settings).session() as session:
        plots, none = backtest_plots(session, "us"), backtest_plots(session, "eu")
    assert set(plots) == {"calibration", "tracking"}
    assert all(image.startswith(b"\x89PNG") and len(image) > 10_000 for image in plots.values())
    assert none == {}


class Recorder:
    """Progress that remembers its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def start(self, stage: str, item: str, total: int | None = None, unit: str = "rows") -> None:
        self.calls.append(("start", stage, item, total, unit))

    def advance(self, stage: str, item: str, by: int) -> None:
        self.calls.append(("advance", stage, item, by))

    def finish(self, stage: str, item: str, note: str = "") -> None:
        self.calls.append(("finish", stage, item, bool(note)))


@pytest.mark.usefixtures("two_shops")
def test_progress_counts_the_customers_of_each_shop(settings: Settings) -> None:
    progress = Recorder()
    fit_scores(settings, progress=progress, shops=["us"])
    assert progress.calls == [
        ("start", "scores", "us", 2_500, "customers"),
        ("advance", "scores", "us", 2_500),
        ("finish", "scores", "us", True),
    ]
