"""Which destination a sync goes to: the one place that knows them all."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.shopify.client import ShopifyClient
from reverse_etl.destinations.base import Destination
from reverse_etl.destinations.metering import MeteredApi
from reverse_etl.destinations.shopify import OWNERS, ShopifyDestination
from reverse_etl.destinations.shopify_clearing import clear_shopify
from reverse_etl.destinations.webhook import WebhookDestination, clear_webhook
from reverse_etl.destinations.webhook_client import WebhookClient
from reverse_etl.failures import DestinationNotReadable
from reverse_etl.sync_format.sync_file import Sync


@asynccontextmanager
async def opened(settings: Settings, sync: Sync, shop: str) -> AsyncIterator[Destination]:
    """The destination of a sync, for one shop; its connections are closed at the end.

    Raises ConfigurationError for a destination that the settings do not know.
    """
    if sync.destination == SHOPIFY:
        async with ShopifyClient.configured(settings, shop) as client:
            yield ShopifyDestination(MeteredApi(client), shop, sync)
        return
    async with WebhookClient(settings.destination(sync.destination)) as webhook:
        yield WebhookDestination(webhook, shop, sync)


def can_read(settings: Settings, sync: Sync) -> bool:
    """Whether the destination of a sync says what it carries."""
    return sync.destination == SHOPIFY or settings.destination(sync.destination).read_url is not None


def require_readable(settings: Settings, sync: Sync) -> None:
    """Raise DestinationNotReadable where nothing can be compared."""
    if not can_read(settings, sync):
        raise DestinationNotReadable(
            f"Sync '{sync.name}' can not be verified: destination {sync.destination} has no read_url, so nobody knows "
            f"what it carries now. Have the receiver answer boomerang.read (docs/destinations.md) and set "
            f"destinations.{sync.destination}.read_url."
        )


async def clear_record(settings: Settings, held_as: str, shop: str, record_id: int, attributes: Sequence[str]) -> None:
    """Take values off one record where they were written; raises DeliveryError when that is refused.

    `held_as` and `attributes` as the ledger has them.
    """
    owner, _, destination = held_as.partition("@")
    if not destination:
        gid = next(f"gid://shopify/{name}/{record_id}" for kind, (name, _) in OWNERS.items() if kind == owner)
        async with ShopifyClient.configured(settings, shop) as client:
            await clear_shopify(MeteredApi(client), shop, gid, attributes)
        return
    async with WebhookClient(settings.destination(destination)) as webhook:
        await clear_webhook(webhook, shop, owner, record_id, attributes)
