"""How far the values of a metafield would shift: the share of each value in a shop, before a plan and after it.

The figure is the total variation distance, half the sum of the differences of all shares: 0 where nothing moves, 1
where no value of before is left. It sees what counts of changed records do not: a calculation that gives everybody the
same score, bit by bit or at once. Numbers are compared in ten ranges that held the same number of records before; dates
by month. JSON, lists, long text and addresses have no shares worth comparing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipelines.warehouse import Session
from reverse_etl.ledger.tables import PLAN_ROWS, VALUES
from reverse_etl.sync_format.sync_fields import MetafieldField
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.values import MEASUREMENT_TYPES

RANGES = 10
# A text of more values than this is a name or a number of something: each of its values is rare.
MOST_VALUES = 200
_TEXTS = ("boolean", "single_line_text_field")
_NUMBERS = ("number_integer", "number_decimal", "money", "rating", *MEASUREMENT_TYPES)
_DATES = ("date", "date_time")


@dataclass(frozen=True)
class Shift:
    """Of one metafield: the distance (0 to 1), and the value or range that moved most, with its shares."""

    attribute: str
    distance: float
    value: str
    share_before: float
    share_after: float


def shifts(session: Session, sync: Sync, plan_id: str, shop: str) -> list[Shift]:
    """The shift of each metafield that a stored plan moves and whose values can be compared, the largest first.

    What was acknowledged, with the plan's rows taken away and added: the model is not read again.
    """
    fields = [field for field in sync.metafields if field.type in (*_TEXTS, *_NUMBERS, *_DATES)]
    if not fields:
        return []
    edges = _edges(session, sync, shop, [field for field in fields if field.type in _NUMBERS])
    cases = " ".join(f"when '{field.attribute}' then {_bucket(field, edges, '{value}')}" for field in fields)
    bucket = f"case attribute {cases} end"
    listed = ", ".join("?" * len(fields))
    names = [field.attribute for field in fields]
    sql = f"""
        with changes as (
            select attribute, value_before, value_after from {PLAN_ROWS}
            where plan_id = ? and shop = ? and action in ('set', 'delete') and attribute in ({listed})
        ),
        moves as (
            select attribute, {bucket.format(value="value")} as bucket, 1 as was, 1 as becomes from {VALUES}
            where object = ? and shop = ? and attribute in ({listed})
            union all
            select attribute, {bucket.format(value="value_before")} as bucket, 0 as was, -1 as becomes from changes
            where value_before is not null
            union all
            select attribute, {bucket.format(value="value_after")} as bucket, 0 as was, 1 as becomes from changes
            where value_after is not null
        ),
        counted as (
            select attribute, bucket, sum(was) as was, sum(becomes) as becomes from moves group by attribute, bucket
        ),
        totals as (
            select attribute, sum(was) as was, sum(becomes) as becomes, count(*) as kinds from counted
            group by attribute
        ),
        shares as (
            select
                c.attribute, c.bucket, t.kinds, cast(c.was as double) / t.was as share_before,
                cast(c.becomes as double) / t.becomes as share_after
            from counted as c join totals as t on t.attribute = c.attribute
            where t.was > 0 and t.becomes > 0
        ),
        ranked as (
            select
                attribute, bucket, kinds, share_before, share_after,
                sum(abs(share_after - share_before)) over (partition by attribute) / 2 as distance,
                row_number() over (
                    partition by attribute
                    order by round(abs(share_after - share_before), 9) desc, share_after - share_before desc, bucket
                ) as place
            from shares
        )
        select attribute, distance, bucket, share_before, share_after from ranked
        where place = 1 and kinds <= {MOST_VALUES} and distance > 0 order by distance desc, attribute
    """
    found = session.rows(sql, (plan_id, shop, *names, sync.held_as, shop, *names))
    return [Shift(name, float(far), str(value), float(was), float(becomes)) for name, far, value, was, becomes in found]


def _edges(session: Session, sync: Sync, shop: str, fields: Sequence[MetafieldField]) -> dict[str, list[Any]]:
    """By attribute, where the ranges of its numbers begin, the first left out; least first."""
    if not fields:
        return {}
    number = " ".join(f"when '{field.attribute}' then {_number(field.type, 'value')}" for field in fields)
    found = session.rows(
        f"""
        select distinct attribute, min(number) as edge from (
            select attribute, number, ntile({RANGES}) over (partition by attribute order by number) as part from (
                select attribute, case attribute {number} end as number from {VALUES}
                where object = ? and shop = ? and attribute in ({", ".join("?" * len(fields))})
            ) as numbers where number is not null
        ) as parted where part > 1 group by attribute, part order by attribute, edge
        """,
        (sync.held_as, shop, *(field.attribute for field in fields)),
    )
    edges: dict[str, list[Any]] = {}
    for attribute, edge in found:
        edges.setdefault(attribute, []).append(edge)
    return edges


def _bucket(field: MetafieldField, edges: dict[str, list[Any]], value: str) -> str:
    if field.type in _DATES:
        return f"substr({value}, 1, 7)"
    if field.type not in _NUMBERS:
        return value
    number, starts = _number(field.type, value), [f"{edge.normalize():f}" for edge in edges.get(field.attribute, [])]
    named = [f"below {starts[0]}"] if starts else []
    named += [f"{low} to {high}" for low, high in pairwise(starts)]
    whens = " ".join(f"when {number} < {end} then '{name}'" for end, name in zip(starts, named, strict=True))
    last = f"{starts[-1]} and more" if starts else "all"
    return f"case {whens} else '{last}' end" if whens else f"'{last}'"


def _number(type_name: str, value: str) -> str:
    """The number that a value holds, by the spelling of values.py."""
    if type_name == "money":
        value = f"""split_part(substr({value}, 12), '"', 1)"""
    elif type_name == "rating":
        value = f"""split_part(substr({value}, 11), '"', 1)"""
    elif type_name in MEASUREMENT_TYPES:
        value = f"split_part(substr({value}, 10), ',', 1)"
    return f"try_cast({value} as decimal(38, 9))"
