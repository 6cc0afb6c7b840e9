"""Payouts and what they are made of arrive, tie to the cent, and follow their state until it is final."""

from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.progress import SilentProgress
from pipelines.shopify.source import ExtractionReport, extract
from sandbox.store import Store
from tests.pipelines.shopify.exports import rows
from tests.sandbox_fixture import US, SandboxClient, sandbox, sandbox_world  # noqa: F401

PAYMENTS = ("balance_transactions", "disputes", "payouts", "tender_transactions")
TIES = """
    select payouts.payout_id, payouts.status, payouts.net_amount, sum(moves.net_amount) as moved,
           min(moves.payout_status) as least, max(moves.payout_status) as most
    from raw_shopify.payouts left join raw_shopify.balance_transactions as moves
        on payouts.shop = moves.shop and payouts.payout_id = moves.payout_id and moves.type <> 'TRANSFER'
    group by all order by 1
"""


class Notes(SilentProgress):
    """Keeps what each item ended with."""

    def __init__(self) -> None:
        self.of: dict[str, list[str]] = {}

    def finish(self, stage: str, item: str, note: str = "") -> None:
        self.of.setdefault(item, []).append(note)


@pytest.fixture
def settings(sandbox: SandboxClient, tmp_path: Path) -> Settings:  # noqa: F811
    keys = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    shop = {"domain": US, "base_url": sandbox.base_url(), **keys}
    return Settings(data_dir=tmp_path / "data", shops={"us": shop}, extraction={"poll_seconds": 0.05})


def run(settings: Settings, run_id: str, progress: SilentProgress) -> ExtractionReport:
    return extract(settings, "us", entities=PAYMENTS, run_id=run_id, progress=progress)


def test_payouts_tie_and_are_read_again_until_the_bank_has_them(sandbox: SandboxClient, settings: Settings) -> None:  # noqa: F811
    run(settings, "run-1", SilentProgress())
    before = {payout: status for payout, status, *_ in rows(settings, TIES)}
    assert "IN_TRANSIT" in before.values()
    sandbox.advance(days=6)
    report = run(settings, "run-2", SilentProgress())
    found = rows(settings, TIES)
    for payout, status, net, moved, least, most in found:
        assert (net, status, status) == (moved, least, most), payout
    after = {payout: status for payout, status, *_ in found}
    assert {after[payout] for payout, status in before.items() if status == "IN_TRANSIT"} == {"PAID"}
    assert len(after) > len(before)
    again = {result.entity: result for result in report.entities}
    assert again["balance_transactions"].mode == "incremental"
    assert 0 < again["balance_transactions"].arrived_rows < len(rows(settings, "from raw_shopify.balance_transactions"))


def test_a_shop_without_shopify_payments_passes_with_no_rows_and_one_line(
    sandbox: SandboxClient,  # noqa: F811
    settings: Settings,
) -> None:
    store = Store(sandbox.running.working)
    for kind in ("Account", "Payout", "BalanceTransaction", "Dispute"):
        for doc in list(store.scan(US, f"ShopifyPayments{kind}")):
            store.delete(US, doc["id"])
    store.close()
    notes = Notes()
    for number in ("1", "2"):
        report = run(settings, number, notes)
        counted = {result.entity: result.loaded_rows for result in report.entities}
        assert (counted["payouts"], counted["balance_transactions"], counted["disputes"]) == (0, 0, 0)
    assert notes.of["us/payouts"] == ["0 rows (the shop has no shopifyPaymentsAccount)"] * 2
    assert notes.of["us/balance_transactions"] == ["0 rows (the shop has no shopifyPaymentsAccount)"] * 2
    assert notes.of["us/disputes"] == ["0 rows"] * 2
