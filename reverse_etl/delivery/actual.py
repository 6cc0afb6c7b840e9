"""What Shopify really carries of a sync's values: read whole by a bulk query, and laid beside the ledger.

One line a record, with a field of its own for each metafield that the sync names, so that `$app` namespaces and lists
need no second look. A record without any of our values still has a row: it tells a cleared record from a deleted one.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.config import Settings
from pipelines.contracts.sql import text
from pipelines.destination_settings import SHOPIFY
from pipelines.shopify.bulk import BulkRunner
from pipelines.shopify.bulk_export import export
from pipelines.shopify.client import ShopifyClient
from pipelines.warehouse import Session, Warehouse
from reverse_etl.delivery.actual_listed import RECORD, SCHEMA, read_listed
from reverse_etl.delivery.scratch import scratch
from reverse_etl.destinations.shopify import OWNERS
from reverse_etl.ledger.tables import ACTUAL
from reverse_etl.plans.diff_sql import TAG
from reverse_etl.sync_format.sync_file import Sync

BATCH_ROWS = 200_000


async def read_actual(settings: Settings, sync: Sync, shop: str) -> None:
    """Replace the shop's rows of `ops.delivery_actual` by what is carried now; raises what the client raises."""
    if sync.destination != SHOPIFY:
        await read_listed(settings, sync, shop)
        return
    async with ShopifyClient.configured(settings, shop) as client:
        runner = BulkRunner.configured(client, settings)
        with scratch(settings) as folder:
            name = f"values of sync {sync.name}"
            done = await export(runner, _document(sync), folder / "actual.jsonl", name=name)
            path = done.download.path if done.download else None
            _store(Warehouse(settings), sync, shop, path)


def _document(sync: Sync) -> str:
    owner, _ = OWNERS[sync.object]
    fields = "\n".join(
        f'm{index}: metafield(namespace: "{field.namespace}", key: "{field.key}") {{ value compareDigest }}'
        for index, field in enumerate(sync.metafields)
    )
    return f"{{ {owner.lower()}s {{ edges {{ node {{ __typename id tags\n{fields} }} }} }} }}"


def _store(warehouse: Warehouse, sync: Sync, shop: str, path: Path | None) -> None:
    with warehouse.session() as session, session.transaction():
        session.execute(f"delete from {ACTUAL} where sync = ? and shop = ?", (sync.name, shop))
        if path is not None:
            for rows in _rows(sync, shop, path):
                _append(session, rows)


def _append(session: Session, rows: pa.Table) -> None:
    if rows.num_rows:
        session.append(ACTUAL, rows)


def _rows(sync: Sync, shop: str, path: Path) -> Iterator[pa.Table]:
    """The lines of an export, a row a value; each column is one scan of the file, which holds what it needs alone."""
    fields = {f"m{index}": field.attribute for index, field in enumerate(sync.metafields)}
    compression = "gzip" if path.suffix == ".gz" else "uncompressed"
    columns = ", ".join(
        [
            "id: 'varchar'",
            "tags: 'varchar[]'",
            *(f"{name}: 'struct(value varchar, \"compareDigest\" varchar)'" for name in fields),
        ]
    )
    lines = f"read_ndjson({text(str(path))}, columns = {{{columns}}}, compression = '{compression}')"
    record = "cast(split_part(id, '/', 5) as bigint) as record_id"
    parts = [f"select {record}, '{RECORD}' as attribute, null as value, null as digest from {lines}"]
    parts += [
        f'select {record}, {text(attribute)} as attribute, {name}.value, {name}."compareDigest" as digest from {lines} '
        f"where {name} is not null"
        for name, attribute in fields.items()
    ]
    if sync.tags is not None:
        parts.append(
            f"select {record}, '{TAG}' || tag as attribute, tag as value, null as digest from ("
            f"select id, lower(unnest(tags)) as tag from {lines}) where starts_with(tag, {text(sync.tags.prefix)})"
        )
    fixed = f"{text(sync.name)} as sync, {text(shop)} as shop, {text(sync.held_as)} as object"
    with duckdb.connect() as connection:
        for part in parts:
            found = connection.sql(f"select {fixed}, found.* from ({part}) as found")
            for batch in found.to_arrow_reader(BATCH_ROWS):
                yield pa.Table.from_batches([batch]).cast(SCHEMA)
