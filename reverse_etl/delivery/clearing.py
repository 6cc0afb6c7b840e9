"""Takes what we wrote off a customer who is about to be erased, while the ledger still knows what that was.

Straight, without a plan: a plan would keep the customer's number and values for ninety days, and no guard should stand
between a person and the law. A customer whom Shopify does not have any more carries nothing, which is what is wanted.
"""

import asyncio

from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.privacy.person import Person
from pipelines.warehouse import Warehouse
from reverse_etl.destinations.opened import clear_record
from reverse_etl.ledger.tables import CLAIMS, PLAN_ROWS, VALUES, ensure_tables

# What was acknowledged, and what a run that was cut off may have written.
_OF_PERSON = "(v.object = 'customer' or v.object like 'customer@%') and v.shop = ? and v.record_id = ?"
_WRITTEN = f"""
    select distinct object, attribute from (
        select v.object, v.attribute from {VALUES} as v where {_OF_PERSON}
        union all
        select v.object, v.attribute from {PLAN_ROWS} as v
        join {CLAIMS} as c on c.plan_id = v.plan_id and c.shop = v.shop and c.action = v.action and c.state = 'open'
            and v.plan_row between c.first_row and c.last_row
        where {_OF_PERSON}
    ) as written order by object, attribute
"""


def clear_customer(settings: Settings, person: Person) -> dict[str, int]:
    """Delete our values of a customer wherever they were written; returns how many there were, by destination.

    Nothing is asked when nothing was written. Raises DeliveryError when a destination refuses,
    ConfigurationError when the settings have lost one, and what a request raises when one can not be reached: nothing
    is erased then.
    """
    subject = person.subject
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        written = session.rows(_WRITTEN, (subject.shop, subject.customer_id) * 2)
    by_place: dict[str, list[str]] = {}
    for held_as, attribute in written:
        by_place.setdefault(held_as, []).append(attribute)
    for held_as, attributes in by_place.items():
        asyncio.run(clear_record(settings, held_as, subject.shop, subject.customer_id, attributes))
    return {held_as.partition("@")[2] or SHOPIFY: len(attributes) for held_as, attributes in by_place.items()}
