"""Folders of queries: what a file may say, and that the shipped ones select the contract's columns."""

from pathlib import Path
from typing import Any

import pytest
import sqlglot
from pydantic import SecretStr

from pipelines.erp.netsuite.suiteql import PageEnd, count_text, page_text
from pipelines.erp.queries import FOLDER, ErpQuery, load_queries
from pipelines.erp.reading import Span
from pipelines.erp_settings import SqlErp
from pipelines.failures import ConfigurationError, InvalidQuery
from pipelines.intake.sources import source_contract
from tests.pipelines.erp.test_sql import ORDERS
from tests.pipelines.shopify.exports import NOON, settings_in

FILLED = {"order_reference_field": "reference", "base_currency": "USD", "now": "2026-01-01T00:00:00Z"}


def erp(queries: str) -> SqlErp:
    given: dict[str, Any] = {"name": "x", "kind": "sql", "queries": queries, "url": SecretStr("sqlite://")}
    return SqlErp.model_validate(given)


def load(folder: Path, tmp_path: Path) -> dict[str, ErpQuery]:
    return load_queries(erp(folder.name), source_contract(settings_in(tmp_path), "erp"), folder.parent)


def test_netsuite_s_queries_select_all_columns_of_every_table(tmp_path: Path) -> None:
    contract = source_contract(settings_in(tmp_path), "erp")
    queries = load(FOLDER / "netsuite", tmp_path)
    assert set(queries) == {table.name for table in contract.tables}
    for name, query in queries.items():
        selected = sqlglot.parse_one(query.filled(FILLED), read="oracle").named_selects
        assert [one.lower() for one in selected] == [column.name for column in contract.table(name).columns]
        assert query.order, f"{name} cannot be read page by page"


def test_lines_are_read_by_the_instant_of_their_document(tmp_path: Path) -> None:
    contract, checked = source_contract(settings_in(tmp_path), "erp"), 0
    for folder in ("netsuite", "tryton"):
        queries = load(FOLDER / folder, tmp_path)
        for name, query in queries.items():
            parent = contract.table(name).parent
            if parent is not None:
                assert query.order[:1] == queries[parent].order[:1] or not query.is_incremental
                assert query.is_incremental == queries[parent].is_incremental
                checked += 1
    assert checked > 5


def test_pages_go_on_after_the_last_key_and_instants_carry_their_offset(tmp_path: Path) -> None:
    query = load(FOLDER / "netsuite", tmp_path)["sales_orders"]
    first = page_text(query, query.filled(FILLED), Span(None, NOON), None)
    assert first.endswith("order by t.lastmodifieddate, t.id")
    assert "t.lastmodifieddate < to_timestamp_tz('2026-03-01T12:00:00.000+00:00', 'YYYY-MM-DD" in first
    after = page_text(query, query.filled(FILLED), Span(None, NOON), PageEnd(("2026-02-01T00:00:00.000-05:00", "7")))
    assert "and (t.lastmodifieddate > to_timestamp_tz('2026-02-01T00:00:00.000-05:00'" in after
    assert "t.id > 7))" in after
    with pytest.raises(ValueError, match="invalid literal"):
        page_text(query, query.filled(FILLED), Span(None, NOON), PageEnd(("2026-02-01T00:00:00.000-05:00", "7 or 1=1")))
    counting = count_text(query, query.filled(FILLED), Span(None, NOON))
    assert counting.startswith("select count(*) as rows_there from (select")
    assert "order by" not in counting


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("sales_orders", ORDERS.replace("/* and window */", ""), "must end in a condition and /[*] and window [*]/"),
        ("sales", ORDERS, "is of no table of contract boomerang-erp"),
    ],
)
def test_a_file_that_is_no_query_of_a_table_is_named(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / f"{name}.sql").write_text(text)
    with pytest.raises(InvalidQuery, match=rf"{name}\.sql {sentence}"):
        load(tmp_path / "queries", tmp_path)


def test_an_erp_without_a_folder_is_told_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="of which there are no queries; there are netsuite, tryton"):
        load(FOLDER / "sap", tmp_path)
