"""What a person sees of a run on the terminal and in the UI."""

from io import StringIO

from rich.console import Console

from orchestration.delivery_display import show_report
from reverse_etl.report import DeliveryReport

REASON = "us set: paced: 1,200 values cost about 480 points, 9.6 s at 50 points a second; bulk would take about 95 s"


def shown(report: DeliveryReport) -> list[str]:
    written = StringIO()
    show_report(Console(file=written, width=200), report)
    return written.getvalue().splitlines()


def test_a_run_says_for_each_shop_and_action_why_it_went_by_its_lane() -> None:
    report = DeliveryReport("run-1", "plan-1", "customers", 1_200, 1_200, 0, 0, 48, 480.0, 9.0, lanes=(REASON,))
    assert shown(report) == [
        "Run run-1: 1,200 of 1,200 values acknowledged, 0 rejected, 0 found delivered before, 48 requests in 9.0 s",
        f"  {REASON}",
    ]
