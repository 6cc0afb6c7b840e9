"""A transaction that another one got in the way of is done again, and nothing of the first try stands."""

import pytest

from pipelines.config import Settings
from pipelines.failures import IncompleteExtraction, WarehouseConflict
from pipelines.warehouse import Session, Warehouse, conflicts
from pipelines.warehouse.conflicts import ATTEMPTS, retried, together


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "PAUSE_SECONDS", 0.0)


def write(session: Session, tries: list[int], undone: int, failure: type[Exception] = WarehouseConflict) -> str:
    tries.append(len(tries) + 1)
    session.execute("insert into ops.noted (attempt) values (?)", (tries[-1],))
    if len(tries) <= undone:
        raise failure("another run writes the rows that this one was to write")
    return "written"


@pytest.mark.parametrize(
    ("undone", "failure", "stands", "attempts"),
    [
        (0, WarehouseConflict, [(1,)], 1),
        (2, WarehouseConflict, [(3,)], 3),
        (ATTEMPTS, WarehouseConflict, [], ATTEMPTS),
        (1, IncompleteExtraction, [], 1),
    ],
)
def test_only_the_last_try_stands(
    settings: Settings, undone: int, failure: type[Exception], stands: list[tuple[int]], attempts: int
) -> None:
    tries: list[int] = []
    with Warehouse(settings).session() as session:
        session.execute("create table ops.noted (attempt bigint)")
        if stands:
            assert together(session, lambda: write(session, tries, undone, failure)) == "written"
        else:
            with pytest.raises(failure):
                together(session, lambda: write(session, tries, undone, failure))
        assert session.rows("select attempt from ops.noted") == stands
    assert len(tries) == attempts


def test_a_conflict_that_does_not_end_is_told() -> None:
    tries = []

    def always() -> None:
        tries.append(1)
        raise WarehouseConflict("Another transaction changed the table; nothing was written.")

    with pytest.raises(WarehouseConflict):
        retried(always)
    assert len(tries) == ATTEMPTS
