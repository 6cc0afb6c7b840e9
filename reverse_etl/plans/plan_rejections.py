"""Rows of a plan that Shopify would refuse: named and kept aside, so that the run meets no surprise.

The value is not sent, the last good one stays where it is, and the record's other values go. Planned again, the row is
refused again until the model or the sync file is corrected.
"""

from pipelines.warehouse import Session
from reverse_etl.ledger.tables import PLAN_ROWS, REJECTIONS
from reverse_etl.report import Rejection
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.value_rules import Rule, rules_of

_KEPT = "plan_id, shop, object, record_id, attribute, value_before, value_after"


def set_aside(session: Session, sync: Sync, plan_id: str, shop: str) -> int:
    """Move the rows of one shop that break a rule out of the plan; returns how many. Call it in the plan's transaction.

    The numbers of the rows that stay have gaps then; their order is that of sending as before.
    """
    numbered = list(enumerate((field.attribute, rule) for field in sync.metafields for rule in rules_of(field)))
    if not numbered:
        return 0
    broken = " ".join(f"when attribute = '{name}' and {rule.condition} then {n}" for n, (name, rule) in numbered)
    of_shop = "plan_id = ? and shop = ? and action = 'set'"
    session.execute(
        f"""
        insert into {REJECTIONS} (sync, {_KEPT}, code, reason)
        select '{sync.name}', {_KEPT}, {_said(numbered, "code")}, {_said(numbered, "reason")}
        from (select {_KEPT}, case {broken} end as broken_rule from {PLAN_ROWS} where {of_shop}) as looked_at
        where broken_rule is not null
        """,
        (plan_id, shop),
    )
    aside = int(
        session.rows(f"select count(*) from {REJECTIONS} where plan_id = ? and shop = ?", (plan_id, shop))[0][0]
    )
    if aside:
        session.execute(f"delete from {PLAN_ROWS} where {of_shop} and case {broken} end is not null", (plan_id, shop))
    return aside


def rejections_of_plan(session: Session, plan_id: str) -> list[Rejection]:
    """What was set aside, grouped by reason, most frequent first."""
    rows = session.rows(
        f"""
        select shop, attribute, code, reason, count(*) as refused, min(record_id)
        from {REJECTIONS} where plan_id = ?
        group by shop, attribute, code, reason order by refused desc, shop, attribute, code, reason
        """,
        (plan_id,),
    )
    return [Rejection(*row) for row in rows]


def _said(numbered: list[tuple[int, tuple[str, Rule]]], what: str) -> str:
    texts = ((n, str(getattr(rule, what)).replace("'", "''")) for n, (_, rule) in numbered)
    return f"case broken_rule {' '.join(f'when {n} then {chr(39)}{text}{chr(39)}' for n, text in texts)} end"
