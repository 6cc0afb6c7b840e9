"""The JSON schema of sync files is that of the format, and every shipped file keeps to it and names it."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from orchestration.sync_schema import PATH, schema_text
from reverse_etl.sync_format.sync_yaml import SYNCS, sync_names


def problems(data: dict[str, Any]) -> list[str]:
    schema = json.loads(PATH.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(data)]


def test_the_schema_is_what_the_format_says_now() -> None:
    assert PATH.read_text(encoding="utf-8") == schema_text(), "run `make docs`"


@pytest.mark.parametrize("name", sync_names())
def test_a_shipped_sync_keeps_to_the_schema_and_names_it(name: str) -> None:
    text = (SYNCS / f"{name}.yml").read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={PATH.name}\n")
    data = yaml.safe_load(text)
    assert problems(data) == []
    assert problems({**data, "modus": "mirror"}) == ["$"]
    assert problems({**data, "mode": "mirrored"}) == ["$.mode"]
