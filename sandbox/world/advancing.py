"""Letting time pass: what each day brings to orders, customers, products and stock."""

from collections import Counter
from typing import Any

import numpy as np

from sandbox.storage.codec import shop_cents
from sandbox.store import Store
from sandbox.world import agenda, changes
from sandbox.world.agenda import Entry
from sandbox.world.building import merge_event, merge_trace, no_garbage_collection
from sandbox.world.carts import carts
from sandbox.world.companies import company_documents
from sandbox.world.context import Context, contexts
from sandbox.world.customers import Totals, apply_totals, customer_document
from sandbox.world.discounts import promotion_document
from sandbox.world.inventory import Movements, net_movements
from sandbox.world.lift import carriers, lift_of, with_lift
from sandbox.world.making import Made, make_order, order_draws
from sandbox.world.parameters import Parameters
from sandbox.world.payments.book import Book
from sandbox.world.payments.documents import tender_documents
from sandbox.world.population import BUSINESS, NAMELESS, Population, population
from sandbox.world.prospects import deleted_prospects, prospects
from sandbox.world.purchases import Purchases, purchases
from sandbox.world.statistics import Thresholds
from sandbox.world.times import DAY, epoch, iso

Doc = dict[str, Any]


class Advance:
    """One run of the clock. Works in steps that end at midnight UTC, so that two short runs equal a long one."""

    def __init__(self, store: Store, parameters: Parameters) -> None:
        """Prepare both shops."""
        self._store = store
        self._parameters = parameters
        self._shops = contexts(parameters)
        self._counts: Counter[str] = Counter()

    def run(self, now: int, until: int) -> dict[str, int]:
        """Move from ``now`` to ``until``; each step is one transaction. Returns what happened, counted."""
        with no_garbage_collection():
            while now < until:
                end = min((now // DAY + 1) * DAY, until)
                with self._store.transaction():
                    self._step(now, end)
                    self._store.set_meta("now", iso(end))
                now = end
        return dict(self._counts)

    def _step(self, after: int, until: int) -> None:
        people = population(self._parameters, until)
        bought = purchases(self._parameters, after, until)
        for context in self._shops:
            _ShopStep(self._store, context, people, after, until, self._counts).run(bought)


class _ShopStep:
    """What a step brings to one shop."""

    def __init__(
        self, store: Store, context: Context, people: Population, after: int, until: int, counts: Counter[str]
    ) -> None:
        self._store = store
        self._context = context
        self._domain = context.shop.domain
        self._people = people
        self._after = after
        self._until = until
        self._counts = counts
        self._touched: set[int] = set()
        self._movements: Movements = {}
        self._codes: Counter[str] = Counter()
        self._book = Book.opened(context, store)

    def run(self, bought: Purchases) -> None:
        context, after, until = self._context, self._after, self._until
        self._old_orders()
        self._new_orders(bought)
        self._merges()
        self._customers()
        self._put("carts", carts(context, self._people, after, until))
        for gid in deleted_prospects(context, after, until):
            self._store.delete(self._domain, gid)
        self._put("prospects", prospects(context, after, until))
        changes.change_products(self._store, context, after, until, self._counts)
        changes.change_stock(self._store, context, self._movements, until, midnight=until % DAY == 0)
        self._promotions()
        self._payments()

    def _put(self, name: str, docs: Any) -> None:
        docs = list(docs)
        self._counts[name] += len(docs)
        self._store.put_many(self._domain, docs)

    def _old_orders(self) -> None:
        entries = agenda.take_due(self._store, self._context.shop.index, self._until)
        if not entries:
            return
        for entry, draws in zip(entries, self._draws(entries), strict=True):
            before = make_order(self._context, self._people, entry, draws, self._after)
            net_movements(before.effects, self._movements, sign=-1)
            made = make_order(self._context, self._people, entry, draws, self._until, events_after=self._after)
            if made.order is None:
                self._store.delete(self._domain, made.gid)
                self._counts["orders deleted"] += 1
            else:
                self._keep_what_others_wrote(made.order)
                self._counts["orders changed"] += 1
            self._take_in(entry, made)

    def _keep_what_others_wrote(self, order: Doc) -> None:
        """Tags and note may have been changed through the API meanwhile, and so may the instant of the last change."""
        kept = self._store.get(self._domain, order["id"], packed=True)
        if kept is not None:
            order["tags"], order["note"] = kept["tags"], kept["note"]
            order["updatedAt"] = max(order["updatedAt"], kept["updatedAt"])

    def _new_orders(self, bought: Purchases) -> None:
        people, key = self._people, f"orders:{self._domain}"
        bought = self._lifted(bought)
        mine = people.shop[bought.customers] == self._context.shop.index
        number = int(self._store.get_meta(key))
        columns = (bought.moments[mine].tolist(), bought.customers[mine].tolist(), bought.positions[mine].tolist())
        entries = [
            Entry(number + place, 0, moment, customer, position)
            for place, (moment, customer, position) in enumerate(zip(*columns, strict=True))
        ]
        self._store.set_meta(key, number + len(entries))
        if not entries:
            return
        for entry, draws in zip(entries, self._draws(entries), strict=True):
            made = make_order(self._context, people, entry, draws, self._until, events_after=self._after)
            self._codes.update(made.codes)
            self._counts["orders new"] += 1
            self._take_in(entry, made)

    def _lifted(self, bought: Purchases) -> Purchases:
        metafield, share = lift_of(self._store)
        if not share:
            return bought
        carrying = carriers(self._store, self._domain, self._context.ids, metafield, bought.customers)
        return with_lift(bought, carrying, self._context.parameters.seed, share, self._until)

    def _draws(self, entries: list[Entry]) -> list[list[float]]:
        customers = np.array([entry.customer for entry in entries], dtype=np.int64)
        positions = np.array([entry.position for entry in entries], dtype=np.int64)
        return order_draws(self._context.parameters.seed, customers, positions)

    def _take_in(self, entry: Entry, made: Made) -> None:
        docs = made.others if made.order is None else [made.order, *made.others]
        self._store.put_many(self._domain, docs)
        if self._book is not None:
            self._book.take(made.payments, made.name, self._after)
            self._put("tender transactions", self._tenders(made))
        net_movements(made.effects, self._movements)
        if made.owner is not None:
            self._touched.add(made.owner)
        if made.due is not None:
            agenda.note(self._store, self._context.shop.index, [entry._replace(due=made.due)])

    def _tenders(self, made: Made) -> list[Doc]:
        """Money that moved since; all of an order's when it is deleted, for they lose it."""
        if made.order is None:
            return tender_documents(made.payments, False)
        return tender_documents([t for t in made.payments if epoch(t["processedAt"]) > self._after], True)

    def _payments(self) -> None:
        if self._book is not None:
            self._book.run(self._until + 1)
            self._put("payments", self._book.drain())
            self._book.keep()

    def _merges(self) -> None:
        people, ids, domain = self._people, self._context.ids, self._domain
        due = (people.merged > self._after) & (people.merged <= self._until)
        due &= people.shop == self._context.shop.index
        for number in np.flatnonzero(due).tolist():
            merged, survivor = ids.gid("Customer", number), int(people.survivor[number])
            changes.hand_over(self._store, domain, merged, ids.gid("Customer", survivor), int(people.merged[number]))
            self._store.delete(domain, merged)
            self._store.put(domain, merge_event(self._context, people, number))
            traces = self._store.get_meta(f"merges:{domain}")
            self._store.set_meta(f"merges:{domain}", [*traces, merge_trace(self._context, people, number)])
            self._touched.discard(number)
            self._touched.add(survivor)
            self._counts["customers merged"] += 1

    def _customers(self) -> None:
        people, context, domain = self._people, self._context, self._domain
        edges = Thresholds.from_meta(self._store.get_meta(f"thresholds:{domain}"))
        mine = (people.shop == context.shop.index) & (people.kind != NAMELESS)
        new = mine & (people.created > self._after) & (people.created <= self._until)
        for number in np.flatnonzero(new).tolist():
            self._touched.discard(number)
            totals = self._totals(number)
            self._store.put(domain, customer_document(context, people, number, self._until, totals, edges))
            self._counts["customers new"] += 1
            if people.kind[number] == BUSINESS:
                self._store.put_many(domain, company_documents(context, people, number, totals.cents))
        edited = changes.edited_customers(context, people, mine & ~new, self._after, self._until)
        for number in sorted(self._touched | set(edited)):
            doc = self._store.get(domain, context.ids.gid("Customer", number), packed=True)
            if doc is None:
                continue
            if number in edited:
                changes.edit_customer(context, people, number, doc, self._until)
            if number in self._touched:
                self._apply_orders(doc, number, edges)
            self._store.put(domain, doc)
            self._counts["customers changed"] += 1

    def _apply_orders(self, doc: Doc, number: int, edges: Thresholds) -> None:
        before = (doc["numberOfOrders"], doc["amountSpent"], doc["lastOrder"])
        totals = self._totals(number)
        apply_totals(self._context, doc, totals, edges)
        if before != (doc["numberOfOrders"], doc["amountSpent"], doc["lastOrder"]):
            doc["updatedAt"] = max(doc["updatedAt"], self._last_change(number))

    def _last_change(self, number: int) -> str:
        owner = self._context.ids.gid("Customer", number)
        return max(str(doc["updatedAt"]) for doc in self._store.scan(self._domain, "Order", owner=owner, packed=True))

    def _totals(self, number: int) -> Totals:
        """Add a customer's orders up again."""
        ids = self._context.ids
        totals = Totals()
        for doc in self._store.scan(self._domain, "Order", owner=ids.gid("Customer", number), packed=True):
            if not doc["test"]:
                totals.orders += 1
                totals.cents += shop_cents(doc["currentTotalPriceSet"])
                totals.last_number = doc["number"] - 1001
                totals.last_moment = epoch(doc["createdAt"])
        return totals

    def _promotions(self) -> None:
        key = f"codes:{self._domain}"
        used: dict[str, int] = self._store.get_meta(key)
        for title, times in self._codes.items():
            used[title] = used.get(title, 0) + times
        self._store.set_meta(key, used)
        context = self._context
        for promotion in context.promotions.all:
            ended = promotion.ends is not None and self._after < promotion.ends <= self._until
            if promotion.title in self._codes or ended:
                count = used.get(promotion.title, 0)
                doc = promotion_document(promotion, context.ids, context.shop.currency, count, self._until)
                self._store.put(self._domain, doc)
