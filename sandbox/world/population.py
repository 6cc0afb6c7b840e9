"""Who the customers are: shop, home, account, and whether a customer record is merged into another one day."""

from dataclasses import dataclass

import numpy as np

from sandbox.world.parameters import SHOPS, Parameters
from sandbox.world.purchases import arrivals, purchases, shop_numbers
from sandbox.world.regions import REGION_SHARES
from sandbox.world.streams import PROFILE, Ints, uniforms
from sandbox.world.times import DAY

# How a customer stands to the shop.
ACCOUNT, NO_ACCOUNT, NAMELESS, BUSINESS = range(4)
_KIND_SHARES = np.cumsum([0.55, 0.41, 0.03, 0.01])
_MERGED_SHARE = 0.015
_TWIN_SHARE = 0.08
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Population:
    """Facts by customer number, as arrays.

    ``shop``, ``region``, ``kind``; ``created``: first purchase; ``merged``: instant of the merge or NEVER;
    ``survivor``: into whom (the customer itself otherwise); ``identity``: the person behind the record (the same
    person may have records in both shops).
    """

    shop: Ints
    region: Ints
    kind: Ints
    created: Ints
    merged: Ints
    survivor: Ints
    identity: Ints

    def __len__(self) -> int:
        """How many customers."""
        return len(self.shop)


def population(parameters: Parameters, until: int) -> Population:
    """All customers that came up to ``until``; earlier ones are the same whatever ``until`` is."""
    first = purchases(parameters, 0, until)
    first_moments, first_customers = (column[first.positions == 0] for column in (first.moments, first.customers))
    count = len(arrivals(parameters, until + DAY))
    created = np.full(count, NEVER, dtype=np.int64)
    created[first_customers] = first_moments

    numbers = np.arange(count, dtype=np.int64)
    draws = uniforms(parameters.seed, PROFILE, numbers, 6)
    shop = shop_numbers(parameters, numbers)
    region = np.zeros(count, dtype=np.int64)
    for profile in SHOPS:
        mine = shop == profile.index
        region[mine] = np.searchsorted(REGION_SHARES[profile.index], draws[mine, 0])
    kind = np.searchsorted(_KIND_SHARES, draws[:, 1]).clip(0, BUSINESS)

    personal = kind < NAMELESS
    merging = personal & (draws[:, 2] < _MERGED_SHARE) & (created < NEVER)
    survivor = _previous(shop, personal & ~merging, numbers)
    merging &= survivor >= 0
    merged = np.full(count, NEVER, dtype=np.int64)
    merged[merging] = (created[merging] + DAY - 120 * DAY * np.log(draws[merging, 3])).astype(np.int64)
    survivor[~merging] = numbers[~merging]

    # Some people of the second shop have a record in the first one too; a merged record is its survivor's person.
    identity = survivor.copy()
    other = _previous(1 - shop, personal & ~merging, numbers, of=shop)
    twin = (shop > 0) & personal & ~merging & (draws[:, 4] < _TWIN_SHARE) & (other >= 0)
    # One record per person and shop: of several that point to the same one, the first keeps it.
    candidates = np.flatnonzero(twin)
    chosen = candidates[np.unique(other[candidates], return_index=True)[1]]
    identity[chosen] = other[chosen]
    identity = identity[identity]
    return Population(shop, region, kind, created, merged, survivor, identity)


def _previous(wanted: Ints, eligible: "np.ndarray[tuple[int], np.dtype[np.bool_]]", numbers: Ints,
              of: Ints | None = None) -> Ints:  # fmt: skip
    """For each customer the nearest earlier eligible one whose shop (``of``) is the wanted one, or -1."""
    shops = wanted if of is None else of
    result = np.full(len(numbers), -1, dtype=np.int64)
    for profile in SHOPS:
        marks = np.where(eligible & (shops == profile.index), numbers, -1)
        latest = np.concatenate([[-1], np.maximum.accumulate(marks)[:-1]])
        mine = wanted == profile.index
        result[mine] = latest[mine]
    return result
