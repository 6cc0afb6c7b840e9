"""Who is measured, with which settings, and how to count in what they leave whether every order came with its lines."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bench.peers.environments import environment
from bench.process import BenchFailed

PROGRAMS = Path(__file__).parent / "programs"
START = "2026-08-20T00:00:00Z"
ONE_WINDOW_DAYS = 4000
Command = list[str]


@dataclass(frozen=True)
class Stand:
    """Where a contestant works: its folder, the environment of its processes, and the bulk result that ours reads."""

    folder: Path
    variables: Mapping[str, str]
    result: Path


@dataclass(frozen=True)
class Contestant:
    """One row. `prepare` writes its settings and returns its pipe of commands.

    `count` gives what arrived: orders, lines, and orders with all their lines; one that only prints gives its records.
    """

    name: str
    content: str
    prepare: Callable[[Stand], list[Command]]
    count: Callable[[Stand], dict[str, int]]
    loads: bool = True
    least_ratio: float | None = None


def ours(entity: str) -> Callable[[Stand], list[Command]]:
    """`python -m pipelines.shopify`, as anybody may run it."""

    def prepare(stand: Stand) -> list[Command]:
        toml = '[shops.us]\ndomain = "bench.myshopify.com"\n'
        (stand.folder / "boomerang.toml").write_text(toml, encoding="utf-8")
        return [[sys.executable, "-m", "pipelines.shopify", "--shop", "us", "--entities", entity]]

    return prepare


def tap(stand: Stand) -> list[Command]:
    """tap-shopify, stream orders with all of its fields, one window."""
    program, config = str(environment("tap") / "tap-shopify"), {"shop": "bench", "api_key": "public-dummy"}
    settings = _json(stand, "tap.json", {**config, "start_date": START, "date_window_size": str(ONE_WINDOW_DAYS)})
    catalog = json.loads(_said(stand, [program, "--config", settings, "--discover"]))
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = stream["tap_stream_id"] == "orders"
    return [[program, "--config", settings, "--catalog", _json(stand, "catalog.json", catalog)]]


def tap_and_target(stand: Stand) -> list[Command]:
    """The same, piped into target-duckdb."""
    settings = {"path": "target.duckdb", "default_target_schema": "tap"}
    target = str(environment("target") / "target-duckdb")
    return [*tap(stand), [target, "--config", _json(stand, "target.json", settings)]]


def airbyte(stream: str) -> Callable[[Stand], list[Command]]:
    """airbyte-source-shopify, one stream, one window."""

    def prepare(stand: Stand) -> list[Command]:
        program, settings = str(environment("airbyte") / "source-shopify"), _airbyte_settings(stand)
        for line in _said(stand, [program, "discover", "--config", settings]).splitlines():
            message = json.loads(line) if line.startswith("{") else {}
            if message.get("type") == "CATALOG":
                known = {each["name"]: each for each in message["catalog"]["streams"]}
        chosen = {"stream": known[stream], "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
        catalog = _json(stand, "catalog.json", {"streams": [chosen]})
        return [[program, "read", "--config", settings, "--catalog", catalog]]

    return prepare


def pyairbyte(stand: Stand) -> list[Command]:
    """PyAirbyte, which runs the connector as a process and writes its DuckDB cache."""
    connector = str(environment("airbyte") / "source-shopify")
    python = str(environment("pyairbyte") / "python")
    program = str(PROGRAMS / "pyairbyte_orders.py")
    return [[python, program, connector, _airbyte_settings(stand), "cache.duckdb"]]


def dlt_rest(stand: Stand) -> list[Command]:
    """A dlt resource over REST."""
    del stand
    return [[str(environment("dlt") / "python"), str(PROGRAMS / "dlt_rest.py"), "rest.duckdb"]]


def dlt_bulk(stand: Stand) -> list[Command]:
    """A dlt resource on the bytes that ours downloads."""
    python = str(environment("dlt") / "python")
    return [[python, str(PROGRAMS / "dlt_bulk.py"), "bulk.duckdb", str(stand.result.absolute())]]


def _counted(file: str, sql: str) -> Callable[[Stand], dict[str, int]]:
    """SQL of the number of lines of each order -> orders, lines, orders with all lines."""

    def count(stand: Stand) -> dict[str, int]:
        with duckdb.connect(str(stand.folder / file), read_only=True) as connection:
            try:
                found = connection.execute(
                    f"select count(*), coalesce(sum(lines), 0), count(*) filter (lines = 3) from ({sql})"
                ).fetchall()[0]
            except duckdb.Error as error:
                raise BenchFailed(f"{file} cannot be counted: {str(error).splitlines()[0]}") from None
        return dict(zip(("orders", "lines", "whole"), map(int, found), strict=True))

    return count


def _ledger(stand: Stand) -> dict[str, int]:
    with duckdb.connect(str(stand.folder / "data" / "boomerang.duckdb"), read_only=True) as connection:
        agreements = connection.execute("select count(*) from raw_shopify.sales_agreements").fetchall()[0][0]
        sales = connection.execute("select count(*) from raw_shopify.sales").fetchall()[0][0]
    return {"records": int(agreements), "sales": int(sales)}


def _printed(stand: Stand) -> dict[str, int]:
    records = 0
    with (stand.folder / "out").open("rb") as file:
        for line in file:
            records += line[:20].replace(b" ", b"").startswith(b'{"type":"RECORD"')
    return {"records": records}


def _airbyte_settings(stand: Stand) -> str:
    credentials = {"auth_method": "api_password", "api_password": "public-dummy"}
    settings: dict[str, Any] = {"shop": "bench", "credentials": credentials, "start_date": START[:10]}
    return _json(stand, "airbyte.json", {**settings, "bulk_window_in_days": ONE_WINDOW_DAYS})


def _json(stand: Stand, name: str, content: Any) -> str:
    (stand.folder / name).write_text(json.dumps(content), encoding="utf-8")
    return name


def _said(stand: Stand, command: Command) -> str:
    done = subprocess.run(
        command, cwd=stand.folder, env=dict(stand.variables), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchFailed(f"{Path(command[0]).name} could not be set up: {done.stderr.strip()[-500:]}")
    return done.stdout


_OUR_LINES = """select count(l.order_id) as lines from raw_shopify.orders o
    left join raw_shopify.order_lines l using (shop, order_id) group by o.order_id"""
OURS = (
    Contestant("Boomerang", "orders", ours("orders"), _counted("data/boomerang.duckdb", _OUR_LINES)),
    Contestant("Boomerang", "sales ledger", ours("sales_ledger"), _ledger),
)
PEERS = (
    Contestant(
        "tap-shopify | target-duckdb",
        "orders",
        tap_and_target,
        _counted("target.duckdb", "select json_array_length(lineitems) as lines from tap.orders"),
        least_ratio=10,
    ),
    Contestant(
        "PyAirbyte, airbyte-source-shopify",
        "orders",
        pyairbyte,
        _counted("cache.duckdb", "select json_array_length(line_items) as lines from main.orders"),
        least_ratio=10,
    ),
    Contestant(
        "dlt, REST",
        "orders",
        dlt_rest,
        _counted(
            "rest.duckdb",
            """select count(l._dlt_id) as lines from shopify.orders o
               left join shopify.orders__line_items l on l._dlt_parent_id = o._dlt_id group by o._dlt_id""",
        ),
        least_ratio=10,
    ),
    Contestant(
        "dlt, the same bulk file",
        "orders",
        dlt_bulk,
        _counted(
            "bulk.duckdb",
            """select count(l.id) as lines from shopify."order" o
               left join shopify.line_item l on l.parent_id = o.id group by o.id""",
        ),
        least_ratio=4,
    ),
    Contestant("tap-shopify, printing", "orders", tap, _printed, loads=False, least_ratio=5),
    Contestant(
        "airbyte transactions, printing", "orders", airbyte("transactions"), _printed, loads=False, least_ratio=2.5
    ),
    Contestant(
        "airbyte agreements, printing",
        "sales ledger",
        airbyte("order_agreements"),
        _printed,
        loads=False,
        least_ratio=2.5,
    ),
)
