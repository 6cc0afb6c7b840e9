"""A careful receiver: what is not signed, too old or there already changes nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from sandbox.webhook.receiver import READ, Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOLD = {"id": "p:1", "shop": "us", "owner_type": "customer", "owner_id": "7", "attribute": "a.tier", "action": "set"}
GOLD |= {"value": "gold"}
TIER = ("us", "customer", "7", "a.tier")


def take(
    receiver: Receiver,
    *records: dict[str, Any],
    message: str = "msg_1",
    age: float = 0,
    secret: str = SECRET,
    kind: str = "boomerang.values",
) -> tuple[int, Any]:
    body = json.dumps({"type": kind, "data": {"records": records}})
    at = datetime.now(UTC) - timedelta(seconds=age)
    headers = {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body),
    }
    status, _, answer = receiver.take(body.encode(), headers)
    return status, answer


@pytest.mark.parametrize("wrong", [{"secret": "whsec_" + "B" * 32}, {"age": 600}])
def test_a_message_that_is_not_ours_or_too_old_changes_nothing(wrong: dict[str, Any]) -> None:
    receiver = Receiver(SECRET)
    assert take(receiver, GOLD, **wrong)[0] == 401
    assert receiver.values == {}


def test_a_change_that_came_before_is_accepted_again_and_made_once() -> None:
    receiver = Receiver(SECRET)
    first = take(receiver, GOLD)
    take(receiver, {**GOLD, "id": "p:2", "value": "silver"}, message="msg_2")
    assert first == take(receiver, GOLD) == take(receiver, GOLD, message="msg_3")
    assert (receiver.values, receiver.changes) == ({TIER: "silver"}, ["p:1", "p:2"])


def test_a_record_that_is_refused_may_come_again() -> None:
    receiver = Receiver(SECRET)
    receiver.refused_owners["7"] = ("NO", "Not this one.")
    assert take(receiver, GOLD)[1]["results"][0]["status"] == "rejected"
    receiver.refused_owners.clear()
    assert take(receiver, GOLD, message="msg_2")[1]["results"] == [{"id": "p:1", "status": "accepted"}]


def test_it_says_what_it_carries() -> None:
    receiver = Receiver(SECRET)
    take(receiver, GOLD)
    other = {**GOLD, "owner_id": "8"}
    answer = take(receiver, GOLD, other, message="msg_2", kind=READ)[1]
    assert [one["value"] for one in answer["values"]] == ["gold", None]
