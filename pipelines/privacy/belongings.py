"""What belongs to a person beyond what is erased: the rows of their orders, in every system, and what hangs on them.

An erasure leaves an order's lines, payments and parcels, which say nothing of a person once the order says no more
whose it was. A person who asks what is kept gets them too. Tables hang on those that their contract names.
"""

from pipelines.config import Settings
from pipelines.contracts.sql import identifier
from pipelines.intake.sources import contracts
from pipelines.privacy.declaration import Holding, owner_of
from pipelines.privacy.erasure import Part, parts, searched
from pipelines.privacy.person import Person
from pipelines.warehouse import Session

XREF = "intermediate.int_xref__orders"
# By schema: the column that names an order of that system in the tables of its documents.
_ORDER_KEYS = {"raw_erp": "sales_order_id", "raw_threepl": "order_id"}


def belongings(
    session: Session,
    settings: Settings,
    declared: dict[str, Holding],
    present: dict[str, list[str]],
    person: Person,
) -> dict[str, list[Part]]:
    """By table, the conditions for the rows that are this person's or of their orders; tables without any are left out.

    `present` are the tables of this warehouse with their columns. Orders of the ERP and of partners are those that the
    models found to be orders of this person, since names of orders repeat between shops, and those of the person's
    customers in the ERP.
    """
    found = {name: parts(name, declared[name], present[name], person) for name in present}
    for name, columns in present.items():
        if (quoted := searched(declared[name], person)) is not None and set(declared[name].search) <= set(columns):
            found[name].append(quoted)
    orders = list(person.order_ids)
    for name, columns in present.items():
        if orders and {"shop", "order_id"} <= set(columns) and declared[name].order != "order_id":
            found[name].append(Part("shop = ? and order_id in (select unnest(?))", (person.subject.shop, orders)))
    for (schema, connection), ids in _orders_elsewhere(session, present, person).items():
        for name, columns in present.items():
            if name.startswith(f"{schema}.") and _ORDER_KEYS[schema] in columns:
                condition = f"{owner_of(name)} = ? and {_ORDER_KEYS[schema]} in (select unnest(?))"
                found[name].append(Part(condition, (connection, ids)))
    hanging = {name: of for name, of in _hangs_on(settings).items() if name in present and of[0] in present}
    while reached := [name for name, (parent, _) in hanging.items() if not found[name] and found[parent]]:
        for name in reached:
            found[name] = _hanging(*hanging.pop(name), owner_of(name), found)
    return {name: conditions for name, conditions in found.items() if conditions}


def _hangs_on(settings: Settings) -> dict[str, tuple[str, str]]:
    """By table of a source, the table that its rows hang on, and the key that both have."""
    found = {"raw_threepl.returns": ("raw_threepl.shipments", "shipment_id")}
    for contract in contracts(settings):
        for table in contract.tables:
            if table.parent is not None and table.parent_key is not None:
                found[f"{contract.raw_schema}.{table.name}"] = (
                    f"{contract.raw_schema}.{table.parent}",
                    table.parent_key,
                )
    return found


def _hanging(parent: str, key: str, owner: str, found: dict[str, list[Part]]) -> list[Part]:
    named = f"{owner} || ' ' || cast({identifier(key)} as string)"
    return [Part(f"{named} in (select {named} from {parent} where {part.sql})", part.values) for part in found[parent]]


def _orders_elsewhere(
    session: Session, present: dict[str, list[str]], person: Person
) -> dict[tuple[str, str], list[str]]:
    """Orders of the person by schema and connection, as the ERP and the partners number them."""
    ids = dict[tuple[str, str], set[str]]()
    if person.order_ids and "order_id" in present.get(XREF, []):
        matched = f"select system, connection, external_order_id from {XREF}"
        sql = f"{matched} where shop = ? and order_id in (select unnest(?))"
        for system, connection, order in session.rows(sql, (person.subject.shop, list(person.order_ids))):
            ids.setdefault((f"raw_{system}", str(connection)), set()).add(str(order))
    if "raw_erp.sales_orders" in present:
        for erp, customers in person.erp_ids.items():
            sql = "select sales_order_id from raw_erp.sales_orders where erp = ? and customer_id in (select unnest(?))"
            for (order,) in session.rows(sql, (erp, list(customers))):
                ids.setdefault(("raw_erp", erp), set()).add(str(order))
    return {key: sorted(orders) for key, orders in ids.items()}
