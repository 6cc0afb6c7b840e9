"""Entries and records that are there by somebody's mistake, and gift cards: what is neither order, stock nor payout."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.backoffice.erp.catalogue import insert
from sandbox.backoffice.erp.chart import ACCOUNTS
from sandbox.backoffice.erp.documents import Document, document
from sandbox.backoffice.erp.masters import ACCOUNT_NAME, Masters
from sandbox.backoffice.lags import DAY, lag
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.reading import number
from sandbox.world.parameters import SHOPS
from sandbox.world.times import epoch

_JOURNALS, _REDEEMED, _TWINS = 960_000_000, 970_000_000, 800_000_000
_LONG = 30 * DAY
_MANUAL, _STRAY = 40 * DAY, 25 * DAY
# Two records of customers that somebody made and removed again: deletions that break nothing.
_REMOVED = 2


class Flaws:
    """Runs with each update."""

    def __init__(self, office: BackOffice, masters: Masters) -> None:
        """Prepare."""
        self._office, self._masters, self._records = office, masters, office.records
        self._planter = office.planter

    def run(self, now: int) -> Iterator[Document]:
        """Yield journals; spoil items and customers the first time."""
        first = self._records.value("first_built") is None
        if first:
            self._records.keep("first_built", now)
            self._items(now)
            self._spare_location(now)
            self._removed(now)
        self._customers(now)
        built = int(self._records.value("first_built") or now)
        yield from self._journals(built)
        yield from self._gift_cards(now)

    def _items(self, now: int) -> None:
        connection = self._records.connection()
        for code in ("REF-01", "REF-02", "REF-08"):
            for sku in sorted(self._masters.picked(code)):
                item = self._masters.real_item(sku)
                if code == "REF-01":
                    connection.execute("DELETE FROM ns_item WHERE id = ?", (item,))
                elif code == "REF-08":
                    connection.execute("UPDATE ns_item SET averagecost = NULL, cost = NULL WHERE id = ?", (item,))
                else:
                    connection.execute(
                        "UPDATE ns_item SET upccode = (SELECT upccode FROM ns_item WHERE upccode IS NOT NULL"
                        " AND id < ? ORDER BY id DESC LIMIT 1) WHERE id = ?", (item, item),
                    )  # fmt: skip
                self._planter.tell(code, ACCOUNT_NAME, sku, now - _LONG, f"erp:{code}:{sku}", item_id=item)

    def _spare_location(self, now: int) -> None:
        if self._planter.wants("REF-05"):
            row = (90, "Overflow hall", "Overflow hall", "F", 1, None, now - 200 * DAY, None, None, None)
            self._masters.write("location", [row])
            self._planter.tell("REF-05", ACCOUNT_NAME, 90, now, "erp:location:90")

    def _removed(self, now: int) -> None:
        rows = [(700_000 + place, "customer", f"C{700_000 + place}", now - (3 + place) * DAY, 4, "UI", "F")
                for place in range(_REMOVED)]  # fmt: skip
        self._masters.write("deletedrecord", rows)

    def _customers(self, now: int) -> None:
        ids = [id_ for (id_,) in self._records.rows(
            "SELECT id FROM ns_customer WHERE custentity_fa_channel_customer IS NOT NULL AND id < ?", _TWINS
        )]  # fmt: skip
        if self._records.value("asked:REF-06") is not None:
            return
        for key in self._planter.pick("REF-06", ids):
            row = list(self._records.rows("SELECT * FROM ns_customer WHERE id = ?", int(key))[0])
            row[0], row[1] = _TWINS + int(key), f"C{key}-2"
            row[9] = row[10] = now - 12 * DAY
            self._records.connection().execute(insert("customer"), row)
            self._planter.tell("REF-06", ACCOUNT_NAME, row[0], now - 12 * DAY, f"erp:customer:{key}", first=int(key))

    def _journals(self, built: int) -> Iterator[Document]:
        places = [(shop.key, place) for shop in SHOPS for place in range(2)]
        for order, (shop, place) in enumerate(places):
            if self._planter.wants("GL-05"):
                at = built - _MANUAL - place * 9 * DAY
                yield self._journal(_JOURNALS + order, f"JE-{shop.upper()}-{place + 1}", shop, at, "receivable", 4_250,
                                    manual=True)  # fmt: skip
                self._planter.tell("GL-05", shop, f"JE-{shop.upper()}-{place + 1}", at, f"erp:JE-{shop}-{place}")
            if self._planter.wants("GL-01") and place == 0:
                at = built - _STRAY
                name = f"CLR-{shop.upper()}-1"
                yield self._journal(_JOURNALS + 100 + order, name, shop, at, "shopify_payments", 1_899, manual=False)
                self._planter.tell("GL-01", shop, name, at, f"erp:CLR-{shop}")

    @staticmethod
    def _journal(id_: int, name: str, shop: str, at: int, account: str, cents: int, *, manual: bool) -> Document:
        journal = document(id_, "Journal", name, shop, at, "B", 0, manual=manual, memo="Correction")
        journal.add(first=True, amount=cents, posted=cents, account=ACCOUNTS[shop, account])
        journal.add(amount=-cents, posted=-cents, account=ACCOUNTS[shop, "adjustment"])
        return journal

    def _gift_cards(self, now: int) -> Iterator[Document]:
        """Take what was spent of a card out of what is owed to its holder; only of cards whose sale is booked."""
        booked = {
            str(card)
            for (card,) in self._records.rows(
                'SELECT l.memo FROM ns_transactionline l JOIN ns_transactionaccountingline a ON a."transaction" ='
                ' l."transaction" AND a.transactionline = l.id WHERE a.account IN (?, ?) AND a.amount < 0',
                ACCOUNTS["us", "gift_cards"], ACCOUNTS["eu", "gift_cards"],
            )
        }  # fmt: skip
        cards = [
            (shop.key, doc) for shop in SHOPS for doc in self._office.store.scan(shop.domain, "GiftCard", packed=True)
        ]
        spent = [(shop, doc) for shop, doc in cards if _left(doc["balance"]) < _left(doc["initialValue"])]
        keys = [str(number(doc["id"])) for _, doc in spent if str(number(doc["id"])) in booked]
        planted = self._planter.pick("GL-06", keys, least=1)
        for shop, doc in spent:
            key = str(number(doc["id"]))
            if key not in booked:
                continue
            since, cents = epoch(doc["updatedAt"]), _left(doc["initialValue"]) - _left(doc["balance"])
            at = since + lag(self._office.seed, 60, 300, "redeemed", key)
            source = f"erp:card:{key}"
            self._planter.forget(source)
            if key in planted or at > now:
                self._planter.tell("GL-06", shop, key, since, source, amount=cents / 100)
                continue
            id_ = _REDEEMED + int(key) // 107 % 10_000_000
            journal = document(id_, "Journal", f"GC-{key}", shop, at, "B", 0, gateway_ref=key)
            journal.add(first=True, amount=cents, posted=cents, account=ACCOUNTS[shop, "gift_cards"])
            journal.add(amount=-cents, posted=-cents, account=ACCOUNTS[shop, "redeemed"])
            yield journal


def _left(money: dict[str, str]) -> int:
    return round(float(money["amount"]) * 100)
