"""Documents of Shopify Payments: balance transactions, payouts, disputes, the account; and tender transactions.

Numbers follow from what an object is about, so that it can be named without asking: a charge's balance transaction from
its order transaction, a payout from its day. `createdAt`, `updatedAt` and `processedAt` are there for the store's
indexes; the Admin API has no such fields on these types.
"""

from typing import Any

from sandbox.world.context import Context
from sandbox.world.ids import ref
from sandbox.world.payments.terms import GATEWAY
from sandbox.world.times import DAY, iso

Doc = dict[str, Any]

# What a payout's own balance transactions are numbered by.
TRANSFER, FAILURE, RESERVE, RELEASE, ADJUSTMENT = range(5)
_METHODS = {GATEWAY: "credit_card", "paypal": "paypal", "cash": "cash", "Bank Deposit": "other"}
_SUMMARY = {
    "CHARGE": ("chargesGross", "chargesFee"),
    "REFUND": ("refundsFeeGross", "refundsFee"),
    "RESERVED_FUNDS": ("reservedFundsGross", "reservedFundsFee"),
    "RESERVED_FUNDS_REVERSAL": ("reservedFundsGross", "reservedFundsFee"),
    "TRANSFER_FAILURE": ("retriedPayoutsGross", "retriedPayoutsFee"),
}
_REASONS = ("FRAUDULENT", "PRODUCT_NOT_RECEIVED", "UNRECOGNIZED", "PRODUCT_UNACCEPTABLE", "DUPLICATE")


def number_of(gid: str) -> int:
    """The number of a gid."""
    return int(gid.rpartition("/")[2])


def balance_gid(order_transaction: str) -> str:
    """The balance transaction of an order transaction."""
    return f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number_of(order_transaction) + 20_000_000_000_000}"


def tender_gid(order_transaction: str) -> str:
    """The tender transaction of an order transaction."""
    return f"gid://shopify/TenderTransaction/{number_of(order_transaction) + 1_000_000_000_000}"


def payout_part_gid(payout: str, part: int) -> str:
    """A balance transaction that a payout gives rise to."""
    return f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number_of(payout) * 8 + part + 30_000_000_000_000}"


def dispute_gid(order_transaction: str) -> str:
    """The dispute about a charge."""
    return f"gid://shopify/ShopifyPaymentsDispute/{number_of(order_transaction) + 3_000_000_000_000}"


def dispute_part_gid(dispute: str, part: int) -> str:
    """The withdrawal (0) or the return (1) of a disputed amount."""
    return f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number_of(dispute) * 2 + part + 40_000_000_000_000}"


def balance_document(
    context: Context, gid: str, kind: str, moment: int, cents: int, fee: int = 0, *, source: str, source_type: str,
    order_transaction: str | None = None, order: Doc | None = None, reason: str | None = None,
) -> Doc:  # fmt: skip
    """A movement of the balance, not yet in a payout. ``order``: id and name."""
    money, at = context.money, iso(moment)
    return {
        "__typename": "ShopifyPaymentsBalanceTransaction",
        "id": gid,
        "type": kind,
        "test": False,
        "amount": money.plain(cents),
        "fee": money.plain(fee),
        "net": money.plain(cents - fee),
        "transactionDate": at,
        "sourceType": source_type,
        "sourceId": str(number_of(source)),
        "sourceOrderTransactionId": str(number_of(order_transaction)) if order_transaction else None,
        "associatedOrder": order,
        "associatedPayout": {"id": None, "status": "PENDING"},
        "adjustmentReason": reason,
        "adjustmentsOrders": [],
        "createdAt": at,
        "updatedAt": at,
        "processedAt": at,
    }


def cents_of(money: Doc) -> int:
    """Cents of a MoneyV2."""
    return round(float(money["amount"]) * 100)


def payout_document(context: Context, gid: str, moment: int, parts: list[Doc]) -> Doc:
    """A payout of these balance transactions, scheduled."""
    names = [name for pair in (*_SUMMARY.values(), ("adjustmentsGross", "adjustmentsFee")) for name in pair]
    summary = dict.fromkeys([*names, "advanceGross", "advanceFees", "usdcRebateCreditAmount"], 0)
    for part in parts:
        gross, fee = _SUMMARY.get(part["type"], ("adjustmentsGross", "adjustmentsFee"))
        summary[gross] += cents_of(part["amount"])
        summary[fee] += cents_of(part["fee"])
    money, net = context.money, sum(cents_of(part["net"]) for part in parts)
    at = iso(moment)
    return {
        "__typename": "ShopifyPaymentsPayout",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "status": "SCHEDULED",
        "transactionType": "DEPOSIT",
        "issuedAt": at,
        "net": money.plain(net),
        "gross": money.plain(net),
        "summary": {name: money.plain(cents) for name, cents in summary.items()},
        "externalTraceId": None,
        "createdAt": at,
        "updatedAt": at,
    }


def dispute_document(context: Context, charge: list[Any], moment: int, draw: float) -> Doc:
    """A dispute as it begins. ``charge``: gid of the order transaction, cents, gid and name of the order."""
    transaction, cents, order, _ = charge
    gid = dispute_gid(transaction)
    inquiry = draw < 0.25
    return {
        "__typename": "ShopifyPaymentsDispute",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "type": "INQUIRY" if inquiry else "CHARGEBACK",
        "status": "NEEDS_RESPONSE",
        "amount": context.money.plain(cents),
        "initiatedAt": iso(moment),
        "evidenceDueBy": iso(moment + 9 * DAY),
        "evidenceSentOn": None,
        "finalizedOn": None,
        "order": ref("Order", order),
        "reasonDetails": {"reason": _REASONS[int(draw * len(_REASONS))], "networkReasonCode": None},
        "createdAt": iso(moment),
        "updatedAt": iso(moment),
    }


def account_document(context: Context, balance: int) -> Doc:
    """The shop's account with the provider."""
    shop = context.shop
    return {
        "__typename": "ShopifyPaymentsAccount",
        "id": f"gid://shopify/ShopifyPaymentsAccount/{context.ids.number('Shop', 0)}",
        "activated": True,
        "onboardable": False,
        "accountOpenerName": None,
        "country": shop.country,
        "defaultCurrency": shop.currency,
        "balance": [context.money.plain(balance)],
        "payoutSchedule": {"interval": "DAILY", "monthlyAnchor": None, "weeklyAnchor": None},
        "payoutStatementDescriptor": "SHOPIFY",
        "chargeStatementDescriptor": shop.name.upper(),
    }


def tender_documents(transactions: list[Doc], order_is_there: bool) -> list[Doc]:
    """Money that really moved between buyers and the shop, one for each of an order's transactions that succeeded."""
    docs = []
    for transaction in transactions:
        if transaction["status"] != "SUCCESS" or transaction["kind"] not in ("SALE", "CAPTURE", "REFUND"):
            continue
        currency, amount = transaction["amountSet"][1:4], transaction["amountSet"][4:].partition(";")[0]
        sign = "-" if transaction["kind"] == "REFUND" else ""
        number, at = number_of(transaction["id"]), transaction["processedAt"]
        docs.append(
            {
                "__typename": "TenderTransaction",
                "id": tender_gid(transaction["id"]),
                "amount": {"amount": f"{sign}{amount}", "currencyCode": currency},
                "order": transaction["order"] if order_is_there else None,
                "paymentMethod": _METHODS.get(transaction["gateway"], "other"),
                "remoteReference": f"ref_{number:x}",
                "test": transaction["test"],
                "transactionDetails": None,
                "processedAt": at,
                "createdAt": at,
                "updatedAt": at,
            }
        )
    return docs
