"""The provider's books of one shop: balance transactions as orders are paid, payouts day by day, disputes.

Events are played in the order of time, and what one brings about is put back among them. All that is not finished is
the book's state, kept in the store's meta: played in one go or in many, the documents come out the same.
"""

import heapq
from collections.abc import Iterable
from typing import Any

from sandbox.store import Store
from sandbox.world.context import Context
from sandbox.world.payments import documents
from sandbox.world.payments.documents import Doc, cents_of
from sandbox.world.payments.terms import (
    ADJUSTED,
    DISPUTED,
    GATEWAY,
    ISSUED,
    REFUSED,
    RESERVE_DAYS,
    RESERVED,
    SETTLED,
    SUBMITTED,
    TERMS,
    chance,
    next_business_day,
    payout_day,
)
from sandbox.world.times import DAY, HOUR, epoch, iso

# (instant, what, key that makes it unique, what it is about)
Event = tuple[int, str, str, Any]
_BALANCE_NAMES = {"SALE": "CHARGE", "CAPTURE": "CHARGE", "REFUND": "REFUND"}


class Book:
    """Take payments, run to an instant, drain the documents, keep the state."""

    def __init__(self, context: Context, store: Store) -> None:
        """Empty, at the start of the history."""
        self._context, self._store = context, store
        self._seed, self._terms = context.parameters.seed, TERMS[context.shop.key]
        day = context.parameters.start // DAY
        self._events: list[Event] = [(day * DAY + ISSUED, "issue", "", day)]
        # Balance transactions without a payout: gid -> [day from which it can be paid, cents].
        self._waiting: dict[str, list[int]] = {}
        # Payouts under way: gid -> gids of their balance transactions.
        self._under_way: dict[str, list[str]] = {}
        self._reserved = False
        self._docs: dict[str, Doc] = {}
        self._finished: list[Doc] = []

    @classmethod
    def opened(cls, context: Context, store: Store) -> "Book | None":
        """The book as it was kept; None when the shop has no account with the provider."""
        state = store.get_meta(_key(context))
        if state is None:
            return None
        book = cls(context, store)
        book._events = [(at, what, key, about) for at, what, key, about in state["events"]]
        heapq.heapify(book._events)
        book._waiting, book._under_way, book._reserved = state["waiting"], state["under_way"], state["reserved"]
        return book

    def keep(self) -> None:
        """Write the state, and the account with its balance."""
        state = {
            "events": sorted(self._events), "waiting": self._waiting, "under_way": self._under_way,
            "reserved": self._reserved,
        }  # fmt: skip
        self._store.set_meta(_key(self._context), state)
        balance = sum(cents for _, cents in self._waiting.values())
        self._store.put(self._context.shop.domain, documents.account_document(self._context, balance))

    def take(self, transactions: Iterable[Doc], name: str, after: int = -1, until: int | None = None) -> None:
        """Take those of an order's transactions that move the balance, later than ``after`` and up to ``until``."""
        for doc in transactions:
            if doc["gateway"] != GATEWAY or doc["status"] != "SUCCESS" or doc["test"]:
                continue
            kind = _BALANCE_NAMES.get(doc["kind"])
            moment = epoch(doc["processedAt"]) if kind else 0
            if kind and moment > after and (until is None or moment <= until):
                cents = round(float(doc["amountSet"][4:].partition(";")[0]) * 100)
                about = [doc["id"], kind, cents, doc["order"]["id"], name]
                heapq.heappush(self._events, (moment, "movement", doc["id"], about))

    def run(self, before: int) -> None:
        """Play everything earlier than an instant."""
        while self._events and self._events[0][0] < before:
            moment, what, _, about = heapq.heappop(self._events)
            getattr(self, f"_on_{what}")(moment, about)

    def drain(self, everything: bool = True) -> list[Doc]:
        """Documents to write: those that change no more, or all that were touched."""
        docs, self._finished = self._finished, []
        if everything:
            docs = [*docs, *self._docs.values()]
            self._docs = {}
        return docs

    def _plan(self, moment: int, what: str, key: str, about: Any) -> None:
        heapq.heappush(self._events, (moment, what, key, about))

    def _doc(self, gid: str) -> Doc:
        if gid not in self._docs:
            found = self._store.get(self._context.shop.domain, gid, packed=True)
            if found is None:
                raise KeyError(f"{gid} is in the book of {self._context.shop.domain}, but not in the store")
            self._docs[gid] = found
        return self._docs[gid]

    def _enter(self, doc: Doc, day: int) -> Doc:
        self._docs[doc["id"]] = doc
        self._waiting[doc["id"]] = [day, cents_of(doc["net"])]
        return doc

    def _on_movement(self, moment: int, about: list[Any]) -> None:
        transaction, kind, cents, order, name = about
        charge = kind == "CHARGE"
        doc = documents.balance_document(
            self._context, documents.balance_gid(transaction), kind, moment, cents if charge else -cents,
            self._terms.fee(cents) if charge else 0, source=transaction, source_type=kind,
            order_transaction=transaction, order={"id": order, "name": name},
        )  # fmt: skip
        self._enter(doc, payout_day(moment))
        if charge and chance(self._seed, "disputed", transaction) < DISPUTED:
            later = moment + int((12 + 33 * chance(self._seed, "disputed after", transaction)) * DAY)
            self._plan(later, "dispute", transaction, [transaction, cents, order, name])

    def _on_dispute(self, moment: int, charge: list[Any]) -> None:
        draw = chance(self._seed, "reason", charge[0])
        doc = documents.dispute_document(self._context, charge, moment, draw)
        self._docs[doc["id"]] = doc
        chargeback = doc["type"] == "CHARGEBACK"
        if chargeback:
            self._dispute_part(moment, charge, "DISPUTE_WITHDRAWAL", 0, -charge[1], self._terms.chargeback)
        if draw < 0.9:
            self._plan(moment + 4 * DAY, "evidence", doc["id"], doc["id"])
        days = 35 + 25 * chance(self._seed, "decided after", charge[0]) if chargeback else 10
        self._plan(moment + int(days * DAY), "decision", doc["id"], charge)

    def _on_evidence(self, moment: int, gid: str) -> None:
        self._doc(gid).update(status="UNDER_REVIEW", evidenceSentOn=iso(moment), updatedAt=iso(moment))

    def _on_decision(self, moment: int, charge: list[Any]) -> None:
        gid = documents.dispute_gid(charge[0])
        doc = self._doc(gid)
        chargeback = doc["type"] == "CHARGEBACK"
        won = not chargeback or (doc["evidenceSentOn"] is not None and chance(self._seed, "won", charge[0]) < 0.5)
        doc.update(status="WON" if won else "LOST", finalizedOn=iso(moment), updatedAt=iso(moment))
        if won and chargeback:
            self._dispute_part(moment, charge, "DISPUTE_REVERSAL", 1, charge[1], -self._terms.chargeback)
        self._finished.append(self._docs.pop(gid))

    def _dispute_part(self, moment: int, charge: list[Any], kind: str, part: int, cents: int, fee: int) -> None:
        transaction, _, order, name = charge
        dispute = documents.dispute_gid(transaction)
        doc = documents.balance_document(
            self._context, documents.dispute_part_gid(dispute, part), kind, moment, cents, fee, source=dispute,
            source_type="DISPUTE", order_transaction=transaction, order={"id": order, "name": name},
        )  # fmt: skip
        self._enter(doc, moment // DAY)

    def _on_issue(self, moment: int, day: int) -> None:
        following = next_business_day(day)
        self._plan(following * DAY + ISSUED, "issue", "", following)
        chosen = [gid for gid, (ready, _) in self._waiting.items() if ready <= day]
        balance = sum(self._waiting[gid][1] for gid in chosen)
        if balance <= 0:
            return  # what the shop owes is taken from later charges
        gid = self._context.ids.gid("ShopifyPaymentsPayout", day)
        chosen.extend(self._extras(moment, gid, balance))
        parts = [self._doc(part) for part in chosen]
        payout = documents.payout_document(self._context, gid, moment, parts)
        cents = cents_of(payout["net"])
        transfer = documents.balance_document(
            self._context, documents.payout_part_gid(gid, documents.TRANSFER), "TRANSFER", moment, -cents, source=gid,
            source_type="TRANSFER",
        )  # fmt: skip
        self._docs[gid], self._docs[transfer["id"]] = payout, transfer
        for part in chosen:
            del self._waiting[part]
        self._under_way[gid] = [*chosen, transfer["id"]]
        self._move_on(gid, "SCHEDULED", moment)
        self._plan(day * DAY + SUBMITTED, "submit", gid, gid)
        self._plan(following * DAY + SETTLED, "settle", gid, gid)

    def _extras(self, moment: int, payout: str, balance: int) -> list[str]:
        """A reserve or an adjustment that this payout brings along."""
        draw, found = chance(self._seed, "extra", payout), []
        if draw < RESERVED and not self._reserved and balance >= 2_000:
            kept = balance // 10
            found.append(self._part(moment, payout, documents.RESERVE, "RESERVED_FUNDS", -kept, "Rolling reserve"))
            self._reserved = True
            self._plan(moment + RESERVE_DAYS * DAY + HOUR, "release", payout, [payout, kept])
        elif RESERVED <= draw < RESERVED + ADJUSTED and balance >= 5_000:
            cents = -500 - int(chance(self._seed, "adjusted", payout) * 20) * 100
            cents = -cents if draw < RESERVED + ADJUSTED / 4 else cents
            found.append(self._part(moment, payout, documents.ADJUSTMENT, "ADJUSTMENT", cents, "Billing correction"))
        return found

    def _part(self, moment: int, payout: str, part: int, kind: str, cents: int, reason: str | None) -> str:
        doc = documents.balance_document(
            self._context, documents.payout_part_gid(payout, part), kind, moment, cents, source=payout,
            source_type="TRANSFER" if kind.startswith("TRANSFER") else "ADJUSTMENT", reason=reason,
        )  # fmt: skip
        return str(self._enter(doc, moment // DAY)["id"])

    def _on_release(self, moment: int, about: list[Any]) -> None:
        payout, kept = about
        self._reserved = False
        self._part(moment, payout, documents.RELEASE, "RESERVED_FUNDS_REVERSAL", kept, "Rolling reserve released")

    def _on_submit(self, moment: int, gid: str) -> None:
        self._doc(gid)["externalTraceId"] = f"SP{documents.number_of(gid):012d}"
        self._move_on(gid, "IN_TRANSIT", moment)

    def _on_settle(self, moment: int, gid: str) -> None:
        refused = chance(self._seed, "refused", gid) < REFUSED
        self._move_on(gid, "FAILED" if refused else "PAID", moment)
        if refused:
            cents = cents_of(self._doc(gid)["net"])
            self._part(moment, gid, documents.FAILURE, "TRANSFER_FAILURE", cents, None)
        self._finished.extend(self._docs.pop(part) for part in (*self._under_way.pop(gid), gid))

    def _move_on(self, gid: str, status: str, moment: int) -> None:
        at = iso(moment)
        self._doc(gid).update(status=status, updatedAt=at)
        for part in self._under_way[gid]:
            self._doc(part).update(associatedPayout={"id": gid, "status": status}, updatedAt=at)


def _key(context: Context) -> str:
    return f"payments:{context.shop.domain}"
