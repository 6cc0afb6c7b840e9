"""Records of NetSuite that vanish, and records that come with a time of change that was read before."""

from pathlib import Path

from tests.pipelines.erp.test_netsuite import erp, in_netsuite, problems, read, settings_of  # noqa: F401
from tests.pipelines.shopify.exports import rows
from tests.sandbox.backoffice_fixture import office, office_world  # noqa: F401
from tests.sandbox_fixture import SandboxClient, sandbox_world  # noqa: F401

# What NetSuite calls a record, the table that holds it, and its lines.
TOLD = (
    ("salesorder", "sales_orders", "sales_order_id", "sales_order_lines"),
    ("itemfulfillment", "fulfillments", "fulfillment_id", "fulfillment_lines"),
    ("invoice", "invoices", "invoice_id", "invoice_lines"),
    ("creditmemo", "credit_memos", "credit_memo_id", "credit_memo_lines"),
    ("customerdeposit", "payments", "payment_id", None),
)


def write(client: SandboxClient, *statements: str) -> None:
    """Change the account behind its API."""
    connection = client.running.behind.office.records.connection()
    for statement in statements:
        connection.execute(statement)
    connection.commit()


def test_deleted_records_leave_with_their_lines_and_postings(erp: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    settings = settings_of(tmp_path, erp.running)
    entities = (*(table for _, table, _, _ in TOLD), "gl_entries", "deleted_records")
    read(settings, *entities)
    before, gone, posted, now = {}, {}, {}, erp.running.behind.now
    for kind, table, key, _ in TOLD:
        before[table] = rows(settings, f"select count(*) from raw_erp.{table}")[0][0]
        which = "where kind = 'payment'" if table == "payments" else ""
        found = rows(settings, f"select min(cast({key} as bigint)) from raw_erp.{table} {which}")[0][0]
        write(
            erp,
            f"insert into ns_deletedrecord (recordid, type, deleteddate) values ({found}, '{kind}', {now - 1})",
            f"update ns_transaction set lastmodifieddate = {now - 900_000} where id = {found}",
        )
        gone[table] = f"cast({key} as bigint) = {found}"
        posted[table] = f"select count(*) from raw_erp.gl_entries where document_id = '{found}'"
        for of_transaction, column in (
            ("transactionaccountingline", "transaction"), ("transactionline", "transaction"), ("transaction", "id"),
        ):  # fmt: skip
            write(erp, f'delete from ns_{of_transaction} where "{column}" = {found}')
    erp.advance(minutes=5)

    read(settings, *entities)

    for _, table, _, lines in TOLD:
        for held in (table, *((lines,) if lines else ())):
            assert rows(settings, f"select count(*) from raw_erp.{held} where {gone[table]}") == [(0,)], held
        assert rows(settings, posted[table]) == [(0,)]
        assert rows(settings, f"select count(*) from raw_erp.{table}")[0][0] >= before[table] - 1
    assert [problem for problem in problems(settings) if problem[1] == "FED-08"] == []


def test_a_document_that_was_stamped_before_it_could_be_seen_is_told_and_read_by_the_next_run(
    erp: SandboxClient,  # noqa: F811
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path, erp.running, overlap_minutes=0)
    late = in_netsuite(erp, "select max(id) from ns_transaction where type = 'SalesOrd'")
    stamped = in_netsuite(erp, f"select lastmodifieddate from ns_transaction where id = {late}")
    write(erp, f"update ns_transaction set lastmodifieddate = {erp.running.behind.now + 900_000} where id = {late}")
    read(settings, "sales_orders")
    assert problems(settings) == []
    write(erp, f"update ns_transaction set lastmodifieddate = {stamped} where id = {late}")
    there = f"select count(*) from raw_erp.sales_orders where sales_order_id = '{late}'"

    read(settings, "sales_orders")
    assert problems(settings) == [("sales_orders", "FED-10")]
    assert rows(settings, there) == [(0,)]

    read(settings, "sales_orders")
    assert problems(settings) == []
    assert rows(settings, there) == [(1,)]
