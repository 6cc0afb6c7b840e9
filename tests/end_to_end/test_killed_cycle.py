"""A cycle that is killed again and again ends like one that never was."""

from pathlib import Path

import pytest

from tests.end_to_end.cycle import Merchant, merchant

SMALL = ("--customers", "300")
# Shares of all statements, requests and renames of a whole command: the moments at which it is killed.
WHILE_REFRESHING = (
    ("request", 0.1),
    ("statement", 0.05),
    ("request", 0.5),
    ("rename", 0.3),
    ("statement", 0.3),
    ("statement", 0.6),
    ("dbt", 0.5),
    ("dbt", 1.0),
)
WHILE_DELIVERING = (("statement", 0.2), ("request", 0.4), ("statement", 0.6), ("request", 0.9))


def kill_and_repeat(one: Merchant, command: str, moments: tuple[tuple[str, float], ...], counts: dict[str, int]) -> int:
    """Kill `command` at each moment in turn, then let it finish. Returns how often it really was killed."""
    killed = 0
    for kind, share in moments:
        nth = max(1, round(counts[kind] * share))
        done = one.run(command, die_at=(kind, nth))
        assert done.returncode in (0, -9), done.stderr[-3000:]
        killed += done.returncode == -9
    one.run_well(command)
    return killed


@pytest.mark.long
def test_cycle_killed_at_many_points_ends_in_the_same_warehouse_and_the_same_shopify(tmp_path: Path) -> None:
    with merchant(tmp_path / "calm", *SMALL) as calm:
        calm.run_well("refresh")
        refresh_counts = calm.counts()
        calm.run_well("deliver")
        deliver_counts = calm.counts()
        expected, held = calm.tables(), calm.managed()

    with merchant(tmp_path / "killed", *SMALL) as struck:
        killed = kill_and_repeat(struck, "refresh", WHILE_REFRESHING, refresh_counts)
        killed += kill_and_repeat(struck, "deliver", WHILE_DELIVERING, deliver_counts)
        assert killed >= 10
        found = struck.tables()
        assert found.keys() == expected.keys()
        for table, rows in expected.items():
            assert found[table] == rows, table
        assert struck.managed() == held
