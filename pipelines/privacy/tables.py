"""The two tables of privacy, in the schema `ops`; neither holds a personal datum. Instants are UTC.

`redactions` has one row per request: when, which, how many rows of each table and how many files were erased.
`suppressions` says who was redacted, as keyed hashes.
"""

from pipelines.warehouse import Session

REDACTIONS = "ops.redactions"
SUPPRESSIONS = "ops.suppressions"

_COLUMNS = {
    # state: begun (nothing erased yet, or interrupted before), erased (rows are gone, bytes may remain), finished
    # counts: JSON, rows by table and `files`; subject_hash as in suppressions, null for a whole shop
    REDACTIONS: """redaction_id string, topic string, shop string, subject_hash string, request_id string,
        state string, requested_at timestamp, finished_at timestamp, counts string""",
    # kind: customer, order, erp_customer; connection: the shop or the ERP whose ids are hashed
    SUPPRESSIONS: """kind string, connection string, subject_hash string, redaction_id string,
        suppressed_at timestamp""",
}


def ensure_tables(session: Session) -> None:
    """Create what is missing."""
    existing = session.columns("ops")
    for table, columns in _COLUMNS.items():
        if table.partition(".")[2] not in existing:
            session.create(table, columns)
