"""Following one order, and listing what is broken."""

import json
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.commands.shared import Demo, OneShop, chosen_settings
from orchestration.quiet import wide_console
from orchestration.trace import Break, Milestone, Trace
from orchestration.trace import trace as follow

SYSTEMS = {"shop": "shop", "erp": "ERP", "threepl": "warehouse", "payments": "payments", "ledger": "ledger"}
STYLES = {"open": "red", "pending": "yellow", "explained": "dim", "resolved": "green"}


def trace(
    order: Annotated[str, typer.Argument(help="Name of the order, such as #1001, or its number in Shopify.")],
    shop: OneShop = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
    demo: Demo = False,
) -> None:
    """Print one order's way through shop, warehouse, ERP, payout and ledger, with lags and breaks."""
    with chosen_settings(demo) as settings:
        found = follow(settings, order, shop)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=2, default=str) + "\n")
        return
    _print(wide_console(), found)


def _print(console: Console, found: Trace) -> None:
    console.print(f"Order {found.order_name} of shop {found.shop} ({found.order_id})", style="bold", highlight=False)
    table = Table("when (UTC)", "after", "where", "what", "reference", box=None, header_style="dim", pad_edge=False)
    table.add_column("amount", justify="right")
    table.add_column("breaks")
    started = next((one.at for one in found.milestones if one.milestone == "placed"), None)
    for one in found.milestones:
        where = SYSTEMS[one.system] + ("" if one.connection == found.shop else f" {one.connection}")
        amount = f"{one.amount:,.2f} {one.currency}" if one.amount is not None else ""
        codes = _codes(found, one)
        table.add_row(
            _instant(one.at), _after(started, one.at), where, one.milestone, one.reference or "", amount, codes
        )
    console.print(table)
    for broken in found.breaks:
        console.print(_sentence(broken), highlight=False, soft_wrap=True)
    for letter in found.dead_letters:
        console.print(
            f"dead letter {letter['dead_letter_id']} of {letter['connection']} {letter['about']}: {letter['message']}",
            style="yellow",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if not found.breaks and not found.dead_letters:
        console.print("Nothing on it is broken.", style="green")


def _codes(found: Trace, one: Milestone) -> Text:
    """Codes of what is broken at a milestone."""
    broken = [each for each in found.breaks if each.milestone is one]
    return Text(" ").join(Text(each.code, STYLES.get(each.state, "")) for each in broken)


def _sentence(broken: Break) -> Text:
    differs = f"; expected {broken.expected}, found {broken.actual}" if broken.expected or broken.actual else ""
    risk = f"; {broken.money_at_risk:,.2f} {broken.currency} at risk" if broken.money_at_risk is not None else ""
    why = f" ({broken.explained_by})" if broken.explained_by else ""
    held = f"; held by {broken.held_by}" if broken.held_by else ""
    about = f" {broken.object_type} {broken.object_key}" if broken.object_type != "order" else ""
    line = f"{broken.code} {broken.title}:{about} since {_instant(broken.since)}{differs}{risk}{held}"
    return Text.assemble((f"{broken.state}{why} ", STYLES.get(broken.state, "")), line)


def _instant(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _after(start: datetime | None, moment: datetime | None) -> str:
    if start is None or moment is None:
        return ""
    lag = moment - start
    if lag < timedelta(0):
        return f"-{_after(moment, start)}"
    days, minutes = lag.days, lag.seconds // 60
    return f"{days} d {minutes // 60} h" if days else f"{minutes // 60}:{minutes % 60:02d}"
