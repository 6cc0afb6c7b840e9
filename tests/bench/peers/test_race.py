import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.machine import describe
from bench.peers import race
from bench.peers.contestants import OURS, PEERS
from bench.peers.race import Measured, verdict
from bench.peers.usage import Usage, run
from bench.process import BenchFailed
from bench.report import write_findings

ORDERS = 100


def measured(contestant: int = 0, **counts: int) -> Measured:
    used = Usage(wall=2.0, cpu=30.0, peak_mb=90.0, output=Path("out"), log=Path("log"))
    return Measured(PEERS[contestant], used, counts, {"bytes": 5_000_000, "refused": [], "waits": [0.1]})


def test_a_row_is_right_only_when_every_order_came_with_its_own_lines() -> None:
    assert verdict(measured(orders=100, lines=300, whole=100), ORDERS) == "all rows right"
    assert "1 orders lost, 3 lines lost" in verdict(measured(orders=99, lines=297, whole=99), ORDERS)
    assert "0 lines lost, 100 orders with other" in verdict(measured(orders=100, lines=300, whole=0), ORDERS)
    assert verdict(measured(records=99), ORDERS) == "1 records lost"


def test_the_ratio_is_processor_time_to_ours_of_the_same_run_and_the_goal_stands_beside_it() -> None:
    ours = replace(measured(), contestant=OURS[0], used=replace(measured().used, cpu=2.0))
    row = race._beside(measured(orders=100, lines=300, whole=100), ours, ORDERS, 2.0, 1.0)
    assert row.figure == pytest.approx(15)
    assert str(row.goal) == ">= 10 x"
    assert row.verdict == "met"
    assert "all rows right" in row.measured
    assert row.details["ratio_beyond_start"] == pytest.approx(28)


def test_the_json_holds_what_the_table_shows(tmp_path: Path) -> None:
    ours = replace(measured(), contestant=OURS[0])
    row = race._beside(measured(orders=99, lines=297, whole=99), ours, ORDERS, 2.0, 1.0)
    write_findings(tmp_path / "report.json", describe(), "small", [row])
    [found] = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["findings"]
    assert found["bench"] == "peers"
    assert found["details"]["orders"] == 99
    assert {"subject", "measured", "against", "figure", "goal", "verdict", "cpu", "peak_mb"} <= found.keys()


def test_a_pipe_is_charged_with_all_of_its_programs(tmp_path: Path) -> None:
    used = run([["printf", "b\\na\\n"], ["sort"]], tmp_path, {"PATH": "/usr/bin:/bin"})
    assert used.output.read_text(encoding="utf-8") == "a\nb\n"
    assert used.cpu >= 0
    assert used.peak_mb > 0


def test_a_program_that_fails_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="no such order"):
        run([["sh", "-c", "echo no such order >&2; exit 3"]], tmp_path, {"PATH": "/usr/bin:/bin"})
