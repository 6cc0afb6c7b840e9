"""The plan is one INSERT: the difference, in the warehouse, between wanted and acknowledged values of one shop.

Wanted values come from the sync's model, encoded to Shopify's spelling (values.py); acknowledged values stand in
`ops.delivery_values`, one row per value. Each metafield is one join on the record's number alone, which costs half of
one join of all values on (record, attribute); `is distinct from` keeps untouched values out, so that an unchanged
customer costs no request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reverse_etl.rows import Action
from reverse_etl.sync_file import MetafieldField, Sync
from reverse_etl.tables import PLAN_ROWS, VALUES
from reverse_etl.values import encoding

# In this order the rows of a shop are sent: a new tag stands before the one that it replaces goes.
ACTIONS: tuple[Action, ...] = ("set", "delete", "tag_add", "tag_remove")
TAG = "tag:"


@dataclass(frozen=True)
class Statement:
    """SQL with its bound values."""

    sql: str
    params: list[Any]


def plan_insert(engine: str, sync: Sync, plan_id: str, shop: str, first_row: int) -> Statement:
    """The INSERT of one shop's plan rows, numbered from `first_row` in the order in which they are sent."""
    branches = [_metafield(sync, index, field) for index, field in enumerate(sync.metafields)]
    if sync.metafields and sync.mode == "mirror":
        branches.append(_left_metafields(sync))
    tags = _tags(sync)
    ctes = [*_wanted(engine, sync), *(tags[0] if tags else [])]
    branches += tags[1] if tags else []
    rank = " ".join(f"when '{action}' then {position}" for position, action in enumerate(ACTIONS))
    sql = f"""
        insert into {PLAN_ROWS}
            (plan_id, plan_row, shop, object, record_id, attribute, action, cause, value_before, value_after)
        with {", ".join(f"{name} as ({body})" for name, body in ctes)},
        changes as ({" union all ".join(branches)})
        select
            ?, ? + row_number() over (order by case action {rank} end, record_id, attribute) - 1,
            ?, '{sync.object}', record_id, attribute, action, cause, value_before, value_after
        from changes
    """
    return _bind(sql, sync, shop, [plan_id, first_row, shop])


def wanted_statistics(engine: str, sync: Sync) -> str:
    """SELECT for one shop (bound once): records, distinct records, and the NULL values of each metafield."""
    nulls = "".join(f", count(*) - count(v{index})" for index in range(len(sync.metafields)))
    ctes = ", ".join(f"{name} as ({body})" for name, body in _wanted(engine, sync))
    return f"with {ctes} select count(*), count(distinct record_id){nulls} from wanted".replace(_SHOP, "?")


_SHOP = "{{shop}}"  # replaced by a placeholder, which is then bound as often as it occurs


def _bind(sql: str, sync: Sync, shop: str, last: Sequence[Any]) -> Statement:
    return Statement(sql.replace(_SHOP, "?"), [*[shop] * sql.count(_SHOP), *last])


def _wanted(engine: str, sync: Sync) -> list[tuple[str, str]]:
    """In two steps (see values.Encoding): raw values, then canonical text as v0, v1, ...; tag columns as t0, ..."""
    raw, final = [f"{sync.key} as record_id"], ["record_id"]
    raw += dict.fromkeys(field.currency_column for field in sync.metafields if field.currency_column)
    for index, field in enumerate(sync.metafields):
        encoded = encoding(
            engine,
            field.type,
            field.column,
            currency_column=field.currency_column,
            unit=field.unit,
            scale=field.scale,
        )
        raw.append(f"{encoded.raw} as r{index}")
        final.append(f"{encoded.final(f'r{index}')} as v{index}")
    for index, owned in enumerate(sync.tags.owned if sync.tags else []):
        raw.append(f"{owned.column} as t{index}")
        final.append(f"t{index}")
    return [
        ("raw_values", f"select {', '.join(raw)} from {sync.model} where shop = {_SHOP}"),
        ("wanted", f"select {', '.join(final)} from raw_values"),
    ]


def _acknowledged(sync: Sync, attribute: str) -> str:
    return f"""(
        select record_id, attribute, value from {VALUES}
        where object = '{sync.object}' and shop = {_SHOP} and {attribute}
    )"""


def _metafield(sync: Sync, index: int, field: MetafieldField) -> str:
    value, named = f"w.v{index}", f"attribute = '{field.attribute}'"
    where = f"{value} is distinct from a.value"
    if field.absent == "keep":
        where += f" and {value} is not null"
    if sync.mode == "add_only":
        where += " and a.value is null"
    return f"""
        select
            w.record_id, '{field.attribute}' as attribute,
            case when {value} is null then 'delete' else 'set' end as action,
            case when {value} is null then 'emptied' when a.value is null then 'new' else 'changed' end as cause,
            a.value as value_before, {value} as value_after
        from wanted as w left join {_acknowledged(sync, named)} as a on a.record_id = w.record_id
        where {where}
    """


def _left_metafields(sync: Sync) -> str:
    """Metafields of records that are no longer in the model."""
    listed = ", ".join(f"'{field.attribute}'" for field in sync.metafields)
    return f"""
        select
            a.record_id, a.attribute, 'delete' as action, 'left' as cause,
            a.value as value_before, cast(null as string) as value_after
        from {_acknowledged(sync, f"attribute in ({listed})")} as a
        left join wanted as w on w.record_id = a.record_id
        where w.record_id is null
    """


def _tags(sync: Sync) -> tuple[list[tuple[str, str]], list[str]] | None:
    """Tags as rows: (common table expressions, branches). A tag is an attribute of its own, present or not."""
    if sync.tags is None:
        return None
    column = {owned.column: f"t{index}" for index, owned in enumerate(sync.tags.owned)}
    choices = " union all ".join(
        f"select record_id, '{TAG}{tag}' as attribute, '{tag}' as value from wanted where {column[name]} = '{value}'"
        for name, value, tag in ((n, v.replace("'", "''"), t.replace("'", "''")) for n, v, t in sync.tags.choices())
    )
    # A prefix ends with a colon, and the character after the colon is the semicolon.
    first, end = f"{TAG}{sync.tags.prefix}", f"{TAG}{sync.tags.prefix[:-1]};"
    under_prefix = f"attribute >= '{first}' and attribute < '{end}'"
    add = """
        select w.record_id, w.attribute, 'tag_add' as action, 'tagged' as cause,
            cast(null as string) as value_before, w.value as value_after
        from wanted_tags as w
        left join acknowledged_tags as a on a.record_id = w.record_id and a.attribute = w.attribute
        where a.record_id is null
    """
    remove = f"""
        select a.record_id, a.attribute, 'tag_remove' as action,
            case when r.record_id is null then 'left' else 'untagged' end as cause,
            a.value as value_before, cast(null as string) as value_after
        from acknowledged_tags as a
        left join wanted_tags as w on w.record_id = a.record_id and w.attribute = a.attribute
        left join wanted as r on r.record_id = a.record_id
        where w.record_id is null {"" if sync.mode == "mirror" else "and r.record_id is not null"}
    """
    ctes = [
        ("wanted_tags", choices),
        ("acknowledged_tags", f"select * from {_acknowledged(sync, under_prefix)} as held"),
    ]
    return ctes, [add] if sync.mode == "add_only" else [add, remove]
