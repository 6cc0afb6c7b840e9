"""What an X12 file must keep besides its envelope: totals, known qualifiers, readable quantities and times.

Each check is SQL of the segments that fail it, with the code and the sentence; one that is found refuses the file,
because a number under an unknown qualifier is not a smaller mistake than a missing page.
"""

import duckdb

from pipelines.contracts.sql import text, texts
from pipelines.threepl.files.x12_sql import HEADERS, LINES
from pipelines.threepl.problems import FeedCode, FeedRefused
from pipelines.threepl.zones import LOCAL_TIME_CODES, TIME_CODES
from pipelines.threepl_settings import Qualifiers

READ = tuple(HEADERS)
# Acknowledgements say nothing about goods.
IGNORED = ("997", "999")
_ASK = "ask the partner what it means and add it to the qualifiers in the settings"
# Where a line says how many: element of the line segment, by kind of set.
_QUANTITIES = {"945": 3, "944": 1, "947": 2}


def check(connection: duckdb.DuckDBPyConnection, qualifiers: Qualifiers) -> dict[int, FeedRefused]:
    """The first thing that is wrong with each file of the batch, by the file's number.

    The views of x12_sql must be there, and a table `files` with file_no_ and the numbers of its segments (after, last).
    """
    found: dict[int, FeedRefused] = {}
    for code, sql in _checks(qualifiers):
        wrong = connection.execute(
            f"select file_no_, min(n - after), arg_min(said, n) from ({sql}) join files on n > after and n <= last "
            "where said is not null group by file_no_"
        ).fetchall()
        for file_no, segment, said in wrong:
            found.setdefault(file_no, FeedRefused(code, f"segment {segment}: {said}"))
    return found


def _checks(qualifiers: Qualifiers) -> list[tuple[FeedCode, str]]:
    known_quantities = texts(tuple(qualifiers.quantity))
    known_reasons = texts(tuple(qualifiers.adjustment))
    codes = texts((*TIME_CODES, *LOCAL_TIME_CODES))
    headers = " ".join(f"when {text(kind)} then {text(segment)}" for kind, segment in HEADERS.items())
    lines = " ".join(f"when {text(kind)} then {text(segment)}" for kind, segment in LINES.items())
    quantities = " ".join(f"when {text(kind)} then el(line.e, {place})" for kind, place in _QUANTITIES.items())
    starts = "(select set_no, min(n) as n from s group by set_no)"
    return [
        (
            "FED-04",
            f"select n, 'set ' || coalesce(code, '') || ' is none of {', '.join(READ)}; leave such files out "
            f"of the pattern' as said from doc join {starts} using (set_no) "
            f"where coalesce(code, '') not in ({texts((*READ, *IGNORED))})",
        ),
        (
            "FED-04",
            f"select n, 'set ' || code || ' has no segment ' || case code {headers} end as said "
            f"from doc join {starts} using (set_no) where code in ({texts(READ)}) and not exists ("
            f"select 1 from s where s.set_no = doc.set_no and s.id = case doc.code {headers} end)",
        ),
        (
            "FED-03",
            f"select n, 'set ' || code || ' has no line (' || case code {lines} end || '); an empty set is not empty "
            f"stock' as said from doc join {starts} using (set_no) where code in ({texts(READ)}) and not exists ("
            "select 1 from line where line.set_no = doc.set_no)",
        ),
        (
            "FED-04",
            f"select n, 'set ' || code || ' names no warehouse (N1*SF or N1*WH); name it in the feed''s settings' "
            f"as said from doc join {starts} using (set_no) where code in ({texts(READ)}) and warehouse_code is null",
        ),
        (
            "FED-05",
            f"select n, 'the time code ' || time_code || ' is not known; {_ASK}' as said "
            f"from doc join {starts} using (set_no) where time_code not in ({codes})",
        ),
        (
            "FED-05",
            f"select n, 'the zone of warehouse ' || warehouse_code || ' is not known; add it to the warehouses of the "
            f"partner in the settings' as said from doc join {starts} using (set_no) "
            f"where code in ({texts(READ)}) and zone is null",
        ),
        (
            "FED-04",
            f"select n, 'the time \\'' || moment_text || '\\' cannot be read' as said "
            f"from doc join {starts} using (set_no) where code in ({texts(READ)}) and moment is null".replace(
                "\\'", "''"
            ),
        ),
        (
            "FED-04",
            f"select line_n as n, 'a line has no product id under {', '.join(qualifiers.sku)}; {_ASK}' as said "
            "from line where sku is null",
        ),
        (
            "FED-04",
            f"select n, 'quantity qualifier ' || coalesce(el(e, 1), '') || ' is not known; {_ASK}' as said from s "
            f"where id = 'QTY' and coalesce(el(e, 1), '') not in ({known_quantities})",
        ),
        (
            "FED-04",
            f"select n, 'adjustment reason ' || coalesce(el(e, 1), '') || ' is not known; {_ASK}' as said from s "
            f"where id = 'W19' and coalesce(el(e, 1), '') not in ({known_reasons})",
        ),
        (
            "FED-04",
            "select n, 'quantity ' || coalesce(el(e, 2), '') || ' is no number' as said from s "
            "where id = 'QTY' and try_cast(el(e, 2) as decimal(18,6)) is null union all "
            f"select line_n, 'quantity ' || coalesce(case code {quantities} end, '') || ' is no number' from line "
            f"where code in ({texts(tuple(_QUANTITIES))}) "
            f"and try_cast(case code {quantities} end as decimal(18,6)) is null",
        ),
        ("FED-03", _total("W03", 1, "945", 3)),
        ("FED-03", _total("W14", 1, "944", 1)),
        (
            "FED-03",
            "select s.n, 'it counts ' || el(s.e, 1) || ' lines, but there are ' || count(line.line_n) as said "
            "from s join line using (set_no) where s.id = 'CTT' group by s.n, s.e "
            "having try_cast(el(s.e, 1) as bigint) is distinct from count(line.line_n)",
        ),
    ]


def _total(segment: str, place: int, kind: str, quantity: int) -> str:
    """SQL: the total of units that a set states must be the sum of its lines."""
    added = f"sum(try_cast(el(line.e, {quantity}) as decimal(18,6)))"
    return (
        f"select s.n, 'the total of {segment} is ' || el(s.e, {place}) || ' units, but the lines add up to ' || "
        f"cast({added} as bigint) as said from s join line using (set_no) "
        f"where s.id = '{segment}' and line.code = '{kind}' group by s.n, s.e "
        f"having try_cast(el(s.e, {place}) as decimal(18,6)) is distinct from {added}"
    )
