"""Nordlager's folder: who gets in, which files there are, and that they tell the same as each other."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncssh
import pytest

from tests.sandbox.sftp.visitor import files, problems, rows, segments, told, visit
from tests.sandbox_fixture import SandboxClient

BERLIN = ZoneInfo("Europe/Berlin")
UNITS = ("qty_committed", "qty_damaged", "qty_inspection")


def test_the_password_and_the_key_open_the_folder_and_nothing_above_it(shown: SandboxClient) -> None:
    key = told(shown)["private_key_path"]
    for credentials in ({"password": told(shown)["password"]}, {"client_keys": [key]}):
        assert set(visit(shown, "/", **credentials)) == {"in", "out"}
        assert set(visit(shown, "/../..", **credentials)) == {"in", "out"}


@pytest.mark.parametrize("wrong", [{"password": "other"}, {"username": "root", "password": "sandbox-nordlager"}])
def test_nobody_else_gets_in(shown: SandboxClient, wrong: dict[str, str]) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        visit(shown, "/", **wrong)


def test_a_history_comes_month_by_month_and_its_last_two_weeks_day_by_day(shown: SandboxClient) -> None:
    stock = files(shown, "leipzig", "inv_")
    days = sorted({row["as_of"][:10] for text in stock.values() for row in rows(text)})
    daily = [day for day in days if day >= "2026-10-19"]
    assert daily == [f"2026-10-{day}" for day in range(19, 32)] + ["2026-11-01"]
    assert {day[8:] for day in days if day < "2026-10-19"} == {"01"}


def test_every_csv_file_has_a_trailer_and_its_date_is_that_of_the_world(shown: SandboxClient) -> None:
    found = visit(shown, "/out/leipzig")
    now = datetime.fromisoformat(shown.get_meta("health")["now"]).timestamp()
    for name, (text, changed) in found.items():
        rows(text)
        assert changed <= now
        assert datetime.fromtimestamp(changed, BERLIN).strftime("%Y%m%d%H%M%S") == name.split("_")[1]


def test_another_reader_of_x12_finds_nothing_wrong_and_no_number_twice(shown: SandboxClient) -> None:
    found = files(shown, "hamburg")
    assert {name[:3] for name in found} == {"945", "944", "846", "947"}
    assert {name: problems(text) for name, text in found.items() if problems(text)} == {}
    numbers = sorted(int(segments(text)[0][13]) for text in found.values())
    assert numbers == list(range(1, len(found) + 1))


def test_movements_of_leipzig_explain_every_count_but_the_planted_ones(shown: SandboxClient) -> None:
    planted = {row["object_key"] for row in shown.get_meta("truth", code="INV-04")}
    moves = [row for text in files(shown, "leipzig", "mov_").values() for row in rows(text)]
    assert len({move["movement_id"] for move in moves}) == len(moves)
    for text in files(shown, "leipzig", "inv_").values():
        counted = rows(text)
        as_of = counted[0]["as_of"]
        sums: Counter[str] = Counter()
        for move in moves:
            if move["occurred_at"] <= as_of:
                sums[move["sku"]] += int(move["quantity"])
        wrong = {row["sku"] for row in counted if int(row["qty_on_hand"]) != sums[row["sku"]]}
        # Leipzig knows no hyphens in the names of some articles.
        assert {sku.replace("-", "") for sku in wrong} <= {key.partition("/")[2].replace("-", "") for key in planted}
        # Nothing can be promised of what is not there.
        assert all(
            int(row["qty_available"]) == max(0, int(row["qty_on_hand"]) - sum(int(row[name]) for name in UNITS))
            for row in counted
        )


def test_movements_of_hamburg_tell_the_parcels_of_its_shipping_advices(shown: SandboxClient) -> None:
    shipped: Counter[str] = Counter()
    for text in files(shown, "hamburg", "945").values():
        for segment in segments(text):
            if segment[0] == "W12":
                shipped[segment[8]] += int(segment[3])
    moved: Counter[str] = Counter()
    for text in files(shown, "hamburg", "947").values():
        for segment in segments(text):
            if segment[0] == "W19" and segment[1] == "02":
                moved[segment[6]] -= int(segment[2])
    assert moved == shipped
    assert shipped.total() > 20


def test_each_cut_brings_its_files_when_the_clock_passes_it(office: SandboxClient) -> None:
    before = set(files(office, "leipzig"))
    office.advance(hours=6)
    assert set(files(office, "leipzig")) == before
    office.advance(hours=2)
    noon = set(files(office, "leipzig")) - before
    assert [name[:4] for name in noon] == ["shp_"]
    office.advance(hours=10)
    midnight = set(files(office, "leipzig")) - before - noon
    assert sorted(name[:4] for name in midnight) == ["inv_", "mov_", "rcv_", "ret_", "shp_"]
    (stock,) = [text for name, text in files(office, "leipzig", "inv_").items() if name in midnight]
    assert {row["as_of"] for row in rows(stock)} == {"2026-11-02 00:00:00"}


def test_a_reset_brings_back_the_files_of_the_world_as_it_was_built(office: SandboxClient) -> None:
    before = visit(office, "/out/hamburg")
    office.advance(days=2)
    assert len(visit(office, "/out/hamburg")) > len(before)
    office.reset()
    assert visit(office, "/out/hamburg") == before
