"""Takes values and tags off one record in Shopify, whichever syncs wrote them."""

from collections.abc import Sequence

from pipelines.failures import DeliveryError
from reverse_etl.destinations.base import Api
from reverse_etl.destinations.metafields import DELETE_DOCUMENT
from reverse_etl.destinations.tags import REMOVE_DOCUMENT

METAFIELD, TAG = "metafield:", "tag:"
METAFIELDS_PER_CALL = 25
_GONE = "does not exist"


async def clear_shopify(api: Api, shop: str, gid: str, attributes: Sequence[str]) -> None:
    """Delete metafields and remove tags, by their names in the ledger; raises DeliveryError when Shopify refuses.

    A record that is gone carries nothing, which is what is wanted.
    """
    fields = [name.removeprefix(METAFIELD).partition(".") for name in attributes if name.startswith(METAFIELD)]
    tags = [name.removeprefix(TAG) for name in attributes if name.startswith(TAG)]
    for start in range(0, len(fields), METAFIELDS_PER_CALL):
        some = fields[start : start + METAFIELDS_PER_CALL]
        owned = [{"ownerId": gid, "namespace": namespace, "key": key} for namespace, _, key in some]
        reply = await api.execute(DELETE_DOCUMENT, {"metafields": owned}, operation="metafieldsDelete")
        _require_done(shop, reply.data["metafieldsDelete"]["userErrors"])
    if tags:
        reply = await api.execute(REMOVE_DOCUMENT, {"id": gid, "tags": tags}, operation="tagsRemove")
        _require_done(shop, reply.data["tagsRemove"]["userErrors"])


def _require_done(shop: str, errors: Sequence[dict[str, str]]) -> None:
    refused = [error["message"] for error in errors if _GONE not in error["message"]]
    if refused:
        raise DeliveryError(
            f"Shopify of shop {shop} would not clear what we wrote to the customer ({refused[0]}); nothing is erased "
            "yet: put that right and run again, or go on without it with --without-shopify."
        )
