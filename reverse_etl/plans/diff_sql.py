"""The plan is one INSERT: the difference, in the warehouse, between wanted and acknowledged values of one shop.

Wanted values come from the sync's model, encoded to Shopify's spelling (values.py); acknowledged values stand in
`ops.delivery_values`, one row per value. Each metafield is one join on the record's number alone, which costs half of
one join of all values on (record, attribute); `is distinct from` keeps untouched values out, so that an unchanged
record costs no request.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from reverse_etl.ledger.rows import Action
from reverse_etl.ledger.tables import PLAN_ROWS, VALUES
from reverse_etl.plans.canary_rows import first_part_sql
from reverse_etl.sync_format.sync_file import MetafieldField, OwnedTags, Sync
from reverse_etl.sync_format.values import encoding

# In this order the rows of a shop are sent: a new tag stands before the one that it replaces goes.
ACTIONS: tuple[Action, ...] = ("set", "delete", "tag_add", "tag_remove")
TAG = "tag:"
_RANK = " ".join(f"when '{action}' then {position}" for position, action in enumerate(ACTIONS))
# SQL to order plan rows by, over their column `action`.
SENDING_ORDER = f"case action {_RANK} end, record_id, attribute"


@dataclass(frozen=True)
class Statement:
    """SQL with its bound values."""

    sql: str
    params: list[Any]


def plan_insert(sync: Sync, plan_id: str, shop: str, first_row: int, float_columns: Collection[str] = ()) -> Statement:
    """The INSERT of one shop's plan rows, numbered from `first_row` in the order in which they are sent.

    The rows of a canary's records come first: a number divides them from the rest.
    """
    changes = [_metafield(sync, field, field.column in float_columns) for field in sync.metafields]
    changes += [_tags(sync, sync.tags)] if sync.tags else []
    sql = f"""
        insert into {PLAN_ROWS}
            (
                plan_id, plan_row, shop, object, record_id, attribute, action, cause, value_before, value_after,
                digest_before
            )
        with changes as ({" union all ".join(changes)})
        select
            ?, ? + row_number() over (order by part, {SENDING_ORDER}) - 1,
            ?, '{sync.held_as}', record_id, attribute, action, cause, value_before, value_after,
            digest_before
        from ({first_part_sql(sync.canary, "changes")}) as parted
    """
    bound: Sequence[Any] = (*[shop] * sql.count(_SHOP), plan_id, first_row, shop)
    return Statement(sql.replace(_SHOP, "?"), list(bound))


def values_of(sync: Sync, attribute: str) -> str:
    """SQL that is true where `attribute`, a column, names a metafield of this sync or a tag under its prefix."""
    names = ", ".join(f"'{field.attribute}'" for field in sync.metafields)
    parts = [f"{attribute} in ({names})"] if names else []
    parts += [_under(sync.tags, attribute)] if sync.tags else []
    return f"({' or '.join(parts)})"


def _under(tags: OwnedTags, attribute: str) -> str:
    """A prefix ends with a colon, and after the colon comes the semicolon: a range, by which engines skip blocks."""
    return f"{attribute} >= '{TAG}{tags.prefix}' and {attribute} < '{TAG}{tags.prefix[:-1]};'"


def wanted_statistics(sync: Sync) -> str:
    """SELECT for one shop (bound once): records, distinct records, and the NULL values of each metafield."""
    nulls = "".join(f", count(*) - count(m.{field.column})" for field in sync.metafields)
    wanted = f"{sync.model} as m where m.shop = ? and {sync.in_audience('m')}"
    return f"select count(*), count(distinct m.{sync.key}){nulls} from {wanted}"


_SHOP = "{{shop}}"  # becomes a placeholder, bound as often as it occurs; all of them come before the other ones


def _model(sync: Sync, *columns: str) -> str:
    """The audience in the shop. Each change reads the columns that it needs: a common table of all would be copied."""
    wanted = f"{sync.model} as audience where audience.shop = {_SHOP} and {sync.in_audience('audience')}"
    return f"(select {', '.join([f'{sync.key} as record_id', *columns])} from {wanted})"


def _metafield(sync: Sync, field: MetafieldField, is_float: bool) -> str:
    """Changes of one metafield. In mirror mode the join is full: it also meets the records that left the model.

    The raw value is compared first: what equals the acknowledged spelling is spelled right, and most values do.
    """
    encoded = encoding(
        field.type,
        field.column,
        currency_column=field.currency_column,
        unit=field.unit,
        scale=field.scale,
        is_float=is_float,
    )
    currency = [field.currency_column] if field.currency_column else []
    raw_value, final = encoded.raw, encoded.final("raw_value")
    if field.empty_value is not None:  # of a record that left the model the value goes all the same
        raw_value = f"coalesce({raw_value}, '{field.empty_value}')"
        final = f"case when w.record_id is not null then coalesce({final}, '{field.empty_value}') end"
    raw = _model(sync, f"{raw_value} as raw_value", *currency)
    where = "value_after is distinct from value_before"
    if field.absent == "keep":
        where += " and (value_after is not null or wanted_id is null)"
    if sync.mode == "add_only":
        where += " and value_before is null"
    return f"""
        select
            record_id, '{field.attribute}' as attribute,
            case when value_after is null then 'delete' else 'set' end as action,
            case
                when wanted_id is null then 'left' when value_after is null then 'emptied'
                when value_before is null then 'new' else 'changed'
            end as cause,
            value_before, value_after, digest_before
        from (
            select
                w.record_id as wanted_id, coalesce(w.record_id, a.held_id) as record_id, a.held_value as value_before,
                a.held_digest as digest_before, {final} as value_after
            from {raw} as w {"full" if sync.mode == "mirror" else "left"} join (
                select record_id as held_id, value as held_value, digest as held_digest from {VALUES}
                where object = '{sync.held_as}' and shop = {_SHOP} and attribute = '{field.attribute}'
            ) as a on a.held_id = w.record_id
            where w.raw_value is distinct from a.held_value
        ) as differing
        where {where}
    """


def _tags(sync: Sync, tags: OwnedTags) -> str:
    """Tags to add and to remove; a tag is an attribute of its own, there or not.

    Tags of records in the model always follow it; those of records that left it are removed in mirror mode only.
    """
    quoted = [(column, value.replace("'", "''"), tag.replace("'", "''")) for column, value, tag in tags.choices()]
    wanted = " union all ".join(
        f"select record_id, '{TAG}{tag}' as attribute, '{tag}' as value from {_model(sync, column)} as m{index} "
        f"where {column} = '{value}'"
        for index, (column, value, tag) in enumerate(quoted)
    )
    held = f"""(
        select record_id, attribute, value from {VALUES}
        where object = '{sync.held_as}' and shop = {_SHOP} and {_under(tags, "attribute")}
    )"""
    conditions = {"mirror": "true", "update": "m.record_id is not null", "add_only": "c.value_after is not null"}
    return f"""
        select
            c.record_id, c.attribute, case when c.value_after is null then 'tag_remove' else 'tag_add' end as action,
            case
                when m.record_id is null then 'left' when c.value_after is null then 'untagged' else 'tagged'
            end as cause,
            c.value_before, c.value_after, cast(null as string) as digest_before
        from (
            select
                coalesce(w.record_id, a.record_id) as record_id, coalesce(w.attribute, a.attribute) as attribute,
                a.value as value_before, w.value as value_after
            from ({wanted}) as w full join {held} as a on a.record_id = w.record_id and a.attribute = w.attribute
            where w.record_id is null or a.record_id is null
        ) as c
        left join {_model(sync)} as m on m.record_id = c.record_id
        where {conditions[sync.mode]}
    """
