"""The command that prints what writing brings, in figures or in words."""

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from pipelines.failures import DeliveryError
from reverse_etl.lift import lifts
from tests.reverse_etl.marketing import Marketing

COLUMNS = """sync varchar, experiment varchar, shop varchar, metric varchar, finding varchar, why_not varchar,
    unit varchar, treated_customers_count bigint, control_customers_count bigint, lift decimal(18, 6),
    lift_low decimal(18, 6), lift_high decimal(18, 6), relative_lift decimal(18, 6), began_at timestamptz"""


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["lift", *arguments], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.output


def test_a_finding_is_printed_with_its_interval_and_a_lack_of_data_in_words(offline: Marketing) -> None:
    with pytest.raises(DeliveryError, match="rpt_sync_lift is not in the warehouse; build the models first"):
        lifts(offline.settings)
    with offline.warehouse.session() as session:
        session.execute("create schema marts")
        session.execute(f"create table marts.rpt_sync_lift ({COLUMNS})")
    assert "Nobody is held out" in printed()
    with offline.warehouse.session() as session:
        session.execute("""
            insert into marts.rpt_sync_lift values
            ('customers', 'spring', 'us', 'orders', 'higher', null, 'orders', 900, 100, 0.2, 0.1, 0.3, 0.5, now()),
            ('customers', 'spring', 'us', 'margin', 'not enough data', 'the cost of 9 of 10 orders is not known', 'USD',
             900, 100, null, null, null, null, now())
        """)
    lines = [" ".join(line.split()) for line in printed("customers").splitlines()]
    assert any(line.endswith("orders 900 100 higher +0.200 (+0.100 to +0.300) orders") for line in lines)
    assert any(line.endswith("not enough data the cost of 9 of 10 orders is not known") for line in lines)
    assert "Nobody is held out" in printed("products")
