"""The ERP as a part of the back office: turns orders into documents, and the rest into what goes with them."""

from __future__ import annotations

from sandbox.backoffice.erp.case import BACK, BLOCK, SENT, Case
from sandbox.backoffice.erp.catalogue import ddl, insert
from sandbox.backoffice.erp.credits import write_credits, write_receipts
from sandbox.backoffice.erp.documents import LINES, Document, Row
from sandbox.backoffice.erp.masters import Masters
from sandbox.backoffice.erp.money import settle_invoices, write_payments
from sandbox.backoffice.erp.moving import write_shipments
from sandbox.backoffice.erp.prices import write_contract
from sandbox.backoffice.erp.sales import write_sales_order
from sandbox.backoffice.erp.upkeep import Upkeep
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.story import Story

_DDL = """
CREATE TABLE IF NOT EXISTS erp_unheard (
    order_id INTEGER NOT NULL, shop TEXT NOT NULL, place INTEGER NOT NULL, sku TEXT NOT NULL, units INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS erp_unheard_order ON erp_unheard (order_id);
"""
_BATCH = 2_000
# Of orders that the ERP does not have: how many were deleted there, and after how many seconds.
_DELETED_SHARE, _KEPT = 0.5, 600
_TABLES = ("transaction", "transactionline", "transactionaccountingline", "nexttransactionlinelink")
_KEY = {"transaction": "id", "nexttransactionlinelink": "nextdoc"}
_CHANGED = 7


class Erp:
    """Documents by order, each order's in a block of ids of its own."""

    def __init__(self, office: BackOffice) -> None:
        """Open the ERP of a back office; a new one gets its tables, accounts and items."""
        self._office = office
        self._records = office.records
        self._records.connection().executescript(f"{ddl()};{_DDL}")
        self._new = self._records.value("updated_to") is None
        self.masters = Masters(office)
        self._upkeep = Upkeep(office, self.masters)
        self._rows: dict[str, list[Row]] = {name: [] for name in _TABLES}

    def order(self, story: Story, plant: str | None, now: int) -> int | None:
        """Write the documents of an order as of now; returns when there will be more."""
        if story.is_test:
            return None
        case = Case(story, plant, now, self._office.seed, self.masters, self._office.planter)
        if not self._new:
            self._office.planter.forget(case.source)
        for line in story.lines:
            self.masters.learn(line, story.created_at)
        if plant == "ORD-01" and not self._still_there(case):
            self._never_imported(case)
        else:
            self._write(case)
        self._save(case)
        self._unheard(case)
        return min(case.dues, default=None)

    @staticmethod
    def _write(case: Case) -> None:
        write_sales_order(case)
        if case.story.erp_at > case.now:
            return
        write_payments(case)
        write_shipments(case)
        settle_invoices(case)
        write_contract(case)
        write_credits(case)
        write_receipts(case)

    @staticmethod
    def _still_there(case: Case) -> bool:
        """Whether an order that somebody will delete has been imported, or is about to be, and is not deleted yet."""
        if case.draw("ORD-01") >= _DELETED_SHARE:
            return False
        return not case.known(case.story.erp_at + _KEPT)

    def _never_imported(self, case: Case) -> None:
        story = case.story
        deleted = case.draw("ORD-01") < _DELETED_SHARE
        if deleted:
            row = (case.id(0), "salesorder", case.number("SO"), story.erp_at + _KEPT, 4, "UI", "F")
            self._records.connection().execute(insert("deletedrecord"), row)
        if story.cancelled_at is None:
            case.tell("ORD-01", story.order_id, story.created_at, deleted=deleted)

    def _unheard(self, case: Case) -> None:
        """Keep what moved and the ERP has no document of: there, its stock is as it was before."""
        story, known = case.story, {document.id for document in case.documents}
        rows = []
        for place, shipment in enumerate(story.shipments):
            if case.id(SENT + place) not in known:
                rows += self._parts(case, shipment.place, shipment.lines, 1)
        for place, comeback in enumerate(story.comebacks):
            if case.id(BACK + place) not in known or case.plant == "RET-03":
                rows += self._parts(case, comeback.place, comeback.lines, -1)
        connection = self._records.connection()
        if not self._new:
            connection.execute("DELETE FROM erp_unheard WHERE order_id = ?", (story.order_id,))
        connection.executemany("INSERT INTO erp_unheard VALUES (?, ?, ?, ?, ?)", rows)

    def _parts(self, case: Case, place: int, lines: list[tuple[int, str, int]], sign: int) -> list[Row]:
        story = case.story
        return [
            (story.order_id, story.shop, place, part, sign * units * count)
            for _, sku, units in lines
            if sku
            for part, count in self.masters.parts(sku, story.created_at, story.shop)
        ]

    def _save(self, case: Case) -> None:
        if self._new:
            self._collect(case.documents)
            if len(self._rows["transaction"]) >= _BATCH:
                self._flush()
            return
        first = case.id(0)
        before = {row[0]: row for row in self._block("transaction", first)}
        lines: dict[int, list[Row]] = {}
        for line in self._block("transactionline", first):
            lines.setdefault(line[0], []).append(line)
        for document in case.documents:
            old = before.pop(document.id, None)
            if old is not None and document.modified <= old[_CHANGED]:
                document.modified = old[_CHANGED]
                if document.row() != old or document.line_rows() != lines.get(document.id, []):
                    document.modified = case.now
        for gone in before.values():
            row = (gone[0], gone[4], gone[1], case.now, 4, "UI", "F")
            self._records.connection().execute(insert("deletedrecord"), row)
        for name in _TABLES:
            key = _KEY.get(name, "transaction")
            self._records.connection().execute(
                f'DELETE FROM ns_{name} WHERE "{key}" BETWEEN ? AND ?', (first, first + BLOCK - 1)
            )
        self._collect(case.documents)
        self._flush()

    def _block(self, table: str, first: int) -> list[Row]:
        key = _KEY.get(table, "transaction")
        return self._records.rows(
            f'SELECT * FROM ns_{table} WHERE "{key}" BETWEEN ? AND ? ORDER BY 1, 2', first, first + BLOCK - 1
        )

    def _collect(self, documents: list[Document]) -> None:
        rows = self._rows
        for document in documents:
            if len(document.lines) > LINES:
                raise ValueError(f"{document.number} has {len(document.lines)} lines, more than its ids allow")
            rows["transaction"].append(document.row())
            rows["transactionline"].extend(document.line_rows())
            rows["transactionaccountingline"].extend(document.postings())
            rows["nexttransactionlinelink"].extend(document.links())

    def _flush(self) -> None:
        connection = self._records.connection()
        for name, rows in self._rows.items():
            connection.executemany(insert(name), rows)
            rows.clear()

    def finish(self, now: int) -> None:
        """Write stock, prices, payouts and what else is not about one order."""
        self._flush()
        self._collect(list(self._upkeep.run(now)))
        self._flush()
        # The ledger has to be written before one can see what it lacks.
        self._collect(list(self._upkeep.balance(now)))
        self._flush()
        if self._new:
            # Without knowing how the tables are filled SQLite joins the small ones first and sorts everything.
            self._records.connection().execute("ANALYZE")
        self._new = False
