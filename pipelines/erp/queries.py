"""The queries of an ERP: a folder with one SQL file a table, which selects exactly the columns of that table.

A new ERP is a new folder, no Python. What a file says besides its SQL:

- `-- cursor: <instant>, <id>`: what the table is read on by, changes since the last window. Without it, it is read
  whole.
- `-- key: <number>[, <number>]` or `-- text key: <text>`: of a table that is read whole, what orders its rows without
  a tie; for an ERP that gives its rows page by page.
- `/* and window */` stands where the condition on the cursor goes, after a condition, at the end of the query;
  `/* , cursor */` at the end of the list of columns, for an ERP that has to say where a page ended.
- `{order_reference_field}`, `{base_currency}` and `{now}` (when it is read, ISO 8601) come from settings and clock.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts.odcs import Contract
from pipelines.erp_settings import Erp
from pipelines.failures import ConfigurationError, InvalidQuery

FOLDER = Path(__file__).parent / "queries"
WINDOW, CURSOR = "/* and window */", "/* , cursor */"
_CURSOR = re.compile(r"^-- cursor: (?P<at>[^\n]+), (?P<id>[\w.]+)$", re.MULTILINE)
_KEY = re.compile(r"^-- key: (?P<first>[\w.]+)(, (?P<second>[\w.]+))?$", re.MULTILINE)
_TEXT_KEY = re.compile(r"^-- text key: (?P<key>[^\n]+)$", re.MULTILINE)
_COMMENT = re.compile(r"^--[^\n]*\n", re.MULTILINE)
_SETTING = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class ErpQuery:
    """The query of one table. `order` are the SQL expressions that order its rows without a tie; () when none is said.

    With `is_incremental`, the first of them is the instant by which changes are found. `is_text` says that the order is
    one of texts.
    """

    table: str
    path: Path
    text: str
    order: tuple[str, ...]
    is_incremental: bool
    is_text: bool

    def filled(self, settings: Mapping[str, str]) -> str:
        """The SQL with its settings; the places for window and cursor are still marked."""
        return _SETTING.sub(lambda found: settings[found.group(1)], self.text)


def load_queries(erp: Erp, contract: Contract, folder: Path = FOLDER) -> dict[str, ErpQuery]:
    """The queries of an ERP by table, in the order of the contract; an ERP need not have every table.

    Raises ConfigurationError when the ERP has no folder, InvalidQuery for a file that is no query of a table.
    """
    place = folder / erp.queries
    files = {path.stem: path for path in sorted(place.glob("*.sql"))}
    if not files:
        known = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_dir()))
        raise ConfigurationError(
            f"Setting erp.{erp.name}.queries is '{erp.queries}', of which there are no queries; there are {known}."
        )
    tables = [table.name for table in contract.tables]
    for stem, path in files.items():
        if stem not in tables:
            raise InvalidQuery(f"The query {path} is of no table of contract {contract.id}; rename it or remove it.")
    return {name: _read(name, files[name]) for name in tables if name in files}


def _read(table: str, path: Path) -> ErpQuery:
    text = path.read_text(encoding="utf-8")
    cursor, key, text_key = _CURSOR.search(text), _KEY.search(text), _TEXT_KEY.search(text)
    order: tuple[str, ...] = ()
    if cursor is not None:
        order = (cursor["at"], cursor["id"])
    elif text_key is not None:
        order = (text_key["key"],)
    elif key is not None:
        order = tuple(part for part in (key["first"], key["second"]) if part is not None)
    sql = _COMMENT.sub("", text).strip().removesuffix(";")
    if sql.count(WINDOW) != 1 or not sql.endswith(WINDOW):
        raise InvalidQuery(f"The query {path} must end in a condition and {WINDOW}, where the window goes; correct it.")
    return ErpQuery(table, path, sql, order, cursor is not None, text_key is not None)
