"""What was planted in the demo's world and what was found, as a person reads it."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.detection import Detection

MOST_NAMED = 3


def show_detection(console: Console, detections: Sequence[Detection]) -> None:
    """One line a code: planted and found side by side, recall and false alarms; nothing where nothing was planted."""
    if not detections:
        return
    planted = sum(one.planted for one in detections)
    found = sum(one.found for one in detections)
    invented = sum(len(one.false_alarms) for one in detections)
    recall = f"{100 * found / planted:.1f} %" if planted else "none"
    console.print(
        f"\nBreaks between shop, ERP, warehouses and bank: {planted:,} planted, {found:,} found (recall {recall}), "
        f"{invented:,} false alarms",
        style="bold",
        highlight=False,
    )
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 3, 0, 0))
    for title in ("code", "what"):
        table.add_column(title)
    for title in ("planted", "found", "false alarms"):
        table.add_column(title, justify="right")
    table.add_column("")
    for one in detections:
        mark = Text("exact", "green") if one.is_exact else Text(_difference(one), "bold red")
        table.add_row(one.code, one.title, f"{one.planted:,}", f"{one.found:,}", f"{len(one.false_alarms):,}", mark)
    console.print(table)
    console.print(
        "Follow one: `.venv/bin/boomerang trace --demo ORDER`; all of them: marts.fct_breaks.", highlight=False
    )


def _difference(one: Detection) -> str:
    parts = (("missed", one.missed), ("false", one.false_alarms), ("state", one.wrong_state))
    return "; ".join(f"{what}: {', '.join(names[:MOST_NAMED])}" for what, names in parts if names)
