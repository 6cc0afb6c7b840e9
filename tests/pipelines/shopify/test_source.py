"""A whole extraction against the sandbox: complete, incremental, survived, or told in a sentence."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.contracts.dead_letters import count_dead_letters
from pipelines.failures import ConfigurationError, SourceError, WarehouseLocked
from pipelines.intake.exclusive import ShopBusy, exclusive
from pipelines.progress import SilentProgress
from pipelines.shopify.__main__ import main
from pipelines.shopify.source import ExtractionFailed, ExtractionReport, extract
from pipelines.warehouse import Warehouse
from tests.pipelines.shopify.exports import rows
from tests.sandbox_fixture import EU, US, SandboxClient, sandbox, sandbox_world  # noqa: F401

FEW = ("locations", "orders", "refund_details")


def shop(sandbox: SandboxClient, domain: str = US, **more: Any) -> dict[str, Any]:  # noqa: F811
    keys = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    return {"domain": domain, "base_url": sandbox.base_url(domain), **keys, **more}


@pytest.fixture
def settings(sandbox: SandboxClient, tmp_path: Path) -> Settings:  # noqa: F811
    return Settings(
        data_dir=tmp_path / "data",
        shops={"us": shop(sandbox), "eu": shop(sandbox, EU)},
        extraction={"poll_seconds": 0.05, "attempts": 2},
    )


def orders_in(sandbox: SandboxClient) -> int:  # noqa: F811
    count: int = sandbox.state(customers="false")["counts"]["Order"]
    return count


def run(settings: Settings, *entities: str, run_id: str = "run-1", name: str = "us") -> ExtractionReport:
    return extract(settings, name, entities=entities or None, run_id=run_id, progress=SilentProgress())


def windows(settings: Settings, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    return rows(settings, f"select {columns} from ops.extraction_windows where {where} order by started_at")


def test_every_entity_of_the_contract_arrives_complete(sandbox: SandboxClient, settings: Settings) -> None:  # noqa: F811
    report = run(settings)
    by_entity = {result.entity: result for result in report.entities}
    assert len(by_entity) == 25
    for result in report.entities:
        assert result.expected_rows == result.arrived_rows == result.loaded_rows + result.rejected_rows
        assert result.rejected_rows == 0
        for name, count in result.tables.items():
            assert count.adds_up
            assert rows(settings, f"select count(*) from raw_shopify.{name}") == [(count.loaded,)]

    assert by_entity["orders"].tables["orders"].loaded == orders_in(sandbox)
    refunds = rows(settings, "select count(*) from raw_shopify.refunds")[0][0]
    assert by_entity["refund_details"].arrived_rows == refunds > 0
    assert count_dead_letters(settings) == {}
    assert not list((settings.data_dir / "exports").rglob("*.*"))


def test_the_next_run_reads_only_what_changed(sandbox: SandboxClient, settings: Settings) -> None:  # noqa: F811
    first = run(settings, *FEW)
    sandbox.advance(days=2)
    second = run(settings, *FEW, run_id="run-2")
    orders = [next(r for r in report.entities if r.entity == "orders") for report in (first, second)]
    assert 0 < orders[1].arrived_rows < orders[0].arrived_rows / 4
    (_, end), (start, _) = windows(settings, "window_from, window_to", "entity = 'orders'")
    assert (end - start).total_seconds() == settings.extraction.overlap_minutes * 60
    (count,) = rows(settings, "select count(*) from raw_shopify.orders")[0]
    assert count == orders_in(sandbox)
    assert rows(settings, "select order_id from raw_shopify.orders group by all having count(*) > 1") == []
    early, late = rows(settings, "select distinct _extracted_at from raw_shopify.orders order by 1")
    assert early < late


def test_two_shops_at_once_share_the_tables(settings: Settings) -> None:
    reports: dict[str, ExtractionReport] = {}
    threads = [
        threading.Thread(target=lambda name=name: reports.update({name: run(settings, *FEW, name=name)}))
        for name in ("us", "eu")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, report in reports.items():
        loaded = next(r for r in report.entities if r.entity == "orders").tables["orders"].loaded
        assert rows(settings, f"select count(*) from raw_shopify.orders where shop = '{name}'") == [(loaded,)]
    assert set(reports) == {"us", "eu"}


@pytest.mark.parametrize(
    "spoiled",
    [
        {"change": "malformed"},
        {"change": "missing_id"},
        {"change": "unknown_enum", "field": "displayFinancialStatus"},
        {"change": "wrong_type", "field": "createdAt"},
    ],
)
def test_a_spoiled_line_becomes_a_dead_letter_and_the_rest_is_loaded(
    sandbox: SandboxClient,  # noqa: F811
    settings: Settings,
    spoiled: dict[str, Any],
) -> None:
    sandbox.faults({"kind": "bulk_line", "line": 1, "root": "orders", **spoiled})
    (result,) = run(settings, "orders").entities
    assert result.rejected_rows >= 1
    assert result.expected_rows == result.arrived_rows == result.loaded_rows + result.rejected_rows
    assert sum(count_dead_letters(settings).values()) == result.rejected_rows
    ((state, expected, arrived, loaded, rejected),) = windows(
        settings, "state, expected_rows, arrived_rows, loaded_rows, rejected_rows"
    )
    assert (state, expected, arrived) == ("loaded", arrived, loaded + rejected)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"kind": "bulk_lost_line", "line": 2}, r"orders: .* lines instead of"),
        ({"kind": "truncated_download", "share": 0.5}, r"orders: The download of orders of shop us stops after"),
        ({"kind": "bulk_failed", "errorCode": "TIMEOUT"}, r"orders: The bulk export of orders .* FAILED with TIMEOUT"),
        ({"kind": "access_denied", "root": "bulkOperationRunQuery"}, r"lacks access|ACCESS_DENIED|access"),
    ],
)
def test_an_entity_that_fails_moves_no_cursor_and_stops_no_other(
    sandbox: SandboxClient,  # noqa: F811
    settings: Settings,
    fault: dict[str, Any],
    sentence: str,
) -> None:
    sandbox.faults({**fault, "root": fault.get("root", "orders")} if fault["kind"] != "truncated_download" else fault)
    with pytest.raises(ExtractionFailed, match=sentence) as raised:
        run(settings, "orders", "shop")
    assert [result.entity for result in raised.value.report.entities] == ["shop"]
    assert rows(settings, "select count(*) from raw_shopify.orders") == [(0,)]
    assert windows(settings, "state", "entity = 'orders' and state = 'loaded'") == []
    sandbox.http.delete("/__meta/faults")
    run(settings, "orders", run_id="run-2")
    assert rows(settings, "select count(*) from raw_shopify.orders") == [(orders_in(sandbox),)]


def test_a_wrong_token_stops_before_anything_is_planned(settings: Settings, sandbox: SandboxClient) -> None:  # noqa: F811
    sandbox.faults({"kind": "token_refused"})
    with pytest.raises(SourceError, match="us"):
        run(settings, "orders")
    assert not (settings.data_dir / "boomerang.duckdb").exists()


def test_a_locked_warehouse_ends_in_a_sentence_and_nothing_moves(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings, "locations")
    monkeypatch.setitem(Warehouse.__init__.__kwdefaults__, "lock_patience_seconds", 0.3)
    hold = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", hold, str(settings.duckdb_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WarehouseLocked, match=r"boomerang\.duckdb is locked by another process \(PID \d+\)"):
            run(settings, "orders", run_id="run-2")
        holder.kill()
    assert windows(settings, "entity, state") == [("locations", "loaded")]


def test_an_unknown_entity_is_named_with_those_there_are(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match=r"Entity wombats is not known; known entities: orders, sales_ledger"):
        run(settings, "wombats")


def test_a_shop_that_is_being_extracted_is_waited_for(settings: Settings) -> None:
    with (
        exclusive(settings, "us"),
        pytest.raises(ShopBusy, match=f"process {os.getpid()}"),
        exclusive(settings, "us", patience=0.3),
    ):
        pass
    with exclusive(settings, "us"):
        pass


DIE = """
import os, sys
from pipelines.config import load_settings
from pipelines.progress import SilentProgress
from pipelines.intake import ledger
from pipelines.loading import landing, load
from pipelines.shopify import entity_run, source, workbench

where = sys.argv[1]

def die(*_, **__):
    os._exit(9)

def after(function):
    def run(*arguments, **options):
        function(*arguments, **options)
        os._exit(9)
    return run

async def die_later(*_, **__):
    os._exit(9)

points = {
    "planned": (ledger, "plan"),
    "submitted": (ledger, "submitted"),
    "downloaded": (ledger, "downloaded"),
}
if where in points:
    module, name = points[where]
    setattr(module, name, after(getattr(module, name)))
elif where == "before the download":
    import pipelines.shopify.bulk_export as bulk_export
    bulk_export.download = die_later
elif where == "read":
    workbench.load = die
elif where == "landed":
    landing.Landing.land = after(landing.Landing.land)
elif where == "loaded":
    load._commit = after(load._commit)
elif where == "details":
    entity_run.fetch_nodes = die_later
source.extract(load_settings(), "us", entities=["orders", "refund_details"], run_id="dying", progress=SilentProgress())
"""


@pytest.mark.parametrize(
    "where", ["planned", "submitted", "before the download", "downloaded", "read", "landed", "loaded", "details"]
)
def test_a_run_that_dies_is_finished_by_the_next_one(
    sandbox: SandboxClient,  # noqa: F811
    settings: Settings,
    tmp_path: Path,
    where: str,
) -> None:
    (tmp_path / "boomerang.toml").write_text(
        f'data_dir = "{settings.data_dir}"\n[shops.us]\ndomain = "{US}"\nbase_url = "{sandbox.base_url()}"\n'
        'client_id = "sandbox-client"\n[extraction]\npoll_seconds = 0.05\n'
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "BOOMERANG_SHOPS__US__CLIENT_SECRET": "sandbox-secret",
    }
    died = subprocess.run([sys.executable, "-c", DIE, where], cwd=tmp_path, env=environment, check=False, timeout=120)
    assert died.returncode == 9
    exports = len(_submissions(sandbox))
    run(settings, "orders", "refund_details", run_id="run-2")
    assert rows(settings, "select count(*) from raw_shopify.orders") == [(orders_in(sandbox),)]
    assert rows(settings, "select order_id from raw_shopify.orders group by all having count(*) > 1") == []
    missing = """select count(*) from raw_shopify.refunds where refund_id not in
                 (select node_id from ops.extraction_nodes where entity = 'refund_details')"""
    assert rows(settings, missing) == [(0,)]
    states = {state for (state,) in windows(settings, "state")}
    assert states <= {"loaded", "failed"}
    if where in ("submitted", "before the download", "downloaded", "read", "landed"):
        assert len(_submissions(sandbox)) == exports, "the operation of the dead run is adopted"


def _submissions(sandbox: SandboxClient) -> list[Any]:  # noqa: F811
    return [entry for entry in sandbox.log() if "bulkOperationRunQuery" in str(entry)]


def test_the_command_line_runs_a_shop_alone(
    sandbox: SandboxClient,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "boomerang.toml").write_text(
        f'data_dir = "data"\n[shops.us]\ndomain = "{US}"\nbase_url = "{sandbox.base_url()}"\n'
        'client_id = "sandbox-client"\n'
    )
    monkeypatch.setenv("BOOMERANG_SHOPS__US__CLIENT_SECRET", "sandbox-secret")
    assert main(["--shop", "us", "--entities", "locations"]) == 0
    assert "us locations (full): 4 of 4 lines, 4 loaded, 0 rejected" in capsys.readouterr().out
    assert main(["--shop", "de"]) == 2
    assert "Shop 'de' is not configured; known shops: us." in capsys.readouterr().err
