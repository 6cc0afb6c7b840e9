"""Which tables hold persons, in which columns, and what becomes of their rows when one of them is erased.

Every table of the warehouse and every column of text stands in `declared/*.yml`; tests fail over one that does not. How
a table is declared:

- `customer`, `order`, `erp_customer`, `record`: the column by which its rows belong to a customer of a shop, to one of
  their orders, to a customer of the ERP, or to a record that values were written to. `through: key in table` is for
  rows that hang on rows of another table, by its order; `only` narrows what `erp_customer` means.
- `erase: rows` removes such rows; `erase: fields` keeps them, without the columns that say who it was: those linked by,
  those of `personal`, those that the contract classifies as personal, and the merchant's own metafields.
- `search`: columns whose text may quote anybody. What names the person is replaced; with `erase: rows` and no link, the
  row goes.
- `plain`: columns of text that hold no person.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from pipelines.config import Settings
from pipelines.intake.sources import contracts

FOLDER = Path(__file__).parent / "declared"
# The first column of a table of a source; other tables name the shop, and where they have one, the ERP.
OWNERS = {"raw_erp": "erp", "raw_threepl": "partner"}
Columns = list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]]


class Holding(BaseModel):
    """What one table holds of persons."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customer: str | None = None
    order: str | None = None
    erp_customer: str | None = None
    record: str | None = None
    through: Annotated[str | None, Field(pattern=r"^\w+ in \w+\.\w+$")] = None
    only: str | None = None
    erase: Literal["rows", "fields"] | None = None
    personal: Columns = []
    search: Columns = []
    plain: Columns = []

    @property
    def links(self) -> list[str]:
        """Columns of its own by which rows belong to a person."""
        return [column for column in (self.customer, self.order, self.erp_customer, self.record) if column]

    @property
    def holds_persons(self) -> bool:
        """Whether anything of it has to be looked at for a person."""
        return bool(self.links or self.through or self.search)


@cache
def declared() -> dict[str, Holding]:
    """Every declared table as `schema.name`, without what the contracts classify."""
    found = {}
    for file in sorted(FOLDER.glob("*.yml")):
        for schema, tables in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            for name, content in tables.items():
                found[f"{schema}.{name}"] = Holding.model_validate(content)
    return found


def holdings(settings: Settings) -> dict[str, Holding]:
    """Every declared table with its personal columns: those declared, classified, or the merchant's own metafields."""
    found = dict(declared())
    merchants = {metafield.column for metafield in settings.metafields}
    for contract in contracts(settings):
        for table in contract.tables:
            name = f"{contract.raw_schema}.{table.name}"
            classified = [
                column.name
                for column in table.columns
                if column.classification == "personal" or column.name in merchants
            ]
            held = found[name]
            found[name] = held.model_copy(update={"personal": [*held.personal, *classified]})
    return found


def owner_of(table: str) -> str:
    """The column that names the connection a row came by: shop, erp or partner."""
    return OWNERS.get(table.partition(".")[0], "shop")
