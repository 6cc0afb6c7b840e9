"""What an extraction did, entity by entity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipelines.contracts.arrivals import Admitted, TableCount
from pipelines.failures import SourceError
from pipelines.intake.ledger import Window


class ExtractionFailed(SourceError):
    """Some entities failed; the others are loaded. `report` holds those, `failures` the reasons by entity."""

    def __init__(self, sentence: str, report: "ExtractionReport", failures: dict[str, Exception]) -> None:
        """Keep what a caller may want to look into."""
        super().__init__(sentence)
        self.report = report
        self.failures = failures


@dataclass(frozen=True)
class EntityResult:
    """One window of one entity. Counts are lines of the export: expected = arrived = loaded + rejected.

    `tables` counts the rows made of them. Times are instants in UTC; `seconds` is the time from plan to proof.
    """

    shop: str
    entity: str
    mode: str
    window_id: str
    window_from: datetime | None
    window_to: datetime
    expected_rows: int
    arrived_rows: int
    rejected_rows: int
    loaded_rows: int
    seconds: float
    tables: dict[str, TableCount]


@dataclass
class ExtractionReport:
    """All windows that a run loaded, in the order in which they were loaded."""

    shop: str
    run_id: str
    entities: list[EntityResult] = field(default_factory=list)

    def add(self, window: Window, admitted: Admitted, seconds: float) -> EntityResult:
        """Note a loaded window."""
        result = EntityResult(
            shop=window.shop,
            entity=window.entity,
            mode=window.mode,
            window_id=window.window_id,
            window_from=window.window_from,
            window_to=window.window_to,
            expected_rows=admitted.lines if window.expected_rows is None else window.expected_rows,
            arrived_rows=admitted.lines,
            rejected_rows=admitted.rejected_lines,
            loaded_rows=admitted.lines - admitted.rejected_lines,
            seconds=seconds,
            tables=admitted.tables,
        )
        self.entities.append(result)
        return result


def rows_said(results: Iterable[EntityResult]) -> str:
    """Rows of some windows as a person reads them, such as '12,345 rows, 2 rejected'."""
    found = list(results)
    rejected = sum(result.rejected_rows for result in found)
    return f"{sum(result.arrived_rows for result in found):,} rows{f', {rejected:,} rejected' if rejected else ''}"


def failure_sentence(named: str, failures: dict[str, Exception], loaded: Sequence[EntityResult]) -> str:
    """One sentence that names every entity that failed, and why; `named` is what was read, such as `shop us`."""
    reasons = "; ".join(f"{entity}: {error}" for entity, error in failures.items())
    others = f"; {len(loaded)} other windows are loaded" if loaded else "; nothing was loaded"
    return f"Extraction of {named} failed for {', '.join(failures)}{others}. {reasons}"
