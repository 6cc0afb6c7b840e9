"""Files that are not whole yet: still being written, or without the marker that says so."""

from tests.pipelines.threepl.conftest import Partner, partner_settings, shipments_csv

FIRST = "#1001,S1,1,SKU-A,2,2,DHL,T1,2026-11-23 06:00:00"
SECOND = "#1002,S2,1,SKU-B,1,1,DHL,T2,2026-11-23 07:00:00"


def test_files_that_are_being_written_wait(partner: Partner) -> None:
    partner.put("shp_1.csv.part", shipments_csv(FIRST))
    partner.put(".shp_2.csv", shipments_csv(SECOND))

    partner.extract()

    assert partner.manifest() == {}
    (partner.server.root / "out" / "shp_1.csv.part").rename(partner.server.root / "out" / "shp_1.csv")
    partner.extract()
    assert partner.manifest() == {"out/shp_1.csv@1": "loaded"}


def test_a_file_with_a_marker_waits_for_it(partner: Partner) -> None:
    feed = {
        "pattern": "out/shp_*.csv",
        "kind": "shipments",
        "warehouse": "LEJ",
        "trailer": "TRAILER",
        "done_suffix": ".done",
    }
    folder = partner.settings.data_dir.parent
    partner.settings = partner_settings(folder, partner.server, feeds={"leipzig": feed})
    partner.put("shp_1.csv", shipments_csv(FIRST))

    partner.extract()

    assert partner.manifest() == {"out/shp_1.csv@1": "waiting"}
    partner.put("shp_1.csv.done", "")
    partner.extract()
    assert partner.manifest() == {"out/shp_1.csv@1": "loaded"}
