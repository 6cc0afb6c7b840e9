"""One order's way through shop, ERP, warehouse, payout and ledger, with what is broken on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pipelines.config import Settings
from pipelines.contracts.dead_letters import DEAD_LETTERS
from pipelines.failures import BoomerangError, ConfigurationError
from pipelines.warehouse import Session, Warehouse

MILESTONES, BREAKS, ORDERS = "marts.fct_order_milestones", "marts.fct_breaks", "marts.fct_orders"


class NoSuchOrder(BoomerangError):
    """No order has this name or id, or several have."""


@dataclass(frozen=True)
class Milestone:
    """One event. `at` is an instant in UTC, None where the system tells none; `amount` is in `currency`."""

    system: str
    connection: str
    milestone: str
    at: datetime | None
    reference: str | None
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True)
class Break:
    """A break on the order or on one of its parts; `since` is an instant in UTC.

    `milestone` is where on the order's way the systems parted; None when none is known by then.
    """

    code: str
    title: str
    state: str
    severity: str
    object_type: str
    object_key: str
    expected: str | None
    actual: str | None
    money_at_risk: Decimal | None
    currency: str | None
    since: datetime
    explained_by: str | None
    held_by: str | None
    milestone: Milestone | None = None


@dataclass(frozen=True)
class Trace:
    """All that is known of one order. `dead_letters` are rows about it that broke their contract and wait."""

    shop: str
    order_id: int
    order_name: str
    milestones: Sequence[Milestone]
    breaks: Sequence[Break]
    dead_letters: Sequence[dict[str, Any]]


def trace(settings: Settings, order: str, shop: str | None = None) -> Trace:
    """Follow an order, named as the shop names it (`#1001`, `1001`) or by its number or gid.

    Raises NoSuchOrder when no order is called so, or orders of several shops are, and ConfigurationError before the
    models have been built.
    """
    with Warehouse(settings).session() as session:
        for table in (ORDERS, MILESTONES, BREAKS):
            if not session.exists(table):
                raise ConfigurationError(f"Table {table} is not there yet; run `boomerang refresh` first.")
        found = _find(session, order, shop)
        key = (found["shop"], found["order_id"])
        milestones = _milestones(session, key)
        breaks = [_placed(broken, milestones) for broken in _breaks(session, key)]
        return Trace(*key, found["order_name"], milestones, breaks, _dead_letters(session, found))


def _find(session: Session, order: str, shop: str | None) -> dict[str, Any]:
    wanted = order.strip().rpartition("/")[2].split("?")[0]
    number = int(wanted) if wanted.isdigit() else -1
    found = session.dicts(
        f"select shop, order_id, order_name from {ORDERS} where (order_id = ? or upper(order_name) in (?, ?))"
        + (" and shop = ?" if shop else ""),
        (number, wanted.upper(), f"#{wanted.upper()}", *([shop] if shop else [])),
    )
    exact = [row for row in found if row["order_id"] == number] or found
    if not exact:
        of_shop = f" of shop {shop}" if shop else ""
        raise NoSuchOrder(
            f"No order{of_shop} is called {order}; give its name, such as #1001, or its number in Shopify."
        )
    if len(exact) > 1:
        shops = ", ".join(sorted(row["shop"] for row in exact))
        raise NoSuchOrder(f"Orders of several shops are called {order} ({shops}); choose one with --shop.")
    return exact[0]


def _milestones(session: Session, key: tuple[str, int]) -> list[Milestone]:
    rows = session.dicts(
        "select system, connection, milestone, occurred_at as happened_at, reference, amount, currency "
        f"from {MILESTONES} where shop = ? and order_id = ? order by occurred_at, system, milestone",
        key,
    )
    return [Milestone(at=_utc(row.pop("happened_at")), **row) for row in rows]


def _breaks(session: Session, key: tuple[str, int]) -> list[Break]:
    rows = session.dicts(
        "select code, title, state, severity, object_type, object_key, expected, actual, "
        "money_at_risk_amount as money_at_risk, currency, since, explained_by, held_by "
        f"from {BREAKS} where shop = ? and order_id = ? order by since, code",
        key,
    )
    return [Break(**{**row, "since": row["since"].astimezone(UTC)}) for row in rows]


def _placed(broken: Break, milestones: Sequence[Milestone]) -> Break:
    """The break with its milestone: the latest that is not after it, of the broken object itself where both name it."""
    before = [one for one in milestones if one.at is not None and one.at <= broken.since]
    if not before:
        return broken

    def nearness(one: Milestone) -> tuple[bool, datetime | None, bool]:
        # Of several at one instant, an order was placed before anything else could differ.
        return one.at == broken.since and one.reference == broken.object_key, one.at, one.milestone == "placed"

    return replace(broken, milestone=max(before, key=nearness))


def _dead_letters(session: Session, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Open letters that name the order: by its number, alone or in a gid, or by its name."""
    number = str(found["order_id"])
    patterns = (f'%"{number}"%', f'%/{number}"%', f"%:{number},%", f'%"{found["order_name"]}"%')
    about = " or ".join("payload like ?" for _ in patterns)
    return session.dicts(
        f"select dead_letter_id, source, shop as connection, coalesce(table_name, entity) as about, rule, message "
        f"from {DEAD_LETTERS} where state = 'open' and (row_key = ? or {about}) order by dead_letter_id",
        (number, *patterns),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC)
