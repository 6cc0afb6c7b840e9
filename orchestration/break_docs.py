"""The page about breaks, made from their taxonomy: `python -m orchestration.break_docs` writes it, a test holds it."""

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEED = ROOT / "dbt_project" / "seeds" / "break_taxonomy.csv"
PAGE = ROOT / "docs" / "breaks.md"

_GROUPS = {
    "ORD": "Orders",
    "FUL": "Fulfilment",
    "INV": "Inventory",
    "RET": "Returns and refunds",
    "AMT": "Amounts",
    "PAY": "Payments and payouts",
    "GL": "General ledger",
    "REF": "Reference data",
    "TIM": "Explanations",
    "FED": "Feeds",
}
_HEAD = """# Breaks

Made from `dbt_project/seeds/break_taxonomy.csv` by `make docs`; edit that file, not this one. To change a window, a
tolerance, a severity or an owner, change its line there and build.

A break is one row of `marts.fct_breaks`: what two systems say differently of one object, and since when. Each has one
cause and is told once: an order that never reached the ERP is missed as an order, not as a fulfilment, an invoice and a
payment as well. States: **pending** inside the window (`explained_by` TIM-01, or TIM-05 over a weekend), **explained**
(no error, `explained_by` says why), **open**, and **resolved**, which only data bring about. While a feed that a code
rests on is in trouble (`held_by`), its breaks stay as they were and new ones are pending. The clock is that of the
feeds, `as_of`, the latest instant that all of them have reached. A code whose feeds were never loaded is not judged.

How well the systems agree, day by day: `marts.rpt_reconciliation_daily`. One order: `boomerang trace`.
"""


def rows() -> list[dict[str, str]]:
    """The taxonomy, one row a code."""
    with SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(taxonomy: Sequence[Mapping[str, str]]) -> str:
    """The taxonomy as a page of Markdown."""
    parts = [_HEAD]
    for group, title in _GROUPS.items():
        parts.append(f"## {title}\n")
        parts.extend(_code(row) for row in taxonomy if row["break_group"] == group and row["is_implemented"] == "true")
    parts.append("## Left out\n")
    parts.extend(f"- **{row['code']} {row['title']}.** {row['rule']} {row['note']}" for row in taxonomy if row["note"])
    return "\n".join(parts) + "\n"


def _code(row: Mapping[str, str]) -> str:
    facts = [
        f"window {_minutes(row['window_minutes'])}{', working days' if row['calendar'] == 'working' else ''}",
        *(f"tolerance {row['tolerance_amount']}" for _ in range(bool(row["tolerance_amount"]))),
        *(f"tolerance {float(row['tolerance_share']):.2%}" for _ in range(bool(row["tolerance_share"]))),
        *(f"{name} {row[name]}" for name in ("severity", "owner") if row[name]),
        *(f"wrong side: {row['blame']}" for _ in range(bool(row["blame"]))),
    ]
    facts = facts if row["window_minutes"] else []
    query = _query(row["code"], row["break_group"])
    return f"### {row['code']} {row['title']}\n\n{row['rule']}\n{_line(facts)}\n```sql\n{query}\n```\n"


def _line(facts: Sequence[str]) -> str:
    return f"\n{'; '.join(facts).capitalize()}.\n" if facts else ""


def _query(code: str, group: str) -> str:
    if group == "TIM":
        return f"select * from marts.fct_breaks where explained_by = '{code}' order by since desc"
    if group == "FED":
        columns = "connection, feed, file, message, detected_at"
        return f"select {columns}\nfrom ops.feed_problems where code = '{code}' and cleared_at is null"
    columns = "shop, object_key, expected, actual, money_at_risk_reporting_amount, since, evidence"
    return f"select {columns}\nfrom marts.fct_breaks where code = '{code}' and state = 'open' order by since"


def _minutes(text: str) -> str:
    minutes = int(text or 0)
    if minutes == 0:
        return "none"
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(rows()), encoding="utf-8")
    sys.stdout.write(f"Wrote {PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
