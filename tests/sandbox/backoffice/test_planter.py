"""What is broken: decided by the seed, told as it is, pending until it counts, gone when the world goes back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sandbox.backoffice.lags import DAY
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.plants import DEFAULT_RATES, PLANTS
from sandbox.world import World
from sandbox.world.times import epoch
from tests.sandbox.backoffice.conftest import closed, opened

# What needs an order in just the right state may have none to fit among a few hundred.
RARE = {
    "ORD-04", "ORD-09", "FUL-01", "FUL-08", "FUL-10", "PAY-05", "PAY-07", "PAY-08", "PAY-10", "INV-03", "AMT-03",
    "AMT-05", "AMT-06", "REF-07", "RET-02", "RET-07",
}  # fmt: skip


def now(office: BackOffice) -> int:
    return epoch(str(office.store.get_meta("now")))


def keys(office: BackOffice, at: int | None = None, **wanted: str) -> set[tuple[str, str, str]]:
    return {
        (row["code"], row["object_type"], row["object_key"])
        for row in office.truth(at or now(office))
        if all(row[name] == value for name, value in wanted.items())
    }


def test_without_rates_nothing_is_open(clean: BackOffice) -> None:
    assert {row["code"] for row in clean.truth(now(clean)) if row["state"] == "open"} == set()


def test_plants_count_when_the_windows_of_the_taxonomy_are_over() -> None:
    seed = Path(__file__).parents[3] / "dbt_project" / "seeds" / "break_taxonomy.csv"
    with seed.open(newline="", encoding="utf-8") as file:
        windows = {row["code"]: (row["window_minutes"], row["calendar"] == "working") for row in csv.DictReader(file)}
    assert {code: (str(plant.minutes), plant.working) for code, plant in PLANTS.items()} == {
        code: windows[code] for code in PLANTS
    }


def test_most_codes_are_found_even_in_a_small_world(planted: BackOffice) -> None:
    told = {row["code"] for row in planted.truth(now(planted))}
    missing = set(PLANTS) - told
    assert missing <= RARE


def test_an_order_carries_one_plant(planted: BackOffice) -> None:
    rows = planted.records.rows("SELECT key, count(*) FROM bo_plants WHERE subject = 'order' GROUP BY 1")
    assert rows
    assert all(count == 1 for _, count in rows)


def test_the_same_seed_breaks_the_same_and_another_one_does_not(
    planted: BackOffice, sandbox_world: Path, tmp_path: Path
) -> None:
    again = opened(sandbox_world, tmp_path / "again", DEFAULT_RATES)
    other = opened(sandbox_world, tmp_path / "other", DEFAULT_RATES, seed=2)
    assert keys(again) == keys(planted)
    assert keys(other) != keys(planted)
    closed(again)
    closed(other)


def test_a_break_is_pending_until_its_window_has_passed(planted: BackOffice) -> None:
    row = next(row for row in planted.truth(now(planted)) if row["code"] == "FUL-03" and row["state"] == "open")
    since, due = epoch(row["since"]), epoch(row["due_at"])
    assert due - since == PLANTS["FUL-03"].minutes * 60
    name = ("FUL-03", "shipment", row["object_key"])
    assert name not in keys(planted, since - 1)
    assert name in keys(planted, due - 1, state="pending")
    assert name in keys(planted, due, state="open")


def test_a_restart_breaks_nothing_more(sandbox_world: Path, tmp_path: Path) -> None:
    office = opened(sandbox_world, tmp_path, DEFAULT_RATES)
    told, documents = office.truth(now(office)), office.records.rows("SELECT * FROM ns_transaction ORDER BY id")
    office.reopen()
    office.update()
    assert office.truth(now(office)) == told
    assert office.records.rows("SELECT * FROM ns_transaction ORDER BY id") == documents
    closed(office)


def test_an_unknown_code_is_refused_by_name(sandbox_world: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such plant: ORD-99"):
        opened(sandbox_world, tmp_path, {"ORD-99": 0.5})


def test_what_is_planted_shows_in_the_erp(planted: BackOffice) -> None:
    told = {row["code"]: row for row in planted.truth(now(planted)) if row["state"] == "open"}
    rows = planted.records.rows

    def documents(code: str, kind: str) -> int:
        reference = told[code]["object_key"]
        return rows(
            "SELECT count(*) FROM ns_transaction WHERE type = ? AND (custbody_fa_channel_order = ?"
            " OR custbody_fa_channel_order LIKE '%/' || ?)", kind, reference, reference,
        )[0][0]  # fmt: skip

    assert documents("ORD-02", "SalesOrd") == 1
    assert documents("AMT-07", "ItemShip") == 1
    assert documents("AMT-07", "CustInvc") == 0
    payment = told["PAY-01"]["object_key"]
    assert not rows("SELECT 1 FROM ns_transaction WHERE custbody_fa_gateway_reference = ?", payment)
    invoice = told["GL-03"]["object_key"]
    assert rows(
        "SELECT 1 FROM ns_transaction t JOIN ns_accountingperiod p ON p.id = t.postingperiod WHERE t.tranid = ?"
        " AND t.trandate NOT BETWEEN p.startdate AND p.enddate", invoice,
    )  # fmt: skip
    assert not rows("SELECT 1 FROM ns_item WHERE itemid = ?", told["REF-01"]["object_key"])


def test_as_the_world_goes_on_documents_appear_change_and_are_told_of(sandbox_world: Path, tmp_path: Path) -> None:
    office = opened(sandbox_world, tmp_path, {"ORD-01": 0.0})
    before = office.records.rows("SELECT id, lastmodifieddate FROM ns_transaction")
    start = now(office)
    # Long enough for a product to come that nobody knew.
    for hours in (1, 5, 66, 600):
        World(office.store).advance(hours=hours)
        office.update()
    after = dict(office.records.rows("SELECT id, lastmodifieddate FROM ns_transaction"))
    new = {key: at for key, at in after.items() if key not in dict(before)}
    assert new
    assert all(at > start for at in new.values())
    assert any(after[key] > at for key, at in before)
    assert set(dict(before)) <= set(after)
    assert not office.records.rows(
        'SELECT "transaction" FROM ns_transactionaccountingline GROUP BY 1 HAVING abs(sum(amount)) > 0.001'
    )
    assert all(at <= now(office) for at in after.values())
    closed(office)


def test_steps_with_restarts_between_bring_what_one_long_step_brings(sandbox_world: Path, tmp_path: Path) -> None:
    offices = [opened(sandbox_world, tmp_path / name, DEFAULT_RATES) for name in ("one", "two")]
    for office, steps in zip(offices, ((2 * DAY,), (DAY // 3, DAY, DAY * 2 // 3)), strict=True):
        for seconds in steps:
            World(office.store).advance(hours=seconds / 3600)
            office.reopen()
            office.update()
    query = "SELECT id, tranid, trandate, createddate, status, foreigntotal FROM ns_transaction WHERE id < 900000000"
    one, two = (set(office.records.rows(query)) for office in offices)
    assert one == two
    for office in offices:
        closed(office)
