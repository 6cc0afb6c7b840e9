"""Gift cards: issued by the orders that sold them, spent in parts, switched off when the order is called off."""

from typing import Any

from sandbox.world.context import Context
from sandbox.world.ids import ref
from sandbox.world.orders.state import OrderState
from sandbox.world.times import DAY, iso, iso_date

Doc = dict[str, Any]


def gift_card_documents(
    context: Context, state: OrderState, customer: str | None, draw: float, until: int
) -> list[Doc]:
    """The cards of an order as they stand."""
    docs = []
    plan, ids = state.plan, state.ids
    spent_at = spending(plan.moment, draw)
    for item in plan.items:
        if not item.gift_card:
            continue
        gid = ids.gid("GiftCard", plan.number)
        spent = spent_at is not None and spent_at <= until
        balance = item.price * int(draw * 4) // 4 if spent else item.price
        docs.append(
            {
                "__typename": "GiftCard",
                "id": gid,
                "enabled": True,
                "isRedeemable": balance > 0,
                "createdAt": iso(plan.moment),
                "updatedAt": iso(spent_at) if spent and spent_at else iso(plan.moment),
                "expiresOn": iso_date(plan.moment + 3 * 365 * DAY) if plan.shop.key == "eu" else None,
                "deactivatedAt": None,
                "lastCharacters": f"{plan.number * 7919 % 36**4:04x}"[-4:],
                "maskedCode": f"•••• •••• •••• {plan.number * 7919 % 36**4:04x}",
                "note": None,
                "templateSuffix": None,
                "crossCurrencyRedemptionStrategy": "NONE",
                "initialValue": context.money.plain(item.price),
                "balance": context.money.plain(balance),
                "customer": ref("Customer", customer) if customer else None,
                "order": ref("Order", state.gid),
                "lineItem": state.line(item),
                "recipientAttributes": None,
                "transactions": [],
            }
        )
    return docs


def spending(sold: int, draw: float) -> int | None:
    """When the card is used; three in ten never are."""
    return sold + 5 * DAY + int(draw * 120 * DAY) if draw < 0.7 else None
