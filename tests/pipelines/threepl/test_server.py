"""A partner's server that hangs up, refuses, is silent or is somebody else's."""

import asyncssh
import pytest

from pipelines.failures import AuthenticationFailed, SourceUnavailable
from pipelines.intake.report import ExtractionFailed
from tests.pipelines.threepl.conftest import Partner, partner_settings, shipments_csv

FIRST = "#1001,S1,1,SKU-A,2,2,DHL,T1,2026-11-23 06:00:00"


def test_what_came_before_the_server_hung_up_is_loaded_and_the_rest_with_the_next_run(partner: Partner) -> None:
    for number in range(1, 10):
        partner.put(f"shp_{number}.csv", shipments_csv(FIRST.replace("S1", f"S{number}")), hours_ago=10 - number)
    partner.server.breaks_at = "shp_8.csv"

    with pytest.raises(SourceUnavailable, match=r"shp_\d\.csv cannot be read"):
        partner.extract()

    before = partner.rows("select count(*) from raw_threepl.shipments")[0][0]
    assert 0 < before < 9
    assert ("shipments", "FED-01") in {problem[:2] for problem in partner.problems()}
    partner.server.breaks_at = ""
    partner.extract()
    assert partner.rows("select count(*), count(distinct shipment_id) from raw_threepl.shipments") == [(9, 9)]
    assert partner.problems() == []


def test_a_folder_that_is_missing_is_told(partner: Partner) -> None:
    (partner.server.root / "out").rmdir()

    with pytest.raises(ExtractionFailed, match="folder out of feed leipzig_shipments does not exist"):
        partner.extract()

    assert ("shipments", "FED-01", "out/shp_*.csv") in partner.problems()


def test_a_server_with_another_host_key_is_refused(partner: Partner) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    partner.settings = partner_settings(partner.settings.data_dir.parent, partner.server, host_key=other)
    partner.put("shp_1.csv", shipments_csv(FIRST))

    with pytest.raises(AuthenticationFailed, match="host key that is not the configured one"):
        partner.extract()

    assert {problem[1] for problem in partner.problems()} == {"FED-09"}


def test_refused_credentials_and_a_silent_server_are_told_and_over_once_it_answers(partner: Partner) -> None:
    folder, settings = partner.settings.data_dir.parent, partner.settings
    partner.settings = partner_settings(folder, partner.server, password="expired")
    with pytest.raises(AuthenticationFailed, match="refused the credentials of boomerang"):
        partner.extract()
    assert ("shipments", "FED-09") in {problem[:2] for problem in partner.problems()}

    partner.settings = partner_settings(folder, partner.server, port=1)
    with pytest.raises(SourceUnavailable, match="does not answer"):
        partner.extract()
    assert ("shipments", "FED-01") in {problem[:2] for problem in partner.problems()}

    partner.settings = settings
    partner.extract()
    open_now = partner.problems()
    assert [problem for problem in open_now if problem[2].endswith(f":{partner.server.port}")] == []
