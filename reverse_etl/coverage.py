"""Are all wanted values acknowledged? Asked without the plan, so that a plan that overlooks records is found out."""

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.ledger.tables import VALUES, ensure_tables
from reverse_etl.sync_format.sync_file import Sync


def values_never_acknowledged(settings: Settings, sync: Sync) -> int:
    """How many metafields the model wants, NULL and blank ones left out, of which no value was ever acknowledged.

    Each metafield is one anti-join on the record's number. That a value which stands is the wanted one is the plan's to
    find: here only presence counts, which no encoding of values can blur.
    """
    missing = 0
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        for field in sync.metafields:
            sql = f"""
                select count(*) from {sync.model} as m
                where {sync.in_audience("m")} and cast(m.{field.column} as varchar) <> '' and not exists (
                    select 1 from {VALUES} as v
                    where v.object = ? and v.attribute = ? and v.shop = m.shop and v.record_id = m.{sync.key}
                )
            """
            missing += int(session.rows(sql, (sync.held_as, field.attribute))[0][0])
    return missing
