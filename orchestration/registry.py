"""Makes what others read of the registry of sources of truth: a dbt seed, and a page of the docs.

`python -m orchestration.registry` writes both; a test holds them against the registry, so they are never behind it.
"""

import csv
import io
import sys
from pathlib import Path

from reverse_etl.source_of_truth import SourceOfTruth, System

ROOT = Path(__file__).parents[1]
SEED = ROOT / "dbt_project" / "seeds" / "source_of_truth.csv"
PAGE = ROOT / "docs" / "source_of_truth.md"

_NAMES: dict[System, str] = {
    "warehouse": "the data warehouse",
    "shopify": "Shopify",
    "erp": "the ERP",
    "threepl": "the 3PL",
}


def seed(registry: SourceOfTruth) -> str:
    """One CSV row a subject: its object, the system of its truth, owner, and minutes that others may lag."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(["subject", "object", "truth_system", "owner", "allowed_lag_minutes"])
    for name, subject in registry.subjects.items():
        writer.writerow([name, subject.object, subject.truth, subject.owner, subject.allowed_lag_minutes])
    return target.getvalue()


def page(registry: SourceOfTruth) -> str:
    """The registry as a page of Markdown."""
    rows = [
        f"| {name.replace('_', ' ')} | {_NAMES[subject.truth]} | {subject.owner} "
        f"| {_lag(subject.allowed_lag_minutes)} | {', '.join(f'`{field}`' for field in subject.fields)} |"
        for name, subject in registry.subjects.items()
    ]
    return "\n".join(
        [
            "# Sources of truth",
            "",
            "Made from `reverse_etl/source_of_truth.yml` by `make docs`; edit that file, not this one.",
            "",
            "One system is right about each field. Where systems differ, a break blames the others; and reverse ETL",
            "writes to Shopify only what is the data warehouse's own. The first subject that matches a field wins.",
            "",
            "| subject | truth lies in | who answers for it | others may lag | fields |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _lag(minutes: int) -> str:
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def main() -> None:
    """Write the seed and the page."""
    registry = SourceOfTruth.load()
    for path, text in ((SEED, seed(registry)), (PAGE, page(registry))):
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"Wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
