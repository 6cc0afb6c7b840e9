"""What the models may say on each warehouse: functions with their arguments, and words that name nothing.

A function is written as what its arguments are, one letter each: `e` any expression, `p` a bare part of a date (day,
month), `t` a text, `*` as many expressions as it likes. A new function goes in here after a look into the manual of the
warehouse; sources: docs.snowflake.com/en/sql-reference (functions, reserved keywords) and
cloud.google.com/bigquery/docs/reference/standard-sql (functions, lexical structure).
"""

EVERYWHERE: dict[str, tuple[str, ...]] = {
    "abs": ("e",),
    "any_value": ("e",),
    "avg": ("e",),
    "cast": ("e",),
    "ceil": ("e",),
    "coalesce": ("*",),
    "count": ("e",),
    "dense_rank": ("",),
    "exp": ("e",),
    "floor": ("e",),
    "greatest": ("*",),
    "lag": ("e", "ee"),
    "lead": ("e", "ee"),
    "least": ("*",),
    "length": ("e",),
    "ln": ("e",),
    "lower": ("e",),
    "max": ("e",),
    "min": ("e",),
    "max_by": ("ee",),
    "min_by": ("ee",),
    "nullif": ("ee",),
    "power": ("ee",),
    "rank": ("",),
    "replace": ("eee", "ett", "eet"),
    "round": ("e", "ee"),
    "row_number": ("",),
    "rtrim": ("ee", "et"),
    "sqrt": ("e",),
    "substr": ("ee", "eee"),
    "sum": ("e",),
    "trim": ("e",),
    "upper": ("e",),
    "var_samp": ("e",),
}
FUNCTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "snowflake": EVERYWHERE
    | {
        "convert_timezone": ("ee", "te"),
        "current_timestamp": ("",),
        "dateadd": ("pee",),
        "datediff": ("pee",),
        "date_trunc": ("te", "pe"),
        "decimal": ("ee",),
        "generator": ("e",),
        "to_varchar": ("e", "et"),
    },
    "bigquery": EVERYWHERE
    | {
        "current_timestamp": ("",),
        "date": ("e", "ee"),
        "date_add": ("ei",),
        "date_diff": ("eep",),
        "date_trunc": ("ep",),
        "decimal": ("ee",),
        "generate_date_array": ("eei",),
        "timestamp_add": ("ei",),
        "timestamp_diff": ("eep",),
        "unnest": ("e",),
    },
}
# Before a bracket these open a list or a query, not the arguments of a function.
NO_FUNCTIONS = {
    "all", "and", "as", "between", "by", "copy", "distinct", "else", "except", "exists", "from", "in", "insert",
    "intersect", "interval", "into", "is", "join", "like", "not", "on", "options", "or", "over", "overwrite", "select",
    "set", "table", "then", "union", "using", "values", "when", "where", "with", "qualify", "having", "filter", "case",
    "limit",
}  # fmt: skip
DATE_PARTS = {"day", "week", "month", "quarter", "year", "hour", "minute", "second"}


def words(text: str) -> set[str]:
    """A list written as a text."""
    return set(text.split())


# Not in the list: what Snowflake only forbids in SHOW commands (connection).
RESERVED: dict[str, set[str]] = {
    "snowflake": words(
        "all alter and any as between by case cast check column connect constraint create cross current "
        "current_date current_time current_timestamp current_user database delete distinct drop else exists false "
        "following for from full grant group having ilike in increment inner insert intersect into is issue join "
        "lateral left like localtime localtimestamp minus natural not null of on or order organization qualify regexp "
        "revoke right rlike row rows sample schema select set some start table tablesample then to trigger true "
        "try_cast union unique update using values view when whenever where with"
    ),
    "bigquery": words(
        "all and any array as asc assert_rows_modified at between by case cast collate contains create cross cube "
        "current default define desc distinct else end enum escape except exclude exists extract false fetch following "
        "for from full group grouping groups hash having if ignore in inner intersect interval into is join lateral "
        "left like limit lookup merge natural new no not null nulls of on or order outer over partition preceding "
        "proto qualify range recursive respect right rollup rows select set some struct tablesample then to treat true "
        "unbounded union unnest using when where window with within"
    ),
}
