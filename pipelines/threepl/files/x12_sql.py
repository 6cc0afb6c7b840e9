"""SQL over the segments of X12 files: what each set says, in the columns of the contract, with the file's number.

The views build on each other: `s` has every segment with its elements, `doc` one row a set, `line` one row a line of a
set with what belongs to it. Qualifiers are the partner's (settings); quantities and times are checked in x12_checks.
"""

from pipelines.contracts.sql import text, texts
from pipelines.threepl.zones import TIME_CODES, instant
from pipelines.threepl_settings import Qualifiers

# The segment that opens a line, by kind of set, and where its product ids stand: qualifier, id, qualifier, id...
LINES = {"945": "W12", "944": "W07", "846": "LIN", "947": "W19"}
HEADERS = {"945": "W06", "944": "W17", "846": "BIA", "947": "W15"}
_PRODUCT_IDS = {"W12": (7, 17), "W07": (4, 6), "LIN": (2, 4, 6, 8), "W19": (5, 7)}
QUANTITIES = (
    "on_hand_quantity",
    "available_quantity",
    "committed_quantity",
    "damaged_quantity",
    "inspection_quantity",
)
# Where the goods are: ship from in a shipping advice, warehouse elsewhere.
_PLACES = ("SF", "WH")


def sku(segment: str, qualifiers: tuple[str, ...]) -> str:
    """SQL of the SKU of a line segment: the id under the first of the partner's qualifiers that is there."""
    places = _PRODUCT_IDS[segment]
    found = ", ".join(f"case when el(e, {p}) = {text(q)} then el(e, {p + 1}) end" for q in qualifiers for p in places)
    return f"coalesce({found})"


def any_sku(qualifiers: tuple[str, ...]) -> str:
    """SQL of the SKU of a line segment, whichever it is."""
    cases = " ".join(f"when {text(segment)} then {sku(segment, qualifiers)}" for segment in _PRODUCT_IDS)
    return f"case id {cases} end"


def views(qualifiers: Qualifiers, warehouse: str | None) -> list[str]:
    """Statements that make the views, given the tables `segments`, `made` and `zones`.

    Numbers in them are unique over all files of the batch. `warehouse` is that of files which name none.
    """
    first = "arg_min({value}, n) filter (where {where})"

    def value(place: int, segment: str) -> str:
        return first.format(value=f"el(e, {place})", where=f"id = '{segment}' and el(e, {place}) is not null")

    def reference(names: tuple[str, ...]) -> str:
        return first.format(value="el(e, 2)", where=f"id = 'N9' and el(e, 1) in ({texts(names)})")

    def moment(names: tuple[str, ...], place: int) -> str:
        return first.format(value=f"el(e, {place})", where=f"id = 'G62' and el(e, 1) in ({texts(names)})")

    moments = (*qualifiers.shipped_at, *qualifiers.received_at)
    place = first.format(value="el(e, 4)", where=f"id = 'N1' and el(e, 1) in ({texts(_PLACES)})")
    codes = " ".join(f"when {text(code)} then {text(zone)}" for code, zone in TIME_CODES.items())
    known_codes = texts(tuple(TIME_CODES))
    reading = "try_strptime(date_text || rpad(left(coalesce(time_text, '235959'), 6), 6, '0'), '%Y%m%d%H%M%S')"
    return [
        "create or replace macro el(e, place) as nullif(trim(e[place + 1]), '')",
        f"""create or replace temp table s as
            select file_no_, n, interchange, set_no, id, e,
                max(case when id in ({texts(tuple(LINES.values()))}) then n end)
                    over (partition by set_no order by n) as line_n
            from (select *, string_split(segment, separator) as e from segments)
            where id not in ('SE', 'GE', 'IEA', 'GS', 'ISA')""",
        f"""create or replace temp table doc_text as
            select set_no, any_value(file_no_) as file_no_, any_value(interchange) as interchange,
                {value(1, "ST")} as code,
                coalesce({place}, {"null" if warehouse is None else text(warehouse)}) as warehouse_code,
                {value(2, "W06")} as depositor_order, coalesce({value(4, "W06")}, {value(5, "W06")}) as shipment_id,
                {value(6, "W06")} as purchase_order, {value(2, "W27")} as carrier,
                {value(3, "W17")} as receipt_number, {value(4, "W17")} as receipt_order,
                {value(2, "W15")} as adjustment_number,
                {reference(qualifiers.return_reference)} as rma_number,
                {reference(("OR", "ON", "CO"))} as order_reference,
                string_agg(distinct el(e, 2), ',') filter (
                    where id = 'N9' and el(e, 1) in ({texts(qualifiers.tracking)})) as tracking_number,
                coalesce({moment(moments, 2)}, {value(3, "W06")}, {value(2, "W17")}, {value(4, "BIA")},
                    {value(1, "W15")}) as date_text,
                coalesce({moment(moments, 4)}, {value(5, "BIA")}) as time_text,
                {moment(moments, 5)} as time_code
            from s group by set_no""",
        f"""create or replace temp table doc as
            select doc_text.*, concat_ws(' ', date_text, time_text, time_code) as moment_text,
                coalesce(case time_code {codes} end, zones.zone) as zone,
                case when time_code in ({known_codes}) then 'file' else zones.zone_source end as zone_source,
                {instant(reading, f"coalesce(case time_code {codes} end, zones.zone)")} as moment,
                {instant("made.reading", "zones.zone")} as made_at
            from doc_text left join zones using (warehouse_code) left join made using (interchange)""",
        f"""create or replace temp table line as
            select set_no, code, line_n, row_number() over (partition by set_no order by line_n) as line_number,
                any_value(e) filter (where n = line_n) as e,
                any_value({any_sku(qualifiers.sku)}) filter (where n = line_n) as sku,
                arg_min(el(e, 2), n) filter (
                    where id = 'N9' and el(e, 1) in ({texts(qualifiers.line_reference)})) as line_reference,
                arg_min(el(e, 2), n) filter (where id = 'N9' and el(e, 1) = 'LT') as lot,
                arg_min(el(e, 2), n) filter (where id = 'NTE') as note
            from s join doc_text using (set_no) where line_n is not null group by set_no, code, line_n""",
    ]


def _quantity(place: int) -> str:
    return f"try_cast(el(line.e, {place}) as decimal(18,6))"


def tables(qualifiers: Qualifiers) -> dict[str, str]:
    """SQL of the rows of each table of the contract; columns that are missing are null."""
    common = "doc.file_no_, doc.warehouse_code, doc.zone, doc.zone_source, doc.made_at as updated_at"
    quantities = ", ".join(
        f"sum(try_cast(el(s.e, 2) as decimal(18,6))) filter (where el(s.e, 1) in ({texts(codes)})) as {column}"
        for column in QUANTITIES
        if (codes := [code for code, meant in qualifiers.quantity.items() if meant == column])
    )
    kinds = " ".join(f"when {text(code)} then {text(kind)}" for code, kind in qualifiers.adjustment.items())
    receipts = "doc.code = '944' and doc.rma_number is null"
    returns = "doc.code = '944' and doc.rma_number is not null"
    damaged, off = "'01'", "case el(e, 3) when '02' then 1 when '03' then -1 end"
    units = "try_cast(el(e, 1) as decimal(18,6))"
    exceptions = f"""(select set_no, line_n, sum({units}) filter (el(e, 3) = {damaged}) as damaged,
                    sum({off} * {units}) as short
                from s where id = 'W13' group by all) as x"""
    return {
        "shipments": f"""select doc.shipment_id, depositor_order as order_reference, {common}, 'shipped' as status,
                moment as shipped_at, moment_text as shipped_at_text, carrier, tracking_number
            from doc where code = '945'""",
        "shipment_lines": f"""select doc.file_no_, doc.shipment_id, line.line_number, line.line_reference, line.sku,
                line.lot, {_quantity(2)} as ordered_quantity, {_quantity(3)} as quantity
            from line join doc using (set_no) where doc.code = '945'""",
        "inventory_snapshots": f"""select doc.file_no_,
                doc.warehouse_code || '.' || strftime(moment, '%Y%m%dT%H%M%SZ') as snapshot_id, doc.warehouse_code,
                line.sku, moment as as_of, moment_text as as_of_text, doc.zone, doc.zone_source,
                {quantities}
            from line join doc using (set_no)
                left join s on s.set_no = line.set_no and s.line_n = line.line_n and s.id = 'QTY'
            where doc.code = '846'
            group by all""",
        "movements": f"""select doc.file_no_, doc.adjustment_number || '.' || line.line_number as movement_id,
                doc.warehouse_code, line.sku, case el(line.e, 1) {kinds} end as kind, {_quantity(2)} as quantity,
                line.note as reason,
                coalesce(doc.order_reference, doc.adjustment_number) as reference, moment as occurred_at,
                moment_text as occurred_at_text, doc.zone, doc.zone_source
            from line join doc using (set_no) where doc.code = '947'""",
        "receipts": f"""select receipt_number as receipt_id, receipt_order as purchase_order_number, {common},
                'completed' as status, moment as received_at, moment as closed_at
            from doc where {receipts}""",
        "receipt_lines": f"""select doc.file_no_,
                doc.receipt_number as receipt_id, line.sku, sum({_quantity(1)}) as received_quantity,
                sum({_quantity(1)} + coalesce(x.short, 0)) as expected_quantity,
                sum({_quantity(1)} - coalesce(x.damaged, 0)) as stowed_quantity,
                coalesce(sum(x.damaged), 0) as damaged_quantity
            from line join doc using (set_no) left join {exceptions} using (set_no, line_n)
            where {receipts} group by all""",
        "returns": f"""select receipt_number as return_id, rma_number, coalesce(order_reference, receipt_order) as
                order_reference, {common}, 'completed' as status, moment as received_at, moment as completed_at
            from doc where {returns}""",
        "return_lines": f"""select doc.file_no_, doc.receipt_number as return_id, line.line_number, line.sku,
                {_quantity(1)} + coalesce(x.short, 0) as expected_quantity, {_quantity(1)} as received_quantity,
                case when coalesce(x.damaged, 0) > 0 then 'dispose' else 'restock' end as disposition,
                {_quantity(1)} as processed_quantity
            from line join doc using (set_no) left join {exceptions} using (set_no, line_n)
            where {returns}""",
    }
