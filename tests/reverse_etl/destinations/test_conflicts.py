"""What another writer got in the way of is done again, whole."""

import pytest

from pipelines.failures import WarehouseConflict
from pipelines.warehouse import conflicts
from reverse_etl.ledger.ledger import Ledger
from tests.reverse_etl.marketing import Marketing, gold


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "PAUSE_SECONDS", 0.0)


def test_a_delivery_whose_writes_are_undone_now_and_then_loses_and_repeats_nothing(
    marketing: Marketing, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, calls = Ledger._record, []

    def undone_every_second_time(*given: object) -> None:
        moved(*given)  # type: ignore[arg-type]
        calls.append(given)
        if len(calls) % 2:
            raise WarehouseConflict("Another transaction changed the table; nothing was written.")

    monkeypatch.setattr(Ledger, "_record", undone_every_second_time)
    customers = marketing.customers()[:5]
    report = marketing.deliver({number: gold() for number in customers})
    assert (report.acknowledged, len(marketing.acknowledged())) == (20, 20)
    assert len(calls) > 2
    assert marketing.plan().is_empty
