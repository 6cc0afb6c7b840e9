"""Who a request is about, and what tells this person's traces: ids in each system, and texts that name nobody else."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipelines.warehouse import Session

# A number with fewer digits, a name of one word and a short line of an address occur in texts about anything.
TELLING_DIGITS = 8
TELLING_LENGTH = 7
SHORTEST_WORD = 3
_DIGITS = re.compile(r"\D+")


@dataclass(frozen=True)
class Subject:
    """A customer of a shop as a request names one. `order_ids` are orders it names besides those we know."""

    shop: str
    customer_id: int
    email: str | None = None
    phone: str | None = None
    order_ids: tuple[int, ...] = ()
    request_id: str | None = None

    @property
    def gid(self) -> str:
        """The customer's global id."""
        return f"gid://shopify/Customer/{self.customer_id}"


@dataclass(frozen=True)
class Person:
    """What the warehouse knows to look for.

    `erp_ids` are ids by the settings key of the ERP. `texts` name this person alone and are looked for anywhere;
    `words` (first and last name) also mean other things and are only looked for where people and machines keep logs.
    """

    subject: Subject
    order_ids: tuple[int, ...] = ()
    erp_ids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def find_person(session: Session, subject: Subject) -> Person:
    """Gather what the raw tables say about a customer. Whoever was erased before has nothing but the request's ids."""
    shop = (subject.shop, subject.customer_id)
    contacts, names, lines = {subject.email, subject.phone}, set[str | None](), set[str | None]()
    orders = set(subject.order_ids)
    if session.exists("raw_shopify.customers"):
        known = "select first_name, last_name, display_name, email, phone from raw_shopify.customers"
        for first, last, display, email, phone in session.rows(f"{known} where shop = ? and customer_id = ?", shop):
            names |= {first, last, display}
            contacts |= {email, phone}
    if session.exists("raw_shopify.customer_addresses"):
        known = "select address1, address2, phone from raw_shopify.customer_addresses"
        for first, second, phone in session.rows(f"{known} where shop = ? and customer_id = ?", shop):
            lines |= {first, second}
            contacts.add(phone)
    if session.exists("raw_shopify.orders"):
        known = "select order_id, email from raw_shopify.orders where shop = ? and customer_id = ?"
        for order, email in session.rows(known, shop):
            orders.add(int(order))
            contacts.add(email)
    emails = sorted({contact.strip().lower() for contact in contacts if contact and "@" in contact})
    erp_ids = dict[str, set[str]]()
    for erp, customer, name, email in _in_the_erp(session, subject, emails):
        erp_ids.setdefault(erp, set()).add(customer)
        names.add(name)
        contacts.add(email)
    return Person(
        subject,
        tuple(sorted(orders)),
        {erp: tuple(sorted(ids)) for erp, ids in erp_ids.items()},
        _texts(subject, contacts, names, lines),
        tuple(sorted({word.lower() for word in _given(names) if " " not in word and len(word) >= SHORTEST_WORD})),
    )


def _in_the_erp(session: Session, subject: Subject, emails: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """ERP, id, name and e-mail of the ERP's customers who are this one.

    Whoever carries a reference is who that says; without one the address tells, unless the models found that it is
    somebody else's who shares it.
    """
    if not session.exists("raw_erp.customers"):
        return []
    spelled = "trim(replace(replace(shopify_reference, 'gid://shopify/Customer/', ''), '#', ''))"
    by_address = "(nullif(trim(shopify_reference), '') is null and lower(trim(email)) in (select unnest(?)))"
    if session.exists("intermediate.int_xref__customers"):
        by_address += (
            " and not exists (select 1 from intermediate.int_xref__customers as known where known.erp = c.erp "
            "and known.customer_id = c.customer_id and known.shop_customer_id is not null "
            "and not (known.shop = ? and known.shop_customer_id = ?))"
        )
    sql = f"select erp, customer_id, name, email from raw_erp.customers as c where {spelled} = ? or ({by_address})"
    values: list[object] = [str(subject.customer_id), emails]
    if "known" in by_address:
        values += [subject.shop, subject.customer_id]
    return [(str(erp), str(customer), name, email) for erp, customer, name, email in session.rows(sql, values)]


def _given(texts: Iterable[str | None]) -> list[str]:
    return [text.strip() for text in texts if text and text.strip()]


def _texts(
    subject: Subject, contacts: Iterable[str | None], names: Iterable[str | None], lines: Iterable[str | None]
) -> tuple[str, ...]:
    """Lower-case texts that name the person wherever they stand."""
    found = set[str]()
    for contact in _given(contacts):
        digits = _DIGITS.sub("", contact)
        if "@" in contact or len(digits) >= TELLING_DIGITS:
            found.add(contact)
        if "@" not in contact and len(digits) >= TELLING_DIGITS:
            found.add(digits)
    found |= {name for name in _given(names) if " " in name and len(name) >= TELLING_LENGTH}
    found |= {line for line in _given(lines) if len(line) >= TELLING_LENGTH and " " in line}
    if len(str(subject.customer_id)) >= TELLING_DIGITS:
        found.add(str(subject.customer_id))
    else:
        found |= {f'{subject.gid}"', f"{subject.gid}'", f'{subject.gid}"'.replace("/", r"\/")}
    return tuple(sorted(text.lower() for text in found))
