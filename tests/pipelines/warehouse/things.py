"""The table that tests of sessions fill: a column of every type that the platform uses."""

import pyarrow as pa

THINGS = """create table ops.things (
    id bigint, name varchar, price decimal(38, 10), amount decimal(18, 4), seen_at timestamptz, clock timestamp,
    day date, is_new boolean, ratio double)"""
TYPES = (
    pa.int64(),
    pa.string(),
    pa.decimal128(38, 10),
    pa.decimal128(18, 4),
    pa.timestamp("us", "UTC"),
    pa.timestamp("us"),
    pa.date32(),
    pa.bool_(),
    pa.float64(),
)
