"""The report of the demo as a person reads it."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.report import Cycle

ACTIONS = {
    "set": "metafields set",
    "delete": "metafields deleted",
    "tag_add": "tags added",
    "tag_remove": "tags removed",
}
TIERS = ("platinum", "gold", "silver", "bronze", "none")
BANDS = ("active", "cooling", "at_risk", "lapsed", "unknown")
MOST_DEAD_LETTERS = 5


def show_completeness(console: Console, cycles: Sequence[Cycle]) -> None:
    """Rows by entity and cycle, and whether they add up."""
    for cycle in cycles:
        table = _table("entity", "announced", "arrived", "loaded", "dead letters", "")
        for entity in (entity for entity in cycle.entities if entity.arrived or not entity.adds_up):
            numbers = (entity.expected, entity.arrived, entity.loaded, entity.rejected)
            mark = Text("adds up", "green") if entity.adds_up else Text("DOES NOT ADD UP", "bold red")
            table.add_row(entity.entity, *(f"{number:,}" for number in numbers), mark)
        loaded = sum(entity.loaded for entity in cycle.entities)
        quiet = sum(1 for entity in cycle.entities if not entity.arrived)
        rest = f"; {quiet} more entities had nothing new" if quiet else ""
        _heading(console, f"{cycle.name}: {loaded:,} rows extracted{rest}")
        console.print(table)
        for letter in cycle.dead_letters[:MOST_DEAD_LETTERS]:
            console.print(
                f"  dead letters: {letter['rows']} of {letter['shop']} {letter['table_name']}, rule {letter['rule']}",
                style="yellow",
                highlight=False,
            )


def show_models(console: Console, cycles: Sequence[Cycle]) -> None:
    """Models and tests by cycle, and what did not pass."""
    _heading(console, "Models and tests")
    table = _table("", "models", "tests passed", "warned", "failed")
    for cycle in cycles:
        numbers = (cycle.models, cycle.tests_passed, cycle.tests_warned, cycle.tests_failed)
        table.add_row(cycle.name, *(f"{number:,}" for number in numbers))
    console.print(table)
    for named in sorted({named for cycle in cycles for named in cycle.not_passed}):
        console.print(f"  did not pass: {named}", style="yellow", markup=False, highlight=False)


def show_customers(
    console: Console, tiers: Mapping[str, Mapping[str, int]], bands: Mapping[str, Mapping[str, int]]
) -> None:
    """Customers by VIP tier and by churn band, one column a shop."""
    shops = sorted({shop for by_shop in (*tiers.values(), *bands.values()) for shop in by_shop})
    for title, order, found in (("VIP tier", TIERS, tiers), ("churn band", BANDS, bands)):
        _heading(console, f"Customers by {title}")
        table = _table(title, *shops, "all")
        for value in [*order, *sorted(set(found) - set(order))]:
            counts = [found.get(value, {}).get(shop, 0) for shop in shops]
            table.add_row(value, *(f"{number:,}" for number in (*counts, sum(counts))))
        console.print(table)


def show_written(console: Console, cycles: Sequence[Cycle]) -> None:
    """What Shopify acknowledged, by action and cycle."""
    _heading(console, "Written to Shopify")
    table = _table("", *ACTIONS.values(), "rejected", "requests", "query cost")
    for cycle in cycles:
        done = [cycle.written.by_action.get(action, 0) for action in ACTIONS]
        numbers = (*done, cycle.written.rejected, cycle.written.requests, round(cycle.written.points))
        table.add_row(cycle.name, *(f"{number:,}" for number in numbers))
    console.print(table)


def show_times(console: Console, cycles: Sequence[Cycle]) -> None:
    """Seconds by stage and cycle."""
    _heading(console, "Time by stage, in seconds")
    table = _table("stage", *(cycle.name for cycle in cycles))
    stages = dict.fromkeys(stage for cycle in cycles for stage in cycle.seconds)
    for stage in stages:
        table.add_row(stage, *(f"{cycle.seconds.get(stage, 0.0):.1f}" for cycle in cycles))
    table.add_row("all", *(f"{sum(cycle.seconds.values()):.1f}" for cycle in cycles), style="bold")
    console.print(table)


def _heading(console: Console, text: str) -> None:
    console.print(f"\n{text}", style="bold", highlight=False)


def _table(*columns: str) -> Table:
    first, *rest = columns
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column(first)
    for column in rest:
        table.add_column(column, justify="right" if column else "left")
    return table
