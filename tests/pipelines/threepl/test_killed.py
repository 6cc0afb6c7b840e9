"""A run that is killed between any two writes loses nothing and doubles nothing."""

from typing import Any

import pytest

from pipelines.intake.receiving import Intake
from pipelines.threepl.files.run import FilesRun
from pipelines.threepl.files.taking import Taking
from tests.pipelines.threepl.conftest import Partner, shipments_csv, stock_csv
from tests.pipelines.threepl.x12 import interchange, received, shipped

COUNTS = (
    "select (select count(*) from raw_threepl.shipments), (select count(*) from raw_threepl.shipment_lines), "
    "(select count(*) from raw_threepl.inventory_snapshots), (select count(*) from raw_threepl.receipts)"
)


class Killed(BaseException):
    """The process is gone."""


def test_whenever_a_run_is_killed_the_next_one_has_every_row_once(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.put("shp_1.csv", shipments_csv("#1001,S1,1,SKU-A,2,2,DHL,T1,2026-11-23 06:00:00"))
    partner.put("inv_1.csv", stock_csv(("SKU-A", 10), ("SKU-B", 0)))
    # Two entities in one file: it is loaded with the second of them.
    partner.put("h_1.x12", interchange(shipped(), received()))
    for owner, name, call in [
        (Taking, "take", 1),  # fetched, not read
        (Intake, "receive", 2),  # read and planned, nothing landed
        (FilesRun, "_commit", 1),  # landed; within the transaction of the first entity
        (FilesRun, "_commit", 3),  # shipments are in, the rest is not
        (FilesRun, "_commit", 4),
        (Intake, "load", 1),  # all rows are in, what became of other files is not written
        (FilesRun, "_finish", 1),  # that, too
    ]:
        with monkeypatch.context() as patch:
            _kill(patch, owner, name, call)
            with pytest.raises(Killed):
                partner.extract()

    partner.extract()

    assert partner.rows(COUNTS) == [(2, 2, 2, 1)]
    assert set(partner.manifest().values()) == {"loaded"}
    assert partner.rows("select count(*), count(distinct file_id) from ops.threepl_files") == [(3, 3)]
    assert partner.rows("select count(*) from ops.extraction_windows where state not in ('loaded', 'failed')") == [(0,)]


def _kill(patch: pytest.MonkeyPatch, owner: Any, name: str, call: int) -> None:
    """End the process as the function returns for the n-th time: what it wrote stays as uncommitted as it was."""
    original, calls = getattr(owner, name), 0

    def replaced(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        result = original(*args, **kwargs)
        if calls >= call:
            raise Killed
        return result

    patch.setattr(owner, name, replaced)
