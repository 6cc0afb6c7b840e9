"""Payouts of the payments provider: deposits in the ledger, lines on the bank's statement, chargebacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.backoffice.erp.chart import ACCOUNTS, CURRENCIES, SHOP_CURRENCY
from sandbox.backoffice.erp.documents import Document, Row, document
from sandbox.backoffice.erp.masters import Masters
from sandbox.backoffice.lags import HOUR, lag
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.reading import number
from sandbox.world.parameters import SHOPS
from sandbox.world.times import epoch

Doc = dict[str, Any]

_DEPOSITS, _RETRIES, _CHARGEBACKS = 930_000_000, 940_000_000, 950_000_000
_BANK_LINES, _TRANSFERRED = 1_000_000, 2_000_000
_CLEARED = frozenset({"CHARGE", "REFUND", "DISPUTE_WITHDRAWAL", "DISPUTE_REVERSAL"})
_RESERVE = frozenset({"RESERVED_FUNDS", "RESERVED_FUNDS_REVERSAL"})


def _cents(money: Doc) -> int:
    return round(float(money["amount"]) * 100)


def _held(part: Doc) -> int:
    """Cents of a balance transaction that is a reserve or an adjustment; 0 for others."""
    return 0 if part["type"] in (*_CLEARED, "TRANSFER_FAILURE") else _cents(part["amount"])


class Treasury:
    """Books what the provider paid out, as each update finds it."""

    def __init__(self, office: BackOffice, masters: Masters) -> None:
        """Prepare."""
        self._office, self._masters, self._records = office, masters, office.records
        self._planter, self._seed = office.planter, office.seed
        self._lines: list[Row] = []

    def run(self, now: int) -> Iterator[Document]:
        """Yield deposits and chargebacks that are booked by now, and write the bank's lines."""
        self._lines = []
        for shop in SHOPS:
            payouts = list(self._office.store.scan(shop.domain, "ShopifyPaymentsPayout", packed=True))
            parts: dict[str, list[Doc]] = {}
            for part in self._office.store.scan(shop.domain, "ShopifyPaymentsBalanceTransaction", packed=True):
                if part["associatedPayout"]["id"] and part["type"] != "TRANSFER":
                    parts.setdefault(part["associatedPayout"]["id"], []).append(part)
            planted = self._planted(payouts, parts)
            for place, payout in enumerate(sorted(payouts, key=lambda doc: str(doc["issuedAt"]))):
                if planted.get(str(number(payout["id"]))) == "PAY-03":
                    self._office.storefront.other_amount(shop.domain, payout)
                id_ = place * 2 + SHOPS.index(shop)
                yield from self._payout(shop.key, id_, payout, parts.get(payout["id"], []), planted, now)
            yield from self._disputes(shop.key, shop.domain, now)
        self._transfers(now)
        self._masters.write("customrecord_bank_line", self._lines)

    def _planted(self, payouts: list[Doc], parts: dict[str, list[Doc]]) -> dict[str, str]:
        """What payouts carry: number -> code; those with a reserve, those that failed and the rest apart."""
        paid = [str(number(p["id"])) for p in payouts if p["status"] == "PAID"]
        failed = [str(number(p["id"])) for p in payouts if p["status"] == "FAILED"]
        adjusted = {
            str(number(gid)) for gid, found in parts.items() if any(part["type"] not in _CLEARED for part in found)
        }
        plain = [key for key in paid if key not in adjusted]
        # What is paid again after a failure is no reserve, and what is held and let go within a payout leaves none.
        reserved = {str(number(gid)) for gid, found in parts.items() if sum(map(_held, found))}
        found = {}
        for code, keys in (
            ("PAY-03", plain), ("PAY-04", plain), ("PAY-06", plain), ("GL-04", plain),
            ("PAY-05", failed), ("PAY-08", sorted(reserved & set(paid))),
        ):  # fmt: skip
            found.update(dict.fromkeys(self._planter.pick(code, keys, least=1), code))
        return found

    def _payout(
        self, shop: str, place: int, payout: Doc, parts: list[Doc], planted: dict[str, str], now: int
    ) -> Iterator[Document]:
        key, settled = str(number(payout["id"])), epoch(payout["updatedAt"])
        source, code = f"erp:payout:{key}", planted.get(key)
        self._planter.forget(source)
        if payout["status"] in ("SCHEDULED", "IN_TRANSIT"):
            # On its way: nobody can have it yet.
            since = epoch(payout["issuedAt"])
            self._planter.tell("PAY-04", shop, key, since, source, state="explained", status=payout["status"])
        if payout["status"] not in ("PAID", "FAILED"):
            return
        if payout["status"] == "FAILED":
            yield self._retried(shop, place, payout, parts, settled)
            if code != "PAY-05":
                return
            self._planter.tell("PAY-05", shop, key, settled, source, amount=payout["net"]["amount"])
        if code == "PAY-04":
            self._planter.tell("PAY-04", shop, key, settled, source, amount=payout["net"]["amount"])
            return
        at = settled + lag(self._seed, 120, 1_000, "deposit", key)
        if at > now:
            self._planter.tell("PAY-04", shop, key, settled, source, amount=payout["net"]["amount"])
            return
        net = _cents(payout["net"])
        deposit = self._deposit(shop, _DEPOSITS + place * 2, payout, parts, at, code)
        yield deposit
        self._line(shop, _BANK_LINES + place, settled, at, net, payout["externalTraceId"], "SHOPIFY PAYOUT")
        if code == "GL-04":
            again = self._deposit(shop, _DEPOSITS + place * 2 + 1, payout, parts, at + HOUR, code)
            again.number += "-2"
            yield again
            self._planter.tell("GL-04", shop, again.number, again.at, source, payout_id=key)
        elif code in ("PAY-06", "PAY-08"):
            self._planter.tell(code, shop, key, settled, source, document=deposit.number)
        elif code == "PAY-03":
            total = sum(_cents(part["net"]) for part in parts)
            self._planter.tell("PAY-03", shop, key, settled, source, delta=(net - total) / 100)

    def _deposit(self, shop: str, id_: int, payout: Doc, parts: list[Doc], at: int, code: str | None) -> Document:
        key, net = str(number(payout["id"])), _cents(payout["net"])
        deposit = document(
            id_, "Deposit", f"PAYOUT-{shop.upper()}-{payout['issuedAt'][:10]}", shop, at, "Y", net, gateway_ref=key,
            day_of=epoch(payout["updatedAt"]), memo=payout["externalTraceId"],
        )  # fmt: skip
        sums: dict[str, int] = {}
        for part in parts:
            kind = part["type"]
            account = "reserve" if kind in _RESERVE else "retry" if kind == "TRANSFER_FAILURE" else "corrections"
            if kind in _CLEARED or (code == "PAY-08" and account in ("reserve", "corrections")):
                account = "shopify_payments"
            sums[account] = sums.get(account, 0) - _cents(part["amount"])
            fee = "shopify_payments" if code == "PAY-06" else "fees"
            sums[fee] = sums.get(fee, 0) + _cents(part["fee"])
        deposit.add(first=True, amount=net, posted=net, account=ACCOUNTS[shop, "bank"])
        for account, cents in sums.items():
            if cents:
                deposit.add(amount=cents, posted=cents, account=ACCOUNTS[shop, account])
        difference = -sum(line.posted for line in deposit.lines)
        if difference:
            deposit.add(amount=difference, posted=difference, account=ACCOUNTS[shop, "adjustment"])
        return deposit

    def _retried(self, shop: str, place: int, payout: Doc, parts: list[Doc], at: int) -> Document:
        """What a failed payout would have brought waits until it is paid with a later one."""
        net, fees = _cents(payout["net"]), sum(_cents(part["fee"]) for part in parts)
        key = str(number(payout["id"]))
        journal = document(_RETRIES + place, "Journal", f"RETRY-{shop.upper()}-{payout['issuedAt'][:10]}", shop,
                           at + HOUR, "B", 0, gateway_ref=key)  # fmt: skip
        journal.add(first=True, amount=net, posted=net, account=ACCOUNTS[shop, "retry"])
        journal.add(amount=fees, posted=fees, account=ACCOUNTS[shop, "fees"])
        journal.add(amount=-net - fees, posted=-net - fees, account=ACCOUNTS[shop, "shopify_payments"])
        return journal

    def _disputes(self, shop: str, domain: str, now: int) -> Iterator[Document]:
        disputes = [d for d in self._office.store.scan(domain, "ShopifyPaymentsDispute", packed=True)
                    if d["type"] == "CHARGEBACK"]  # fmt: skip
        keys = [str(number(doc["id"])) for doc in disputes]
        planted = self._planter.pick("PAY-07", keys, least=1)
        for dispute in disputes:
            key, cents, begun = number(dispute["id"]), _cents(dispute["amount"]), epoch(dispute["initiatedAt"])
            source = f"erp:dispute:{key}"
            self._planter.forget(source)
            booked = begun + lag(self._seed, 60, 1_200, "dispute", key)
            if str(key) in planted or booked > now:
                self._planter.tell("PAY-07", shop, key, begun, source, amount=cents / 100)
                continue
            place = int(key) * 2 % 9_000_000
            yield self._chargeback(shop, _CHARGEBACKS + place, f"CB-{key}", str(key), booked, cents)
            if dispute["status"] == "WON":
                won = epoch(dispute["finalizedOn"])
                back = won + lag(self._seed, 60, 1_200, "won", key)
                if back > now:
                    self._planter.tell("PAY-07", shop, key, won, source, amount=-cents / 100)
                else:
                    yield self._chargeback(shop, _CHARGEBACKS + place + 1, f"CBR-{key}", str(key), back, -cents)

    @staticmethod
    def _chargeback(shop: str, id_: int, name: str, reference: str, at: int, cents: int) -> Document:
        journal = document(id_, "Journal", name, shop, at, "B", 0, gateway_ref=reference)
        journal.add(first=True, amount=cents, posted=cents, account=ACCOUNTS[shop, "chargebacks"])
        journal.add(amount=-cents, posted=-cents, account=ACCOUNTS[shop, "shopify_payments"])
        return journal

    def _line(self, shop: str, id_: int, valued: int, at: int, cents: int, reference: str | None, text: str) -> None:
        zone = ZoneInfo(next(profile.zone for profile in SHOPS if profile.key == shop))
        day = datetime.fromtimestamp(valued, UTC).astimezone(zone).date().isoformat()
        self._lines.append(
            (id_, ACCOUNTS[shop, "bank"], day, cents / 100, CURRENCIES[SHOP_CURRENCY[shop]], reference, text, at, at)
        )

    def _transfers(self, now: int) -> None:
        """Customers who pay on terms pay by bank transfer."""
        rows = self._records.rows(
            "SELECT id, tranid, createddate, foreigntotal, custbody_fa_gateway_reference FROM ns_transaction"
            " WHERE type = 'CustPymt'"
        )
        for id_, name, at, total, reference in rows:
            shop = "us" if "-US-" in name else "eu"
            self._line(shop, _TRANSFERRED + id_, at, at, round(total * 100), reference, f"TRANSFER {name}")
