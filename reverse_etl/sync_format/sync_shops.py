"""Which shops a sync writes to."""

from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.failures import ConfigurationError
from reverse_etl.sync_format.sync_file import Sync


def shops_of(settings: Settings, sync: Sync, shop: str | None = None) -> list[str]:
    """Keys of the shops that a sync goes to, sorted; of one that was asked for, that one.

    Raises ConfigurationError for a shop or destination that the settings do not know, or a shop that the sync file
    leaves out.
    """
    if sync.destination != SHOPIFY:
        settings.destination(sync.destination)
    meant = sorted(sync.shops or settings.shops)
    for key in meant:
        settings.shop(key)
    if shop is None:
        return meant
    asked = settings.shop(shop).name
    if asked not in meant:
        raise ConfigurationError(
            f"Sync '{sync.name}' does not go to shop {asked}, only to {', '.join(meant)}; name it in its file."
        )
    return [asked]
