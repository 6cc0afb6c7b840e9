"""Contacts that a person shared with other customers, and persons named after one of their customers.

The models count who shares an address and name a person after the smallest key of its customers. Both outlive the row
of one of them until the next build, or longer: an increment counts only what changed at the source.
"""

from pipelines.privacy.person import Subject
from pipelines.warehouse import Session

SHARED = "intermediate.int_customers__shared_contacts"
IDENTITIES = "intermediate.int_customers__identities"


def forget_contacts(session: Session, present: dict[str, list[str]], subject: Subject) -> dict[str, int]:
    """Count the contacts that this customer shared without them; returns changed rows by table.

    Run it before the customer's own rows go: they say which contacts. A contact that one customer is left with is
    shared no more. Customers who were one person named after this one are persons of their own until the next build.
    """
    counts = dict[str, int]()
    mine = (subject.shop, subject.customer_id)
    shared = session.rows(f"select contact_kind, contact from {SHARED} where shop = ? and customer_id = ?", mine)
    for kind, contact in shared:
        others = "contact_kind = ? and contact = ? and not (shop = ? and customer_id = ?)"
        values: tuple[object, ...] = (kind, contact, *mine)
        left = int(session.rows(f"select count(*) from {SHARED} where {others}", values)[0][0])
        if left == 1:
            session.execute(f"delete from {SHARED} where {others}", values)
        elif left:
            session.execute(f"update {SHARED} set customers_count = customers_count - 1 where {others}", values)
        counts[SHARED] = counts.get(SHARED, 0) + left
    if IDENTITIES in present:
        named = "person_id = ? and not (shop = ? and customer_id = ?)"
        values = (f"{subject.shop}:{subject.customer_id}", *mine)
        count = int(session.rows(f"select count(*) from {IDENTITIES} where {named}", values)[0][0])
        if count:
            session.execute(f"delete from {IDENTITIES} where {named}", values)
            counts[IDENTITIES] = count
    return {name: count for name, count in counts.items() if count}
