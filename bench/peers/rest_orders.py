"""Pages of `orders.json` as the REST Admin API writes them, of the orders that `rendering` puts in bulk results."""

from typing import Any

import orjson

from bench.peers.rendering import values_of
from bench.peers.vocabulary import LINES_PER_ORDER

PAGE = 250


def page(first: int, orders: int) -> bytes:
    """The body of the page that begins with this order (from 0) in a shop of so many."""
    numbers = range(first, min(first + PAGE, orders))
    return orjson.dumps({"orders": [order(number) for number in numbers]})


def order(number: int) -> dict[str, Any]:
    """One order with its lines, about 9 kB."""
    values = values_of(number, 0, number)
    amount, id_ = values["amount"], values["id"]
    address = _address(values)
    money = _set(amount)
    refunds = [_refund(values)] if number % 20 == 0 else []
    return {
        "id": id_,
        "admin_graphql_api_id": f"gid://shopify/Order/{id_}",
        "app_id": 580111,
        "browser_ip": "203.0.113.7",
        "buyer_accepts_marketing": False,
        "cancel_reason": None,
        "cancelled_at": None,
        "cart_token": None,
        "checkout_id": id_,
        "checkout_token": f"token-{number:012d}",
        "client_details": {
            "accept_language": "en",
            "browser_height": None,
            "browser_ip": "203.0.113.7",
            "browser_width": None,
            "session_hash": None,
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        },
        "closed_at": None,
        "company": None,
        "confirmation_number": f"C{number:08d}",
        "confirmed": True,
        "contact_email": f"customer{values['customer']}@example.com",
        "created_at": values["created"],
        "currency": "USD",
        **{f"current_{name}": amount for name in ("subtotal_price", "total_discounts", "total_price", "total_tax")},
        **{f"current_{n}_set": money for n in ("subtotal_price", "total_discounts", "total_price", "total_tax")},
        "current_total_duties_set": None,
        "current_total_additional_fees_set": None,
        "customer_locale": "en",
        "device_id": None,
        "discount_codes": [],
        "duties_included": False,
        "email": f"customer{values['customer']}@example.com",
        "estimated_taxes": False,
        "financial_status": "paid",
        "fulfillment_status": "fulfilled",
        "landing_site": "/collections/all",
        "landing_site_ref": None,
        "location_id": None,
        "merchant_of_record_app_id": None,
        "name": f"#{number}",
        "note": None,
        "note_attributes": [],
        "number": number,
        "order_number": 1000 + number,
        "order_status_url": f"https://bench.myshopify.com/orders/{number:012d}/authenticate",
        "original_total_duties_set": None,
        "payment_gateway_names": ["shopify_payments"],
        "phone": None,
        "po_number": None,
        "presentment_currency": "USD",
        "processed_at": values["created"],
        "reference": None,
        "referring_site": "https://example.com/",
        "source_identifier": None,
        "source_name": "web",
        "source_url": None,
        **{name: amount for name in ("subtotal_price", "total_discounts", "total_line_items_price", "total_price")},
        **{f"{name}_set": money for name in ("subtotal_price", "total_discounts", "total_line_items_price")},
        **{f"{name}_set": money for name in ("total_price", "total_shipping_price", "total_tax")},
        "tags": f"web, tag-{values['tag']}",
        "tax_exempt": False,
        "tax_lines": [_tax(amount)],
        "taxes_included": False,
        "test": False,
        "token": f"{number:032x}",
        "total_outstanding": "0.00",
        "total_tax": amount,
        "total_tip_received": "0.00",
        "total_weight": 1200,
        "updated_at": values["updated"],
        "user_id": None,
        "billing_address": address,
        "shipping_address": address,
        "customer": _customer(values, address),
        "discount_applications": [],
        "fulfillments": [_fulfillment(values)],
        "line_items": _items(number),
        "payment_terms": None,
        "refunds": refunds,
        "shipping_lines": [_shipping(values)],
    }


def _items(number: int) -> list[dict[str, Any]]:
    items = []
    for place in range(LINES_PER_ORDER):
        values = values_of(number * LINES_PER_ORDER + place, place, number)
        money = _set(values["amount"])
        items.append(
            {
                "id": values["id"],
                "admin_graphql_api_id": f"gid://shopify/LineItem/{values['id']}",
                "attributed_staffs": [],
                "current_quantity": values["quantity"],
                "fulfillable_quantity": 0,
                "fulfillment_service": "manual",
                "fulfillment_status": "fulfilled",
                "gift_card": False,
                "grams": 400,
                "name": f"Article {values['variant']} - M",
                "price": values["amount"],
                "price_set": money,
                "product_exists": True,
                "product_id": values["variant"],
                "properties": [],
                "quantity": values["quantity"],
                "requires_shipping": True,
                "sku": f"SKU-{values['variant']:05d}",
                "taxable": True,
                "title": f"Article {values['variant']}",
                "total_discount": "0.00",
                "total_discount_set": _set("0.00"),
                "variant_id": values["variant"],
                "variant_inventory_management": "shopify",
                "variant_title": "M",
                "vendor": "Boomerang",
                "tax_lines": [_tax(values["amount"])],
                "duties": [],
                "discount_allocations": [],
            }
        )
    return items


def _set(amount: str) -> dict[str, Any]:
    money = {"amount": amount, "currency_code": "USD"}
    return {"shop_money": money, "presentment_money": money}


def _tax(amount: str) -> dict[str, Any]:
    return {"price": amount, "rate": 0.08, "title": "State tax", "price_set": _set(amount), "channel_liable": False}


def _address(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "first_name": "Ada",
        "address1": f"{values['tag']} Main Street",
        "phone": None,
        "city": f"City {values['tag']}",
        "zip": f"1{values['tag']:04d}",
        "province": "New York",
        "country": "United States",
        "last_name": f"Customer {values['customer']}",
        "address2": None,
        "company": None,
        "latitude": 40.7,
        "longitude": -74.0,
        "name": f"Ada Customer {values['customer']}",
        "country_code": "US",
        "province_code": "NY",
    }


def _customer(values: dict[str, Any], address: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": values["customer"],
        "email": f"customer{values['customer']}@example.com",
        "created_at": values["created"],
        "updated_at": values["updated"],
        "first_name": "Ada",
        "last_name": f"Customer {values['customer']}",
        "state": "enabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "phone": None,
        "email_marketing_consent": {"state": "not_subscribed", "opt_in_level": "single_opt_in"},
        "sms_marketing_consent": None,
        "tags": "",
        "currency": "USD",
        "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{values['customer']}",
        "default_address": {**address, "id": values["id"], "customer_id": values["customer"], "default": True},
    }


def _fulfillment(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": values["id"],
        "admin_graphql_api_id": f"gid://shopify/Fulfillment/{values['id']}",
        "created_at": values["created"],
        "location_id": 7,
        "name": f"#{values['n']}.1",
        "order_id": values["id"],
        "receipt": {},
        "service": "manual",
        "shipment_status": None,
        "status": "success",
        "tracking_company": "UPS",
        "tracking_number": f"1Z{values['n']:09d}",
        "tracking_numbers": [f"1Z{values['n']:09d}"],
        "tracking_url": f"https://example.com/track/{values['n']}",
        "tracking_urls": [f"https://example.com/track/{values['n']}"],
        "updated_at": values["updated"],
        "line_items": [],
    }


def _refund(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": values["id"],
        "admin_graphql_api_id": f"gid://shopify/Refund/{values['id']}",
        "created_at": values["created"],
        "note": None,
        "order_id": values["id"],
        "processed_at": values["created"],
        "restock": True,
        "user_id": None,
        "order_adjustments": [],
        "transactions": [],
        "refund_line_items": [],
        "duties": [],
    }


def _shipping(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": values["id"],
        "carrier_identifier": None,
        "code": "Standard",
        "discounted_price": "5.00",
        "discounted_price_set": _set("5.00"),
        "is_removed": False,
        "phone": None,
        "price": "5.00",
        "price_set": _set("5.00"),
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "title": "Standard",
        "tax_lines": [],
        "discount_allocations": [],
    }
