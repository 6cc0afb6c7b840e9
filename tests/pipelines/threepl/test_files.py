"""Files of a partner on a real SFTP server, and what becomes of them: each problem has a file that causes it."""

import pytest

from pipelines.intake.report import ExtractionFailed
from tests.pipelines.threepl.conftest import Partner, partner_settings, shipments_csv, stock_csv
from tests.pipelines.threepl.x12 import adjusted, interchange, received, shipped, stock

FIRST = "#1001,S1,1,SKU-A,2,2,DHL,T1,2026-11-23 06:00:00"
SECOND = "#1002,S2,1,SKU-B,1,1,DHL,T2,2026-11-23 07:00:00"
SHIPMENTS = "select shipment_id, tracking_number from raw_threepl.shipments order by 1"
LEVELS = "select sku, cast(on_hand_quantity as integer) from raw_threepl.inventory_snapshots order by as_of, sku"


def test_files_of_both_formats_become_rows_of_the_contract(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND))
    partner.put("inv_1.csv", stock_csv(("SKU-A", 10), ("SKU-B", 0)))
    partner.put("h_1.x12", interchange(shipped(), stock(), received(), received("R-2", rma="RMA-1"), adjusted()))

    report = partner.extract()

    loaded = {result.entity: result.loaded_rows for result in report.entities}
    assert loaded == {
        "warehouses": 2, "shipments": 6, "inventory_snapshots": 4, "movements": 1, "receipts": 2, "returns": 2,
    }  # fmt: skip
    assert partner.rows(
        "select shipment_id, warehouse_code, cast(shipped_at as varchar), zone_source, tracking_number, file_id "
        "from raw_threepl.shipments order by 1"
    ) == [
        ("S1", "LEJ", "2026-11-23 05:00:00+00", "config", "T1", "out/shp_1.csv@1"),
        ("S2", "LEJ", "2026-11-23 06:00:00+00", "config", "T2", "out/shp_1.csv@1"),
        ("SHP-1", "HAM", "2026-11-23 07:30:00+00", "config", "TRK1", "out/h_1.x12@1"),
    ]
    assert partner.problems() == []
    assert set(partner.manifest().values()) == {"loaded"}


def test_a_file_is_taken_once(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(FIRST))
    partner.extract()

    report = partner.extract()

    assert {result.entity: result.arrived_rows for result in report.entities}["shipments"] == 0
    assert partner.rows(SHIPMENTS) == [("S1", "T1")]


def test_files_without_rows_are_news_each_time_and_no_duplicates(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(), hours_ago=5)
    partner.put("shp_2.csv", shipments_csv(), hours_ago=2)

    report = partner.extract()

    assert set(partner.manifest().values()) == {"loaded"}
    # The feed has come as far as its newest file, though nothing was in it.
    assert [str(result.window_to) for result in report.entities if result.entity == "shipments"] == [
        "2026-11-23 10:00:00+00:00"
    ]


def test_a_problem_keeps_the_instant_at_which_it_was_first_seen(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(FIRST)[:-40], hours_ago=5)
    with pytest.raises(ExtractionFailed):
        partner.extract()
    partner.put("h_1.x12", interchange(shipped()), hours_ago=1)

    with pytest.raises(ExtractionFailed):
        partner.extract()

    assert partner.rows("select file, cast(detected_at as varchar), cleared_at from ops.feed_problems") == [
        ("out/shp_1.csv", "2026-11-23 07:00:00+00", None)
    ]


def test_a_late_file_is_taken_whatever_its_time_and_newer_rows_are_kept(partner: Partner) -> None:
    partner.put("shp_2.csv", shipments_csv(FIRST.replace("T1", "T1-new")), hours_ago=1)
    partner.extract()
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND), hours_ago=50)

    partner.extract()

    assert partner.rows(SHIPMENTS) == [("S1", "T1-new"), ("S2", "T2")]
    assert partner.problems() == [("shipments", "FED-10", "out/shp_1.csv")]
    partner.put("shp_3.csv", shipments_csv(SECOND.replace("S2", "S3")), hours_ago=0.5)
    partner.extract()
    assert partner.problems() == []


def test_a_truncated_file_is_refused_whole_while_others_are_loaded(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND)[:-40])
    partner.put("h_1.x12", interchange(shipped()))

    with pytest.raises(
        ExtractionFailed, match=r"nordlager, warehouse LEJ, file out/shp_1\.csv: line 3.*FED-03"
    ) as failed:
        partner.extract()

    assert set(failed.value.failures) == {"shipments"}
    assert partner.rows(SHIPMENTS) == [("SHP-1", "TRK1")]
    assert partner.problems() == [("shipments", "FED-03", "out/shp_1.csv")]
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND))
    partner.extract()
    assert partner.problems() == []
    assert partner.rows("select count(*) from raw_threepl.shipments") == [(3,)]


# Each with the code and what the sentence says. The names of X12 files tell their control numbers.
BROKEN = {
    "shp_empty.csv": ("", "FED-03", "the file is empty"),
    "inv_empty.csv": (stock_csv(), "FED-03", "an empty file is not empty stock"),
    "shp_count.csv": (
        shipments_csv(FIRST).replace("TRAILER,1", "TRAILER,2"),
        "FED-03",
        "counts 2 rows, but there are 1",
    ),
    "shp_head.csv": (shipments_csv()[:60], "FED-03", "line 1: the file ends within its heading"),
    "shp_end.csv": (shipments_csv(FIRST).replace("TRAILER,1\n", ""), "FED-03", "'TRAILER' is missing"),
    "shp_column.csv": (shipments_csv(FIRST).replace("sku", "article"), "FED-04", "line 1: there is no column 'sku'"),
    "shp_number.csv": (
        shipments_csv(FIRST).replace("SKU-A,2,2", "SKU-A,2,two"),
        "FED-04",
        "line 2: 'two' in column qty",
    ),
    "shp_time.csv": (shipments_csv(FIRST).replace("2026-11-23", "23/11/26"), "FED-04", "line 2: '23/11/26 06:00:00'"),
    "shp_zone.csv": (shipments_csv(FIRST).replace("06:00:00", "06:00:00 QST"), "FED-05", "names a zone"),
    "inv_place.csv": (stock_csv(("SKU-A", 1), warehouse="BRE"), "FED-05", "line 2: the zone of warehouse BRE"),
    "1.x12": (interchange(shipped())[:-20], "FED-03", "IEA"),
    "2.x12": (interchange(shipped(), control=2).replace("SE*", "SE*9"), "FED-03", "SE count of 9"),
    "3.x12": (interchange(shipped(), control=3).replace("W03*2", "W03*3"), "FED-03", "the lines add up to 2"),
    "4.x12": (interchange(stock([]), control=4), "FED-03", "no line"),
    "5.x12": (interchange(stock(qualifier="ZZ"), control=5), "FED-04", "quantity qualifier ZZ is not known"),
    "6.x12": (interchange(adjusted(reason="77"), control=6), "FED-04", "adjustment reason 77 is not known"),
    "7.x12": (interchange(shipped(at="20261123*W*0830*QQ"), control=7), "FED-05", "time code QQ"),
    "8.x12": (interchange(shipped(warehouse="BRE"), control=8), "FED-05", "the zone of warehouse BRE"),
    "9.x12": ("garbage", "FED-04", "no X12 file"),
}


def test_files_that_cannot_be_trusted_are_refused_each_with_its_code_and_the_good_one_is_loaded(
    partner: Partner,
) -> None:
    for name, (content, _, _) in BROKEN.items():
        partner.put(name, content)
    partner.put("shp_good.csv", shipments_csv(FIRST))

    with pytest.raises(
        ExtractionFailed, match=r"partner nordlager failed for .*shipments.* Nothing of the file is loaded"
    ):
        partner.extract()

    told = partner.rows("select distinct file, code, message from ops.feed_problems where cleared_at is null")
    assert {file: code for file, code, _ in told} == {f"out/{name}": code for name, (_, code, _) in BROKEN.items()}
    wrong = [(name, sentence) for name, (_, _, sentence) in BROKEN.items()
             if not any(file == f"out/{name}" and sentence in message for file, _, message in told)]  # fmt: skip
    assert wrong == []
    states = partner.manifest()
    assert {name for name, state in states.items() if state != "rejected"} == {"out/shp_good.csv@1"}
    assert partner.rows(SHIPMENTS) == [("S1", "T1")]


def test_the_same_file_under_another_name_is_skipped(partner: Partner) -> None:
    partner.put("h_1.x12", interchange(shipped()))
    partner.put("h_1_again.x12", interchange(shipped()))

    partner.extract()

    assert partner.manifest() == {"out/h_1.x12@1": "loaded", "out/h_1_again.x12@1": "duplicate"}
    assert partner.problems() == []


def test_a_control_number_used_for_other_content_is_refused_until_the_file_is_taken_away(partner: Partner) -> None:
    partner.put("h_1.x12", interchange(shipped()))
    partner.put("h_2.x12", interchange(shipped("SHP-2")))

    with pytest.raises(ExtractionFailed, match=r"control number NORDLAGER/000000001 was used by out/h_1\.x12"):
        partner.extract()

    assert partner.problems() == [("shipments", "FED-02", "out/h_2.x12")]
    assert partner.rows(SHIPMENTS) == [("SHP-1", "TRK1")]
    (partner.server.root / "out" / "h_2.x12").unlink()
    partner.extract()
    assert partner.problems() == []


def test_of_a_corrected_file_the_later_version_holds_and_both_are_kept(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND), hours_ago=2)
    partner.put("inv_1.csv", stock_csv(("SKU-A", 10), ("SKU-B", 5)), hours_ago=2)
    partner.extract()
    partner.put("shp_1.csv", shipments_csv(FIRST.replace("T1", "T9")), hours_ago=1)
    partner.put("inv_1.csv", stock_csv(("SKU-A", 11)), hours_ago=1)

    partner.extract()

    assert partner.rows(SHIPMENTS) == [("S1", "T9")]
    assert partner.rows("select shipment_id from raw_threepl.shipment_lines") == [("S1",)]
    assert partner.rows(LEVELS) == [("SKU-A", 11)]
    assert partner.manifest() == {
        "out/shp_1.csv@1": "superseded", "out/shp_1.csv@2": "loaded",
        "out/inv_1.csv@1": "superseded", "out/inv_1.csv@2": "loaded",
    }  # fmt: skip
    kept = partner.settings.data_dir / "files" / "nordlager"
    hashes = {sha for (sha,) in partner.rows("select sha256 from ops.threepl_files")}
    assert hashes <= {path.name for path in kept.iterdir()}


def test_stock_that_goes_back_in_time_is_refused_and_a_later_stock_ends_the_problem(partner: Partner) -> None:
    partner.put("inv_1.csv", stock_csv(("SKU-A", 10)), hours_ago=3)
    partner.extract()
    partner.put("inv_2.csv", stock_csv(("SKU-A", 4), as_of="2026-11-21 06:00:00"), hours_ago=2)

    with pytest.raises(ExtractionFailed, match=r"warehouse LEJ at 2026-11-21 05:00 UTC, though out/inv_1\.csv"):
        partner.extract()

    assert partner.problems() == [("inventory_snapshots", "FED-05", "out/inv_2.csv")]
    partner.put("inv_3.csv", stock_csv(("SKU-A", 8), as_of="2026-11-23 09:00:00"), hours_ago=1)
    partner.extract()
    assert partner.rows(LEVELS) == [("SKU-A", 10), ("SKU-A", 8)]
    assert partner.problems() == []


def test_an_old_stock_that_comes_late_is_loaded_beside_the_newer_one(partner: Partner) -> None:
    partner.put("inv_2.csv", stock_csv(("SKU-A", 10)), hours_ago=3)
    partner.extract()
    partner.put("inv_1.csv", stock_csv(("SKU-A", 4), as_of="2026-11-22 06:00:00"), hours_ago=27)

    partner.extract()

    assert partner.rows(LEVELS) == [("SKU-A", 4), ("SKU-A", 10)]
    assert partner.problems() == [("inventory_snapshots", "FED-10", "out/inv_1.csv")]


def test_far_fewer_rows_than_usual_are_loaded_and_told(partner: Partner) -> None:
    usual = tuple((f"SKU-{number}", 1) for number in range(20))
    for day in range(1, 7):
        partner.put(f"inv_{day}.csv", stock_csv(*usual, as_of=f"2026-11-1{day} 06:00:00"), hours_ago=240 - 24 * day)
    partner.extract()
    partner.put("inv_7.csv", stock_csv(*usual[:2], as_of="2026-11-17 06:00:00"))

    partner.extract()

    assert partner.problems() == [("inventory_snapshots", "FED-06", "out/inv_7.csv")]
    assert partner.manifest()["out/inv_7.csv@1"] == "loaded"


def test_a_feed_that_brings_nothing_in_time_is_told_until_it_does(partner: Partner) -> None:
    feed = {"pattern": "out/shp_*.csv", "kind": "shipments", "warehouse": "LEJ", "trailer": "TRAILER", "every_hours": 6}
    hamburg = {"pattern": "out/*.x12", "format": "x12"}
    folder = partner.settings.data_dir.parent
    partner.settings = partner_settings(folder, partner.server, feeds={"leipzig": feed, "hamburg": hamburg})
    partner.put("shp_1.csv", shipments_csv(FIRST), hours_ago=10)
    partner.put("h_1.x12", interchange(stock()), hours_ago=1)

    with pytest.raises(ExtractionFailed, match=r"feed leipzig .* last file at 2026-11-23 02:00 UTC, 9 hours ago"):
        partner.extract()

    assert partner.problems() == [("shipments", "FED-01", "out/shp_*.csv")]
    assert partner.rows(SHIPMENTS) == [("S1", "T1")]
    partner.put("shp_2.csv", shipments_csv(SECOND), hours_ago=1)
    partner.extract()
    assert partner.problems() == []


def test_rows_that_break_the_contract_are_dead_letters_and_the_rest_of_the_file_is_loaded(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND.replace("SKU-B", "")))

    report = partner.extract()

    assert {result.entity: result.rejected_rows for result in report.entities}["shipments"] == 1
    assert partner.rows("select count(*) from raw_threepl.shipment_lines") == [(1,)]
    assert partner.rows("select rule from ops.dead_letters") == [("sku_required",)]
