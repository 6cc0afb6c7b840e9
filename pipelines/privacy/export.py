"""Gives a person what is kept of them: a folder of readable files, for Shopify's customers/data_request.

The same declaration that says what is erased says what is given, and the rows of the person's orders come with it. The
folder appears whole or not at all, readable by its owner alone; nothing in the warehouse changes.
"""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.intake.sources import contracts
from pipelines.privacy.belongings import belongings
from pipelines.privacy.declaration import holdings
from pipelines.privacy.erasure import tables_of
from pipelines.privacy.person import Person, Subject, find_person
from pipelines.privacy.quotes import quotes
from pipelines.warehouse import Session, Warehouse

INDEX = "README.md"
FILES = "files.jsonl"
_OF_SCHEMA = {
    "raw_shopify": "as Shopify gave it",
    "raw_erp": "as the ERP gave it",
    "raw_threepl": "as the warehouse partner gave it",
    "intermediate": "derived from the above",
    "marts": "derived from the above: facts and scores",
    "syncs": "derived from the above: what is to be written to Shopify",
    "ops": "what was planned, written or refused, and when",
}


@dataclass
class Export:
    """What was given: rows by table, and lines of files. `folder` is None when nothing is kept."""

    shop: str
    folder: Path | None
    rows: dict[str, int] = field(default_factory=dict)
    lines: int = 0


def export_person(settings: Settings, subject: Subject, folder: Path) -> Export:
    """Write everything that is kept of a customer to a folder, which must not exist yet or be empty.

    One file of JSON lines a table (times without a zone are UTC), one of lines of files that name the person, and an
    index. Raises ConfigurationError when the folder is in use, WarehouseLocked.
    """
    _require_empty(folder)
    with Warehouse(settings).session() as session:
        person = find_person(session, subject)
        rows = _rows(session, settings, person)
    lines = [{"file": quote.file, "text": quote.text} for quote in quotes(settings, person)]
    counts = {name: len(found) for name, found in rows.items()}
    if not counts and not lines:
        return Export(subject.shop, None)
    made = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(made, ignore_errors=True)  # of a run that was killed
    made.parent.mkdir(parents=True, exist_ok=True)
    made.mkdir(mode=0o700)
    for name, found in rows.items():
        _write(made / f"{name}.jsonl", sorted(found))
    if lines:
        _write(made / FILES, [orjson.dumps(line) for line in lines])
    _write(made / INDEX, [_index(settings, subject, counts, len(lines)).encode()])
    made.replace(folder)
    return Export(subject.shop, folder, counts, len(lines))


def _rows(session: Session, settings: Settings, person: Person) -> dict[str, list[bytes]]:
    declared = holdings(settings)
    present = tables_of(session, declared)
    found = {}
    for name, conditions in belongings(session, settings, declared, present, person).items():
        where = " or ".join(f"({part.sql})" for part in conditions)
        values = [value for part in conditions for value in part.values]
        rows = session.dicts(f"select * from {name} where {where}", values)
        if rows:
            found[name] = [orjson.dumps(row, default=str) for row in rows]
    return found


def _require_empty(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ConfigurationError(f"{folder} holds something already; name a folder that does not exist yet.")


def _write(path: Path, lines: Iterable[bytes]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(line + b"\n" for line in lines)


def _index(settings: Settings, subject: Subject, counts: dict[str, int], lines: int) -> str:
    meanings = _meanings(settings)
    asked = f" Request {subject.request_id}." if subject.request_id else ""
    listed = [
        f"| `{name}.jsonl` | {count:,} | {meanings.get(name) or _OF_SCHEMA.get(name.partition('.')[0], '')} |"
        for name, count in sorted(counts.items())
    ]
    if lines:
        listed.append(f"| `{FILES}` | {lines:,} | lines of logs, reports and waiting files that name the customer |")
    return "\n".join(
        [
            f"# What is kept of customer {subject.customer_id} of shop {subject.shop}",
            "",
            f"Made {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.{asked} One JSON object a line; instants without a zone "
            "are UTC. Texts that quote the customer may also name others: read them before they are passed on.",
            "",
            "| file | rows | what it is |",
            "|---|---|---|",
            *listed,
        ]
    )


def _meanings(settings: Settings) -> dict[str, Any]:
    """By table of a source, what its contract says that a row is."""
    return {
        f"{contract.raw_schema}.{table.name}": " ".join(table.description.split()).replace("|", "/")
        for contract in contracts(settings)
        for table in contract.tables
    }
