from pathlib import Path

import pytest

from bench import extract, extract_parts

LINES = 600


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    for entity in extract.ENTITIES:
        extract._generate(tmp_path, entity, LINES)
    return tmp_path


def test_an_extraction_without_a_part_brings_the_same_rows(exports: Path) -> None:
    whole = extract._fresh(extract.ours, exports).result["rows"]
    assert whole["order_lines"] > 0
    assert whole["sales"] > 0
    assert extract._fresh(extract_parts.without_contract, exports).result["rows"] == whole
    assert extract._fresh(extract_parts.without_proof, exports).result["rows"] == whole
