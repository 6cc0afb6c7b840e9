"""ERPs and 3PL partners, as the factory of their raw assets sees them.

What reads them is imported when it is needed: a merchant without an ERP does not wait for its libraries.
"""

from collections.abc import Callable, Sequence

from orchestration.lib.raw_assets import RawSource
from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.intake.report import ExtractionReport
from pipelines.intake.sources import source_contract
from pipelines.progress import Progress

ERP, THREEPL = "erp", "threepl"


def erp_source(settings: Settings) -> RawSource:
    """The tables of the ERP contract, and the extraction that fills them."""
    return RawSource(ERP, source_contract(settings, ERP).tables, _extract_erp)


def threepl_source(settings: Settings) -> RawSource:
    """The tables of the 3PL contract, and the extraction that fills them."""
    return RawSource(THREEPL, source_contract(settings, THREEPL).tables, _extract_threepl)


def extractions(settings: Settings, connection: str | None = None) -> dict[str, Callable[..., ExtractionReport]]:
    """What reads each shop, ERP and 3PL partner, or the one named; ConfigurationError for an unknown name."""
    from pipelines.shopify.source import extract as extract_shop

    found: dict[str, Callable[..., ExtractionReport]] = dict.fromkeys(sorted(settings.shops), extract_shop)
    if settings.erp:
        from pipelines.erp.source import extract as extract_erp

        found |= dict.fromkeys(sorted(settings.erp), extract_erp)
    if settings.threepl:
        from pipelines.threepl.source import extract as extract_threepl

        found |= dict.fromkeys(sorted(settings.threepl), extract_threepl)
    if connection is None:
        return found
    if connection not in found:
        raise ConfigurationError(f"There is no shop, ERP or partner '{connection}'; there are {', '.join(found)}.")
    return {connection: found[connection]}


def _extract_erp(
    settings: Settings, name: str, entities: Sequence[str], run_id: str, progress: Progress
) -> ExtractionReport:
    from pipelines.erp.source import extract

    return extract(settings, name, entities=entities, run_id=run_id, progress=progress)


def _extract_threepl(
    settings: Settings, name: str, entities: Sequence[str], run_id: str, progress: Progress
) -> ExtractionReport:
    from pipelines.threepl.source import extract

    return extract(settings, name, entities=entities, run_id=run_id, progress=progress)
