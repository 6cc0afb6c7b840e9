"""What an asset of a raw table tells before anything is read: its contract's columns, its checks, where it stands."""

from collections.abc import Mapping

import dagster as dg

from orchestration.lib.freshness import HOURLY
from pipelines.config import Settings
from pipelines.contracts.odcs import Column, Table

# What is read from outside, whatever the source, and what of it is read shop by shop: jobs select by it.
RAW = {"layer": "raw"}
BY_SHOP = {"read": "by_shop"}
COMPLETE = "is_complete"
CONTRACT_HOLDS = "contract_holds"


def table_spec(settings: Settings, source: str, table: Table, tags: Mapping[str, str]) -> dg.AssetSpec:
    """The asset of one raw table of a source. Its key is that of the dbt source it feeds: `shopify/orders`."""
    columns = [_column(column) for column in table.columns]
    return dg.AssetSpec(
        [source, table.name],
        description=table.description,
        group_name=source,
        kinds={source, settings.warehouse},
        tags={**RAW, **tags},
        freshness_policy=HOURLY,
        metadata={
            "dagster/table_name": f"raw_{source}.{table.name}",
            "dagster/column_schema": dg.TableSchema(columns=columns),
            "entity": table.entity,
        },
    )


def table_checks(key: dg.AssetKey) -> tuple[dg.AssetCheckSpec, dg.AssetCheckSpec]:
    """Completeness, which holds back what is built from the table, and the contract, which does not."""
    return (
        dg.AssetCheckSpec(
            COMPLETE,
            asset=key,
            blocking=True,
            description="Every row that the source sent is loaded or lies in the dead letters.",
        ),
        dg.AssetCheckSpec(
            CONTRACT_HOLDS,
            asset=key,
            description="No row broke the contract; rows that did are in the dead letters, the rest is loaded.",
        ),
    )


def _column(column: Column) -> dg.TableColumn:
    """With its place in the API, so that the definition of a number is one look away."""
    origin = f"`{column.path}`" + (", personal" if column.classification else "")
    description = f"{column.description} ({origin})" if column.description else origin
    constraints = dg.TableColumnConstraints(nullable=not column.required)
    return dg.TableColumn(column.name, column.physical_type, description, constraints)
