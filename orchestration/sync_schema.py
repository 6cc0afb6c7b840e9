"""Writes the JSON schema of sync files, by which editors complete and check them while they are typed.

`python -m orchestration.sync_schema` writes it; a test holds it against the format. A sync file names it in its first
line, for the YAML language server that most editors use.
"""

import json
import sys
from pathlib import Path

from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import SYNCS

PATH = SYNCS / "sync.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema as it stands in the file."""
    schema = {"$schema": DIALECT, **Sync.model_json_schema(), "title": "Boomerang sync file"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(path: Path = PATH) -> None:
    """Write the schema."""
    path.write_text(schema_text(), encoding="utf-8")
    sys.stdout.write(f"Wrote {path.name}\n")


if __name__ == "__main__":
    main()
