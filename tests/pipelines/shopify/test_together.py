"""A transaction that another one got in the way of is done again, and nothing of the first try stands."""

from pathlib import Path

import pytest

from pipelines.failures import IncompleteExtraction, WarehouseConflict
from pipelines.shopify import together as module
from pipelines.shopify.together import ATTEMPTS, together
from pipelines.warehouse import Session, Warehouse
from tests.pipelines.shopify.exports import settings_in


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.random, "uniform", lambda *_: 0.0)


def write(session: Session, tries: list[int], conflicts: int, failure: type[Exception] = WarehouseConflict) -> str:
    tries.append(len(tries) + 1)
    session.execute("insert into ops.noted (attempt) values (?)", (tries[-1],))
    if len(tries) <= conflicts:
        raise failure("another run writes the rows that this one was to write")
    return "written"


@pytest.mark.parametrize(
    ("conflicts", "failure", "stands", "attempts"),
    [
        (0, WarehouseConflict, [(1,)], 1),
        (2, WarehouseConflict, [(3,)], 3),
        (ATTEMPTS, WarehouseConflict, [], ATTEMPTS),
        (1, IncompleteExtraction, [], 1),
    ],
)
def test_only_the_last_try_stands(
    tmp_path: Path, conflicts: int, failure: type[Exception], stands: list[tuple[int]], attempts: int
) -> None:
    tries: list[int] = []
    with Warehouse(settings_in(tmp_path)).session() as session:
        session.execute("create table ops.noted (attempt bigint)")
        if stands:
            assert together(session, lambda: write(session, tries, conflicts, failure)) == "written"
        else:
            with pytest.raises(failure):
                together(session, lambda: write(session, tries, conflicts, failure))
        assert session.rows("select attempt from ops.noted") == stands
    assert len(tries) == attempts
