"""What a person may ask for: to be erased, and to be told what is kept."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.commands.shared import Demo, chosen_settings
from orchestration.lib.read_copy import read_copy_path, renew_read_copy
from orchestration.quiet import wide_console
from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.failures import ConfigurationError
from pipelines.privacy.export import export_person as export_customer
from pipelines.privacy.person import Subject
from pipelines.privacy.redact import Redaction
from pipelines.privacy.redact import redact as redact_customer
from pipelines.privacy.requests import BadRequest, Request, Topic, read_request
from reverse_etl.delivery.clearing import clear_customer
from reverse_etl.delivery.held_off import deliveries_held_off

Body = Annotated[
    Path | None,
    typer.Argument(help="File with the body of Shopify's webhook, `-` for standard input.", allow_dash=True),
]
TheShop = Annotated[str | None, typer.Option("--shop", help="Settings key of the customer's shop.")]
TheCustomer = Annotated[int | None, typer.Option("--customer", help="Number of the customer in Shopify.")]


def redact(
    body: Body = None,
    shop: TheShop = None,
    customer: TheCustomer = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be erased.")] = False,
    without_shopify: Annotated[
        bool,
        typer.Option("--without-shopify", help="Do not clear first what was written to Shopify and elsewhere."),
    ] = False,
    demo: Demo = False,
) -> None:
    """Erase a customer from every table and file; what accounting needs stays, without the person."""
    with chosen_settings(demo) as settings:
        request = _asked(settings, body, shop, customer, "customers/redact")
        if request.subject is None or request.topic != "customers/redact":
            raise BadRequest(f"This is a request of {request.topic}; `boomerang redact` erases one customer.")
        if dry_run:
            done = redact_customer(settings, request.subject, dry_run=True)
        else:
            had_copy = read_copy_path(settings).is_file()
            clear = None if without_shopify else lambda person: clear_customer(settings, person)
            with deliveries_held_off(settings, request.shop, settle=not without_shopify) as alive:
                done = redact_customer(settings, request.subject, clear=clear, checkpoint=alive)
            if had_copy:
                renew_read_copy(settings)
    _print(wide_console(), done)


def export_person(
    to: Annotated[Path, typer.Option("--to", help="Folder to write to; it must not exist yet, or be empty.")],
    body: Body = None,
    shop: TheShop = None,
    customer: TheCustomer = None,
    demo: Demo = False,
) -> None:
    """Write what is kept of a customer to a folder, table by table, as they may ask for."""
    with chosen_settings(demo) as settings:
        request = _asked(settings, body, shop, customer, "customers/data_request")
        if request.subject is None or request.topic != "customers/data_request":
            raise BadRequest(f"This is a request of {request.topic}; `boomerang export-person` answers data requests.")
        done = export_customer(settings, request.subject, to)
    console = wide_console()
    if done.folder is None:
        console.print("Nothing is kept about this customer; no folder was made.")
        return
    console.print(
        f"{sum(done.rows.values()):,} rows of {len(done.rows):,} tables and {done.lines:,} lines of files in {to}, "
        f"listed in {to / 'README.md'}. Texts that quote the customer may also name others: read them before you pass "
        f"them on, and remove the folder then."
    )


def _asked(settings: Settings, body: Path | None, shop: str | None, customer: int | None, topic: Topic) -> Request:
    if body is not None:
        if shop is not None or customer is not None:
            raise ConfigurationError("Give either the body of a webhook or --shop and --customer.")
        if str(body) != "-" and not body.is_file():
            raise ConfigurationError(f"There is no file {body}; give the body of the webhook as a file, or `-`.")
        return read_request(settings, sys.stdin.read() if str(body) == "-" else body.read_text(encoding="utf-8"))
    if shop is None or customer is None:
        raise ConfigurationError("Say who is meant: --shop and --customer, or the body of Shopify's webhook.")
    return Request(topic, settings.shop(shop).name, Subject(shop, customer))


def _place(destination: str) -> str:
    return "Shopify" if destination == SHOPIFY else destination


def _print(console: Console, done: Redaction) -> None:
    would = "would be " if done.is_rehearsal else ""
    if not done.rows and not done.files.count and not done.cleared:
        console.print("Nothing is kept about this customer.")
        return
    table = Table("table", "rows", box=None, header_style="dim", pad_edge=False)
    for name, rows in sorted(done.rows.items()):
        table.add_row(name, f"{rows:,}")
    console.print(f"Rows that {would or 'were '}removed or emptied, {sum(done.rows.values()):,} in all")
    console.print(table)
    console.print(
        f"Files {would}rewritten: {len(done.files.rewritten):,}, {would}removed: {len(done.files.removed):,}"
        + "".join(f"; values cleared in {_place(name)}: {count:,}" for name, count in done.cleared.items())
    )
    if done.redaction_id:
        console.print(
            f"Recorded as {done.redaction_id} in ops.redactions. Where Shopify or the ERP still have the customer, the "
            "next extraction brings them back: redact there, then run this again."
        )
