"""Writes bulk export files as large as a benchmark needs.

In the shape of Shopify's own: escaped slashes, a `__typename` on each line, children after their parent but not grouped
with it.

    python -m bench.bulk_file orders 1000000 orders.jsonl
    python -m bench.bulk_file sales_ledger 1000000 ledger.jsonl

An orders file holds a fourth orders and three fourths lines; a ledger file a sixth orders, a sixth agreements and the
rest sales. Values repeat less than in a toy file, so that compression and hashing have work to do.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

LINES_PER_ORDER = 3
SALES_PER_AGREEMENT = 4
BLOCK_ORDERS = 200
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)

_MONEY = '{"shopMoney":{"amount":"%s"}}'
_ORDER = (
    r'{"__typename":"Order","id":"gid:\/\/shopify\/Order\/%(id)d","name":"#%(number)d","number":%(number)d,"poNumber":null,'
    r'"note":null,"email":"customer%(customer)d@example.com","createdAt":"%(created)s","processedAt":"%(created)s",'
    r'"updatedAt":"%(updated)s","cancelledAt":null,"cancelReason":null,"closedAt":null,"test":false,"edited":false,'
    r'"confirmed":true,"sourceName":"web","taxesIncluded":false,"currencyCode":"USD","presentmentCurrencyCode":"USD",'
    r'"displayFinancialStatus":"PAID","displayFulfillmentStatus":"FULFILLED","returnStatus":"NO_RETURN",'
    r'"tags":["web","tag-%(tag)d"],"discountCodes":[],"customer":{"id":"gid:\/\/shopify\/Customer\/%(customer)d"},'
    r'"retailLocation":null,"purchasingEntity":{"__typename":"Customer"},'
    r'"shippingAddress":{"countryCodeV2":"US","provinceCode":"NY","city":"City %(tag)d","zip":"1%(tag)04d"},'
    r'"billingAddress":{"countryCodeV2":"US","provinceCode":"NY"},"originalTotalPriceSet":%(total)s,'
    r'"totalPriceSet":{"shopMoney":{"amount":"%(amount)s"},"presentmentMoney":{"amount":"%(amount)s"}},'
    r'"subtotalPriceSet":%(total)s,"totalDiscountsSet":%(zero)s,"totalTaxSet":%(zero)s,"totalShippingPriceSet":%(zero)s,'
    r'"totalTipReceivedSet":%(zero)s,"currentTotalPriceSet":%(total)s,"currentSubtotalPriceSet":%(total)s,'
    r'"currentTotalTaxSet":%(zero)s,"totalRefundedSet":%(zero)s,"totalReceivedSet":%(total)s,"netPaymentSet":%(total)s,'
    r'"totalOutstandingSet":%(zero)s,"transactions":[{"id":"gid:\/\/shopify\/OrderTransaction\/%(transaction)d",'
    r'"kind":"SALE","status":"SUCCESS","test":false,"gateway":"shopify_payments","createdAt":"%(created)s",'
    r'"processedAt":"%(created)s","errorCode":null,"parentTransaction":null,"amountSet":{"shopMoney":{"amount":'
    r'"%(amount)s"},"presentmentMoney":{"amount":"%(amount)s","currencyCode":"USD"}}}],"refunds":[],'
    r'"fulfillments":[{"id":"gid:\/\/shopify\/Fulfillment\/%(transaction)d","name":"#%(number)d.1","status":"SUCCESS",'
    r'"displayStatus":"DELIVERED","createdAt":"%(updated)s","updatedAt":"%(updated)s","deliveredAt":null,'
    r'"totalQuantity":3,"location":{"id":"gid:\/\/shopify\/Location\/7"},"trackingInfo":[{"company":"UPS",'
    r'"number":"1Z%(id)d","url":"https:\/\/example.com\/track\/%(id)d"}]}]}'
)
_LINE = (
    r'{"__typename":"LineItem","id":"gid:\/\/shopify\/LineItem\/%(id)d","sku":"SKU-%(variant)05d",'
    r'"title":"Article %(variant)d","variantTitle":"M","vendor":"Boomerang","quantity":%(quantity)d,'
    r'"currentQuantity":%(quantity)d,"isGiftCard":false,"taxable":true,"requiresShipping":true,'
    r'"product":{"id":"gid:\/\/shopify\/Product\/%(product)d"},"variant":{"id":"gid:\/\/shopify\/ProductVariant\/%(variant)d"},'
    r'"lineItemGroup":null,"originalUnitPriceSet":%(unit)s,"originalTotalSet":%(total)s,"discountedTotalSet":%(total)s,'
    r'"discountAllocations":[%(discount)s],"taxLines":[{"title":"State tax","rate":0.08,"priceSet":%(tax)s}],'
    r'"__parentId":"gid:\/\/shopify\/Order\/%(order)d"}'
)
_DISCOUNT = (
    r'{"allocatedAmountSet":{"shopMoney":{"amount":"1.5"}},"discountApplication":{"__typename":"DiscountCodeApplication",'
    r'"index":0,"allocationMethod":"ACROSS","targetSelection":"ALL","targetType":"LINE_ITEM",'
    r'"value":{"__typename":"PricingPercentageValue","percentage":10.0},"code":"WELCOME"}}'
)
_CARRIER = r'{"__typename":"Order","id":"gid:\/\/shopify\/Order\/%(id)d","updatedAt":"%(updated)s"}'
_AGREEMENT = (
    r'{"__typename":"OrderAgreement","id":"gid:\/\/shopify\/SalesAgreement\/%(id)d","happenedAt":"%(updated)s",'
    r'"reason":"ORDER","__parentId":"gid:\/\/shopify\/Order\/%(id)d"}'
)
_SALE = (
    r'{"__typename":"ProductSale","id":"gid:\/\/shopify\/Sale\/%(id)d","actionType":"ORDER","lineType":"PRODUCT",'
    r'"quantity":%(quantity)d,"totalAmount":%(total)s,"totalDiscountAmountBeforeTaxes":%(zero)s,'
    r'"totalDiscountAmountAfterTaxes":%(zero)s,"totalTaxAmount":%(tax)s,"lineItem":{"id":"gid:\/\/shopify\/LineItem\/%(id)d"},'
    r'"__parentId":"gid:\/\/shopify\/SalesAgreement\/%(agreement)d"}'
)


def lines(entity: str, count: int, seed: int = 1) -> Iterator[str]:
    """Yield about `count` lines of one entity's export ('orders' or 'sales_ledger'); children follow within a block."""
    make = {"orders": _order_block, "sales_ledger": _ledger_block}[entity]
    per_root = {"orders": 1 + LINES_PER_ORDER, "sales_ledger": 2 + SALES_PER_AGREEMENT}[entity]
    random = Random(seed)
    roots = count // per_root
    for first in range(0, roots, BLOCK_ORDERS):
        yield from make(random, first, min(first + BLOCK_ORDERS, roots))


def write(entity: str, count: int, path: Path) -> int:
    """Write the export file to `path`; the number of lines, which is `count` or a little less."""
    written = 0
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        for line in lines(entity, count):
            file.write(line)
            file.write("\n")
            written += 1
    return written


def _order_block(random: Random, first: int, last: int) -> Iterator[str]:
    zero = _MONEY % "0.0"
    for number in range(first, last):
        amount = f"{random.randrange(500, 50_000) / 100}"
        created = EPOCH + timedelta(seconds=150 * number)
        yield _ORDER % {
            "id": 5_000_000_000 + number,
            "number": 1000 + number,
            "customer": 7_000_000_000 + random.randrange(60_000),
            "created": _instant(created),
            "updated": _instant(created + timedelta(hours=random.randrange(1, 400))),
            "tag": random.randrange(1000),
            "amount": amount,
            "total": _MONEY % amount,
            "zero": zero,
            "transaction": 6_000_000_000 + number,
        }
    # Children of the block come in an order of their own, as an ungrouped export has them.
    for place in range(LINES_PER_ORDER):
        for number in range(first, last):
            cents = random.randrange(500, 20_000)
            variant = random.randrange(1, 2000)
            yield _LINE % {
                "id": 9_000_000_000 + number * LINES_PER_ORDER + place,
                "order": 5_000_000_000 + number,
                "variant": variant,
                "product": variant // 4 + 1,
                "quantity": random.randrange(1, 4),
                "unit": _MONEY % (cents / 100),
                "total": _MONEY % (cents / 100),
                "tax": _MONEY % round(cents / 1250, 2),
                "discount": _DISCOUNT if random.random() < 0.2 else "",
            }


def _ledger_block(random: Random, first: int, last: int) -> Iterator[str]:
    for number in range(first, last):
        updated = _instant(EPOCH + timedelta(seconds=150 * number))
        values = {"id": 5_000_000_000 + number, "updated": updated}
        yield _CARRIER % values
        yield _AGREEMENT % values
    zero = _MONEY % "0.0"
    for place in range(SALES_PER_AGREEMENT):
        for number in range(first, last):
            cents = random.randrange(500, 20_000)
            yield _SALE % {
                "id": 9_000_000_000 + number * SALES_PER_AGREEMENT + place,
                "agreement": 5_000_000_000 + number,
                "quantity": random.randrange(1, 4),
                "total": _MONEY % (cents / 100),
                "tax": _MONEY % round(cents / 1250, 2),
                "zero": zero,
            }


def _instant(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
