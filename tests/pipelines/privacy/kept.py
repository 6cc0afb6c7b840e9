"""A warehouse and a data folder that hold one person wherever a person can be held, and another one beside."""

import gzip
import json
import pickle
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings
from pipelines.contracts.sql import identifier, text
from pipelines.intake.tables import ensure_every_table
from pipelines.privacy import tables as privacy_tables
from pipelines.privacy.declaration import Holding, holdings
from pipelines.privacy.person import Subject
from pipelines.scores.tables import ensure_score_tables
from pipelines.threepl.files.manifest import ensure_manifest
from pipelines.warehouse import Session, Warehouse
from reverse_etl.ledger import tables as delivery_tables

MODELS = ("seeds", "intermediate", "marts", "syncs")


class Somebody:
    """One person's data as sources have them."""

    def __init__(self, number: int, first: str, last: str) -> None:
        """Everything follows from the number and the name."""
        self.customer_id, self.order_id = 7120000000000 + number, 5410000000000 + number
        self.erp_id, self.return_id = f"ERP-{number}", number
        self.first, self.last, self.name = first, last, f"{first} {last}"
        self.email, self.phone = f"{first}.{number}@example.org".lower(), f"+31 20 555 {number:06d}"
        self.address, self.company = f"Prinsengracht {number} bis", f"Atelier {last} & Co"

    @property
    def subject(self) -> Subject:
        """Who a request names."""
        return Subject("us", self.customer_id)

    @property
    def traces(self) -> tuple[str, ...]:
        """What must be nowhere: contacts, names, address, number."""
        return (self.email, self.phone, self.first, self.last, self.address, self.company, str(self.customer_id))

    def says(self, column: str) -> str:
        """A text for a column that may hold a person."""
        named = {
            "email": self.email,
            "phone": self.phone,
            "first_name": self.first,
            "last_name": self.last,
            "display_name": self.name,
            "name": self.name,
            "address1": self.address,
            "company": self.company,
            "company_name": self.company,
            "contact": self.email,
            "contact_kind": "email",
            "shopify_reference": f"gid://shopify/Customer/{self.customer_id}",
            "person_id": f"us:{self.customer_id}",
        }
        return named.get(column, f"{self.name.upper()} <{self.email}> gid://shopify/Customer/{self.customer_id}")


GONE = Somebody(990017, "Quirina", "Zandvoort-Ébène")
STAYS = Somebody(880023, "Wendelin", "Oberhuber")


def fill(settings: Settings) -> None:
    """Make every declared table, with a row about each of the two persons in each that may hold persons."""
    with Warehouse(settings).session() as session:
        make_tables(session, settings)
        for name, holding in holdings(settings).items():
            for somebody in (GONE, STAYS):
                _insert(session, name, holding, somebody)


def make_tables(session: Session, settings: Settings) -> None:
    """The tables of the platform as it makes them, and those of models with the columns that are declared."""
    ensure_every_table(session, settings)
    ensure_manifest(session)
    ensure_score_tables(session)
    delivery_tables.ensure_tables(session)
    privacy_tables.ensure_tables(session)
    for schema in MODELS:
        session.execute(f"create schema if not exists {schema}")
    for name, holding in holdings(settings).items():
        if name.partition(".")[0] in MODELS:
            session.execute(f"create table {name} ({', '.join(_model_columns(name, holding))})")


def put_files(settings: Settings) -> None:
    """Files of every kind that a data folder may have, all of which name the person."""
    root, one = settings.data_dir, GONE
    line = json.dumps({"id": f"gid://shopify/Customer/{one.customer_id}", "name": one.name, "email": one.email})
    for name in (
        "exports/us/us.customers.jsonl",
        "exports/us/replay-1/payloads.jsonl",
        "dlt/shopify_us/load/loaded/1/new_jobs/customers.jsonl",
        "landing/shopify_us/customers/1.csv",
        "logs/refresh-1.log",
        "demo.log",
        "dbt/dbt.log",
        "dbt/dbt-1234567-1234567/run_results.json",
        "dbt/manifest.json",
        "files/nordlager/0a1b",
        "plots/us.svg",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"first line\n{line}\n{one.name.upper()} {one.address}\nlast line\n", encoding="utf-8")
    (root / "logs" / "words.log").write_text(f"Hello {one.first}, Mrs {one.last}\n", encoding="utf-8")
    (root / "logs" / "old.log.gz").write_bytes(gzip.compress(line.encode()))
    (root / "trace.pickle").write_bytes(pickle.dumps({"bytes": b"\x80", "email": one.email}))
    with duckdb.connect() as writer:
        writer.execute(f"copy (select {text(one.email)} as email) to '{root / 'stray.parquet'}' (format parquet)")
    (root / "dagster").mkdir()
    with closing(sqlite3.connect(root / "dagster" / "runs.db")) as runs:
        runs.execute("pragma journal_mode = wal")
        runs.execute("create table event_logs (id integer primary key, event text)")
        runs.executemany("insert into event_logs (event) values (?)", [(line,), ("no name in it",)])
        runs.commit()
    shutil.copy(settings.duckdb_path, root / "boomerang_read.duckdb")
    (root / "report.json").write_text(f'{{"kept": "{STAYS.email}"}}', encoding="utf-8")


def left(folder: Path, traces: tuple[str, ...]) -> list[str]:
    """Where any of the texts still stands: each byte of each file, decompressed where it is, and each column."""
    wanted = [form for trace in traces for form in (trace, json.dumps(trace)[1:-1])]
    found = []
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content += gzip.decompress(content)
        if content[:4] == b"PAR1":
            with duckdb.connect() as reader:
                content += repr(reader.execute("from read_parquet(?)", (str(file),)).fetchall()).encode()
        low = content.lower()
        found += [f"{file.name}: {form}" for form in wanted if form.lower().encode() in low]
        found += [f"{file.name}: {form}" for form in wanted if form.upper().encode() in content]
        if file.suffix == ".duckdb":
            found += [f"{file.name} {where}" for where in _left_in_tables(file, traces)]
    return found


def _left_in_tables(file: Path, traces: tuple[str, ...]) -> list[str]:
    found = []
    with duckdb.connect(str(file)) as reader:
        columns = reader.execute(
            "select table_schema, table_name, column_name from information_schema.columns where table_schema <> 'main'"
        ).fetchall()
        for schema, table, column in columns:
            said = f'lower(cast("{column}" as varchar))'
            anywhere = " or ".join(f"contains({said}, lower({text(trace)}))" for trace in traces)
            rows = reader.execute(f'select count(*) from "{schema}"."{table}" where {anywhere}').fetchall()[0][0]
            found += [f"{schema}.{table}.{column}: {rows}"] if rows else []
    return found


def _model_columns(name: str, holding: Holding) -> list[str]:
    kinds: dict[str, str] = dict.fromkeys((*holding.personal, *holding.search, *holding.plain), "string")
    kinds |= {column: "bigint" for column in (holding.customer, holding.order) if column}
    if holding.erp_customer:
        kinds |= {holding.erp_customer: "string", "erp": "string"}
    if name.endswith("int_customers__shared_contacts"):
        kinds["customers_count"] = "bigint"
    return [f"{identifier(column)} {kind}" for column, kind in ({"shop": "string"} | kinds).items()]


def _insert(session: Session, name: str, holding: Holding, somebody: Somebody) -> None:
    if not holding.holds_persons and name != "raw_shopify.returns":
        return
    schema, table = name.split(".")
    types = session.rows(
        "select column_name, data_type from information_schema.columns where table_schema = ? and table_name = ?",
        (schema, table),
    )
    values = {column: _value(column, kind, holding, somebody) for column, kind in types}
    given = ", ".join("?" * len(values))
    names = ", ".join(identifier(column) for column in values)
    session.execute(f"insert into {name} ({names}) values ({given})", list(values.values()))


def _value(column: str, kind: str, holding: Holding, somebody: Somebody) -> Any:
    if column == holding.erp_customer:
        return somebody.erp_id
    if column in (holding.customer, holding.record):
        return somebody.customer_id
    if column in ("order_id", "return_id") and kind == "BIGINT":
        return getattr(somebody, column)
    if column in holding.personal or column in holding.search:
        return somebody.says(column)
    fixed = {"shop": "us", "erp": "netsuite", "partner": "nordlager", "object": "customer", "contact_kind": "email"}
    fixed |= {"object_type": "customer", "record_type": "customers", "customers_count": 2}
    if column in fixed:
        return fixed[column]
    if kind == "VARCHAR":
        return "x"
    if kind.startswith(("TIMESTAMP", "DATE")):
        return "2026-01-01"
    return True if kind == "BOOLEAN" else 1
