"""People who left an address and never bought; some are deleted again."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sandbox.world.context import Context
from sandbox.world.customers import prospect_document
from sandbox.world.events import event
from sandbox.world.parameters import SHOPS
from sandbox.world.streams import PROSPECT, uniforms
from sandbox.world.times import DAY

Doc = dict[str, Any]

_PER_CUSTOMER = 0.06


def _drawn(context: Context, until: int) -> Iterator[tuple[int, int, int | None]]:
    """Number, arrival and deletion (or None) of the shop's prospects up to an instant."""
    parameters = context.parameters
    rate = parameters.arrivals_per_second * _PER_CUSTOMER
    count = int((until - parameters.start) * rate) + 1
    rows = uniforms(parameters.seed, PROSPECT, np.arange(count, dtype=np.int64), 4)
    for number, (jitter, shop, leaving, stay) in enumerate(rows.tolist()):
        created = parameters.start + int((number + jitter) / rate)
        if created <= until and (shop < SHOPS[0].share) == (context.shop.index == 0):
            yield number, created, created + int((20 + stay * 200) * DAY) if leaving < 0.1 else None


def prospects(context: Context, after: int, until: int) -> Iterator[Doc]:
    """Those who came in the period and are still there, and the events of those who were deleted in it."""
    for number, created, deleted in _drawn(context, until):
        gone = deleted is not None and deleted <= until
        if created > after and not gone:
            yield prospect_document(context, number, created, until)
        if gone and deleted is not None and deleted > max(after, until - 365 * DAY):
            gid = context.ids.gid("Prospect", number)
            yield event(context, deleted, "destroy", "CUSTOMER", gid, "Customer was deleted")


def deleted_prospects(context: Context, after: int, until: int) -> list[str]:
    """Gids of prospects deleted in the period."""
    return [
        context.ids.gid("Prospect", number)
        for number, _, deleted in _drawn(context, until)
        if deleted is not None and after < deleted <= until
    ]
