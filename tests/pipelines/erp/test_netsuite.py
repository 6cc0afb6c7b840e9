"""NetSuite read right through: every table, both ways to sign, in windows, complete or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipelines.config import Settings
from pipelines.contracts.dead_letters import count_dead_letters
from pipelines.erp.netsuite import reader
from pipelines.erp.netsuite.client import NetSuiteClient
from pipelines.erp.source import extract
from pipelines.erp_settings import NetSuiteErp
from pipelines.failures import AccessDenied, AuthenticationFailed
from pipelines.intake.report import ExtractionFailed, ExtractionReport
from pipelines.intake.sources import source_contract
from pipelines.progress import SilentProgress
from pipelines.warehouse import Warehouse
from sandbox.server import Sandbox, ready_line
from tests.pipelines.shopify.exports import rows, settings_in
from tests.sandbox.backoffice_fixture import office, office_world, shown  # noqa: F401
from tests.sandbox_fixture import SandboxClient, sandbox_world  # noqa: F401

TBA = ("consumer_key", "consumer_secret", "token_id", "token_secret")


class ShortClock:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += max(0.0, seconds)


def settings_of(folder: Path, running: Sandbox, **more: Any) -> Settings:
    access = json.loads(ready_line(running))["erp"]
    given = {"name": "netsuite", "kind": "netsuite", "algorithm": "ES256", "time_zone": "America/New_York"}
    for name in ("base_url", "account", "client_id", "certificate_id", "private_key_path"):
        given[name] = access[name]
    if more.get("auth") == "tba":
        more |= {name: SecretStr(access[name]) for name in TBA}
    return settings_in(folder, erp={"netsuite": NetSuiteErp.model_validate({**given, **more})})


def read(settings: Settings, *entities: str, clock: Any = None) -> ExtractionReport:
    return extract(
        settings, "netsuite", entities=entities or None, run_id="run", progress=SilentProgress(), clock=clock
    )


def problems(settings: Settings) -> list[tuple[Any, ...]]:
    return rows(settings, "select feed, code from ops.feed_problems where cleared_at is null order by 1, 2")


def fault(client: SandboxClient, **what: Any) -> None:
    client.http.post("/__meta/faults", json=[{"shop": "netsuite", **what}]).raise_for_status()


@pytest.fixture
def erp(office: SandboxClient) -> SandboxClient:  # noqa: F811
    """A sandbox of the test's own, with nothing broken behind its shops."""
    return office


def counts(settings: Settings) -> dict[str, int]:
    names = ("sales_orders", "sales_order_lines", "invoice_lines", "gl_entries", "inventory_balances", "prices")
    return {name: rows(settings, f"select count(*) from raw_erp.{name}")[0][0] for name in names}


def in_netsuite(client: SandboxClient, sql: str) -> Any:
    return client.running.behind.office.records.rows(sql)[0][0]


def test_everything_is_read_and_nothing_is_rejected(shown: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    settings = settings_of(tmp_path, shown.running)
    report = read(settings)
    assert count_dead_letters(settings) == {}
    assert all(one.expected_rows == one.arrived_rows == one.loaded_rows for one in report.entities)
    filled = {name for one in report.entities for name, count in one.tables.items() if count.loaded}
    assert {table.name for table in source_contract(settings, "erp").tables} - filled <= {"inventory_adjustments"}
    orders = in_netsuite(shown, "select count(*) from ns_transaction where type = 'SalesOrd'")
    assert counts(settings)["sales_orders"] == orders > 100
    balanced = """select document_id from raw_erp.gl_entries group by 1
        having sum(debit_amount) <> sum(credit_amount)"""
    unbalanced = {number for (number,) in rows(settings, balanced)}
    assert len(unbalanced) < 10  # those that are planted
    spelt = "select distinct regexp_replace(shopify_reference, '[0-9]+', '1') from raw_erp.sales_orders"
    assert problems(settings) == []
    assert {value for (value,) in rows(settings, spelt)} >= {"1", "gid://shopify/Order/1"}


def test_pages_and_slices_of_any_size_and_both_ways_to_sign_give_the_same(
    shown: SandboxClient,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entities = ("sales_orders", "invoices", "gl_entries", "inventory_balances", "price_lists")
    whole = settings_of(tmp_path / "whole", shown.running)
    read(whole, *entities)
    monkeypatch.setattr(reader, "SLICE_ROWS", 400)
    parts = settings_of(tmp_path / "parts", shown.running, auth="tba", page_size=90, concurrency=5)
    read(parts, *entities)
    assert counts(parts) == counts(whole)


def test_what_changed_is_read_again_and_replaces_itself(erp: SandboxClient, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, erp.running, overlap_minutes=60)
    before = {one.entity: one for one in read(settings, "sales_orders", "fulfillments", "locations").entities}
    erp.advance(hours=30)
    after = {one.entity: one for one in read(settings, "sales_orders", "fulfillments", "locations").entities}
    assert (after["sales_orders"].mode, after["locations"].mode) == ("incremental", "full")
    assert 0 < after["sales_orders"].arrived_rows < before["sales_orders"].arrived_rows / 4
    orders = in_netsuite(erp, "select count(*) from ns_transaction where type = 'SalesOrd'")
    lines = """select count(*) from ns_transactionline l join ns_transaction t on t.id = l."transaction"
        where t.type = 'SalesOrd' and l.mainline = 'F' and l.item is not null"""
    assert rows(settings, "select count(*) from raw_erp.sales_orders") == [(orders,)]
    assert rows(settings, "select count(*) from raw_erp.sales_order_lines") == [(in_netsuite(erp, lines),)]


def test_a_document_that_changes_while_it_is_read_waits_for_the_next_window(
    erp: SandboxClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path, erp.running, overlap_minutes=60)
    ask, touched = NetSuiteClient.suiteql, []

    async def changing(self: NetSuiteClient, query: str, limit: int, *, what: str) -> bytes:
        body = await ask(self, query, limit, what=what)
        if not touched:
            records = erp.running.behind.office.records
            touched.append(records.rows("select max(id) from ns_transaction where type = 'SalesOrd'")[0][0])
            later = erp.running.behind.now + 1_800
            sql = f"update ns_transaction set lastmodifieddate = {later} where id = {touched[0]}"
            records.connection().execute(sql)
            records.connection().commit()
        return body

    monkeypatch.setattr(NetSuiteClient, "suiteql", changing)
    (found,) = read(settings, "sales_orders").entities
    assert found.expected_rows == found.loaded_rows
    waiting = f"select count(*) from raw_erp.{{}} where sales_order_id = '{touched[0]}'"
    for table in ("sales_orders", "sales_order_lines"):
        assert rows(settings, waiting.format(table)) == [(0,)]
    erp.advance(hours=1)
    read(settings, "sales_orders")
    assert rows(settings, waiting.format("sales_orders")) == [(1,)]


def test_a_minute_of_refusals_and_dropped_connections_is_waited_out(erp: SandboxClient, tmp_path: Path) -> None:
    settings, clock = settings_of(tmp_path, erp.running), ShortClock()
    fault(erp, kind="http_status", status=429, times=5)
    fault(erp, kind="request_limit", times=3)
    fault(erp, kind="drop_connection", times=2, skip=1)
    fault(erp, kind="expired_token", times=1, skip=2)
    fault(erp, kind="latency", ms=200, times=2)
    report = read(settings, "locations", "items", clock=clock)
    assert all(one.loaded_rows for one in report.entities)
    assert len(report.entities) == 2
    assert clock.seconds > 20


def test_an_account_that_keeps_refusing_is_told_and_holds_back_what_rests_on_it(
    erp: SandboxClient, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, erp.running)
    read(settings, "locations")
    fault(erp, kind="http_status", status=429)
    with pytest.raises(ExtractionFailed, match="kept refusing requests for 300 seconds because too many are under way"):
        read(settings, "locations", clock=ShortClock())
    assert problems(settings) == [("locations", "FED-09")]
    assert rows(settings, "select count(*) > 0 from raw_erp.locations") == [(True,)]
    erp.http.delete("/__meta/faults")
    read(settings, "locations")
    assert problems(settings) == []


def test_a_refused_certificate_and_a_wrong_account_are_told_apart(erp: SandboxClient, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, erp.running)
    fault(erp, kind="token_refused")
    with pytest.raises(ExtractionFailed) as failed:
        read(settings, "locations", "items")
    assert isinstance(failed.value.failures["items"], AuthenticationFailed)
    assert "refuses the signed assertion of erp netsuite (The certificate has expired" in str(failed.value)
    assert problems(settings) == [("items", "FED-09"), ("locations", "FED-09")]
    elsewhere = settings_of(tmp_path, erp.running, account="7654321", base_url=f"{erp.origin}/netsuite/7654321")
    with pytest.raises(AccessDenied, match=r"does not know the account 7654321 .* correct erp\.netsuite\.account"):
        read(elsewhere, "locations")
    unsigned = settings_of(tmp_path, erp.running, certificate_id="another")
    with pytest.raises(ExtractionFailed, match="renew the certificate or correct client_id and certificate_id"):
        read(unsigned, "locations")


def test_an_unknown_field_fails_its_entity_and_the_others_are_loaded(erp: SandboxClient, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, erp.running, order_reference_field="custbody_celigo_etail_order_id")
    with pytest.raises(ExtractionFailed, match=r"rejects the query of sales_orders .*custbody_celigo_etail_order_id"):
        read(settings, "sales_orders", "locations")
    assert problems(settings) == [("sales_orders", "FED-04")]
    assert rows(settings, "select count(*) from raw_erp.sales_orders") == [(0,)]
    assert rows(settings, "select count(*) > 0 from raw_erp.locations") == [(True,)]


def test_a_capped_query_moves_nothing(erp: SandboxClient, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, erp.running)
    fault(erp, kind="capped_query", rows=7)
    with pytest.raises(ExtractionFailed, match=r"counts \d+ rows of items, but gives only 7: a cap was reached"):
        read(settings, "items")
    assert problems(settings) == [("items", "FED-07")]
    assert rows(settings, "select count(*) from raw_erp.items") == [(0,)]
    assert rows(settings, "select state from ops.extraction_windows") == [("failed",)]


def test_a_clock_that_goes_back_moves_nothing(erp: SandboxClient, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, erp.running)
    read(settings, "items")
    with Warehouse(settings).session() as session:
        session.execute("update ops.extraction_windows set window_to = window_to + interval 2 day")
    with pytest.raises(ExtractionFailed, match="check that the ERP, or its replica, is the one it was"):
        read(settings, "items")
    assert problems(settings) == [("items", "FED-05")]


def test_deletions_that_the_role_may_not_see_are_a_problem_of_their_own(erp: SandboxClient, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, erp.running)
    fault(erp, kind="http_status", status=403)
    with pytest.raises(ExtractionFailed, match="does not let its role read deleted_records"):
        read(settings, "deleted_records")
    assert problems(settings) == [("deleted_records", "FED-08")]
