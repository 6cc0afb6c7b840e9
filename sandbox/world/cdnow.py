"""A real history instead of a drawn one: the CDNOW purchases of Fader and Hardie, January 1997 to June 1998.

The file ships with the PyPI package ``lifetimes`` (MIT licence): one line per purchase with customer, date, number
of CDs and dollars paid. Each purchase becomes one order of one line; dates, quantities and amounts stay as they are.
Time of day, names and addresses, which the file does not have, are drawn.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sandbox.store import Store
from sandbox.world.building import no_garbage_collection
from sandbox.world.catalog import GOODS, Catalog, Product, Variant
from sandbox.world.catalog import NEVER as STAYS
from sandbox.world.context import Context
from sandbox.world.customers import Totals, customer_document
from sandbox.world.inventory import available, item_document
from sandbox.world.locations import location_documents
from sandbox.world.making import CustomerSums
from sandbox.world.orders import payments, shipping
from sandbox.world.orders.document import document
from sandbox.world.orders.plan import Doc, Item, Plan
from sandbox.world.orders.state import play
from sandbox.world.parameters import SHOPS, Parameters
from sandbox.world.people import email, order_address
from sandbox.world.population import ACCOUNT, NEVER, NO_ACCOUNT, Population
from sandbox.world.products import product_document, variant_document
from sandbox.world.regions import REGION_SHARES, REGIONS
from sandbox.world.shops import segment_documents, shop_document
from sandbox.world.statistics import thresholds
from sandbox.world.streams import HISTORY, Ints, uniforms
from sandbox.world.times import DAY, HOUR, at_office_hours, epoch, iso

NOW = "1998-07-01T06:00:00Z"
_START = "1997-01-01T00:00:00Z"
_SEED = 1997
_BATCH = 2000


class Purchase(NamedTuple):
    """One line of the file: customer, local day (days since 1970), CDs, cents paid."""

    customer: int
    day: int
    discs: int
    cents: int


def dataset_path(sample: bool) -> Path:
    """Where the installed ``lifetimes`` keeps the file; the package itself is not imported."""
    spec = find_spec("lifetimes")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the CDNOW history ships with the package lifetimes: install it (extra 'dev')")
    name = "CDNOW_sample.txt" if sample else "CDNOW_master.txt"
    return Path(spec.submodule_search_locations[0]) / "datasets" / name


def read_purchases(path: Path) -> list[Purchase]:
    """All purchases of the file, in its order. The sample has a column more: it numbers its customers anew."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        fields = line.split()
        if not fields or not fields[0].isdigit():
            continue
        if len(fields) not in (4, 5):
            raise ValueError(f"{path}, line {number}: expected 4 or 5 columns, found {len(fields)}")
        date, discs, dollars = fields[-3:]
        day = int(datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC).timestamp()) // DAY
        rows.append(Purchase(int(fields[0]), day, int(discs), round(float(dollars) * 100)))
    return rows


def build_cdnow(store: Store, source: Path | Iterable[Purchase] | None = None, sample: bool = False) -> int:
    """Write the history into the first shop; returns the number of orders.

    Args:
        store: an empty store.
        source: the file, or purchases; None takes the file of the installed ``lifetimes``.
        sample: with no source, take the published tenth (2,357 customers) instead of all 23,570.
    """
    if source is None:
        source = dataset_path(sample)
    rows = read_purchases(source) if isinstance(source, Path) else list(source)
    shop = SHOPS[0]
    days = np.array([row.day for row in rows], dtype=np.int64)
    draws = uniforms(_SEED, HISTORY, np.arange(len(rows), dtype=np.int64), 1)[:, 0]
    # A later line of a customer's day is a later order: minutes, not draws, keep them in the file's order.
    moments = at_office_hours(shop.zone, days, draws * 0.9)
    places = _customer_places(rows)
    customers = np.array([places[row.customer] for row in rows], dtype=np.int64)
    _keep_order(moments, customers)

    people = _people(customers, moments, len(places))
    parameters = Parameters(seed=_SEED, customers=len(places), start=epoch(_START), built=epoch(NOW))
    context = _CdContext(parameters, shop)
    sums = CustomerSums(len(places))
    with no_garbage_collection():
        store.put_many(shop.domain, _orders(context, people, rows, customers, moments, sums))
        _surroundings(store, context, people, sums)
    other = Context(parameters, SHOPS[1])
    store.put(other.shop.domain, shop_document(other.shop, other.ids, parameters.start - 400 * DAY))
    store.put_many(other.shop.domain, location_documents(other.shop, other.ids, parameters.start))
    store.set_meta("world", {"history": "cdnow", "seed": _SEED, "customers": len(places), "orders": len(rows)})
    store.set_meta("now", NOW)
    return len(rows)


def _customer_places(rows: list[Purchase]) -> dict[int, int]:
    """Numbers of customers without gaps, in the order of the file."""
    places: dict[int, int] = {}
    for row in rows:
        places.setdefault(row.customer, len(places))
    return places


def _keep_order(moments: Ints, customers: Ints) -> None:
    """Lines of one customer follow each other in time, several of a day a minute apart."""
    last: dict[int, int] = {}
    for place, customer in enumerate(customers.tolist()):
        moments[place] = max(int(moments[place]), last.get(customer, 0) + 60)
        last[customer] = int(moments[place])


def _people(customers: Ints, moments: Ints, count: int) -> Population:
    numbers = np.arange(count, dtype=np.int64)
    created = np.full(count, NEVER, dtype=np.int64)
    np.minimum.at(created, customers, moments)
    draws = uniforms(_SEED, HISTORY, numbers + 10_000_000, 2)
    return Population(
        shop=np.zeros(count, dtype=np.int64),
        region=np.searchsorted(REGION_SHARES[0], draws[:, 0]),
        kind=np.where(draws[:, 1] < 0.4, ACCOUNT, NO_ACCOUNT),
        created=created,
        merged=np.full(count, NEVER, dtype=np.int64),
        survivor=numbers,
        identity=numbers,
    )


class _CdContext(Context):
    """The shop with one product, the CD."""

    @property
    def catalog(self) -> "Catalog":
        """What was sold."""
        return _CATALOG


class _CdCatalog(Catalog):
    """One product of one variant; its price is what each order says."""

    def __init__(self) -> None:
        created = epoch(_START) - 30 * DAY
        product = Product(0, GOODS, "CD", "Music", "CDNOW", created, STAYS, False)
        variant = Variant(0, product, 1, "CD", "Default Title", 1499, 0.1)
        variant.prices = [1499]
        product.variants = [variant]
        self.products, self.variants = [product], [variant]


_CATALOG = _CdCatalog()


def _orders(
    context: Context, people: Population, rows: list[Purchase], customers: Ints, moments: Ints, sums: CustomerSums
) -> Iterator[Doc]:
    order = np.lexsort((np.arange(len(rows)), moments))
    for number, place in enumerate(order.tolist()):
        row, customer, moment = rows[place], int(customers[place]), int(moments[place])
        plan = _plan(context, people, row, number, customer, moment)
        state = play(plan, context.parameters.built)
        sums.add(customer, Totals(1, state.ledger.total, number, moment))
        address = order_address(context.ids, number, customer, plan.region)
        yield document(state, context.ids.gid("Customer", customer), email(customer), (address, address))


def _plan(context: Context, people: Population, row: Purchase, number: int, customer: int, moment: int) -> Plan:
    """One line with the amount paid; where it does not divide by the units, a discount carries the odd cents."""
    region = REGIONS[0][int(people.region[customer])]
    plan = Plan(context.shop, context.ids, context.money, number, moment, customer, region, "web", context.assigned)
    price = -(-row.cents // row.discs)
    item = Item(0, context.catalog.variants[0], row.discs, price)
    odd = price * row.discs - row.cents
    if odd:
        plan.applications.append(
            {
                "__typename": "AutomaticDiscountApplication",
                "index": 0,
                "allocationMethod": "EACH",
                "targetSelection": "ENTITLED",
                "targetType": "LINE_ITEM",
                "title": "Several discs",
                "value": {"__typename": "MoneyV2", **context.money.plain(odd)},
            }
        )
        item.allocations.append((plan.applications[0], odd))
        item.level_discount = odd
    item.settle((), included=False)
    plan.items.append(item)
    plan.locations = [0]
    plan.steps = [
        (moment, 0, payments.pay, None),
        (moment + 20 * HOUR, 1, shipping.ship, 0),
        (moment + 5 * DAY, 2, shipping.deliver, 0),
    ]
    return plan


def _surroundings(store: Store, context: Context, people: Population, sums: CustomerSums) -> None:
    parameters, shop, ids = context.parameters, context.shop, context.ids
    now, start, domain = parameters.built, parameters.start, context.shop.domain
    edges = thresholds(sums.orders, sums.cents, sums.last_moment)
    everyone = range(len(people))
    store.put_many(
        domain, (customer_document(context, people, number, now, sums.of(number), edges) for number in everyone)
    )
    store.put(domain, shop_document(shop, ids, start - 400 * DAY))
    store.put_many(domain, location_documents(shop, ids, start))
    store.put_many(domain, segment_documents(ids, start - 300 * DAY))
    product = context.catalog.products[0]
    variant = product.variants[0]
    item = item_document(context, variant, now, {})
    stock = {0: available(item)}
    store.put_many(
        domain, [item, product_document(context, product, now, stock), variant_document(context, variant, now, stock)]
    )


__all__ = ["NOW", "Purchase", "build_cdnow", "dataset_path", "iso", "read_purchases"]
