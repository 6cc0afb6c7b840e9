"""The only place that knows DuckDB, Snowflake and BigQuery apart.

`Warehouse(settings).session()` gives a `Session`, which speaks one SQL on every engine: DuckDB's, in the part that
`dialect.py` can translate.
"""

from pipelines.warehouse.engine import OPS_SCHEMA, PLATFORM_SCHEMAS, RAW_SCHEMAS, SCORES_SCHEMA
from pipelines.warehouse.session import Session
from pipelines.warehouse.warehouse import Warehouse

__all__ = ["OPS_SCHEMA", "PLATFORM_SCHEMAS", "RAW_SCHEMAS", "SCORES_SCHEMA", "Session", "Warehouse"]
