"""What is made from the registry of sources of truth."""

import csv
import io
from pathlib import Path

from orchestration import registry
from reverse_etl.source_of_truth import SourceOfTruth


def test_seed_and_page_are_not_behind_the_registry() -> None:
    known = SourceOfTruth.load()
    assert registry.SEED.read_text(encoding="utf-8") == registry.seed(known), "run `make docs`"
    assert registry.PAGE.read_text(encoding="utf-8") == registry.page(known), "run `make docs`"


def test_an_edit_of_the_registry_reaches_seed_and_page(tmp_path: Path) -> None:
    path = tmp_path / "source_of_truth.yml"
    path.write_text(
        "subjects:\n  fulfillment: {object: shipment, truth: erp, owner: 'ops, night shift', allowed_lag_minutes: 90,"
        " fields: [shipped_at]}\n",
        encoding="utf-8",
    )
    edited = SourceOfTruth.load(path)
    (row,) = csv.DictReader(io.StringIO(registry.seed(edited)))
    assert row == {
        "subject": "fulfillment", "object": "shipment", "truth_system": "erp", "owner": "ops, night shift",
        "allowed_lag_minutes": "90",
    }  # fmt: skip
    assert "| fulfillment | the ERP | ops, night shift | 90 min | `shipped_at` |" in registry.page(edited)
