"""A true effect of what is written back: customers who carry a metafield buy more often, by a share that is known.

Off unless asked for (`/__meta/lift`): what a report says of the effect can then be held against the truth. After each
of their purchases those customers buy once more with that probability; so orders per customer are higher by the share,
and the part of the customers who buy at all is what it was.
"""

import numpy as np

from sandbox.store import Store
from sandbox.world.ids import Ids
from sandbox.world.purchases import PURCHASES_MAX, Purchases
from sandbox.world.streams import LIFT, Ints, uniforms

# Purchases beyond those of the customer's own rhythm are numbered from here.
_FIRST_EXTRA = PURCHASES_MAX // 2
_SECONDS_LATER = 600


def set_lift(store: Store, metafield: str, share: float) -> None:
    """Let customers who carry `metafield` (`namespace.key`) buy more often by `share`, 0 to 1; ValueError else."""
    if not 0 <= share <= 1 or "." not in metafield:
        raise ValueError('name a metafield and a share: {"metafield": "boomerang.vip_tier", "share": 0.2}')
    store.set_meta("lift", {"metafield": metafield, "share": share})


def lift_of(store: Store) -> tuple[str, float]:
    """The metafield and the share; a share of 0 by default."""
    kept = store.get_meta("lift", {"metafield": "", "share": 0.0})
    return kept["metafield"], kept["share"]


def carriers(store: Store, domain: str, ids: Ids, metafield: str, customers: Ints) -> Ints:
    """Those of the customers (by number) who carry the metafield now."""
    namespace, _, key = metafield.partition(".")
    found = [
        number
        for number in np.unique(customers).tolist()
        if store.metafields.get(domain, ids.gid("Customer", number), namespace, key)
    ]
    return np.array(found, dtype=np.int64)


def with_lift(bought: Purchases, carrying: Ints, seed: int, share: float, until: int) -> Purchases:
    """The purchases of a step, and those that the effect brings, up to `until`, in the order of time."""
    address = bought.customers * PURCHASES_MAX + bought.positions
    drawn = uniforms(seed, LIFT, address, 1)[:, 0] < share
    more = drawn & np.isin(bought.customers, carrying)
    moments = np.minimum(bought.moments[more] + _SECONDS_LATER, until)
    columns = (
        np.concatenate([bought.moments, moments]),
        np.concatenate([bought.customers, bought.customers[more]]),
        np.concatenate([bought.positions, bought.positions[more] + _FIRST_EXTRA]),
    )
    order = np.lexsort((columns[2], columns[1], columns[0]))
    return Purchases(*(column[order] for column in columns))
