"""What a non-null field gives when the world does not model it: emptiness where that is true, else an error."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, GraphQLList, GraphQLNonNull

from sandbox.storage.codec import expand

ZERO = "0.0"
_EMPTY_LEAVES: dict[str, Any] = {
    "Boolean": False,
    "Int": 0,
    "Float": 0.0,
    "UnsignedInt64": "0",
    "Money": ZERO,
    "Decimal": ZERO,
}


def not_modelled(owner: str, field: str) -> GraphQLError:
    """Return the error for a field whose value the sandbox could only invent."""
    return GraphQLError(
        f"{owner}.{field} must not be null, and the sandbox does not model it",
        extensions={"code": "NOT_MODELLED_IN_SANDBOX", "typeName": owner, "fieldName": field},
    )


def empty_value(kind: Any, owner: str, field: str, currency: str) -> Any:
    """Return the empty value of a non-null type: no items, no money, zero, false. Raises for texts and objects."""
    if not isinstance(kind, GraphQLNonNull):
        return None
    inner = kind.of_type
    if isinstance(inner, GraphQLList):
        return []
    name = inner.name
    if name in _EMPTY_LEAVES:
        return _EMPTY_LEAVES[name]
    if name == "MoneyBag":
        return {"shopMoney": empty_money(currency), "presentmentMoney": empty_money(currency)}
    if name == "MoneyV2":
        return empty_money(currency)
    if name.endswith("Connection"):
        return []
    raise not_modelled(owner, field)


def empty_money(currency: str) -> dict[str, str]:
    """Return no money in a currency."""
    return {"__typename": "MoneyV2", "amount": ZERO, "currencyCode": currency}


def from_money_set(doc: dict[str, Any], field: str, type_name: str) -> Any:
    """Return a deprecated amount from the money bag that replaced it, such as `totalPrice` from `totalPriceSet`."""
    if type_name not in ("Money", "MoneyV2"):
        return None
    bag = doc.get(f"{field}Set")
    bag = expand(bag) if isinstance(bag, str) else bag
    if not isinstance(bag, dict) or "shopMoney" not in bag:
        return None
    return bag["shopMoney"]["amount"] if type_name == "Money" else bag["shopMoney"]
