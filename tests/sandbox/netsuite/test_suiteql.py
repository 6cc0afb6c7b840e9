"""SuiteQL over REST: what replies look like, what is refused, and where paging goes wrong."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.sandbox.netsuite.client import NetSuite

STAMP = "'YYYY-MM-DD\"T\"HH24:MI:SS.FF3TZH:TZM'"
LINES = "SELECT uniquekey FROM transactionline"


def test_a_reply_has_the_shape_of_the_rest_service(netsuite: NetSuite) -> None:
    body = netsuite.post("SELECT id, tranid, memo FROM transaction ORDER BY id", limit=10, offset=20).json()
    assert body["count"] == 10
    assert body["offset"] == 20
    assert body["hasMore"] is True
    assert body["totalResults"] > 100
    assert {link["rel"] for link in body["links"]} == {"self", "next"}
    assert body["items"][0]["links"] == []
    assert all(isinstance(value, str) for key, value in body["items"][0].items() if key != "links")


def test_keys_are_lower_case_nulls_are_left_out_and_booleans_are_letters(netsuite: NetSuite) -> None:
    row = netsuite.rows("SELECT Id, PARENT, IsInactive AS Off_Sale FROM item WHERE itemtype = 'InvtPart' ORDER BY id")[
        0
    ]
    assert set(row) == {"links", "id", "off_sale"}
    assert row["off_sale"] == "F"


def test_instants_keep_their_offset_and_days_are_printed_as_asked(netsuite: NetSuite) -> None:
    row = netsuite.rows(
        f"SELECT TO_CHAR(t.lastmodifieddate, {STAMP}) AS at, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS day,"
        " t.trandate FROM transaction t WHERE t.type = 'SalesOrd' ORDER BY t.id"
    )[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000-0[45]:00", row["at"])
    year, month, day = row["day"].split("-")
    assert row["trandate"] == f"{month}/{day}/{year}"


def test_a_watermark_with_an_offset_means_the_same_instant_in_any_zone(netsuite: NetSuite) -> None:
    query = "SELECT COUNT(*) AS n FROM transaction WHERE lastmodifieddate >= TO_TIMESTAMP_TZ('{}', '{}')"
    form = 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'
    utc = netsuite.rows(query.format("2026-08-01T04:00:00+00:00", form))
    assert utc == netsuite.rows(query.format("2026-08-01T00:00:00-04:00", form))
    # A literal Z is no zone: the time is read in the account's.
    literal = netsuite.rows(query.format("2026-08-01T00:00:00Z", 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    assert literal == utc


def test_pages_with_a_unique_order_give_each_row_once_and_without_one_rows_go_missing(netsuite: NetSuite) -> None:
    def read(query: str) -> list[str]:
        found: list[str] = []
        for offset in range(0, 3_000, 500):
            found += [row["uniquekey"] for row in netsuite.post(query, limit=500, offset=offset).json()["items"]]
        return found

    ordered = read(f"{LINES} ORDER BY uniquekey")
    assert len(set(ordered)) == 3_000
    assert set(ordered) - set(read(LINES))


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("SELECT colour FROM transaction", "colour"),
        ("SELECT t.id FROM transactions t", "transactions"),
        ("SELECT REGEXP_LIKE(tranid, 'a') FROM transaction", "REGEXP_LIKE"),
        ("SELECT x.id FROM (SELECT tranid FROM transaction) x", "'id'"),
        ("DELETE FROM transaction", "only SELECT"),
        ("SELECT TO_CHAR(trandate, 'yesterday') FROM transaction", "date format"),
    ],
)
def test_what_the_account_does_not_know_is_refused_by_name(netsuite: NetSuite, query: str, named: str) -> None:
    assert named in netsuite.refusal(query)


def test_a_page_of_more_than_a_thousand_or_a_missing_preference_is_refused(netsuite: NetSuite) -> None:
    assert "limit" in netsuite.refusal(LINES, limit=1_001)
    assert netsuite.post(LINES, headers={"Prefer": "respond-async"}).status_code == 400


def test_more_requests_at_a_time_than_the_account_allows_are_turned_away(netsuite: NetSuite) -> None:
    netsuite.sign_on()
    netsuite.faults({"kind": "latency", "shop": "netsuite", "ms": 400})
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: netsuite.post("SELECT id FROM currency ORDER BY id"), range(8)))
    assert sorted({reply.status_code for reply in replies}) == [200, 429]
    busy = next(reply for reply in replies if reply.status_code == 429)
    assert busy.json()["o:errorDetails"][0]["o:errorCode"] == "CONCURRENCY_LIMIT_EXCEEDED"


def test_faults_answer_as_documented(netsuite: NetSuite) -> None:
    netsuite.faults(
        {"kind": "request_limit", "shop": "netsuite", "times": 1},
        {"kind": "http_status", "status": 429, "shop": "netsuite", "times": 1, "skip": 1},
    )
    assert netsuite.refusal(LINES).startswith("Request limit")
    assert netsuite.post(LINES).status_code == 429
    netsuite.faults({"kind": "capped_query", "shop": "netsuite", "rows": 7, "times": 1})
    body = netsuite.post(f"{LINES} ORDER BY uniquekey").json()
    assert (body["count"], body["hasMore"], body["totalResults"]) == (7, False, 7)
    netsuite.faults({"kind": "drop_connection", "shop": "netsuite", "times": 1})
    # Whether the end is clean or a reset depends on what of the request was read by then.
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        netsuite.post(LINES)


def test_the_servers_time_is_the_worlds_and_needs_no_token(netsuite: NetSuite) -> None:
    told = netsuite.http.get(f"{netsuite.services}/system/v1/serverTime").json()["serverTime"]
    now = netsuite.meta.get("/__meta/health").json()["now"]
    assert told[:16] == now[:16] or told > now
