"""What Shopify sends when somebody asks: customers/redact, customers/data_request and shop/redact."""

import json
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from pipelines.config import Settings
from pipelines.failures import BoomerangError
from pipelines.privacy.person import Subject

Topic = Literal["customers/redact", "customers/data_request", "shop/redact"]


class BadRequest(BoomerangError):
    """A request that can not be told what it asks for, or for whom."""

    exit_code = 2


class _Customer(BaseModel):
    id: int
    email: str | None = None
    phone: str | None = None


class _DataRequest(BaseModel):
    id: int


class _Body(BaseModel):
    """The fields of all three bodies; what else Shopify adds is of no concern."""

    shop_id: int
    shop_domain: str = Field(min_length=1)
    customer: _Customer | None = None
    orders_to_redact: list[int] | None = None
    orders_requested: list[int] | None = None
    data_request: _DataRequest | None = None


@dataclass(frozen=True)
class Request:
    """A request as a webhook brings it. `subject` is None where a whole shop is meant."""

    topic: Topic
    shop: str
    subject: Subject | None


def read_request(settings: Settings, body: str) -> Request:
    """Read the body of a webhook. Its topic is told by its fields, which is all that a saved body has.

    Raises BadRequest when it is none of the three, or about a shop that is not in the settings.
    """
    try:
        given = _Body.model_validate(json.loads(body))
    except (ValidationError, json.JSONDecodeError) as error:
        raise BadRequest(
            "This is no body of customers/redact, customers/data_request or shop/redact "
            f"({_reason(error)}); give the JSON as Shopify sent it."
        ) from None
    shop = next((shop.name for shop in settings.shops.values() if shop.domain == given.shop_domain), None)
    if shop is None:
        known = ", ".join(sorted(shop.domain for shop in settings.shops.values()))
        raise BadRequest(
            f"The request is about shop {given.shop_domain}, which is not in the settings; known shops: {known}."
        )
    if given.customer is None:
        return Request("shop/redact", shop, None)
    about_data = given.data_request is not None or given.orders_requested is not None
    if about_data and given.orders_to_redact is not None:
        raise BadRequest("The request names orders to redact and asks for data too; give the JSON as Shopify sent it.")
    subject = Subject(
        shop,
        given.customer.id,
        given.customer.email,
        given.customer.phone,
        tuple((given.orders_requested if about_data else given.orders_to_redact) or ()),
        str(given.data_request.id) if given.data_request else None,
    )
    return Request("customers/data_request" if about_data else "customers/redact", shop, subject)


def _reason(error: ValidationError | json.JSONDecodeError) -> str:
    """What is wrong, without quoting the body: it names a person."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} is not JSON"
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'body'}: {first['type']}"
