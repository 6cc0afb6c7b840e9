"""One order followed through all systems."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orchestration.trace import NoSuchOrder, trace
from pipelines.config import Settings
from pipelines.contracts.dead_letters import ensure_dead_letters
from pipelines.failures import ConfigurationError
from pipelines.warehouse import Warehouse

PLACED, SHIPPED = datetime(2026, 10, 1, 9, tzinfo=UTC), datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
MARTS = (
    "create schema marts",
    "create table marts.fct_orders (shop varchar, order_id bigint, order_name varchar)",
    "insert into marts.fct_orders values ('us', 5410, '#1001'), ('us', 1001, '#1002'), ('eu', 6410, 'EU-1001'), "
    "('eu', 6411, '#1003'), ('us', 5411, '#1003')",
    "create table marts.fct_order_milestones (shop varchar, order_id bigint, order_name varchar, system varchar, "
    "connection varchar, milestone varchar, occurred_at timestamptz, reference varchar, amount decimal(18,4), "
    "currency varchar)",
    "create table marts.fct_breaks (code varchar, title varchar, shop varchar, state varchar, severity varchar, "
    "object_type varchar, object_key varchar, order_id bigint, expected varchar, actual varchar, "
    "money_at_risk_amount decimal(18,4), currency varchar, since timestamptz, explained_by varchar, held_by varchar)",
)


@pytest.fixture
def traced(settings: Settings) -> Settings:
    """Marts with a few orders, of which one was shipped and is broken."""
    with Warehouse(settings).session() as session:
        for statement in MARTS:
            session.execute(statement)
        milestone = "insert into marts.fct_order_milestones values ('us', 5410, '#1001', ?, ?, ?, ?, ?, ?, ?)"
        session.execute(milestone, ("threepl", "shipbob", "shipped", SHIPPED, "T1", None, None))
        session.execute(milestone, ("shop", "us", "placed", PLACED, "#1001", Decimal("49.56"), "USD"))
        session.execute(
            "insert into marts.fct_breaks values ('FUL-01', 'Shipped, not fulfilled', 'us', 'open', 'high', "
            "'shipment', 'T1', 5410, null, null, 49.56, 'USD', ?, null, null)",
            (SHIPPED,),
        )
        ensure_dead_letters(session)
        letter = (
            "insert into ops.dead_letters (dead_letter_id, source, shop, entity, row_key, rule, message, payload, "
            "window_id, run_id, rejected_at, state, attempts) "
            "values (?, 'erp', 'netsuite', 'invoices', ?, 'r', 'No total.', ?, 'w', 'run', now(), ?, 1)"
        )
        session.execute(letter, ("about-it", "9", '{"shopify_reference": "5410"}', "open"))
        session.execute(letter, ("about-another", "8", '{"shopify_reference": "54100"}', "open"))
        session.execute(letter, ("done", "7", '{"shopify_reference": "5410"}', "replayed"))
    return settings


@pytest.mark.parametrize("order", ["#1001", "1001 ", "5410", "gid://shopify/Order/5410"])
def test_an_order_is_found_by_name_number_or_gid(traced: Settings, order: str) -> None:
    if order == "1001 ":
        # A number is an order's own before it is part of a name.
        assert trace(traced, order).order_name == "#1002"
    else:
        assert trace(traced, order).order_id == 5410


def test_milestones_come_in_order_with_breaks_and_dead_letters_of_that_order_alone(traced: Settings) -> None:
    found = trace(traced, "#1001")
    assert [(one.milestone, one.at) for one in found.milestones] == [("placed", PLACED), ("shipped", SHIPPED)]
    assert [(broken.code, broken.object_key, broken.money_at_risk) for broken in found.breaks] == [
        ("FUL-01", "T1", Decimal("49.56"))
    ]
    assert [letter["dead_letter_id"] for letter in found.dead_letters] == ["about-it"]


def test_a_break_stands_at_the_milestone_at_which_the_systems_parted(traced: Settings) -> None:
    found = trace(traced, "#1001")
    (broken,) = found.breaks
    assert broken.milestone is found.milestones[1]
    with Warehouse(traced).session() as session:
        session.execute("update marts.fct_breaks set since = ?", (PLACED + timedelta(minutes=90),))
        assert trace(traced, "#1001").breaks[0].milestone == found.milestones[0]
        session.execute("update marts.fct_breaks set since = ?", (PLACED - timedelta(minutes=1),))
    assert trace(traced, "#1001").breaks[0].milestone is None


def test_a_name_of_two_shops_asks_for_the_shop(traced: Settings) -> None:
    with pytest.raises(NoSuchOrder, match=r"several shops are called #1003 \(eu, us\); choose one with --shop"):
        trace(traced, "#1003")
    assert trace(traced, "#1003", "eu").order_id == 6411


def test_an_unknown_order_and_unbuilt_models_are_told_in_a_sentence(traced: Settings) -> None:
    with pytest.raises(NoSuchOrder, match="No order is called #9999"):
        trace(traced, "#9999")
    with Warehouse(traced).session() as session:
        session.execute("drop table marts.fct_breaks")
    with pytest.raises(ConfigurationError, match=r"marts.fct_breaks is not there yet; run `boomerang refresh`"):
        trace(traced, "#1001")
