"""What a GraphQL reply of the Admin API means: data, a reason to try again, or a failure with a sentence.

Shopify answers most failures with HTTP 200, and data may come together with errors; nothing is taken from such a
reply. Rules: shopify.dev, pages "API rate limits" and "Response status and error codes".
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from pipelines.config import Shop
from pipelines.failures import (
    AccessDenied,
    InvalidQuery,
    SourceError,
    SourceUnavailable,
    VersionMismatch,
)

VERSION_HEADER = "x-shopify-api-version"
TOO_MANY_REQUESTS = 429
SECURITY_REJECTION = 430
BLIND_WAIT_SECONDS = 1.0
# Codes that a retry may cure. TIMEOUT is the API giving up on a slow field.
RETRYABLE_CODES = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})


@dataclass(frozen=True)
class Cost:
    """Points of one request: what had to be in the bucket, and what was used up (None: it did not run)."""

    requested: float
    actual: float | None


@dataclass(frozen=True)
class Throttle:
    """The bucket as the server saw it when it answered: size and content in points, refill in points per second."""

    maximum_available: float
    currently_available: float
    restore_rate: float


@dataclass(frozen=True)
class Reply:
    """A good reply.

    `data` is the GraphQL data; `cost` and `throttle` are None where the server does not tell. `served_at` is the
    server's own clock when it answered (UTC, whole seconds), None without a Date header.
    """

    data: dict[str, Any]
    cost: Cost | None = None
    throttle: Throttle | None = None
    served_at: datetime | None = None


@dataclass(frozen=True)
class Call:
    """Who asks what; only for sentences."""

    shop: Shop
    operation: str

    def __str__(self) -> str:
        """'shop us, Orders' as it stands in sentences."""
        return f"shop {self.shop.name}, {self.operation}"


class TryAgain(Exception):
    """Internal: the request may be repeated.

    `wait` is what the server asks for, in seconds (None: the usual back-off). `refused` means that the request surely
    had no effect; otherwise the outcome is ambiguous.
    """

    def __init__(self, reason: str, *, wait: float | None = None, refused: bool, throttled: bool = False) -> None:
        """Keep what the retry loop decides on."""
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.refused = refused
        self.throttled = throttled


class TokenRefused(Exception):
    """Internal: HTTP 401."""


class QueryTooExpensive(InvalidQuery):
    """The request costs more points than a single request may; a smaller one can pass."""


class OutcomeUnknown(SourceUnavailable):
    """A request that must not be repeated blindly may or may not have taken effect."""


def body_of(response: httpx.Response) -> Any:
    """The parsed body, or None when it is not JSON."""
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None


def accounting(body: Any) -> tuple[Cost | None, Throttle | None]:
    """Cost and bucket from `extensions.cost`, which good and throttled replies carry; numbers are ints or floats."""
    try:
        cost = body["extensions"]["cost"]
        status = cost["throttleStatus"]
        actual = cost.get("actualQueryCost")
        return (
            Cost(float(cost["requestedQueryCost"]), None if actual is None else float(actual)),
            Throttle(
                float(status["maximumAvailable"]), float(status["currentlyAvailable"]), float(status["restoreRate"])
            ),
        )
    except (KeyError, TypeError, ValueError):
        return None, None


def read_reply(call: Call, response: httpx.Response, body: Any, *, any_version: bool = False) -> Reply:
    """The good reply, or raise: TryAgain, TokenRefused, or a SourceError with a sentence.

    `any_version` accepts an answer in another API version than the one asked for (only the start-up check does).
    """
    _check_status(call, response, body)
    served = response.headers.get(VERSION_HEADER)
    if not any_version and served is not None and served != call.shop.api_version:
        raise VersionMismatch(
            f"Shopify answered {call} in API version {served} instead of {call.shop.api_version}, which it does not "
            f"support (any more); set shops.{call.shop.name}.api_version to a supported version."
        )
    if not isinstance(body, dict):
        raise TryAgain("an answer that is not JSON", refused=False)
    cost, throttle = accounting(body)
    if body.get("errors"):
        _raise_errors(call, body["errors"], cost, throttle)
    if not isinstance(body.get("data"), dict):
        raise TryAgain("an answer without data", refused=False)
    _refuse_ignored_filters(call, body)
    return Reply(body["data"], cost, throttle, _served_at(response))


def _served_at(response: httpx.Response) -> datetime | None:
    try:
        said: datetime = parsedate_to_datetime(response.headers.get("date", ""))
        return said.astimezone(UTC)
    except ValueError:
        return None


def _check_status(call: Call, response: httpx.Response, body: Any) -> None:
    status, shop = response.status_code, call.shop
    if status == httpx.codes.OK:
        return
    if status == httpx.codes.UNAUTHORIZED:
        raise TokenRefused
    if status == TOO_MANY_REQUESTS:
        raise TryAgain("too many requests (HTTP 429)", wait=retry_after(response), refused=True)
    if status == SECURITY_REJECTION:
        raise TryAgain("a security rejection (HTTP 430)", refused=True)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise TryAgain(f"HTTP {status}", wait=retry_after(response), refused=False)
    said = _said(body)
    if status == httpx.codes.PAYMENT_REQUIRED:
        raise SourceUnavailable(
            f"Shop {shop.name} ({shop.domain}) is frozen for an unpaid bill (HTTP 402); "
            f"settle it in the Shopify admin, then run again."
        )
    if status == httpx.codes.LOCKED:
        raise SourceUnavailable(
            f"Shop {shop.name} ({shop.domain}) is locked by Shopify (HTTP 423); "
            f"ask Shopify support to unlock it, then run again."
        )
    if status == httpx.codes.NOT_FOUND:
        raise SourceUnavailable(
            f"There is nothing at {shop.graphql_url} (HTTP 404); correct domain, base_url or api_version of "
            f"shops.{shop.name}."
        )
    if status == httpx.codes.FORBIDDEN:
        raise AccessDenied(
            f"Shopify forbids {call} (HTTP 403{said}); check that the app is installed on "
            f"{shop.domain} and may use the Admin API."
        )
    if response.is_redirect:
        raise SourceUnavailable(
            f"Shop {shop.name} redirects from {shop.domain} to {response.headers.get('location')}; set "
            f"shops.{shop.name}.domain to the shop's current myshopify.com domain."
        )
    raise InvalidQuery(
        f"Shopify does not accept the request of {call} (HTTP {status}{said}); "
        f"correct the query or the API version {shop.api_version}."
    )


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of the Retry-After header, which Shopify writes as a decimal ('4.0'); None if there is none."""
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _raise_errors(call: Call, errors: Any, cost: Cost | None, throttle: Throttle | None) -> None:
    entries = errors if isinstance(errors, list) else [{"message": str(errors)}]
    by_code: dict[str, dict[str, Any]] = {}
    for entry in entries:
        by_code.setdefault(str((entry.get("extensions") or {}).get("code") or ""), entry)
    if denied := by_code.get("ACCESS_DENIED"):
        raise access_denied(call, denied)
    if expensive := by_code.get("MAX_COST_EXCEEDED"):
        details = expensive["extensions"]
        raise QueryTooExpensive(
            f"The query of {call} costs {details.get('cost', 'too many')} points, more than the "
            f"{details.get('maxCost', 1000)} that one request may; ask for fewer fields or smaller pages."
        )
    if "THROTTLED" in by_code:
        # Once the pacer knows the bucket it waits as long as the points take; blind, a second is Shopify's advice.
        known = cost is not None and throttle is not None
        raise TryAgain("throttling", wait=0.0 if known else BLIND_WAIT_SECONDS, refused=True, throttled=True)
    if "SHOP_INACTIVE" in by_code:
        raise SourceUnavailable(
            f"Shop {call.shop.name} ({call.shop.domain}) is not active; reopen it in the Shopify admin, then run again."
        )
    if RETRYABLE_CODES & by_code.keys():
        raise TryAgain("an internal error of Shopify", refused=False)
    first = entries[0]
    where = ".".join(str(part) for part in first.get("path") or ())
    at = f" at {where}" if where else ""
    more = f" (and {len(entries) - 1} more errors)" if len(entries) > 1 else ""
    raise InvalidQuery(
        f"Shopify rejected the query of {call}{at}: {_one_line(first.get('message'))}{more}; "
        f"correct the query for API version {call.shop.api_version}."
    )


def access_denied(call: Call, error: dict[str, Any]) -> SourceError:
    """The failure for an ACCESS_DENIED error: a scope to grant, or approval for protected customer data to ask for."""
    message = _one_line(error.get("message"))
    path = ".".join(str(part) for part in error.get("path") or ())
    where = f" (field {path})" if path else ""
    if "not approved" in message:
        return AccessDenied(
            f"The app of {call}{where} is not approved for protected customer data; request access in the "
            f"app's settings under API access. Shopify says: {message}."
        )
    required = _one_line((error.get("extensions") or {}).get("requiredAccess") or "")
    need = f"the access {required}" if required else f"an access scope ({message})"
    return AccessDenied(
        f"The app of {call}{where} lacks {need}; grant it in the app's configuration, release and install that "
        f"version, then run again."
    )


def _refuse_ignored_filters(call: Call, body: dict[str, Any]) -> None:
    # An unknown search field is ignored by Shopify and everything matches: silently far too much, or the wrong rows.
    for search in (body.get("extensions") or {}).get("search") or ():
        for warning in search.get("warnings") or ():
            raise InvalidQuery(
                f"Shopify ignored part of the search filter {search.get('query')!r} of {call} "
                f"({warning.get('field')}: {_one_line(warning.get('message'))}), so that everything matches; "
                f"correct the filter."
            )


def _said(body: Any) -> str:
    errors = body.get("errors") if isinstance(body, dict) else None
    return f", {_one_line(errors)}" if errors else ""


def _one_line(text: Any) -> str:
    return " ".join(str(text or "no message").split()).rstrip(".")
