"""The few expressions of the diff for which the engines have no common spelling.

Everything else in reverse ETL is SQL that DuckDB, Snowflake and BigQuery read alike (types `string`, `bigint`,
`timestamp`; `is distinct from`; `row_number`).
"""

from collections.abc import Sequence


def amount_text(engine: str, expression: str) -> str:
    """An amount of money as text with two fraction digits."""
    if engine == "bigquery":  # a cast to text drops trailing zeros
        return f"format('%.2f', cast({expression} as bignumeric))"
    return f"cast(cast({expression} as decimal(38, 2)) as string)"


def instant_text(engine: str, expression: str) -> str:
    """A UTC timestamp as Shopify stores date_time: no fraction, explicit +00:00."""
    if engine == "bigquery":
        return f"format_timestamp('%Y-%m-%dT%H:%M:%S+00:00', cast({expression} as timestamp))"
    if engine == "snowflake":
        return f"""to_char(cast({expression} as timestamp), 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
    return f"strftime(cast({expression} as timestamp), '%Y-%m-%dT%H:%M:%S+00:00')"


def compact_json(engine: str, expression: str) -> str:
    """JSON text without white space between tokens; text that is not JSON stays, for the destination to reject it."""
    if engine == "bigquery":
        return f"coalesce(to_json_string(safe.parse_json({expression})), {expression})"
    if engine == "snowflake":
        return f"coalesce(to_json(try_parse_json({expression})), {expression})"
    return f"case when json_valid({expression}) then cast(json({expression}) as string) else {expression} end"


def fingerprint(engine: str, columns: Sequence[str]) -> str:
    """An aggregate over all rows that changes when any value of `columns` does, whatever the order of rows."""
    listed = ", ".join(columns)
    if engine == "bigquery":
        return f"cast(bit_xor(farm_fingerprint(to_json_string(struct({listed})))) as string)"
    if engine == "snowflake":
        return f"cast(hash_agg({listed}) as string)"
    return f"cast(bit_xor(hash({listed})) as string)"
