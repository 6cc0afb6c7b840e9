"""Changes of what is already there: products, stock, customers' own data, and orders of a merged customer."""

from collections import Counter
from typing import Any

import numpy as np

from sandbox.store import Store
from sandbox.world.catalog import Product
from sandbox.world.companies import price_list_document
from sandbox.world.context import Context
from sandbox.world.customers import consent, customer_draws, edit_moments, edits_done
from sandbox.world.events import event
from sandbox.world.ids import ref
from sandbox.world.inventory import (
    Movements,
    available,
    bring_what_was_shipped,
    item_document,
    move,
    replenish,
)
from sandbox.world.people import street
from sandbox.world.population import ACCOUNT, Population
from sandbox.world.products import collection_documents, product_document, variant_document
from sandbox.world.streams import PROFILE, Ints, uniforms
from sandbox.world.times import iso

Doc = dict[str, Any]

_OWNED_BY_CUSTOMER = ("Order", "DraftOrder", "AbandonedCheckout", "GiftCard")


def change_products(store: Store, context: Context, after: int, until: int, counts: Counter[str]) -> None:
    """Products that appear, get other prices, or are deleted in the period."""
    domain, moved, repriced = context.shop.domain, False, False
    for product in context.catalog.products:
        gid = context.ids.gid("Product", product.place)
        if after < product.created <= until:
            message = f"{product.title} was created"
            store.put(domain, event(context, product.created, "create", "PRODUCT", gid, message))
            store.put_many(domain, (item_document(context, variant, until, {}) for variant in product.variants))
            _write_product(store, context, product, until)
            counts["products new"] += 1
            moved = True
        elif after < product.deleted <= until:
            _delete_product(store, context, product)
            counts["products deleted"] += 1
            moved = True
        elif product.on_sale(until) and product.changed(until) > after:
            _write_product(store, context, product, until)
            counts["products changed"] += 1
            repriced = True
    if moved or repriced:
        store.put(domain, price_list_document(context, until))
    if moved:
        store.put_many(domain, collection_documents(context, until))


def _write_product(store: Store, context: Context, product: Product, now: int) -> None:
    domain, ids = context.shop.domain, context.ids
    stock = {}
    for variant in product.variants:
        item = store.get(domain, ids.gid("InventoryItem", variant.place), packed=True)
        if item is not None:
            stock[variant.place] = available(item)
    docs = [product_document(context, product, now, stock)]
    docs.extend(variant_document(context, variant, now, stock) for variant in product.variants)
    for doc in docs:
        kept = store.get(domain, doc["id"], packed=True)
        if kept is not None and "tags" in doc:
            doc["tags"] = kept["tags"]
    store.put_many(domain, docs)


def _delete_product(store: Store, context: Context, product: Product) -> None:
    """Remove the product with variants and stock; lines of orders lose the reference, not the name."""
    domain, ids = context.shop.domain, context.ids
    gid = ids.gid("Product", product.place)
    for variant in product.variants:
        store.delete(domain, ids.gid("ProductVariant", variant.place))
        store.delete(domain, ids.gid("InventoryItem", variant.place))
    store.delete(domain, gid)
    store.put(domain, event(context, product.deleted, "destroy", "PRODUCT", gid, f"{product.title} was deleted"))
    orders = []
    for order in store.scan(domain, "Order", packed=True):
        lines = [line for line in order["lineItems"] if line["product"] and line["product"]["id"] == gid]
        for line in lines:
            line["product"] = line["variant"] = None
        if lines:
            orders.append(order)
    store.put_many(domain, orders)


def change_stock(store: Store, context: Context, movements: Movements, until: int, midnight: bool) -> None:
    """Book what orders did to levels; at midnight deliveries arrive and new ones are ordered."""
    domain, ids, at = context.shop.domain, context.ids, iso(until)
    by_variant: dict[int, dict[int, tuple[int, int]]] = {}
    for (place, location), change in movements.items():
        if any(change):
            by_variant.setdefault(place, {})[location] = change
    for variant in context.catalog.variants:
        changed = variant.place in by_variant
        if not changed and not midnight:
            continue
        item = store.get(domain, ids.gid("InventoryItem", variant.place), packed=True)
        if item is None or not item["tracked"]:
            continue
        if changed:
            move(item, context, by_variant[variant.place], at)
            bring_what_was_shipped(item, at)
        changed = (midnight and replenish(item, at)) or changed
        if not changed:
            continue
        store.put(domain, item)
        doc = store.get(domain, ids.gid("ProductVariant", variant.place), packed=True)
        if doc is not None:
            units = available(item)
            doc.update(inventoryQuantity=units, sellableOnlineQuantity=units, availableForSale=units > 0)
            store.put(domain, doc)


def hand_over(store: Store, domain: str, merged: str, survivor: str, moment: int) -> None:
    """Everything of a merged customer becomes the survivor's."""
    for typename in _OWNED_BY_CUSTOMER:
        docs = list(store.scan(domain, typename, owner=merged, packed=True))
        for doc in docs:
            doc["customer"] = ref("Customer", survivor)
            if (doc.get("purchasingEntity") or {}).get("id") == merged:
                doc["purchasingEntity"] = ref("Customer", survivor)
            doc["updatedAt"] = max(doc["updatedAt"], iso(moment))
        store.put_many(domain, docs)


def edited_customers(context: Context, people: Population, among: Ints, after: int, until: int) -> list[int]:
    """Customers who change something about themselves in the period."""
    numbers = np.flatnonzero(among & (people.created <= after) & (people.merged > until))
    draws = uniforms(context.parameters.seed, PROFILE, numbers, 10)[:, 6]
    done = edits_done(people.created[numbers], draws, after)
    edited: list[int] = numbers[edits_done(people.created[numbers], draws, until) > done].tolist()
    return edited


def edit_customer(context: Context, people: Population, number: int, doc: Doc, until: int) -> None:
    """Write the customer's latest edit: consent the first time, then the address every other time."""
    draws = customer_draws(context.parameters.seed, "Customer", number)
    edits = edit_moments(int(people.created[number]), draws[6], until)
    subscribed = draws[7] < (0.6 if people.kind[number] == ACCOUNT else 0.15)
    doc["defaultEmailAddress"] = consent(doc["defaultEmailAddress"]["emailAddress"], subscribed, edits, draws)
    line = street(int(people.identity[number]), len(edits) // 2)
    for address in (doc["defaultAddress"], *doc["addressesV2"]):
        address["address1"] = line
        address["formatted"][1] = line
    doc["updatedAt"] = max(doc["updatedAt"], iso(edits[-1]))
