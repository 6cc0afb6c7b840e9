"""A person gets all that is kept of them, nothing of anybody else, and the warehouse stays as it is."""

import json
from pathlib import Path

import orjson
import pytest

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.privacy.export import FILES, INDEX, Export, export_person
from pipelines.privacy.person import Subject
from pipelines.privacy.redact import redact
from pipelines.warehouse import Warehouse
from tests.pipelines.privacy.kept import GONE, STAYS


@pytest.fixture
def exported(settings: Settings, tmp_path: Path) -> Export:
    """What the person is given."""
    return export_person(settings, GONE.subject, tmp_path / "given")


def given(done: Export, table: str) -> list[dict[str, object]]:
    assert done.folder is not None
    return [orjson.loads(line) for line in (done.folder / f"{table}.jsonl").read_bytes().splitlines()]


def test_whatever_an_erasure_finds_is_given(settings: Settings, exported: Export) -> None:
    erased = redact(settings, GONE.subject, dry_run=True)
    # Contacts are erased there because others share them; what they share is in the customer's own rows.
    assert set(erased.rows) - set(exported.rows) <= {"intermediate.int_customers__shared_contacts"}
    files = {str(line["file"]) for line in given(exported, FILES.removesuffix(".jsonl"))}
    copies = {"boomerang_read.duckdb", "logs/words.log"}  # the tables again; first names, which are others' too
    assert {*erased.files.rewritten, *erased.files.removed} - copies <= files


def test_nothing_of_anybody_else_is_given(exported: Export) -> None:
    assert exported.folder is not None
    for file in exported.folder.iterdir():
        content = file.read_text(encoding="utf-8").lower()
        assert not [trace for trace in STAYS.traces if json.dumps(trace)[1:-1].lower() in content], file.name


def test_rows_of_orders_come_with_the_orders(settings: Settings, exported: Export) -> None:
    assert [row["order_id"] for row in given(exported, "raw_shopify.orders")] == [GONE.order_id]
    assert [row["return_id"] for row in given(exported, "raw_shopify.return_lines")] == [GONE.return_id]


def test_orders_of_other_systems_and_what_hangs_on_them_are_given(settings: Settings, tmp_path: Path) -> None:
    with Warehouse(settings).session() as session:
        session.execute("alter table intermediate.int_xref__orders add column order_id bigint")
        for order, somebody in (("SO-1", GONE), ("SO-2", STAYS)):
            session.execute(
                "insert into intermediate.int_xref__orders (system, connection, external_order_id, shop, order_id) "
                "values ('erp', 'netsuite', ?, 'us', ?), ('threepl', 'nordlager', ?, 'us', ?)",
                (order, somebody.order_id, order, somebody.order_id),
            )
            session.execute(
                "insert into raw_erp.invoices (erp, invoice_id, sales_order_id) values ('netsuite', ?, ?)",
                (f"I-{order}", order),
            )
            session.execute(
                "insert into raw_erp.invoice_lines (erp, line_id, invoice_id) values ('netsuite', ?, ?)",
                (f"L-{order}", f"I-{order}"),
            )
            session.execute(
                "insert into raw_threepl.shipments (partner, shipment_id, order_id) values ('nordlager', ?, ?)",
                (f"S-{order}", order),
            )
            session.execute(
                "insert into raw_threepl.returns (partner, return_id, shipment_id) values ('nordlager', ?, ?)",
                (f"R-{order}", f"S-{order}"),
            )
    done = export_person(settings, GONE.subject, tmp_path / "given")
    assert [row["invoice_id"] for row in given(done, "raw_erp.invoices")] == ["I-SO-1"]
    assert [row["line_id"] for row in given(done, "raw_erp.invoice_lines")] == ["L-SO-1"]
    assert [row["shipment_id"] for row in given(done, "raw_threepl.shipments")] == ["S-SO-1"]
    assert [row["return_id"] for row in given(done, "raw_threepl.returns")] == ["R-SO-1"]


def test_the_index_names_each_file_and_only_the_owner_may_read(exported: Export) -> None:
    assert exported.folder is not None
    index = (exported.folder / INDEX).read_text(encoding="utf-8")
    for file in exported.folder.iterdir():
        assert file.name == INDEX or f"`{file.name}`" in index
        assert file.stat().st_mode & 0o077 == 0
    assert exported.folder.stat().st_mode & 0o077 == 0


def test_a_folder_in_use_is_refused_and_one_left_by_a_killed_run_is_not_in_the_way(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / ".given.part").mkdir()
    (tmp_path / ".given.part" / "half.jsonl").write_text("{}\n", encoding="utf-8")
    done = export_person(settings, GONE.subject, tmp_path / "given")
    assert done.folder is not None
    assert not (done.folder / "half.jsonl").exists()
    with pytest.raises(ConfigurationError, match="holds something already"):
        export_person(settings, GONE.subject, tmp_path / "given")


def test_of_somebody_unknown_nothing_is_given_and_no_folder_made(settings: Settings, tmp_path: Path) -> None:
    done = export_person(settings, Subject("us", 4_999_999_999_999), tmp_path / "given")
    assert (done.folder, done.rows, done.lines) == (None, {}, 0)
    assert not (tmp_path / "given").exists()


def test_after_an_erasure_nothing_is_left_to_give(settings: Settings, tmp_path: Path) -> None:
    redact(settings, GONE.subject)
    assert export_person(settings, GONE.subject, tmp_path / "given").folder is None
