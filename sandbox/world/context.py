"""What all orders of a shop share: ids, money, catalog, locations, discounts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.world.catalog import Catalog
from sandbox.world.discounts import Promotions
from sandbox.world.ids import Ids
from sandbox.world.locations import assigned_locations
from sandbox.world.orders.plan import Money
from sandbox.world.parameters import SHOPS, Parameters, ShopProfile


@dataclass(frozen=True)
class Context:
    """One shop of one world."""

    parameters: Parameters
    shop: ShopProfile

    @cached_property
    def ids(self) -> Ids:
        """The shop's ids; with ``wide_ids`` those of the second shop lie above 2^53."""
        return Ids(self.shop, wide=self.parameters.wide_ids and self.shop.index == 1)

    @cached_property
    def money(self) -> Money:
        """Amounts in the shop's currency."""
        return Money(self.shop.currency)

    @cached_property
    def catalog(self) -> Catalog:
        """What the shop sells."""
        return Catalog(self.parameters, self.shop)

    @cached_property
    def promotions(self) -> Promotions:
        """The shop's discounts."""
        return Promotions(self.parameters, self.shop)

    @cached_property
    def assigned(self) -> list[dict[str, Any]]:
        """Locations as fulfilment orders name them."""
        return assigned_locations(self.shop, self.ids)


def contexts(parameters: Parameters) -> list[Context]:
    """Both shops, by index."""
    return [Context(parameters, shop) for shop in SHOPS]
