"""Takes one person out of the tables, each as it is declared. Run it in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts.sql import identifier
from pipelines.privacy.contacts import forget_contacts
from pipelines.privacy.declaration import Holding, owner_of
from pipelines.privacy.person import Person
from pipelines.warehouse import Session

REPLACEMENT = "[redacted]"
# The ledger of write-back says after an @ where a customer's values are, when that is not Shopify.
_CUSTOMERS = "(object = 'customer' or object like 'customer@%')"


@dataclass(frozen=True)
class Part:
    """Rows of a table that are this person's: a condition and its values."""

    sql: str
    values: tuple[object, ...]


def erase(session: Session, declared: dict[str, Holding], person: Person) -> dict[str, int]:
    """Erase the person and return how many rows of each table were removed or changed; tables without any are left out.

    Tables that this warehouse does not have are passed over.
    """
    counts = dict[str, int]()
    present = {name: columns for name, columns in tables_of(session, declared).items() if declared[name].holds_persons}
    if "intermediate.int_customers__shared_contacts" in present:
        counts.update(forget_contacts(session, present, person.subject))
    # What hangs on rows is found while they say whose they are: `through` and `search` before their parents.
    for name in sorted(present, key=lambda name: declared[name].through is None):
        holding, columns = declared[name], present[name]
        touched = _search(session, name, holding, columns, person)
        for part in parts(name, holding, columns, person):
            touched += _erase_part(session, name, holding, columns, part)
        if touched:
            counts[name] = counts.get(name, 0) + touched
    return counts


def parts(name: str, holding: Holding, columns: Sequence[str], person: Person) -> list[Part]:
    """The rows of a table that belong to a person, as declared."""
    shop, customer = person.subject.shop, person.subject.customer_id
    found = []
    if holding.customer:
        found.append(Part(f"shop = ? and {identifier(holding.customer)} = ?", (shop, customer)))
    if holding.record:
        found.append(Part(f"shop = ? and {_CUSTOMERS} and {identifier(holding.record)} = ?", (shop, customer)))
    orders = list(person.order_ids)
    if holding.order and orders:
        found.append(Part(f"shop = ? and {identifier(holding.order)} in (select unnest(?))", (shop, orders)))
    if holding.through and orders:
        key, _, parent = holding.through.split(" ")
        of_orders = f"select {key} from {parent} where shop = ? and order_id in (select unnest(?))"
        found.append(Part(f"shop = ? and {key} in ({of_orders})", (shop, shop, orders)))
    if holding.erp_customer:
        narrowed = f" and {holding.only}" if holding.only else ""
        for erp, ids in person.erp_ids.items():
            condition = f"erp = ? and {identifier(holding.erp_customer)} in (select unnest(?)){narrowed}"
            found.append(Part(condition, (erp, list(ids))))
    return found


def searched(holding: Holding, person: Person) -> Part | None:
    """Rows of a table in which a searched text names the person; None when nothing is searched."""
    if not holding.search or not person.texts:
        return None
    wanted = [(column, text) for column in holding.search for text in person.texts]
    condition = " or ".join(f"strpos(lower({identifier(column)}), ?) > 0" for column, _ in wanted)
    return Part(f"({condition})", tuple(text for _, text in wanted))


def tables_of(session: Session, declared: dict[str, Holding]) -> dict[str, list[str]]:
    """Columns of the declared tables that this warehouse has."""
    found = dict[str, list[str]]()
    for schema in sorted({name.partition(".")[0] for name in declared}):
        tables = session.columns(schema)
        for name in declared:
            of, _, table = name.partition(".")
            if of == schema and table in tables:
                found[name] = tables[table]
    return found


def _erase_part(session: Session, name: str, holding: Holding, columns: Sequence[str], part: Part) -> int:
    condition = part.sql
    fields = [column for column in (*_identifying(name, holding), *holding.personal) if column in columns]
    if holding.erase == "fields":
        filled = " or ".join(f"{identifier(column)} is not null" for column in fields)
        condition = f"{part.sql} and ({filled})"
    count = int(session.rows(f"select count(*) from {name} where {condition}", part.values)[0][0])
    if count and holding.erase == "rows":
        session.execute(f"delete from {name} where {condition}", part.values)
    elif count:
        emptied = ", ".join(f"{identifier(column)} = null" for column in fields)
        session.execute(f"update {name} set {emptied} where {condition}", part.values)
    return count


def _identifying(name: str, holding: Holding) -> list[str]:
    """Links that say who it was; an order's number says so to nobody who has lost the order's customer."""
    return [column for column in (holding.customer, holding.erp_customer) if column and column != owner_of(name)]


def _search(session: Session, name: str, holding: Holding, columns: Sequence[str], person: Person) -> int:
    whole_row = holding.erase == "rows" and not holding.links
    asked = [holding] if whole_row else [holding.model_copy(update={"search": [one]}) for one in holding.search]
    touched = 0
    for one in asked:
        part = searched(one, person)
        if part is None or not set(one.search) <= set(columns):
            continue
        count = int(session.rows(f"select count(*) from {name} where {part.sql}", part.values)[0][0])
        if count and whole_row:
            session.execute(f"delete from {name} where {part.sql}", part.values)
        elif count:
            replaced = f"update {name} set {identifier(one.search[0])} = '{REPLACEMENT}' where {part.sql}"
            session.execute(replaced, part.values)
        touched += count
    return touched
