"""What one request may see: shop, app, version, scopes, and the objects it has looked up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from graphql import GraphQLSchema, get_named_type

from sandbox.clock import iso
from sandbox.graph.errors import AccessDenied
from sandbox.graph.versions import access_of, schema_of
from sandbox.store import Store

if TYPE_CHECKING:
    from sandbox.shopify import Shopify

Doc = dict[str, Any]
OLD_ORDERS_SCOPE = "read_all_orders"
RECENT = timedelta(days=60)


@dataclass(frozen=True)
class App:
    """An app with its credentials; `number` is the api client id that its reserved namespace carries."""

    client_id: str
    secret: str
    number: int
    scopes: frozenset[str]
    title: str = "Boomerang"

    def allows(self, any_of: frozenset[str]) -> bool:
        """Tell whether one of the scopes was granted; `write_x` implies `read_x`."""
        return any(s in self.scopes or s.replace("read_", "write_", 1) in self.scopes for s in any_of)

    def namespace(self, asked: str | None) -> str:
        """Return a metafield namespace with `$app` resolved; none means the app's own."""
        own = f"app--{self.number}"
        if asked is None or asked == "$app":
            return own
        return f"{own}--{asked[5:]}" if asked.startswith("$app:") else asked


@dataclass
class Session:
    """One request's view of one shop."""

    shopify: Shopify
    shop: str
    app: App
    version: str
    faults: frozenset[str] = frozenset()
    warnings: list[dict[str, Any]] = field(default_factory=list)
    loaded: dict[str, Doc | None] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Return the world's documents."""
        return self.shopify.store

    @property
    def schema(self) -> GraphQLSchema:
        """Return the schema that serves the request."""
        return schema_of(self.version)

    @property
    def shop_doc(self) -> Doc:
        """Return the shop's own document."""
        return self.shopify.shops[self.shop]

    @property
    def zone(self) -> ZoneInfo:
        """Return the shop's time zone."""
        return ZoneInfo(self.shop_doc["ianaTimezone"])

    def now(self) -> str:
        """Return the present instant as text."""
        return self.shopify.clock.iso()

    def load(self, gid: str) -> Doc | None:
        """Return an object by its gid, remembered for this request; None when there is none or it is hidden."""
        if gid not in self.loaded:
            try:
                found = self.store.get(self.shop, gid)
            except ValueError:
                found = None
            self.loaded[gid] = None if found is not None and self.hidden(found) else found
        return self.loaded[gid]

    def hidden(self, doc: Doc) -> bool:
        """Tell whether an order is older than an app without `read_all_orders` may see; no reply says so."""
        return doc.get("__typename") == "Order" and doc.get("createdAt", "") < self.horizon()

    def horizon(self) -> str:
        """Return the instant before which orders are absent; an empty text when none are."""
        if OLD_ORDERS_SCOPE in self.app.scopes:
            return ""
        return iso(self.shopify.clock.now() - RECENT)

    def require(self, parent: str, name: str) -> None:
        """Raise AccessDenied unless the app may read this field and the type behind it."""
        for scopes in needed(self.version, parent, name):
            if not self.app.allows(scopes):
                raise AccessDenied(name, scopes)

    def require_scopes(self, field_name: str, *scopes: str) -> None:
        """Raise AccessDenied unless the app has one of the scopes."""
        if not self.app.allows(frozenset(scopes)):
            raise AccessDenied(field_name, frozenset(scopes))


@cache
def needed(version: str, parent: str, name: str) -> tuple[frozenset[str], ...]:
    """Return the sets of scopes, one of each of which opens a field: its own and that of the type it gives."""
    schema, access = schema_of(version), access_of(version)
    found = [access[f"{parent}.{name}"]] if f"{parent}.{name}" in access else []
    owner: Any = schema.type_map.get(parent)
    definition = getattr(owner, "fields", {}).get(name)
    if definition is not None:
        target: Any = get_named_type(definition.type)
        if target.name.endswith("Connection"):
            target = get_named_type(target.fields["nodes"].type)
        if target.name in access:
            found.append(access[target.name])
    return tuple(found)
