"""Writing a whole history: orders as a stream, then what they add up to."""

import gc
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from sandbox.store import Store
from sandbox.world.agenda import Entry, note, open_agenda
from sandbox.world.carts import carts
from sandbox.world.companies import catalog_document, company_documents, price_list_document
from sandbox.world.context import Context, contexts
from sandbox.world.customers import customer_document
from sandbox.world.discounts import promotion_document
from sandbox.world.events import event
from sandbox.world.inventory import Movements, available, item_document, net_movements
from sandbox.world.locations import location_documents
from sandbox.world.making import CustomerSums, make_order, order_draws
from sandbox.world.parameters import Parameters
from sandbox.world.payments.book import Book
from sandbox.world.payments.documents import tender_documents
from sandbox.world.population import BUSINESS, NAMELESS, Population, population
from sandbox.world.products import collection_documents, product_document, variant_document
from sandbox.world.prospects import prospects
from sandbox.world.purchases import purchases
from sandbox.world.shops import segment_documents, shop_document
from sandbox.world.statistics import thresholds
from sandbox.world.times import DAY

Doc = dict[str, Any]

_BATCH = 500


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Pause the collector: documents are trees, counting references frees them, and its passes cost a third."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def build(store: Store, parameters: Parameters) -> None:
    """Fill an empty store with the history of both shops."""
    parameters.save(store)
    open_agenda(store)
    shops = contexts(parameters)
    people = population(parameters, parameters.built)
    sums = CustomerSums(len(people))
    committed: list[Movements] = [{} for _ in shops]
    codes: list[Counter[str]] = [Counter() for _ in shops]
    books = [Book(context, store) for context in shops]
    with no_garbage_collection():
        numbers = _orders(store, parameters, shops, people, sums, committed, codes, books)
        for context in shops:
            index = context.shop.index
            store.set_meta(f"orders:{context.shop.domain}", numbers[index])
            store.set_meta(f"codes:{context.shop.domain}", dict(codes[index]))
            _customers(store, context, people, sums, parameters.built)
            _surroundings(store, context, committed[index], codes[index])
            store.put_many(context.shop.domain, carts(context, people, 0, parameters.built))
            store.put_many(context.shop.domain, prospects(context, 0, parameters.built))
            books[index].run(parameters.built + 1)
            store.put_many(context.shop.domain, books[index].drain())
            books[index].keep()


def _orders(
    store: Store, parameters: Parameters, shops: list[Context], people: Population, sums: CustomerSums,
    committed: list[Movements], codes: list[Counter[str]], books: list[Book],
) -> list[int]:  # fmt: skip
    """Write all orders in the order of time; returns how many each shop has."""
    now = parameters.built
    bought = purchases(parameters, 0, now)
    numbers = [0] * len(shops)
    # One batch is compressed and written while the next is drawn.
    with ThreadPoolExecutor(max_workers=1) as writer:
        writing: Future[None] | None = None
        for start in range(0, len(bought), _BATCH):
            part = slice(start, start + _BATCH)
            customers, positions = bought.customers[part], bought.positions[part]
            rows = order_draws(parameters.seed, customers, positions)
            docs: list[list[Doc]] = [[] for _ in shops]
            entries: list[list[Entry]] = [[] for _ in shops]
            batch = zip(bought.moments[part].tolist(), customers.tolist(), positions.tolist(), rows, strict=True)
            for moment, customer, position, draws in batch:
                shop = int(people.shop[customer])
                entry = Entry(numbers[shop], 0, moment, customer, position)
                numbers[shop] += 1
                made = make_order(shops[shop], people, entry, draws, now)
                if made.order is not None:
                    docs[shop].append(made.order)
                docs[shop].extend(made.others)
                docs[shop].extend(tender_documents(made.payments, made.order is not None))
                books[shop].take(made.payments, made.name)
                codes[shop].update(made.codes)
                if made.owner is not None:
                    sums.add(made.owner, made.totals)
                if made.due is not None:
                    entries[shop].append(entry._replace(due=made.due))
                    net_movements(made.effects, committed[shop])
            # No later order moves money earlier than it is placed.
            reached = int(bought.moments[start + _BATCH]) if start + _BATCH < len(bought) else 0
            for context in shops:
                books[context.shop.index].run(reached)
                docs[context.shop.index].extend(books[context.shop.index].drain(everything=False))
            if writing is not None:
                writing.result()
            writing = writer.submit(_write, store, shops, docs, entries)
        if writing is not None:
            writing.result()
    return numbers


def _write(store: Store, shops: list[Context], docs: list[list[Doc]], entries: list[list[Entry]]) -> None:
    with store.transaction():
        for context in shops:
            store.put_many(context.shop.domain, docs[context.shop.index])
            note(store, context.shop.index, entries[context.shop.index])


def _customers(store: Store, context: Context, people: Population, sums: CustomerSums, now: int) -> None:
    """Write the customers of a shop that exist at the end of the history."""
    domain = context.shop.domain
    there = (people.shop == context.shop.index) & (people.kind != NAMELESS) & (people.created <= now)
    there &= people.merged > now
    mine = np.flatnonzero(there)
    edges = thresholds(sums.orders[mine], sums.cents[mine], sums.last_moment[mine])
    store.set_meta(f"thresholds:{domain}", edges.to_meta())
    store.put_many(
        domain, (customer_document(context, people, number, now, sums.of(number), edges) for number in mine.tolist())
    )
    business = mine[people.kind[mine] == BUSINESS].tolist()
    for number in business:
        store.put_many(domain, company_documents(context, people, number, sums.of(number).cents))
    gone = np.flatnonzero((people.shop == context.shop.index) & (people.merged <= now))
    store.put_many(domain, (merge_event(context, people, number) for number in gone.tolist()))
    store.set_meta(f"merges:{domain}", [merge_trace(context, people, number) for number in gone.tolist()])


def merge_event(context: Context, people: Population, number: int) -> Doc:
    """The event that a merged customer leaves behind."""
    gid = context.ids.gid("Customer", number)
    survivor = context.ids.gid("Customer", int(people.survivor[number]))
    moment = int(people.merged[number])
    return event(context, moment, "destroy", "CUSTOMER", gid, f"Customer was merged into {survivor}")


def merge_trace(context: Context, people: Population, number: int) -> Doc:
    """What the job that merged two customers says about itself."""
    ids = context.ids
    return {
        "job": f"gid://shopify/Job/{ids.number('Customer', number)}",
        "done": True,
        "merged": ids.gid("Customer", number),
        "resulting": ids.gid("Customer", int(people.survivor[number])),
        "at": int(people.merged[number]),
    }


def _surroundings(store: Store, context: Context, committed: Movements, codes: Counter[str]) -> None:
    """Write everything of a shop that is neither order nor customer."""
    parameters, ids, catalog = context.parameters, context.ids, context.catalog
    now, start, domain = parameters.built, parameters.start, context.shop.domain
    store.put(domain, shop_document(context.shop, ids, start - 400 * DAY))
    store.put_many(domain, location_documents(context.shop, ids, start))
    store.put_many(domain, segment_documents(ids, start - 300 * DAY))
    store.put(domain, catalog_document(context, start - 200 * DAY))
    store.put(domain, price_list_document(context, now))
    store.put_many(
        domain, (promotion_document(p, ids, context.shop.currency, codes[p.title], now) for p in context.promotions.all)
    )
    stock: dict[int, int] = {}
    for product in catalog.products:
        if not product.on_sale(now):
            continue
        for variant in product.variants:
            item = item_document(context, variant, now, committed)
            stock[variant.place] = available(item)
            store.put(domain, item)
    store.put_many(domain, product_documents(context, now, stock))
    store.put_many(domain, collection_documents(context, now))


def product_documents(context: Context, now: int, stock: dict[int, int]) -> Iterator[Doc]:
    """Products and variants that exist, and the events of all that came and went in the last year."""
    for product in context.catalog.products:
        gid = context.ids.gid("Product", product.place)
        if product.on_sale(now):
            yield product_document(context, product, now, stock)
            for variant in product.variants:
                yield variant_document(context, variant, now, stock)
        year = now - 365 * DAY
        if year < product.created <= now:
            yield event(context, product.created, "create", "PRODUCT", gid, f"{product.title} was created")
        if year < product.deleted <= now:
            yield event(context, product.deleted, "destroy", "PRODUCT", gid, f"{product.title} was deleted")
