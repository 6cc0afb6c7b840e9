"""Shopify, as the factory of raw assets sees it."""

from collections.abc import Sequence

from orchestration.lib.raw_assets import RawSource
from pipelines.config import Settings
from pipelines.intake.report import ExtractionReport
from pipelines.progress import Progress
from pipelines.shopify.contract import shopify_contract
from pipelines.shopify.source import extract


def shopify_source(settings: Settings) -> RawSource:
    """The tables of Shopify's contract, with the merchant's own metafields, and the extraction that fills them."""
    return RawSource("shopify", shopify_contract(settings).tables, _extract)


def _extract(
    settings: Settings, shop: str, entities: Sequence[str], run_id: str, progress: Progress
) -> ExtractionReport:
    return extract(settings, shop, entities=entities, run_id=run_id, progress=progress)
