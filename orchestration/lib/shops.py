"""One partition a shop, and how one run covers several."""

from collections.abc import Sequence

import dagster as dg

from pipelines.config import Settings

# Documented tags of a run that covers a range of partitions.
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def shop_partitions(settings: Settings) -> dg.StaticPartitionsDefinition:
    """The shops of the settings, in alphabetical order."""
    return dg.StaticPartitionsDefinition(sorted(settings.shops))


def all_shops(settings: Settings) -> dict[str, str]:
    """Tags of a run that covers every shop at once; what is not partitioned by shop runs once in it."""
    shops = sorted(settings.shops)
    return {RANGE_START: shops[0], RANGE_END: shops[-1]}


def shops_of(keys: Sequence[str]) -> str:
    """Shops in words, for logs: 'eu and us'."""
    return " and ".join(filter(None, [", ".join(keys[:-1]), keys[-1]]))
