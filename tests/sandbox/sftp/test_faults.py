"""Files that go wrong, each for real: as a switch makes the next one that is due."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from tests.sandbox.sftp.visitor import files, problems, rows, segments, visit
from tests.sandbox_fixture import SandboxClient

SITES = {"leipzig": "LEJ", "hamburg": "HAM"}


def _next_stock(sandbox: SandboxClient, kind: str, site: str = "leipzig", **more: object) -> dict[str, str]:
    """Return the files of the next midnight's count, after a fault was switched on for it."""
    prefix = "inv_" if site == "leipzig" else "846"
    before = set(files(sandbox, site, prefix))
    sandbox.faults({"kind": kind, "shop": SITES[site], "name": "inv", "times": 1, **more})
    sandbox.advance(days=1)
    return {name: text for name, text in files(sandbox, site, prefix).items() if name not in before}


@pytest.mark.parametrize("site", ["leipzig", "hamburg"])
def test_a_late_file_comes_with_the_next_ones_and_an_old_date(office: SandboxClient, site: str) -> None:
    assert _next_stock(office, "late_file", site) == {}
    office.advance(days=1)
    found = visit(office, f"/out/{site}", "inv_" if site == "leipzig" else "846")
    *_, late, last = sorted(changed for _, changed in found.values())
    assert last - late == pytest.approx(86_400, abs=30)


def test_a_file_that_comes_twice_has_the_same_content(office: SandboxClient) -> None:
    one, two = _next_stock(office, "duplicate_file", "hamburg").values()
    assert one == two


def test_a_control_number_used_again_has_other_content(office: SandboxClient) -> None:
    one, two = _next_stock(office, "reused_number", "hamburg").values()
    assert one != two
    assert segments(one)[0][13] == segments(two)[0][13]
    assert problems(two) == []


@pytest.mark.parametrize("site", ["leipzig", "hamburg"])
def test_a_corrected_file_is_followed_by_the_right_one(office: SandboxClient, site: str) -> None:
    wrong, right = _next_stock(office, "corrected_file", site).values()
    assert wrong != right
    assert sum(a != b for a, b in zip(wrong.splitlines(), right.splitlines(), strict=True)) <= 6


def test_a_torn_file_lacks_its_end(office: SandboxClient) -> None:
    (torn,) = _next_stock(office, "truncated_file").values()
    assert "TRAILER" not in torn
    (torn,) = _next_stock(office, "truncated_file", "hamburg").values()
    assert "IEA" not in torn
    assert problems(torn)


def test_an_empty_file_is_empty(office: SandboxClient) -> None:
    assert list(_next_stock(office, "empty_file").values()) == [""]


def test_an_upload_grows_under_its_own_name_until_it_is_whole(office: SandboxClient) -> None:
    (early,) = _next_stock(office, "partial_upload", seconds=1.0).values()
    for _ in range(100):
        text = list(files(office, "leipzig", "inv_").values())[-1]
        if "TRAILER" in text:
            break
        time.sleep(0.1)
    assert text.startswith(early)
    assert len(rows(text)) > 100


def test_an_upload_that_never_ends_stays_a_part(office: SandboxClient) -> None:
    ((name, text),) = _next_stock(office, "partial_upload", part=True).items()
    assert name.endswith(".csv.part")
    assert "TRAILER" not in text


def test_columns_and_qualifiers_change_without_notice(office: SandboxClient) -> None:
    (text,) = _next_stock(office, "changed_column").values()
    assert "article" in text.partition("\n")[0].split(",")
    (text,) = _next_stock(office, "changed_column", "hamburg").values()
    assert {segment[2] for segment in segments(text) if segment[0] == "LIN"} == {"ZZ"}
    assert problems(text) == []


def test_times_may_be_in_a_zone_that_nobody_knows(office: SandboxClient) -> None:
    (text,) = _next_stock(office, "unknown_zone").values()
    assert {row["as_of"][-4:] for row in rows(text)} == {" QST"}
    (text,) = _next_stock(office, "unknown_zone", "hamburg").values()
    assert "*92*BRE~" in text


def test_stock_may_be_older_than_the_last_one(office: SandboxClient) -> None:
    (text,) = _next_stock(office, "backward_file").values()
    now = datetime.fromisoformat(office.get_meta("health")["now"]).date()
    assert {(now - datetime.fromisoformat(row["as_of"]).date()).days for row in rows(text)} == {3}


def test_a_file_may_be_whole_and_much_too_short(office: SandboxClient) -> None:
    whole = len(rows(list(files(office, "leipzig", "inv_").values())[-1]))
    (text,) = _next_stock(office, "few_rows").values()
    assert len(rows(text)) == whole // 10
