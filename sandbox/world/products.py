"""Documents of the catalog: products, variants, collections."""

from typing import Any

from sandbox.world.catalog import GIFT_CARD, GOODS, KIT, Product, Variant
from sandbox.world.context import Context
from sandbox.world.ids import ref
from sandbox.world.times import DAY, iso

Doc = dict[str, Any]


def plain_money(cents: int) -> str:
    """A price as ``Money`` scalars print it: two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"


def product_document(context: Context, product: Product, now: int, stock: dict[int, int]) -> Doc:
    """A product as it stands; ``stock``: units for sale by variant."""
    ids, money = context.ids, context.money
    gid = ids.gid("Product", product.place)
    handle = product.title.lower().replace(" ", "-").replace("&", "and")
    prices = [variant.price(now) for variant in product.variants]
    gift_card = product.kind == GIFT_CARD
    return {
        "__typename": "Product",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "title": product.title,
        "handle": handle,
        "status": "DRAFT" if product.kind == GOODS and product.place % 41 == 40 else "ACTIVE",
        "vendor": product.vendor,
        "productType": product.product_type,
        "tags": sorted({product.product_type.lower(), "kit" if product.kind == KIT else "core"}),
        "createdAt": iso(product.created),
        "updatedAt": iso(product.changed(now)),
        "publishedAt": iso(product.created + 3600),
        "description": f"{product.title} by {product.vendor}",
        "descriptionHtml": f"<p>{product.title} by {product.vendor}</p>",
        "isGiftCard": gift_card,
        "giftCardTemplateSuffix": None,
        "templateSuffix": None,
        "category": None,
        "hasOnlyDefaultVariant": len(prices) == 1,
        "hasOutOfStockVariants": any(stock.get(variant.place, 0) <= 0 for variant in product.variants),
        "hasVariantsThatRequiresComponents": product.kind == KIT,
        "requiresSellingPlan": False,
        "tracksInventory": product.kind == GOODS,
        "totalInventory": sum(stock.get(variant.place, 0) for variant in product.variants),
        "options": [
            {
                "__typename": "ProductOption",
                "id": f"gid://shopify/ProductOption/{ids.number('Product', product.place) + 3}",
                "name": "Title" if len(prices) == 1 else "Option",
                "position": 1,
                "values": [variant.title for variant in product.variants],
                "optionValues": [_option_value(context, variant) for variant in product.variants],
            }
        ],
        "priceRangeV2": {"minVariantPrice": money.plain(min(prices)), "maxVariantPrice": money.plain(max(prices))},
        "seo": {"title": None, "description": None},
        "variants": [ref("ProductVariant", ids.gid("ProductVariant", variant.place)) for variant in product.variants],
        "variantsCount": {"count": len(prices), "precision": "EXACT"},
    }


def _option_value(context: Context, variant: Variant) -> Doc:
    number = context.ids.number("ProductVariant", variant.place) + 7
    return {
        "__typename": "ProductOptionValue",
        "id": f"gid://shopify/ProductOptionValue/{number}",
        "name": variant.title,
        "hasVariants": True,
    }


def variant_document(context: Context, variant: Variant, now: int, stock: dict[int, int]) -> Doc:
    """A variant as it stands."""
    ids, product = context.ids, variant.product
    gid = ids.gid("ProductVariant", variant.place)
    price = variant.price(now)
    reduced = price < variant.base_price and product.kind == GOODS
    plain = variant.title == "Default Title"
    return {
        "__typename": "ProductVariant",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "sku": variant.sku,
        "title": variant.title,
        "displayName": product.title if plain else f"{product.title} - {variant.title}",
        "barcode": f"4006381{variant.place:05d}{variant.place % 10}" if product.kind == GOODS else None,
        "price": plain_money(price),
        "compareAtPrice": plain_money(variant.base_price) if reduced else None,
        "position": variant.position,
        "inventoryQuantity": stock.get(variant.place, 0),
        "sellableOnlineQuantity": stock.get(variant.place, 0),
        "inventoryPolicy": "CONTINUE" if product.kind == GIFT_CARD else "DENY",
        "availableForSale": product.kind != GOODS or stock.get(variant.place, 0) > 0,
        "taxable": product.kind != GIFT_CARD,
        "requiresComponents": product.kind == KIT,
        "showUnitPrice": False,
        "createdAt": iso(product.created),
        "updatedAt": iso(product.changed(now)),
        "selectedOptions": [
            {
                "name": "Title" if plain else "Option",
                "value": variant.title,
                "optionValue": _option_value(context, variant),
            }
        ],
        "product": ref("Product", ids.gid("Product", product.place)),
        "inventoryItem": ref("InventoryItem", ids.gid("InventoryItem", variant.place)),
        "productVariantComponents": [
            {
                "__typename": "ProductVariantComponent",
                "id": ids.gid("ProductVariantComponent", variant.place * 8 + place),
                "quantity": count,
                "productVariant": ref("ProductVariant", ids.gid("ProductVariant", part.place)),
            }
            for place, (part, count) in enumerate(variant.components)
        ],
    }


def collection_documents(context: Context, now: int) -> list[Doc]:
    """One collection per product type, and one with everything."""
    types = sorted({product.product_type for product in context.catalog.products})
    docs = []
    for place, title in enumerate(["All products", *types]):
        members = [
            product
            for product in context.catalog.products
            if product.on_sale(now) and title in ("All products", product.product_type)
        ]
        gid = context.ids.gid("Collection", place)
        docs.append(
            {
                "__typename": "Collection",
                "id": gid,
                "legacyResourceId": gid.rpartition("/")[2],
                "title": title,
                "handle": title.lower().replace(" ", "-"),
                "description": "",
                "descriptionHtml": "",
                "sortOrder": "BEST_SELLING",
                "templateSuffix": None,
                "updatedAt": iso(max((p.created for p in members), default=now - 30 * DAY)),
                "seo": {"title": None, "description": None},
                "productsCount": {"count": len(members), "precision": "EXACT"},
                "products": [ref("Product", context.ids.gid("Product", product.place)) for product in members],
            }
        )
    return docs
