"""The destinations that the suite runs on. Another one is a class here, and a line in `PLACES`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import load_settings
from sandbox.webhook.receiver import Fault, Limit, Receiver
from sandbox.webhook.server import serving
from tests.reverse_etl.conftest import configure
from tests.reverse_etl.marketing import Customer, Marketing
from tests.reverse_etl.test_undo import set_by_hand
from tests.sandbox_fixture import EU, US, SandboxClient

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DELETE = """
mutation Delete($metafields: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $metafields) { userErrors { message } }
}
"""
TYPES = {"vip_tier": "single_line_text_field", "p_alive": "number_decimal"}


class Place(ABC):
    """A destination that runs: what the suite does to it, and sees of it."""

    marketing: Marketing
    name: str
    can_read = True
    requests_at_once: int  # that it takes without having been waited for

    @abstractmethod
    def refuse(self, customer: int) -> None:
        """Refuse whatever is written to a customer from now on, naming it."""

    @abstractmethod
    def throttle(self, times: int) -> None:
        """Ask for patience at the next requests that write."""

    @abstractmethod
    def fail_after_writing(self) -> None:
        """Let the next request that writes take effect, and answer that it failed."""

    @abstractmethod
    def lock_out(self) -> None:
        """Accept our credentials no more."""

    @abstractmethod
    def let_in(self) -> None:
        """Accept them again."""

    @abstractmethod
    def edit(self, customer: int, key: str, value: str) -> None:
        """Change a value as somebody else would."""

    @abstractmethod
    def wipe(self, customer: int, key: str) -> None:
        """Remove a value as somebody else would."""

    @abstractmethod
    def deletions(self) -> int:
        """How often a deletion was asked for so far, in whatever the destination counts."""

    @abstractmethod
    def changes_made(self) -> int:
        """Values and tags that are in place because of us, and of which no change is counted twice."""

    @abstractmethod
    def keep_a_limit(self) -> None:
        """Refuse whatever comes faster than the limit that it has told us, or that the settings say."""

    @abstractmethod
    def refused_as_too_fast(self) -> int:
        """Requests that it refused for that."""


class ShopifyPlace(Place):
    """The first destination, against the sandbox."""

    name = "shopify"
    requests_at_once = 200  # 2,000 points

    def __init__(self, marketing: Marketing) -> None:
        self.marketing = marketing

    def refuse(self, customer: int) -> None:
        owner = f"gid://shopify/Customer/{customer}"
        self.marketing.sandbox.faults({"kind": "user_error", "owner": owner, "message": "No.", "code": "INVALID_VALUE"})

    def throttle(self, times: int) -> None:
        self.marketing.sandbox.faults({"kind": "throttled", "root": "metafieldsSet", "times": times})

    def fail_after_writing(self) -> None:
        fault = {"kind": "internal_error", "after": True, "times": 1, "root": "metafieldsSet"}
        self.marketing.sandbox.faults(fault)

    def lock_out(self) -> None:
        self.marketing.sandbox.faults({"kind": "access_denied", "scope": "write_customers"})

    def let_in(self) -> None:
        self.marketing.sandbox.http.delete("/__meta/faults")

    def edit(self, customer: int, key: str, value: str) -> None:
        set_by_hand(self.marketing, customer, key, TYPES[key], value)

    def wipe(self, customer: int, key: str) -> None:
        value = {"ownerId": f"gid://shopify/Customer/{customer}", "namespace": "boomerang", "key": key}
        self.marketing.sandbox.ask(DELETE, {"metafields": [value]})

    def deletions(self) -> int:
        asked = ("metafieldsDelete", "tagsRemove")
        return sum(sum(root in asked for root in entry.get("roots") or ()) for entry in self.marketing.sandbox.log())

    def changes_made(self) -> int:
        return sum(len(values) - 1 + len(values["tags"]) for values in self.marketing.carried().values())

    def keep_a_limit(self) -> None:
        """The sandbox always does."""

    def refused_as_too_fast(self) -> int:
        return len(self.marketing.sandbox.log(outcome="THROTTLED"))


class WebhookMarketing(Marketing):
    """The same merchant, whose sync goes to a webhook."""

    receiver: Receiver

    def write_sync(self, text: str, name: str = "customers") -> None:
        super().write_sync(text + "destination: crm\n", name)

    def customers(self, shop: str = "us") -> list[int]:
        return list(range(7_120_000_000_001, 7_120_000_000_121))

    def carried(self, shop: str = "us") -> dict[int, Customer]:
        found: dict[int, Customer] = {}
        for (of_shop, owner, number, attribute), value in self.receiver.values.items():
            assert owner == "customer"
            if of_shop == shop:
                record = found.setdefault(int(number), {"tags": set()})
                if attribute.startswith("tag:"):
                    assert attribute == f"tag:{value}"
                    record["tags"].add(value)
                else:
                    record[attribute.removeprefix("boomerang.")] = value
        return found

    def mutations(self) -> int:
        return sum(entry["kind"] == "boomerang.values" for entry in self.receiver.log)


class WebhookPlace(Place):
    """The second destination: a webhook that can only be written to."""

    name = "crm"
    can_read = False
    requests_at_once = 5

    def __init__(self, marketing: WebhookMarketing) -> None:
        self.marketing, self.receiver = marketing, marketing.receiver

    def refuse(self, customer: int) -> None:
        self.receiver.refused_owners[str(customer)] = ("NO_SUCH_CONTACT", "We do not know this contact.")

    def throttle(self, times: int) -> None:
        self.receiver.faults.append(Fault(429, times, headers={"retry-after": "0.05"}))

    def fail_after_writing(self) -> None:
        self.receiver.faults.append(Fault(502, after=True))

    def lock_out(self) -> None:
        self.receiver.secrets = ["whsec_" + "B" * 32]

    def let_in(self) -> None:
        self.receiver.secrets = [SECRET]

    def edit(self, customer: int, key: str, value: str) -> None:
        self.receiver.values["us", "customer", str(customer), f"boomerang.{key}"] = value

    def wipe(self, customer: int, key: str) -> None:
        del self.receiver.values["us", "customer", str(customer), f"boomerang.{key}"]

    def changes_made(self) -> int:
        return len(self.receiver.changes)

    def deletions(self) -> int:
        actions = [record["action"] for entry in self.receiver.log for record in entry["records"] if "id" in record]
        return sum(action in ("delete", "tag_remove") for action in actions)

    def keep_a_limit(self) -> None:
        self.receiver.limit = Limit(
            per_second=self.marketing.settings.destination("crm").requests_per_second, size=self.requests_at_once
        )

    def refused_as_too_fast(self) -> int:
        return sum(entry["status"] == 429 for entry in self.receiver.log)


class ReadableWebhookPlace(WebhookPlace):
    """The same with a `read_url`."""

    can_read = True


@contextmanager
def webhook(monkeypatch: pytest.MonkeyPatch, folder: Path, kind: type[WebhookPlace]) -> Iterator[WebhookPlace]:
    """A merchant with a webhook `crm` that a receiver listens on."""
    receiver, nowhere = Receiver(SECRET), "http://127.0.0.1:9"
    with serving(receiver) as url:
        configure(monkeypatch, folder, nowhere, nowhere)
        read = f'read_url = "{url}"\n' if kind.can_read else ""
        with (folder / "boomerang.toml").open("a", encoding="utf-8") as file:
            file.write(f'[destinations.crm]\ntype = "webhook"\nurl = "{url}"\n{read}')
            file.write("requests_per_second = 40\nrecords_per_request = 9\n")
        monkeypatch.setenv("BOOMERANG_DESTINATIONS__CRM__SECRET", SECRET)
        marketing = WebhookMarketing(load_settings(), folder)
        marketing.receiver = receiver
        yield kind(marketing)


def shopify(monkeypatch: pytest.MonkeyPatch, folder: Path, sandbox: SandboxClient) -> ShopifyPlace:
    """A merchant whose sync goes to Shopify."""
    settings = configure(monkeypatch, folder, sandbox.base_url(US), sandbox.base_url(EU))
    return ShopifyPlace(Marketing(settings, folder, sandbox))


PLACES: dict[str, Any] = {"shopify": ShopifyPlace, "webhook": WebhookPlace, "readable webhook": ReadableWebhookPlace}
