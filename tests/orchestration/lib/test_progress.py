"""Progress reads the same from any thread, on a terminal and in a pipe."""

import io
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console

from orchestration.lib.progress import LiveProgress, PlainProgress


def on_paper(width: int = 100, *, terminal: bool = False) -> tuple[Console, io.StringIO]:
    paper = io.StringIO()
    return Console(file=paper, width=width, force_terminal=terminal, color_system=None), paper


def last_frame(paper: io.StringIO) -> str:
    """The line of the stage as it stays on the screen."""
    return [line for line in paper.getvalue().splitlines() if "extraction" in line][-1]


def test_a_finished_item_is_one_plain_line_with_its_note() -> None:
    console, paper = on_paper()
    progress = PlainProgress(console)
    progress.start("extraction", "us orders", 120)
    progress.advance("extraction", "us orders", 120)
    progress.finish("extraction", "us orders", "120 rows, 2 dead letters")
    assert paper.getvalue() == "extraction: us orders: 120 rows, 2 dead letters in 0.0 s\n"


def test_without_a_note_the_line_says_what_was_counted() -> None:
    console, paper = on_paper()
    progress = PlainProgress(console)
    progress.start("write-back", "us", 5_000, "records")
    progress.advance("write-back", "us", 5_000)
    progress.finish("write-back", "us")
    assert paper.getvalue() == "write-back: us: 5,000 records in 0.0 s\n"


def test_an_item_that_never_started_still_gets_its_line() -> None:
    console, paper = on_paper()
    PlainProgress(console).finish("dbt", "stg_shopify__orders", "skipped")
    assert paper.getvalue() == "dbt: stg_shopify__orders: skipped\n"


def test_a_stage_on_a_terminal_shows_finished_items_and_the_sum_of_its_rows() -> None:
    console, paper = on_paper(terminal=True)
    with LiveProgress(console) as progress:
        for item, rows in (("us orders", 1_200), ("eu orders", 800)):
            progress.start("extraction", item, rows)
            progress.advance("extraction", item, rows)
            progress.finish("extraction", item)
    last = last_frame(paper)
    assert "2/2  2,000 rows" in last
    assert "us orders" not in last


def test_progress_from_many_threads_is_counted_once_each() -> None:
    console, paper = on_paper(terminal=True)
    with LiveProgress(console) as progress:

        def work(number: int) -> None:
            progress.start("extraction", f"item {number}", 1_000)
            for _ in range(10):
                progress.advance("extraction", f"item {number}", 100)
            progress.finish("extraction", f"item {number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(20)))
    assert "20/20  20,000 rows" in last_frame(paper)


def test_what_was_never_started_does_not_break_the_display() -> None:
    console, _ = on_paper(terminal=True)
    with LiveProgress(console) as progress:
        progress.advance("extraction", "unknown", 1)
        progress.finish("extraction", "unknown")
