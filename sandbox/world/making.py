"""Orders with all that belongs to them, at any instant: the document, cards sold, the draft it came from, events."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sandbox.world.agenda import Entry
from sandbox.world.carts import draft_document
from sandbox.world.context import Context
from sandbox.world.customers import Totals
from sandbox.world.events import event
from sandbox.world.gift_cards import gift_card_documents, spending
from sandbox.world.orders.basket import DRAWS, FATE_DETAIL, draw_plan
from sandbox.world.orders.document import document
from sandbox.world.orders.plan import Plan
from sandbox.world.orders.script import write_script
from sandbox.world.orders.state import Effect, play
from sandbox.world.people import email, order_address
from sandbox.world.population import NAMELESS, Population
from sandbox.world.purchases import PURCHASES_MAX
from sandbox.world.regions import REGIONS
from sandbox.world.streams import ORDER, Ints, uniforms
from sandbox.world.times import DAY, epoch

Doc = dict[str, Any]

_EVENTS_KEPT = 365 * DAY


@dataclass(slots=True)
class Made:
    """One order. ``order`` is None when it is deleted by then. ``due``: when it changes next."""

    gid: str
    order: Doc | None
    owner: int | None
    totals: Totals
    due: int | None
    effects: list[Effect]
    codes: list[str]
    name: str
    payments: list[Doc]
    others: list[Doc] = field(default_factory=list)


def order_draws(seed: int, customers: Ints, positions: Ints) -> list[list[float]]:
    """The rows of draws of orders, given as arrays of customers and of which purchase it is."""
    rows: list[list[float]] = uniforms(seed, ORDER, customers * PURCHASES_MAX + positions, DRAWS).tolist()
    return rows


def make_order(
    context: Context, people: Population, entry: Entry, draws: list[float], until: int, events_after: int | None = None
) -> Made:
    """The order of an agenda entry at ``until``, with its events later than ``events_after``."""
    customer = entry.customer
    plan = draw_plan(
        context, entry.number, entry.moment, customer, entry.position,
        int(people.region[customer]), int(people.kind[customer]), draws,
    )  # fmt: skip
    write_script(context, plan, draws)
    return _finish(context, people, plan, draws, until, events_after)


def _finish(
    context: Context, people: Population, plan: Plan, draws: list[float], until: int, events_after: int | None
) -> Made:
    ids, customer = context.ids, plan.customer
    nameless = people.kind[customer] == NAMELESS
    identity = int(people.identity[customer])
    owner = int(people.survivor[customer]) if people.merged[customer] <= until else customer
    gid = None if nameless else ids.gid("Customer", owner)
    address = None
    mail = None
    if plan.channel != "pos":
        home = REGIONS[context.shop.index][int(people.region[customer])]
        delivery = order_address(ids, plan.number, identity, home)
        address = (delivery, delivery)
    if not nameless:
        mail = email(identity)
    elif plan.channel == "web":
        mail = email(40_000_000 + customer)

    state = play(plan, until)
    due = state.due
    made = Made(
        state.gid,
        None,
        None if nameless else owner,
        Totals(),
        due,
        state.effects,
        plan.codes,
        plan.name,
        state.transactions,
    )
    if context.promotions.pairs.title in (a.get("title") for a in plan.applications):
        made.codes = [*plan.codes, context.promotions.pairs.title]
    since = max(until - _EVENTS_KEPT, -1 if events_after is None else events_after)
    if plan.deleted is not None:
        if plan.deleted <= until:
            made.due = None
            made.payments = [t for t in state.transactions if epoch(t["processedAt"]) <= plan.deleted]
            if plan.deleted > since:
                made.others.append(event(context, plan.deleted, "destroy", "ORDER", state.gid, f"{plan.name} deleted"))
            return made
        made.due = min(plan.deleted, due or plan.deleted)

    made.order = document(state, gid, mail, address)
    if not plan.test:
        made.totals = Totals(1, state.ledger.total, plan.number, plan.moment)
    for moment, action in state.event_marks:
        if moment > since:
            made.others.append(event(context, moment, action, "ORDER", state.gid, f"{plan.name} was {action}"))
    if plan.items[0].gift_card:
        made.others.extend(gift_card_documents(context, state, gid, draws[FATE_DETAIL], until))
        spent = spending(plan.moment, draws[FATE_DETAIL])
        if spent is not None and spent > until:
            made.due = min(spent, made.due or spent)
    if plan.channel == "draft":
        draft = draft_document(context, plan, plan.number, state.gid, plan.moment, None)
        draft["customer"] = made.order["customer"]
        made.others.append(draft)
    return made


class CustomerSums:
    """Totals of all customers, added up order by order without an object for each."""

    def __init__(self, customers: int) -> None:
        """Nothing yet."""
        self.orders = np.zeros(customers, dtype=np.int64)
        self.cents = np.zeros(customers, dtype=np.int64)
        self.last_number = np.full(customers, -1, dtype=np.int64)
        self.last_moment = np.zeros(customers, dtype=np.int64)

    def add(self, owner: int, totals: Totals) -> None:
        """Count one order, which is later than all before it."""
        if totals.orders:
            self.orders[owner] += 1
            self.cents[owner] += totals.cents
            self.last_number[owner] = totals.last_number
            self.last_moment[owner] = totals.last_moment

    def of(self, owner: int) -> Totals:
        """The totals of one customer."""
        return Totals(
            int(self.orders[owner]), int(self.cents[owner]), int(self.last_number[owner]), int(self.last_moment[owner])
        )
