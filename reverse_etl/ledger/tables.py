"""The tables of reverse ETL, in the schema `ops`. Instants are UTC; `shop` is in every grain.

A value moves through them like this:

    delivery_plans 1--n delivery_plan_rows     what one plan would change, immutable: before and after
                   1--n delivery_approvals     who agreed to which plan, by the hash that it had then
                   1--1 delivery_canaries      how far the part of it is that goes first, and who said go
    delivery_runs  1--n delivery_claims        "rows first..last of this action are being sent": written before sending
                   1--n delivery_outcomes      acknowledged or rejected: written after the answer, never changed
    delivery_values                            what Shopify acknowledged last, one row per value; moves with an
                                               acknowledged outcome, in the same transaction; where somebody had
                                               changed the value since the plan (CONFLICT), what was found there
    delivery_locks                             one row per sync and shop: who is applying
    delivery_actual                            what Shopify carried when it was last read back whole, one row per value
    delivery_plan_rejections                   what Shopify would refuse and was left out of a plan, and why
    delivery_drift                             what differed from delivery_values then, by verification
    delivery_model_states                      when the model of a sync was built, and which of its tests failed last
    delivery_digests                           of the results of a bulk operation, empty again when it is written down
    delivery_costs                             what the lanes of a run took; those of the next are chosen by it
    delivery_segments                          segments that we created, by the value that they ask for
    holdout_assignments                        who is written to, and who is held out to compare (pipelines/intake)

A row that is claimed and has no outcome in that run is *pending*: it may or may not have reached Shopify. It stays so
only after a crash, until the next run has read the value back (see settle.py).
"""

from pipelines.intake.holdouts import HOLDOUTS, ensure_holdouts
from pipelines.warehouse import Session

PLANS = "ops.delivery_plans"
PLAN_ROWS = "ops.delivery_plan_rows"
APPROVALS = "ops.delivery_approvals"
CANARIES = "ops.delivery_canaries"
RUNS = "ops.delivery_runs"
CLAIMS = "ops.delivery_claims"
OUTCOMES = "ops.delivery_outcomes"
VALUES = "ops.delivery_values"
LOCKS = "ops.delivery_locks"
ACTUAL = "ops.delivery_actual"
DRIFT = "ops.delivery_drift"
REJECTIONS = "ops.delivery_plan_rejections"
DIGESTS = "ops.delivery_digests"
SEGMENTS = "ops.delivery_segments"
MODEL_STATES = "ops.delivery_model_states"
COSTS = "ops.delivery_costs"

_COLUMNS = {
    # undoes_run: the run whose values the plan takes back; null for a plan of what a model wants
    # premises: JSON by shop, its domain, the fingerprint of the model, the last row of its canary
    # content_hash: over rows and head (digests.py)
    # expires_at: nothing is applied from then on
    # state: planned, applying, waiting (after its canary), stopped (by its canary), applied (all acknowledged),
    #     partly_applied (some rejected), interrupted
    PLANS: """plan_id string, sync string, object string, shops string, state string, created_at timestamp,
        applied_at timestamp, plan_rows bigint, sync_digest string, base_claims string, figures string,
        guard_stops string, undoes_run string, premises string, content_hash string, expires_at timestamp""",
    # action: set, delete, tag_add, tag_remove; cause: new, changed, emptied, left, tagged, untagged, undone
    # digest_before: Shopify's compareDigest of value_before, null where it is not known
    PLAN_ROWS: """plan_id string, plan_row bigint, shop string, object string, record_id bigint, attribute string,
        action string, cause string, value_before string, value_after string, digest_before string""",
    # made_*: as Shopify answered then; what differs from it in the shop was changed by a person
    SEGMENTS: """sync string, shop string, attribute string, value string, segment_id string, wanted_name string,
        wanted_query string, made_name string, made_query string, made_at timestamp""",
    # values of which Shopify would refuse value_after; code as in its userErrors
    REJECTIONS: """plan_id string, sync string, shop string, object string, record_id bigint, attribute string,
        value_before string, value_after string, code string, reason string""",
    APPROVALS: """plan_id string, content_hash string, approved_by string, approved_at timestamp, via string""",
    # state: sending, waiting (checked, and good), failed; checked, refused, wrong: values. resume_at: not before
    CANARIES: """plan_id string, sync string, state string, run_id string, records bigint, checked bigint,
        refused bigint, wrong bigint, reason string, checked_at timestamp, resume_at timestamp, needs_go boolean,
        go_by string, go_at timestamp""",
    # state: running, finished, interrupted; counts and points are those of the whole run
    RUNS: """run_id string, plan_id string, sync string, shops string, state string, owner string,
        started_at timestamp, finished_at timestamp, acknowledged bigint, rejected bigint, requests bigint,
        points decimal(18, 2), reason string""",
    # lane: paced, bulk; state: open, settled
    CLAIMS: """claim_id string, run_id string, plan_id string, sync string, shop string, action string,
        first_row bigint, last_row bigint, lane string, operation_id string, state string, claimed_at timestamp""",
    # state: acknowledged, rejected; digest: of what the record carries; value_found: of a CONFLICT, what it carries
    OUTCOMES: """run_id string, plan_id string, plan_row bigint, shop string, object string, record_id bigint,
        attribute string, action string, value_before string, value_after string, state string, code string,
        reason string, attempts bigint, digest string, sent_at timestamp, settled_at timestamp, batch_id string,
        value_found string""",
    # digest: Shopify's compareDigest of a metafield, null for tags and where it was not returned
    VALUES: """shop string, object string, record_id bigint, attribute string, value string, digest string,
        acknowledged_at timestamp, run_id string""",
    LOCKS: """sync string, shop string, run_id string, owner string, locked_at timestamp, heartbeat_at timestamp""",
    # attribute 'record' (without value): the record exists
    ACTUAL: """sync string, shop string, object string, record_id bigint, attribute string, value string,
        digest string""",
    # model: schema.name; failed_checks: JSON list of names
    MODEL_STATES: """model string, built_at timestamp, failed_checks string""",
    # lane: paced, bulk; of all calls of the run together (costs.py). restore_rate: points a second, null if not told
    COSTS: """sync string, shop string, action string, lane string, run_id string, observed_at timestamp,
        sent_calls bigint, sent_rows bigint, points decimal(18, 2), seconds decimal(18, 2),
        restore_rate decimal(18, 2)""",
    DIGESTS: """claim_id string, plan_row bigint, digest string""",
    # kind: changed, removed, gone, foreign
    DRIFT: """verification_id string, sync string, shop string, object string, record_id bigint, attribute string,
        kind string, acknowledged_value string, actual_value string, digest string, found_at timestamp""",
}
# Both grow by millions of rows; a batch writes outcomes of one moment, and moves values of one range of records.
_SORTED_BY = {OUTCOMES: ("settled_at", "batch_id", "run_id"), VALUES: ("shop", "object", "record_id")}


# What a warehouse of an earlier version lacks: column, and its type.
_ADDED = {
    PLANS: {"undoes_run": "string", "premises": "string", "content_hash": "string", "expires_at": "timestamp"},
    PLAN_ROWS: {"digest_before": "string"},
    OUTCOMES: {"value_found": "string"},
}


def ensure_tables(session: Session) -> None:
    """Create what is missing. Cheap when all is there."""
    existing = session.columns(LOCKS.partition(".")[0])
    for table, columns in _COLUMNS.items():
        name = table.partition(".")[2]
        if name not in existing:
            session.create(table, columns, _SORTED_BY.get(table, ()))
            continue
        for column, kind in _ADDED.get(table, {}).items():
            if column not in existing[name]:
                session.execute(f"alter table {table} add column {column} {kind}")
    if HOLDOUTS.partition(".")[2] not in existing:
        ensure_holdouts(session)
