"""What a destination beside Shopify carries of a sync's values: asked for each value that the ledger knows.

It can not be asked for all it has, so a value that stands there without us (`foreign`) is not found.
"""

import pyarrow as pa

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.destinations.opened import opened
from reverse_etl.destinations.webhook import Key, WebhookDestination
from reverse_etl.ledger.tables import ACTUAL, VALUES
from reverse_etl.plans.diff_sql import values_of
from reverse_etl.sync_format.sync_file import Sync

# The attribute of the row that says that the record exists.
RECORD = "record"
KEYS_AT_ONCE = 20_000
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("sync", "shop", "object")),
        ("record_id", pa.int64()),
        *((name, pa.string()) for name in ("attribute", "value", "digest")),
    ]
)


async def read_listed(settings: Settings, sync: Sync, shop: str) -> None:
    """Replace the shop's rows of `ops.delivery_actual` by what is carried now; raises what the client raises.

    A record of which the ledger has values counts as there: a webhook says of values only.
    """
    warehouse = Warehouse(settings)
    with warehouse.session() as session:
        known = session.arrow(
            f"""
            select record_id, attribute from {VALUES}
            where object = ? and shop = ? and {values_of(sync, "attribute")} order by record_id, attribute
            """,
            (sync.held_as, shop),
        )
    found: list[pa.Table] = []
    async with opened(settings, sync, shop) as destination:
        if not isinstance(destination, WebhookDestination):
            raise TypeError(f"{sync.destination} is not asked value by value")
        for start in range(0, known.num_rows, KEYS_AT_ONCE):
            keys = [Key(*pair.values()) for pair in known.slice(start, KEYS_AT_ONCE).to_pylist()]
            carried = await destination.values(keys)
            found.append(_rows(sync, shop, [(key.record_id, key.attribute, value) for key, value in carried.items()]))
            records = dict.fromkeys(key.record_id for key in keys)
            found.append(_rows(sync, shop, [(record, RECORD, None) for record in records]))
    with warehouse.session() as session, session.transaction():
        session.execute(f"delete from {ACTUAL} where sync = ? and shop = ?", (sync.name, shop))
        for rows in found:
            if rows.num_rows:
                session.append(ACTUAL, rows)


def _rows(sync: Sync, shop: str, values: list[tuple[int, str, str | None]]) -> pa.Table:
    fixed = {"sync": sync.name, "shop": shop, "object": sync.held_as, "digest": None}
    return pa.Table.from_pylist(
        [{**fixed, "record_id": number, "attribute": name, "value": value} for number, name, value in values],
        schema=SCHEMA,
    )
