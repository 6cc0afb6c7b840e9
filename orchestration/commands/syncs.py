"""The list of syncs."""

from rich.table import Table

from orchestration.commands.shared import Demo, chosen_settings
from orchestration.quiet import wide_console
from reverse_etl.overview import LastRun, SyncInShop, syncs_by_shop


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


def _writes(one: SyncInShop) -> str:
    tags = f", {len(one.sync.tags.choices())} tags" if one.sync.tags else ""
    return f"{one.sync.object}s: {len(one.sync.metafields)} metafields{tags}"


def _ended(run: LastRun | None) -> str:
    if run is None:
        return "none yet"
    rejected = f", {run.rejected:,} rejected" if run.rejected else ""
    return f"{run.started_at:%Y-%m-%d %H:%M} UTC, {run.state}: {run.acknowledged:,} values{rejected} ({run.run_id})"
