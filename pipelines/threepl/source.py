"""Extracts a warehouse operator: its files or its API, entity by entity; the door to all of it is `extract`."""

from collections.abc import Sequence

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.intake.report import EntityResult, ExtractionFailed, ExtractionReport
from pipelines.progress import Progress
from pipelines.threepl.files.run import entities_of, extract_files
from pipelines.threepl.shipbob.run import ENTITIES, extract_shipbob
from pipelines.threepl_settings import FilePartner

__all__ = ["EntityResult", "ExtractionFailed", "ExtractionReport", "extract"]


def extract(
    settings: Settings,
    partner: str,
    *,
    entities: Sequence[str] | None = None,
    run_id: str,
    progress: Progress,
) -> ExtractionReport:
    """Read what is new of these entities of the contract (None: all that the partner has) into the raw tables.

    Entities that the partner's files never bring are passed over. A second call for the same partner waits for the
    first. Raises ConfigurationError for an unknown partner or entity, a SourceError when the partner cannot be read at
    all, and ExtractionFailed, with the report of the rest, when some entities, files of theirs or pages could not be.
    """
    found = settings.partner(partner)
    known = entities_of(found) if isinstance(found, FilePartner) else ENTITIES
    unknown = [entity for entity in entities or () if entity not in ENTITIES]
    if unknown:
        raise ConfigurationError(f"There is no {unknown[0]} of a 3PL partner; there are {', '.join(ENTITIES)}.")
    wanted = [entity for entity in known if entities is None or entity in entities]
    if isinstance(found, FilePartner):
        intake = extract_files(settings, found, wanted, run_id, progress)
    else:
        intake = extract_shipbob(settings, found, wanted, run_id, progress)
    intake.raise_failures()
    return intake.report
