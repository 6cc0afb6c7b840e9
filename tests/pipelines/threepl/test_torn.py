"""A file that was cut short anywhere is never taken for a whole one."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.threepl.files.csv_text import read_csv_text
from pipelines.threepl.files.x12_envelope import read_x12
from pipelines.threepl.problems import FeedRefused
from pipelines.threepl_settings import Feed
from tests.pipelines.threepl.conftest import shipments_csv
from tests.pipelines.threepl.x12 import interchange, received, shipped, stock

FEED = Feed(name="x", pattern="*.csv", kind="shipments", warehouse="LEJ", trailer="TRAILER")
NEEDED = {"sku": "sku", "shipped_at": "shipped_at"}
ROWS = [f'#{n},S{n},1,"SKU, {n}",2,2,DHL,T{n},2026-11-23 06:00:00' for n in range(12)]
X12 = interchange(shipped(), stock(), received()) + interchange(shipped("SHP-2"), control=2)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(X12.rstrip()) - 1))
def test_an_interchange_that_was_cut_anywhere_is_refused(end: int) -> None:
    second = X12.index("ISA", 3)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cut.x12"
        path.write_text(X12[:end], encoding="ascii")
        # Between two interchanges nothing says that another one was to come.
        if second - 1 <= end <= second:
            assert [one.control_number for one in read_x12(path).interchanges] == ["000000001"]
            return
        with pytest.raises(FeedRefused) as refused:
            read_x12(path)
    assert refused.value.code in ("FED-03", "FED-04")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(shipments_csv(*ROWS)) - 2), st.integers(0, len(ROWS)))
def test_a_csv_file_that_was_cut_anywhere_is_refused(end: int, rows: int) -> None:
    whole = shipments_csv(*ROWS[:rows])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cut.csv"
        path.write_text(whole, encoding="utf-8")
        assert read_csv_text(path, FEED, NEEDED).num_rows == rows
        path.write_text(whole[: min(end, len(whole) - 2)], encoding="utf-8")
        with pytest.raises(FeedRefused) as refused:
            read_csv_text(path, FEED, NEEDED)
    assert refused.value.code in ("FED-03", "FED-04")
