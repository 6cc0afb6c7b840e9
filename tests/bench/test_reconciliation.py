"""The reconciled world breaks where it says it does, and nowhere else, before and after another extraction."""

from pathlib import Path

from bench import reconciliation

ORDERS = 2000


def test_the_breaks_found_are_those_planted_in_full_and_after_an_increment(tmp_path: Path) -> None:
    full, increment = reconciliation.built_twice(tmp_path, ORDERS, ORDERS // 10)
    assert full.result["found"] == {"AMT-01 open": 2, "FUL-03 open": 2, "ORD-01 open": 2, "PAY-01 open": 2}
    assert full.result["rows"]["raw_threepl.movements"] > 3 * ORDERS
    # A hundred new orders follow: the first places of the third thousand are among them.
    assert increment.result["found"] == {"AMT-01 open": 3, "FUL-03 open": 3, "ORD-01 open": 3, "PAY-01 open": 3}
