"""SQL (DuckDB's) from ShipBob's records to the columns of the contract; nothing passes through Python row by row.

Instants carry an offset in this API; one without is taken as UTC. Besides the records there are the tables `zones`
(warehouse_code, zone, zone_source), `skus` (inventory_id, sku: shipments name items by number) and `clock` (as_of).
"""

from pathlib import Path

from pipelines.contracts.sql import text
from pipelines.threepl.shipbob.records import RECORDS, STATUSES
from pipelines.threepl.zones import has_offset


def records_of(record: str, path: Path | None) -> str:
    """SQL of the records of a file of pages, one row a record with the column `r`; of several with an id, any one."""
    if path is None or not path.exists():
        return f"select cast(null as {RECORDS[record]}) as r where false"
    records = (
        f"select unnest(records) as r from read_json({text(str(path))}, format = 'newline_delimited', "
        f"maximum_object_size = 16_777_216, columns = {{records: {text(RECORDS[record] + '[]')}}})"
    )
    if record not in ("receiving", "return"):
        return records
    return f"select * from ({records}) qualify row_number() over (partition by r.id) = 1"


def _instant(value: str) -> str:
    return (
        f"case when {has_offset(value)} then try_cast({value} as timestamptz) "
        f"else try_cast({value} || 'Z' as timestamptz) end"
    )


def meaning(column: str, of: str) -> str:
    """SQL of our word for one of theirs; null for one that nobody knows."""
    cases = " ".join(f"when {text(theirs)} then {text(ours)}" for theirs, ours in STATUSES[of].items())
    return f"case regexp_replace(lower({column}), '[^a-z]', '', 'g') {cases} end"


def _zone(code: str) -> str:
    return f"left join zones on zones.warehouse_code = {code}"


def _history(status: str) -> str:
    times = f"""[{_instant('h."timestamp"')} for h in r.status_history if h.status in ({status})]"""
    return f"list_min({times})"


_SHIPMENTS = "select r.id as order_id, r.reference_id as order_reference, unnest(r.shipments) as s from orders_read"
_ITEMS = f"""select shipment_id, product_no, p.sku as product_sku, generate_subscripts(p.inventory_items, 1) as item_no,
        unnest(p.inventory_items) as i
    from (select s.id as shipment_id, generate_subscripts(s.products, 1) as product_no, unnest(s.products) as p
        from ({_SHIPMENTS}))"""
_ALL_HELD = "len(r.shipments) > 0 and len([s for s in r.shipments if s.status <> 'OnHold']) = 0"
_SHIPPED = "s.status = 'Completed'"
_SHIPPED_AT = f"case when {_SHIPPED} then coalesce(s.tracking.shipping_date, s.actual_fulfillment_date) end"


def _side(name: str, other: str, suffix: str) -> str:
    """One side of an event: a transfer has two, in two warehouses."""
    return f"""select
        r.inventory_audit_event_id || case when r.{other} is null then '' else '{suffix}' end as movement_id,
        r.event_category as category, r.event_datetime as said_at, r.inventory_id as inventory_id,
        r.shipbob_order_id as order_id, r.{name} as c,
        [x."value" for x in r.additional_reference if x."key" = 'reason'][1] as given_reason,
        [x."value" for x in r.additional_reference if x."key" = 'reference'][1] as given_reference
        from events_read where r.{name} is not null and r.{name}.quantity_change <> 0"""


TABLES: dict[str, dict[str, str]] = {
    "orders": {
        "orders": f"""select r.id as order_id, r.reference_id as order_reference, r.order_number as order_number,
            r.shipments[1].location.id as warehouse_code, r.status as status_given,
            case when {_ALL_HELD} then 'on_hold' else {meaning("r.status", "orders")} end as status,
            {_instant("r.created_date")} as received_at,
            greatest({_instant("r.created_date")}, {_instant("list_max([s.last_update_at for s in r.shipments])")})
                as updated_at from orders_read""",
        "order_lines": """select order_id, line_number, p.external_line_id as line_reference, p.sku as sku,
            p.quantity as quantity from (
                select r.id as order_id, generate_subscripts(r.products, 1) as line_number, unnest(r.products) as p
                from orders_read)""",
    },
    "shipments": {
        "shipments": f"""select s.id as shipment_id, order_id, coalesce(s.reference_id, order_reference)
                as order_reference, s.location.id as warehouse_code, s.status as status_given,
            {meaning("s.status", "shipments")} as status, {_instant("s.created_date")} as created_at,
            case when s.status in ('Completed', 'LabeledCreated') then {_instant("s.actual_fulfillment_date")} end
                as labeled_at,
            {_instant(f"({_SHIPPED_AT})")} as shipped_at, {_SHIPPED_AT} as shipped_at_text,
            zone, zone_source, s.tracking.carrier as carrier, s.tracking.tracking_number as tracking_number,
            {_instant("coalesce(s.last_update_at, s.created_date)")} as updated_at
            from ({_SHIPMENTS}) {_zone("s.location.id")}""",
        "shipment_lines": f"""select shipment_id,
            row_number() over (partition by shipment_id order by product_no, item_no) as line_number,
            coalesce(skus.sku, product_sku) as sku, i.quantity as quantity, i.lot as lot
            from ({_ITEMS}) left join skus on skus.inventory_id = i.id""",
    },
    "inventory_snapshots": {
        "inventory_snapshots": f"""select l.location_id || '.' || strftime(as_of, '%Y%m%dT%H%M%SZ') as snapshot_id,
            l.location_id as warehouse_code, sku, as_of, zone, zone_source, l.on_hand_quantity as on_hand_quantity,
            l.fulfillable_quantity as available_quantity, l.committed_quantity as committed_quantity
            from (select r.sku as sku, unnest(r.locations) as l, as_of from levels_read, clock)
            {_zone("l.location_id")}""",
    },
    "movements": {
        # An event with two sides is told by both facilities that are asked.
        "movements": f"""select distinct movement_id, c.facility_id as warehouse_code, coalesce(c.sku, skus.sku) as sku,
            category as status_given, c.quantity_change as quantity,
            case {meaning("category", "movements")}
                when 'transfer' then case when c.quantity_change < 0 then 'transfer_out' else 'transfer_in' end
                else {meaning("category", "movements")} end as kind,
            given_reason as reason, coalesce(given_reference, order_id) as reference,
            {_instant("said_at")} as occurred_at, said_at as occurred_at_text, zone, zone_source
            from ({_side("increment", "decrement", ".in")} union all {_side("decrement", "increment", ".out")})
            left join skus using (inventory_id) {_zone("c.facility_id")}""",
    },
    "receipts": {
        "receipts": f"""select r.id as receipt_id, r.purchase_order_number as purchase_order_number,
            r.fulfillment_center.id as warehouse_code, r.status as status_given,
            {meaning("r.status", "receipts")} as status, {_instant("r.expected_arrival_date")} as expected_at,
            {_history("'Arrived', 'PartiallyArrived', 'Processing', 'Completed'")} as received_at,
            {_history("'Completed'")} as closed_at, zone, zone_source,
            {_instant("coalesce(r.last_updated_date, r.insert_date)")} as updated_at
            from receiving_read {_zone("r.fulfillment_center.id")}""",
        "receipt_lines": """select receipt_id, coalesce(q.sku, skus.sku) as sku,
            sum(q.expected_quantity) as expected_quantity, sum(q.received_quantity) as received_quantity,
            sum(q.stowed_quantity) as stowed_quantity
            from (select r.id as receipt_id, unnest(r.inventory_quantities) as q from receiving_read)
            left join skus on skus.inventory_id = q.inventory_id group by all""",
    },
    "returns": {
        "returns": f"""select r.id as return_id, r.reference_id as rma_number, r.store_order_id as order_reference,
            r.original_shipment_id as shipment_id, r.fulfillment_center.id as warehouse_code,
            r.status as status_given, {meaning("r.status", "returns")} as status,
            {_instant("r.arrived_date")} as received_at, {_instant("r.completed_date")} as completed_at,
            zone, zone_source, greatest({_instant("r.insert_date")}, {_instant("r.arrived_date")},
                {_instant("r.processing_date")}, {_instant("r.completed_date")}, {_instant("r.cancelled_date")})
                as updated_at
            from returns_read {_zone("r.fulfillment_center.id")}""",
        "return_lines": f"""select return_id, sku, a.action as status_given,
            row_number() over (partition by return_id order by item_no, action_no) as line_number,
            case when coalesce(action_no, 1) = 1 then units else 0 end as expected_quantity,
            a.quantity_processed as received_quantity, {meaning("a.action", "return_lines")} as disposition,
            a.quantity_processed as processed_quantity, a.action_reason as reason
            from (
                select return_id, item_no, i.sku as sku, i.quantity as units, n as action_no, i.action_taken[n] as a
                from (select r.id as return_id, generate_subscripts(r.inventory, 1) as item_no,
                        unnest(r.inventory) as i from returns_read)
                    cross join (select unnest(range(1, 21)) as n)
                where n <= greatest(1, coalesce(len(i.action_taken), 0))
            )""",
    },
}
# Where a word of theirs stands that has to be known, by table.
WORDS = {
    "orders": "status",
    "shipments": "status",
    "movements": "kind",
    "receipts": "status",
    "returns": "status",
    "return_lines": "disposition",
}
