"""The LineItem documents of an order."""

from sandbox.world.ids import ref
from sandbox.world.orders.ledger import tax_line
from sandbox.world.orders.plan import Doc, Item
from sandbox.world.orders.state import OrderState, allocations


def line_document(state: OrderState, item: Item) -> Doc:
    """One line as it stands; product and variant are null once the product is deleted."""
    money, ids, variant = state.money, state.ids, item.variant
    gid = state.line(item)["id"]
    original = item.price * item.quantity
    discounted = original - item.level_discount
    discount = sum(cents for _, cents in item.allocations)
    before_tax = item.net - item.tax if state.ledger.included else item.net
    left = item.quantity - item.gone
    unshipped = max(0, left - item.shipped) if variant is not None and state.cancelled is None else 0
    there = variant is not None and state.until < variant.product.deleted
    goods = variant is not None and not item.gift_card
    doc: Doc = {
        "__typename": "LineItem",
        "id": gid,
        "sku": variant.sku if variant else None,
        "name": "Tip",
        "title": "Tip",
        "variantTitle": None,
        "vendor": variant.product.vendor if variant else None,
        "quantity": item.quantity,
        "currentQuantity": left,
        "refundableQuantity": left,
        "unfulfilledQuantity": unshipped,
        "nonFulfillableQuantity": 0 if goods else item.quantity,
        "isGiftCard": item.gift_card,
        "taxable": bool(item.parts),
        "requiresShipping": goods,
        "restockable": goods,
        "merchantEditable": unshipped > 0,
        "customAttributes": [],
        "product": ref("Product", ids.gid("Product", variant.product.place)) if variant and there else None,
        "variant": ref("ProductVariant", ids.gid("ProductVariant", variant.place)) if variant and there else None,
        "lineItemGroup": item.group,
        "originalUnitPriceSet": money[item.price],
        "originalTotalSet": money[original],
        "discountedUnitPriceSet": money[discounted // item.quantity],
        "discountedTotalSet": money[discounted],
        "discountedUnitPriceAfterAllDiscountsSet": money[(original - discount) // item.quantity],
        "totalDiscountSet": money[discount],
        "priceAfterAllDiscountsBeforeTaxesSet": money[before_tax],
        "unfulfilledOriginalTotalSet": money[item.price * unshipped],
        "unfulfilledDiscountedTotalSet": money[discounted * unshipped // item.quantity],
        "discountAllocations": allocations(state.plan, item),
        "taxLines": [tax_line(money, part) for part in item.parts],
        "duties": [],
    }
    if variant is not None:
        title, option = variant.product.title, variant.title
        plain = option == "Default Title"
        doc["title"] = title
        doc["variantTitle"] = None if plain else option
        doc["name"] = title if plain else f"{title} - {option}"
    return doc
