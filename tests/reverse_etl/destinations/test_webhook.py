"""What a webhook is told, how it is signed, and what its answers mean."""

import asyncio
import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipelines.config import load_settings
from pipelines.destination_settings import key_of
from pipelines.failures import ConfigurationError, DeliveryError
from pipelines.privacy.person import Person, Subject
from reverse_etl.delivery.clearing import clear_customer
from reverse_etl.destinations.pace import Pace
from reverse_etl.destinations.webhook_client import WebhookClient, signature
from reverse_etl.failures import DestinationRefused, DestinationUnavailable, UnknownRun
from reverse_etl.plan import plan_sync
from reverse_etl.plans.plan_store import load_plan
from reverse_etl.undo import plan_undo
from sandbox.webhook.receiver import Fault
from tests.reverse_etl.delivery.test_crashes import die
from tests.reverse_etl.destinations.conformance.places import (
    SECRET,
    ReadableWebhookPlace,
    WebhookPlace,
    webhook,
)
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold

OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes......").decode()


class FakeClock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += max(0.0, seconds)


@pytest.fixture
def crm(clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[WebhookPlace]:
    with webhook(monkeypatch, tmp_path, WebhookPlace) as place:
        yield place


def messages(place: WebhookPlace) -> list[dict[str, Any]]:
    return [entry for entry in place.receiver.log if entry["kind"] == "boomerang.values"]


def post(place: WebhookPlace, clock: FakeClock, times: int = 1, **settings: Any) -> None:
    """Post empty messages, all at the same time."""
    given = place.marketing.settings.destination("crm").model_copy(update=settings)

    async def all_at_once() -> None:
        async with WebhookClient(given, Pace(given.requests_per_second, clock)) as client:
            body = b'{"type":"boomerang.values","data":{"records":[]}}'
            await asyncio.gather(*(client.post(given.url, body, f"msg_{number}") for number in range(times)))

    asyncio.run(all_at_once())


def test_a_change_says_all_that_a_receiver_needs(crm: WebhookPlace) -> None:
    customer = crm.marketing.customers()[0]
    report = crm.marketing.deliver({customer: gold()})
    crm.marketing.deliver({customer: gold(tier="silver")})
    sent = {record["attribute"]: record for entry in messages(crm) for record in entry["records"]}
    assert sent["boomerang.expected_value_365d"] == {
        "id": f"{report.plan_id}:1",
        "shop": "us",
        "owner_type": "customer",
        "owner_id": str(customer),
        "attribute": "boomerang.expected_value_365d",
        "action": "set",
        "type": "money",
        "value": '{"amount":"100.50","currency_code":"USD"}',
        "value_before": None,
    }
    assert (sent["boomerang.vip_tier"]["value_before"], sent["boomerang.vip_tier"]["value"]) == ("gold", "silver")
    gone = sent["tag:boomerang:vip-gold"]
    assert (gone["action"], gone["type"], gone["value"]) == ("tag_remove", None, None)
    assert {entry["status"] for entry in crm.receiver.log} == {200}


def test_the_check_that_the_docs_give_to_receivers_knows_our_signature() -> None:
    text = (Path(__file__).parents[3] / "docs" / "destinations.md").read_text(encoding="utf-8")
    given: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], given)
    now, body = int(time.time()), b'{"a": 1}'
    keys = [key_of(SecretStr(secret)) for secret in (OTHER, SECRET)]
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now)}
    headers["webhook-signature"] = signature(keys, "msg_1", now, body)
    assert given["is_ours"](SECRET, headers, body)
    assert given["is_ours"](OTHER, headers, body)
    assert not given["is_ours"](SECRET, headers, body + b" ")
    assert not given["is_ours"]("whsec_" + "B" * 32, headers, body)
    assert not given["is_ours"](SECRET, headers | {"webhook-timestamp": str(now - 600)}, body)


def test_while_a_secret_changes_both_are_good(crm: WebhookPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOMERANG_DESTINATIONS__CRM__SECRET", OTHER)
    monkeypatch.setenv("BOOMERANG_DESTINATIONS__CRM__OLD_SECRET", SECRET)
    crm.marketing.settings = load_settings()
    first, second = crm.marketing.customers()[:2]
    assert crm.marketing.deliver({first: gold()}).acknowledged == 4
    crm.receiver.secrets = [OTHER]
    assert crm.marketing.deliver({first: gold(), second: gold()}).acknowledged == 4


def test_a_wrong_secret_is_named_by_its_variable_and_never_shown(
    crm: WebhookPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOMERANG_DESTINATIONS__CRM__SECRET", OTHER)
    crm.marketing.settings = load_settings()
    assert OTHER not in repr(crm.marketing.settings)
    with pytest.raises(DestinationRefused, match="BOOMERANG_DESTINATIONS__CRM__SECRET") as refused:
        crm.marketing.deliver({crm.marketing.customers()[0]: gold()})
    assert OTHER not in str(refused.value)
    assert len(crm.receiver.log) == 1


def test_an_answer_without_outcomes_accepts_all(crm: WebhookPlace) -> None:
    crm.receiver.answers_plainly = True
    assert crm.marketing.deliver({number: gold() for number in crm.marketing.customers()[:5]}).acknowledged == 20


def test_a_batch_that_is_refused_without_a_name_is_halved_down_to_the_bad_record(crm: WebhookPlace) -> None:
    good, bad, other = crm.marketing.customers()[:3]
    crm.refuse(bad)
    crm.receiver.refuse_without_naming = True
    report = crm.marketing.deliver({number: gold() for number in (good, bad, other)})
    assert (report.acknowledged, report.rejected) == (8, 4)
    assert {(one.code, one.example_record_id) for one in report.rejections} == {("HTTP_422", bad)}
    assert "one of these is bad" in (report.rejections[0].reason or "")


def test_a_message_keeps_its_id_while_it_is_tried_again(crm: WebhookPlace) -> None:
    crm.receiver.faults.append(Fault(502, times=2, after=True))
    crm.marketing.deliver({crm.marketing.customers()[0]: gold(tier="silver")})
    sent = [(entry["webhook_id"], entry["status"]) for entry in messages(crm)]
    assert [status for _, status in sent] == [502, 502, 200]
    assert len({webhook_id for webhook_id, _ in sent}) == 1


def test_a_change_that_was_refused_is_another_message_and_the_same_change(crm: WebhookPlace) -> None:
    customer = crm.marketing.customers()[0]
    crm.refuse(customer)
    crm.marketing.want({customer: gold(tier="silver")})
    plan = crm.marketing.plan()
    assert crm.marketing.apply(plan).rejected == 3
    crm.receiver.refused_owners.clear()
    assert crm.marketing.apply(plan).acknowledged == 3
    first, second = messages(crm)
    assert first["webhook_id"] != second["webhook_id"]
    assert [one["id"] for one in first["records"]] == [one["id"] for one in second["records"]]


def test_a_receiver_that_kept_another_value_is_believed(crm: WebhookPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = crm.marketing.customers()[0]
    crm.marketing.deliver({customer: {"vip_tier": "silver"}})
    kept = {"status": "rejected", "code": "CONFLICT", "message": "Ada changed it.", "value": "bronze"}
    monkeypatch.setattr(crm.receiver, "_change", lambda record: {"id": record["id"], **kept})
    report = crm.marketing.deliver({customer: {"vip_tier": "gold"}})
    reasons = {(one.code, one.reason) for one in report.rejections}
    assert ("CONFLICT", "Ada changed it.") in reasons
    assert crm.marketing.acknowledged()[customer, "metafield:boomerang.vip_tier"] == "bronze"


@pytest.mark.parametrize("answer", [{}, {"status": "perhaps"}, {"status": None}])
def test_what_the_answer_leaves_out_is_not_taken_for_done(
    crm: WebhookPlace, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    monkeypatch.setattr(crm.receiver, "_change", lambda record: {"id": record["id"], **answer})
    report = crm.marketing.deliver({crm.marketing.customers()[0]: {"vip_tier": "silver"}})
    assert [(one.code, one.rows) for one in report.rejections] == [("NO_OUTCOME", 1)]
    assert crm.marketing.acknowledged() == {}


def test_requests_keep_their_distance_however_many_wait(crm: WebhookPlace) -> None:
    clock = FakeClock()
    post(crm, clock, times=11, requests_per_second=5.0)
    assert (len(crm.receiver.log), round(clock.time, 6)) == (11, 2.0)


def test_nobody_goes_while_one_was_asked_to_wait(crm: WebhookPlace) -> None:
    clock = FakeClock()
    crm.receiver.faults.append(Fault(429, headers={"retry-after": "60"}))
    post(crm, clock, times=3)
    assert [entry["status"] for entry in crm.receiver.log].count(429) == 1
    assert 60 <= clock.time < 61


def test_the_wait_may_be_given_as_a_time(crm: WebhookPlace) -> None:
    clock = FakeClock()
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)
    crm.receiver.faults.append(Fault(503, headers={"retry-after": until}))
    post(crm, clock)
    assert 100 < clock.time <= 120


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(503, times=99, headers={"retry-after": "86400"}), "asks to wait 86,400 seconds"),
        (Fault(500, times=99), "failed 4 times, last with HTTP 500"),
        (Fault(429, times=99), "failed 25 times, last with HTTP 429"),
    ],
)
def test_who_does_not_come_back_ends_the_run_in_a_sentence(crm: WebhookPlace, fault: Fault, said: str) -> None:
    crm.receiver.faults.append(fault)
    with pytest.raises(DestinationUnavailable, match=f"Destination crm .127.0.0.1. {said}"):
        post(crm, FakeClock())


@pytest.mark.parametrize("status", [401, 403, 404, 405, 410, 415, 301])
def test_a_refusal_of_whatever_is_sent_is_not_tried_again(crm: WebhookPlace, status: int) -> None:
    crm.receiver.faults.append(Fault(status, times=99, headers={"location": "/elsewhere"}))
    with pytest.raises(DestinationRefused, match=f"HTTP {status}"):
        post(crm, FakeClock())
    assert len(crm.receiver.log) == 1


def test_two_destinations_may_carry_the_same_value_and_know_nothing_of_each_other(crm: WebhookPlace) -> None:
    marketing, customer = crm.marketing, crm.marketing.customers()[0]
    to_shopify = SYNC.replace("name: customers", "name: in_shopify") + NO_GUARD
    Marketing.write_sync(marketing, to_shopify, "in_shopify")
    marketing.deliver({customer: gold()})
    held = "select object, count(*) from ops.delivery_values group by object"
    assert marketing.rows(held) == [("customer@crm", 4)]
    shown = load_plan(marketing.settings, marketing.plan().plan_id)
    assert (shown.object, shown.destination, shown.place) == ("customer", "crm", "crm")
    assert plan_sync(marketing.settings, "in_shopify", "us", folder=marketing.folder).rows == 4


def test_another_destination_starts_from_nothing(crm: WebhookPlace) -> None:
    marketing, customer = crm.marketing, crm.marketing.customers()[0]
    marketing.deliver({customer: gold()})
    assert marketing.plan().is_empty
    Marketing.write_sync(marketing, SYNC + NO_GUARD)
    assert marketing.plan().rows == 4


def test_what_is_in_doubt_or_to_be_undone_elsewhere_is_not_sent_to_the_new_destination(crm: WebhookPlace) -> None:
    marketing = crm.marketing
    run = marketing.deliver({marketing.customers()[0]: gold()})
    marketing.want({number: gold() for number in marketing.customers()[:2]})
    die(marketing, marketing.plan(), "sent", 1)
    Marketing.write_sync(marketing, SYNC + NO_GUARD)
    with pytest.raises(DeliveryError, match="to crm was cut off, and its file says destination: shopify now"):
        marketing.plan()
    with pytest.raises(UnknownRun, match="wrote to crm, and the file of sync 'customers' says destination: shopify"):
        plan_undo(marketing.settings, run.run_id, folder=marketing.folder)
    marketing.write_sync(SYNC + NO_GUARD)
    assert marketing.apply(marketing.plan()).rejected == 0
    assert len(marketing.acknowledged()) == 8


def test_a_destination_that_the_settings_do_not_know_is_named(crm: WebhookPlace) -> None:
    Marketing.write_sync(crm.marketing, SYNC + NO_GUARD + "destination: cmr\n")
    with pytest.raises(
        ConfigurationError, match=r"Destination 'cmr' is not configured; known destinations: shopify, crm"
    ):
        crm.marketing.plan()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f'secret = "{SECRET}"', "holds the secret destinations.crm.secret; move it"),
        ('url = "http://crm.example/in"', "must begin with https://"),
        ('url = "crm"', "must be an address"),
        ("requests_per_second = 0", "greater than 0"),
    ],
)
def test_settings_that_would_leak_or_never_work_are_refused(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, said: str
) -> None:
    with webhook(monkeypatch, tmp_path, ReadableWebhookPlace):
        path = tmp_path / "boomerang.toml"
        kept = [one for one in path.read_text().splitlines() if not one.startswith(line.split(" = ")[0])]
        path.write_text("\n".join([*kept, line]))
        with pytest.raises(ConfigurationError, match=said):
            load_settings()


@pytest.mark.parametrize("secret", ["", "hunter2", "whsec_hunter2", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_secret_that_is_none_is_refused_and_not_shown(
    crm: WebhookPlace, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("BOOMERANG_DESTINATIONS__CRM__SECRET", secret)
    with pytest.raises(ConfigurationError, match="must be 'whsec_'") as refused:
        load_settings()
    assert not secret or secret not in str(refused.value)


def test_a_redaction_says_that_it_is_one(crm: WebhookPlace) -> None:
    customer = crm.marketing.customers()[0]
    crm.marketing.deliver({customer: gold()})
    assert clear_customer(crm.marketing.settings, Person(Subject("us", customer))) == {"crm": 4}
    last = crm.receiver.log[-1]
    assert (last["kind"], {one["action"] for one in last["records"]}) == (
        "boomerang.redaction",
        {"delete", "tag_remove"},
    )
    assert crm.receiver.values == {}
