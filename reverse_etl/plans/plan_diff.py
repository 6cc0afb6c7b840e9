"""What a stored plan means: who gains, changes and loses what, and how values are spread before and after.

Read from the immutable rows of the plan and from the acknowledged values that it leaves alone, so that it says the
same before and after it is applied, as long as no later plan was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from reverse_etl.failures import SyncFileError
from reverse_etl.ledger.tables import PLAN_ROWS, VALUES, ensure_tables
from reverse_etl.plans.plan_store import read_plan
from reverse_etl.report import Plan
from reverse_etl.sync_format.sync_yaml import SYNCS, load_sync

MOST_MOVES = 6
MOST_VALUES = 12
RANGES = 10
_NUMBERS = {"number_integer", "number_decimal", "money", "rating"}
# A number as it stands in the text of a value: alone, or as the first field of an amount's or a rating's JSON.
_NUMBER = """try_cast(
    case when substr(value, 1, 1) = '{' then split_part(value, '"', 4) else value end as decimal(38, 9)
)"""


@dataclass(frozen=True)
class Move:
    """So many records go from one value to another; None is absence."""

    before: str | None
    after: str | None
    records: int


@dataclass(frozen=True)
class Share:
    """Records that carry a value, or one of a range of numbers, before and after the plan."""

    label: str
    before: int
    after: int


@dataclass(frozen=True)
class ValueDiff:
    """One metafield or tag in one shop. Counts are records: those that gain, change, lose and keep a value.

    `moves` are the most frequent ones (of numbers and tags: none); `shares` the values, most frequent first, or tenths
    of the records by ranges of numbers.
    """

    shop: str
    attribute: str
    name: str
    gained: int
    changed: int
    lost: int
    kept: int
    moves: Sequence[Move] = ()
    shares: Sequence[Share] = ()


@dataclass(frozen=True)
class PlanDiff:
    """A plan with what it means, and of how many records."""

    plan: Plan
    records: dict[str, int]
    values: Sequence[ValueDiff]


def plan_diff(settings: Settings, plan_id: str, folder: Path = SYNCS) -> PlanDiff:
    """The difference that a stored plan makes; raises UnknownPlan."""
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        plan = read_plan(session, plan_id)
        names, numbers = _described(plan.sync, folder)
        values = [_with_shares(session, plan, one, numbers) for one in _counted(session, plan, names)]
        records = session.rows(
            f"select shop, count(distinct record_id) from {PLAN_ROWS} where plan_id = ? group by shop order by shop",
            (plan_id,),
        )
        return PlanDiff(plan, dict(records), values)


def _described(sync_name: str, folder: Path) -> tuple[dict[str, str], set[str]]:
    """Names of a sync's metafields for people, and which of them are numbers; none when its file cannot be read."""
    try:
        fields = load_sync(sync_name, folder).sync.metafields
    except SyncFileError:
        return {}, set()
    return (
        {field.attribute: field.name for field in fields},
        {field.attribute for field in fields if field.type in _NUMBERS},
    )


def _counted(session: Session, plan: Plan, names: dict[str, str]) -> Iterable[ValueDiff]:
    moves: dict[tuple[str, str], list[Move]] = {}
    for shop, attribute, before, after, records in session.rows(
        f"""
        select shop, attribute, value_before, value_after, records
        from (
            select *, row_number() over (
                partition by shop, attribute order by records desc, value_before, value_after
            ) as place
            from (
                select shop, attribute, value_before, value_after, count(*) as records
                from {PLAN_ROWS} where plan_id = ? group by shop, attribute, value_before, value_after
            ) as moved
        ) as placed
        where place <= {MOST_MOVES} order by shop, attribute, place
        """,
        (plan.plan_id,),
    ):
        moves.setdefault((shop, attribute), []).append(Move(before, after, records))
    for shop, attribute, gained, changed, lost, kept in session.rows(
        f"""
        with planned as (
            select
                shop, object, attribute,
                count(case when value_before is null then 1 end) as gained,
                count(case when value_before is not null and value_after is not null then 1 end) as changed,
                count(case when value_after is null then 1 end) as lost
            from {PLAN_ROWS} where plan_id = ? group by shop, object, attribute
        ),
        kept as (
            select v.shop, v.attribute, count(*) as kept
            from {VALUES} as v
            inner join planned as p on p.shop = v.shop and p.object = v.object and p.attribute = v.attribute
            where not exists (
                select 1 from {PLAN_ROWS} as r
                where r.plan_id = ? and r.shop = v.shop and r.record_id = v.record_id and r.attribute = v.attribute
            )
            group by v.shop, v.attribute
        )
        select p.shop, p.attribute, p.gained, p.changed, p.lost, coalesce(k.kept, 0)
        from planned as p left join kept as k on k.shop = p.shop and k.attribute = p.attribute
        order by p.shop, p.attribute
        """,
        (plan.plan_id, plan.plan_id),
    ):
        known = [] if attribute.startswith("tag:") else moves.get((shop, attribute), [])
        yield ValueDiff(shop, attribute, _name(attribute, names), gained, changed, lost, kept, known)


def _name(attribute: str, names: dict[str, str]) -> str:
    """As marketers know it: the metafield's name, or the tag itself."""
    if attribute.startswith("tag:"):
        return f"tag {attribute.removeprefix('tag:')}"
    return names.get(attribute, attribute.removeprefix("metafield:"))


def _with_shares(session: Session, plan: Plan, one: ValueDiff, numbers: set[str]) -> ValueDiff:
    if one.attribute.startswith("tag:"):
        return one
    is_number = one.attribute in numbers
    shares = session.rows(
        _SHARES.format(placed=_BY_RANGE if is_number else _BY_VALUE, most=RANGES if is_number else MOST_VALUES),
        (plan.plan_id, one.shop, one.attribute, plan.held_as, one.shop, one.attribute, plan.plan_id),
    )
    labelled = [Share(_label(low, high), before, after) for low, high, before, after in shares]
    kept = {"moves": ()} if is_number else {}
    return ValueDiff(**{**one.__dict__, **kept, "shares": labelled})


def _label(low: object, high: object) -> str:
    if isinstance(low, str):
        return low
    return f"{low:,.2f}" if low == high else f"{low:,.2f} to {high:,.2f}"


# Before and after the plan: the values that it changes, and both times those that it leaves alone.
_SHARES = f"""
    with planned as (
        select record_id, value_before, value_after
        from {PLAN_ROWS} where plan_id = ? and shop = ? and attribute = ?
    ),
    kept as (
        select v.value
        from {VALUES} as v
        where v.object = ? and v.shop = ? and v.attribute = ? and not exists (
            select 1 from {PLAN_ROWS} as r
            where r.plan_id = ? and r.shop = v.shop and r.record_id = v.record_id and r.attribute = v.attribute
        )
    ),
    carried as (
        select value, 1 as before, 1 as after from kept
        union all
        select value_before as value, 1 as before, 0 as after from planned where value_before is not null
        union all
        select value_after as value, 0 as before, 1 as after from planned where value_after is not null
    ),
    {{placed}}
    select low, high, before, after from placed where place <= {{most}} order by place
"""
_BY_VALUE = """placed as (
        select
            value as low, value as high, sum(before) as before, sum(after) as after,
            row_number() over (order by sum(before) + sum(after) desc, value) as place
        from carried group by value
    )"""
# Tenths of all records; equal numbers stay together.
_BY_RANGE = f"""numbers as (
        select {_NUMBER} as number, before, after from carried
    ),
    tenths as (
        select number, before, after, ntile({RANGES}) over (order by number) as tenth
        from numbers where number is not null
    ),
    together as (
        select number, before, after, min(tenth) over (partition by number) as tenth from tenths
    ),
    placed as (
        select
            min(number) as low, max(number) as high, sum(before) as before, sum(after) as after, tenth as place
        from together group by tenth
    )"""
