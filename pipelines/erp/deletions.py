"""Records that the ERP says were deleted go from the raw tables too, with the lines and postings that hung on them.

A record that was written after its deletion was told is another one, or back again, and stays.
"""

from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, text
from pipelines.intake.ledger import Window
from pipelines.warehouse import Session

DELETIONS = "deleted_records"
# Tables whose rows are records of the ERP, by their ids; lines go with the document that they are of.
TOLD = ("items", "customers", "sales_orders", "fulfillments", "invoices", "credit_memos", "payments")
POSTINGS = ("gl_entries", "document_id")


def remove_deleted(session: Session, contract: Contract, window: Window) -> None:
    """Remove what the window of deletions tells of; call it in the transaction that loads the window."""
    here = f"select count(*) from {contract.raw_schema}.{DELETIONS} where erp = ? and _window_id = ?"
    if not session.rows(here, (window.shop, window.window_id))[0][0]:
        return
    for table in (contract.table(name) for name in TOLD):
        key = table.key[0]
        _remove(session, contract, window, table.name, key, f"gone.record_type = {text(table.name)} and {_UNCHANGED}")
        for child in contract.tables:
            if child.parent == table.name:
                without = f"gone.record_type = {text(table.name)} and {_orphan(contract, table, child)}"
                _remove(session, contract, window, child.name, key, without)
    _remove(session, contract, window, *POSTINGS, _UNCHANGED)


_UNCHANGED = "(stored.updated_at is null or stored.updated_at <= gone.deleted_at)"


def _orphan(contract: Contract, parent: Table, child: Table) -> str:
    key = identifier(child.parent_key or "")
    return (
        f"not exists (select 1 from {contract.raw_schema}.{parent.name} as parent "
        f"where parent.erp = stored.erp and parent.{key} = stored.{key})"
    )


def _remove(session: Session, contract: Contract, window: Window, table: str, key: str, condition: str) -> None:
    session.execute(
        f"delete from {contract.raw_schema}.{table} as stored where erp = ? and exists ("
        f"select 1 from {contract.raw_schema}.{DELETIONS} as gone where gone.erp = stored.erp "
        f"and gone.record_id = stored.{identifier(key)} and {condition})",
        (window.shop,),
    )
