"""Extraction by hand, its ledger, and what did not pass the contract."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.commands.shared import Demo, OneShop, chosen_settings, progress_on_terminal
from orchestration.lib.connected_sources import extractions
from orchestration.quiet import wide_console
from pipelines.config import config_file
from pipelines.contracts.dead_letters import DeadLetter, list_dead_letters
from pipelines.contracts.replay import replay as replay_letters
from pipelines.intake.ledger import WINDOWS
from pipelines.shopify.contract import shopify_contract
from pipelines.shopify.source import ExtractionReport
from pipelines.warehouse import Warehouse
from reverse_etl.sync_format.sync_shops import shops_of
from reverse_etl.sync_format.sync_yaml import load_sync, sync_names

OneEntity = Annotated[str | None, typer.Option("--entity", help="One entity, such as orders.")]


def extract(
    entity: Annotated[
        list[str] | None, typer.Option(help="An entity, such as orders; repeatable. All without it.")
    ] = None,
    connection: Annotated[
        str | None,
        typer.Option("--from", "--shop", help="Settings key of a shop, an ERP or a partner; all without it."),
    ] = None,
    demo: Demo = False,
) -> None:
    """Extract what changed since the last time: contract-checked, proven complete, or not loaded at all."""
    run_id = _new_run_id()
    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        chosen = extractions(settings, connection)
        with ThreadPoolExecutor(len(chosen)) as pool:
            running = [
                pool.submit(read, settings, name, entities=entity, run_id=run_id, progress=progress)
                for name, read in chosen.items()
            ]
        reports = [extraction.result() for extraction in running]
    _print_extraction(wide_console(), reports)


def status(demo: Demo = False) -> None:
    """Print the completeness ledger: the last window of each entity and shop, and open dead letters."""
    sql = f"""
        select shop, entity, mode, state, window_to, expected_rows, arrived_rows, loaded_rows, rejected_rows, reason
        from {WINDOWS} where true qualify row_number() over (partition by shop, entity order by started_at desc) = 1
        order by entity, shop
    """
    with chosen_settings(demo) as settings:
        with Warehouse(settings).session() as session:
            windows = session.dicts(sql) if session.exists(WINDOWS) else []
        letters = list_dead_letters(settings)
    console = wide_console()
    if not windows:
        console.print("Nothing has been extracted yet; run `boomerang extract` or `boomerang refresh`.")
        return
    table = _table("entity", "shop", "mode", "state", "up to (UTC)", "announced", "arrived", "loaded", "dead letters")
    for row in windows:
        numbers = [row[name] for name in ("expected_rows", "arrived_rows", "loaded_rows", "rejected_rows")]
        shown = [f"{number:,}" if number is not None else "" for number in numbers]
        until = row["window_to"].astimezone(UTC).strftime("%Y-%m-%d %H:%M") if row["window_to"] else ""
        table.add_row(row["entity"], row["shop"], row["mode"], row["state"], until, *shown)
    console.print(table)
    for row in windows:
        if row["reason"]:
            console.print(f"  {row['shop']} {row['entity']}: {row['reason']}", style="yellow", markup=False)
    console.print(f"{len(letters):,} open dead letters" + ("; see `boomerang dead-letters`" if letters else ""))


def dead_letters(
    letter: Annotated[str | None, typer.Argument(help="Id of one dead letter to show in full.")] = None,
    shop: OneShop = None,
    entity: OneEntity = None,
    demo: Demo = False,
) -> None:
    """List rows that broke their contract, or show one with its payload."""
    with chosen_settings(demo) as settings:
        if letter:
            found = list_dead_letters(settings, ids=[letter], state=None)
        else:
            found = list_dead_letters(settings, shop=shop, entity=entity)
    console = wide_console()
    if letter and found:
        _print_letter(console, found[0])
    elif not found:
        console.print("There is no such dead letter." if letter else "There are no open dead letters.")
    else:
        table = _table("id", "shop", "table", "row", "rule", "message")
        for each in found:
            table.add_row(
                each.dead_letter_id, each.shop, each.table_name or each.entity, each.row_key, each.rule, each.message
            )
        console.print(table)


def replay(
    letter: Annotated[list[str] | None, typer.Argument(help="Ids of dead letters; all open ones without it.")] = None,
    shop: OneShop = None,
    entity: OneEntity = None,
    corrected: Annotated[
        Path | None, typer.Option(help="File of JSON lines to send instead of the payloads of the named letters.")
    ] = None,
    demo: Demo = False,
) -> None:
    """Send dead letters through the same door again, after the contract or the source was put right."""
    with chosen_settings(demo) as settings:
        report = replay_letters(
            settings, ids=letter, shop=shop, entity=entity, corrected=corrected, run_id=_new_run_id()
        )
    wide_console().print(f"{report.replayed:,} dead letters are loaded now, {report.still_open:,} are still open.")


def check_config() -> None:
    """Check settings, contracts and sync files without reaching anything; print what they say, secrets left out."""
    console = wide_console()
    with chosen_settings(False) as settings:
        tables = shopify_contract(settings).tables
        syncs = [load_sync(name).sync for name in sync_names()]
        for sync in syncs:
            shops_of(settings, sync)
    console.print(f"Settings: {config_file()}; warehouse {settings.warehouse}, data in {settings.data_dir}")
    for shop in settings.shops.values():
        way = "an access token" if shop.access_token else "client credentials"
        console.print(f"Shop {shop.name}: {shop.domain} at {shop.base_url}, version {shop.api_version}, with {way}")
    for webhook in settings.destinations.values():
        reads = "read back" if webhook.read_url else "not read back"
        console.print(f"Destination {webhook.name}: {webhook.type} at {webhook.host}, {reads}")
    console.print(f"Contract of Shopify: {len(tables)} tables")
    for sync in syncs:
        what = f"{len(sync.metafields)} metafields of {sync.destination}"
        console.print(f"Sync {sync.name}: {sync.model} to {what}, mode {sync.mode}")
    console.print("All in order.", style="green")


def _new_run_id() -> str:
    return f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def _print_extraction(console: Console, reports: list[ExtractionReport]) -> None:
    table = _table("entity", "shop", "mode", "announced", "arrived", "loaded", "dead letters", "seconds")
    for report in reports:
        for done in report.entities:
            numbers = (done.expected_rows, done.arrived_rows, done.loaded_rows, done.rejected_rows)
            shown = [f"{number:,}" if number is not None else "" for number in numbers]
            table.add_row(done.entity, done.shop, done.mode, *shown, f"{done.seconds:.1f}")
    console.print(table)


def _print_letter(console: Console, letter: DeadLetter) -> None:
    for name, value in vars(letter).items():
        console.print(f"{name:>16}  {value}", markup=False, highlight=False, soft_wrap=True)


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False)
