"""Which rows of a plan are its canary: those that are sent first, read back and waited for before the rest goes.

The records are chosen by a salted hash, so that one record is always or never among the first; of a plan without any of
them the record with the least hash goes first. Their rows have the lowest numbers of their shop's rows in the plan, and
the plan keeps the last of these numbers.
"""

from reverse_etl.ledger.tables import PLAN_ROWS
from reverse_etl.plans.sampling import border, pick_sql
from reverse_etl.sync_format.sync_rules import Canary


def first_part_sql(canary: Canary | None, rows: str) -> str:
    """SELECT of all of `rows`, with a column `part`: 0 for the records that go first, 1 for the others."""
    if canary is None or canary.share is None or canary.salt is None:
        return f"select *, 1 as part from {rows}"
    return f"""
        select *, case when pick < '{border(canary.share)}' or pick = least_pick then 0 else 1 end as part
        from (
            select *, min(pick) over () as least_pick
            from (select *, {pick_sql(canary.salt, "record_id")} as pick from {rows}) as picked
        ) as compared
    """


def last_row_sql(canary: Canary) -> str:
    """SELECT of the last row of the canary of one shop of a stored plan; bound: plan, shop. No row of it: null."""
    rows = f"(select plan_row, record_id from {PLAN_ROWS} where plan_id = ? and shop = ?) as planned"
    if canary.share is None:
        return f"select max(plan_row) from {rows}"
    return f"select max(case when part = 0 then plan_row end) from ({first_part_sql(canary, rows)}) as parted"
