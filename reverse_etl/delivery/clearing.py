"""Takes what we wrote off a customer who is about to be erased, while the ledger still knows what that was.

Straight, without a plan: a plan would keep the customer's number and values for ninety days, and no guard should stand
between a person and the law. A customer whom Shopify does not have any more carries nothing, which is what is wanted.
"""

import asyncio
from collections.abc import Sequence

from pipelines.config import Settings
from pipelines.failures import DeliveryError
from pipelines.privacy.person import Person
from pipelines.shopify.client import ShopifyClient
from pipelines.warehouse import Warehouse
from reverse_etl.destinations.metafields import DELETE_DOCUMENT
from reverse_etl.destinations.tags import REMOVE_DOCUMENT
from reverse_etl.ledger.tables import VALUES, ensure_tables

METAFIELD, TAG = "metafield:", "tag:"
METAFIELDS_PER_CALL = 25
_GONE = "does not exist"


def clear_customer(settings: Settings, person: Person) -> int:
    """Delete our metafields and tags of a customer in Shopify; returns how many values there were to clear.

    Nothing is asked when nothing was acknowledged. Raises DeliveryError when Shopify refuses, and what a request
    raises when Shopify can not be reached: nothing is erased then.
    """
    subject = person.subject
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        sql = f"select attribute from {VALUES} where object = 'customer' and shop = ? and record_id = ? order by 1"
        attributes = [str(row[0]) for row in session.rows(sql, (subject.shop, subject.customer_id))]
    if attributes:
        asyncio.run(_clear(settings, subject.shop, subject.gid, attributes))
    return len(attributes)


async def _clear(settings: Settings, shop: str, gid: str, attributes: Sequence[str]) -> None:
    fields = [name.removeprefix(METAFIELD).partition(".") for name in attributes if name.startswith(METAFIELD)]
    tags = [name.removeprefix(TAG) for name in attributes if name.startswith(TAG)]
    async with ShopifyClient.configured(settings, shop) as client:
        for start in range(0, len(fields), METAFIELDS_PER_CALL):
            some = fields[start : start + METAFIELDS_PER_CALL]
            owned = [{"ownerId": gid, "namespace": namespace, "key": key} for namespace, _, key in some]
            reply = await client.execute(DELETE_DOCUMENT, {"metafields": owned}, operation="metafieldsDelete")
            _require_done(shop, reply.data["metafieldsDelete"]["userErrors"])
        if tags:
            reply = await client.execute(REMOVE_DOCUMENT, {"id": gid, "tags": tags}, operation="tagsRemove")
            _require_done(shop, reply.data["tagsRemove"]["userErrors"])


def _require_done(shop: str, errors: Sequence[dict[str, str]]) -> None:
    refused = [error["message"] for error in errors if _GONE not in error["message"]]
    if refused:
        raise DeliveryError(
            f"Shopify of shop {shop} would not clear what we wrote to the customer ({refused[0]}); nothing is erased "
            "yet: put that right and run again, or go on without it with --without-shopify."
        )
