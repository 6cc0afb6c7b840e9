"""The list of syncs, the segments that they bring, and what all of it brings."""

from typing import Annotated

import typer
from rich.table import Table

from orchestration.commands.shared import Demo, OneShop, chosen_settings
from orchestration.quiet import wide_console
from reverse_etl.lift import Lift, lifts
from reverse_etl.overview import LastRun, SyncInShop, syncs_by_shop
from reverse_etl.segments import keep_segments


def syncs(demo: Demo = False) -> None:
    """List the sync files: what each writes, how many records it is for, and how its last run ended."""
    with chosen_settings(demo) as settings:
        found = syncs_by_shop(settings)
    table = Table("sync", "shop", "writes", "mode", box=None, header_style="dim", pad_edge=False)
    table.add_column("audience", justify="right")
    table.add_column("last run")
    for one in found:
        audience = "not built" if one.audience is None else f"{one.audience:,}"
        table.add_row(one.sync.name, one.shop, _writes(one), one.sync.mode, audience, _ended(one.last_run))
    wide_console().print(table)


def segments(
    sync: Annotated[str, typer.Argument(help="Name of a sync file in reverse_etl/syncs.")] = "customers",
    shop: OneShop = None,
    again: Annotated[bool, typer.Option("--again", help="Also create what somebody removed in the admin.")] = False,
    demo: Demo = False,
) -> None:
    """Create the segments of a sync that are missing in Shopify; those changed by hand stay as they are."""
    with chosen_settings(demo) as settings:
        found = keep_segments(settings, sync, shop, again=again)
    if not found:
        wide_console().print(f"Sync '{sync}' has no segments.", highlight=False)
        return
    table = Table("shop", "segment", "query", "state", box=None, header_style="dim", pad_edge=False)
    for one in found:
        table.add_row(*one)
    wide_console().print(table)


def lift(
    sync: Annotated[str | None, typer.Argument(help="Name of a sync file; all syncs without it.")] = None,
    demo: Demo = False,
) -> None:
    """Print what writing to customers brings, against those held out: per customer, with 95 % intervals."""
    with chosen_settings(demo) as settings:
        found = lifts(settings, sync)
    if not found:
        wide_console().print("Nobody is held out: see `holdout` in docs/lift.md.", highlight=False)
        return
    table = Table("sync", "experiment", "shop", "metric", box=None, header_style="dim", pad_edge=False)
    table.add_column("written to", justify="right")
    table.add_column("held out", justify="right")
    table.add_column("finding")
    table.add_column("per customer")
    for one in found:
        counts = (f"{one.treated:,}", f"{one.control:,}")
        table.add_row(one.sync, one.experiment, one.shop, one.metric, *counts, one.finding, _difference(one))
    wide_console().print(table)


def _difference(one: Lift) -> str:
    if one.lift is None:
        return one.why_not or ""
    return f"{one.lift:+.3f} ({one.low:+.3f} to {one.high:+.3f}) {one.unit}"


def _writes(one: SyncInShop) -> str:
    tags = f", {len(one.sync.tags.choices())} tags" if one.sync.tags else ""
    return f"{one.sync.object}s: {len(one.sync.metafields)} metafields{tags}"


def _ended(run: LastRun | None) -> str:
    if run is None:
        return "none yet"
    rejected = f", {run.rejected:,} rejected" if run.rejected else ""
    return f"{run.started_at:%Y-%m-%d %H:%M} UTC, {run.state}: {run.acknowledged:,} values{rejected} ({run.run_id})"
