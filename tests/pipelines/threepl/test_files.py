"""Files of a partner on a real SFTP server, and what becomes of them."""

import pytest

from pipelines.shopify.report import ExtractionFailed
from tests.pipelines.threepl.conftest import Partner, shipments_csv, stock_csv
from tests.pipelines.threepl.x12 import adjusted, interchange, received, shipped, stock

FIRST = "#1001,S1,1,SKU-A,2,2,DHL,T1,2026-11-23 06:00:00"
SECOND = "#1002,S2,1,SKU-B,1,1,DHL,T2,2026-11-23 07:00:00"


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
    assert partner.rows("select count(*) from raw_threepl.shipments") == [(1,)]


def test_a_late_file_is_taken_whatever_its_time_and_newer_rows_are_kept(partner: Partner) -> None:
    partner.put("shp_2.csv", shipments_csv(FIRST.replace("T1", "T1-new")), hours_ago=1)
    partner.extract()
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND), hours_ago=50)

    partner.extract()

    assert partner.rows("select shipment_id, tracking_number from raw_threepl.shipments order by 1") == [
        ("S1", "T1-new"), ("S2", "T2"),
    ]  # fmt: skip
    assert partner.problems() == [("shipments", "FED-10", "out/shp_1.csv")]


def test_a_truncated_file_is_refused_whole_while_others_are_loaded(partner: Partner) -> None:
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND)[:-30])
    partner.put("h_1.x12", interchange(shipped()))

    with pytest.raises(ExtractionFailed, match=r"nordlager.*LEJ.*out/shp_1\.csv.*FED-03") as failed:
        partner.extract()

    assert set(failed.value.failures) == {"shipments"}
    assert partner.rows("select shipment_id from raw_threepl.shipments") == [("SHP-1",)]
    assert partner.problems() == [("shipments", "FED-03", "out/shp_1.csv")]
    partner.put("shp_1.csv", shipments_csv(FIRST, SECOND))
    partner.extract()
    assert partner.problems() == []
    assert partner.rows("select count(*) from raw_threepl.shipments") == [(3,)]
