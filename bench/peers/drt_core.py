"""drt-core, reverse ETL as code: its REST destination in batches of 25, the most that one call of Shopify's takes.

It knows no Shopify and no points. It is given what it needs to use the limit as far as it can: the calls a second that
the plan allows, Shopify's mutation as a template, and the values to send as rows.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from bench.peers import usage
from bench.peers.environments import environment
from bench.peers.usage import Usage
from bench.process import BenchFailed
from bench.shopify_sink import COST

VALUES_PER_CALL = 25
ROWS_AT_ONCE = 5_000
DOCUMENT = (
    "mutation S($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) "
    "{ metafields { key value } userErrors { field message code } } }"
)
_ENTRY = ", ".join(
    f'"{field}": {{{{ row.{column} | tojson }}}}'
    for field, column in (
        ("ownerId", "owner_id"),
        ("namespace", "namespace"),
        ("key", "key"),
        ("type", "type"),
        ("value", "value"),
    )
)
TEMPLATE = (
    f'{{"query": "{DOCUMENT}", "variables": {{"metafields": '
    f"[{{% for row in rows %}}{{{_ENTRY}}}{{% if not loop.last %}},{{% endif %}}{{% endfor %}}]}}}}"
)


def deliver(folder: Path, origin: str, rate: int, customers: int, attributes: int) -> tuple[dict[str, Any], Usage]:
    """Send so many values of so many customers; what drt reports of it, and what it used. Raises BenchFailed."""
    (folder / "syncs").mkdir(parents=True)
    (folder / ".drt").mkdir()
    _fill(folder / "values.duckdb", customers, attributes)
    _write(folder / "drt_project.yml", {"name": "bench", "version": "0.1", "profile": "bench"})
    _write(folder / ".drt" / "profiles.yml", {"bench": {"type": "duckdb", "database": "values.duckdb"}})
    _write(folder / "syncs" / "metafields.yml", _sync(origin, rate))
    program = str(environment("drt") / "drt")
    surroundings = {"HOME": str(folder.absolute()), "PATH": "/usr/bin:/bin"}
    used = usage.run([[program, "run", "--output", "json"]], folder, surroundings)
    report: dict[str, Any] = json.loads(used.output.read_text(encoding="utf-8"))["syncs"][0]
    if report["rows_extracted"] != customers * attributes:
        raise BenchFailed(f"drt read {report['rows_extracted']} of {customers * attributes} values")
    return report, used


def _sync(origin: str, rate: int) -> dict[str, Any]:
    return {
        "name": "metafields",
        "model": "select owner_id, namespace, key, type, value from metafields order by owner_id, key",
        "destination": {
            "type": "rest_api",
            "url": f"{origin}/us",
            "method": "POST",
            "headers": {"Content-Type": "application/json", "X-Shopify-Access-Token": "public-dummy"},
            "body_mode": "batch",
            "max_records_per_request": VALUES_PER_CALL,
            "batch_template": TEMPLATE,
        },
        "sync": {
            "mode": "full",
            "batch_size": ROWS_AT_ONCE,
            "on_error": "skip",
            "rate_limit": {"requests_per_second": rate / COST},
        },
    }


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML


def _fill(path: Path, customers: int, attributes: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create table metafields as
            select 'gid://shopify/Customer/' || (7000000000 + 7 * c.i) as owner_id, 'bench' as namespace,
                'attribute_' || a.i as key, 'single_line_text_field' as type, 'gold' as value
            from range({customers}) as c (i), range({attributes}) as a (i)
            """
        )
