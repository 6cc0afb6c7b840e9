"""Shopify's own guesses about customers: RFM group and predicted spend tier, from the shop's quintiles."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sandbox.world.streams import Ints


@dataclass(frozen=True)
class Thresholds:
    """Edges between the five scores of recency (instants), frequency (orders) and money (cents)."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]

    def to_meta(self) -> dict[str, Any]:
        """For the store's meta."""
        return asdict(self)

    @classmethod
    def from_meta(cls, kept: dict[str, Any]) -> "Thresholds":
        """Back from the store's meta."""
        return cls(*(tuple(kept[name]) for name in ("recency", "frequency", "monetary")))


def thresholds(orders: Ints, cents: Ints, last: Ints) -> Thresholds:
    """Quintiles over the customers of one shop that bought."""
    bought = orders > 0
    if not bought.any():
        return Thresholds((0,) * 4, (1.5, 2.5, 3.5, 5.5), (0,) * 4)
    edges = [0.2, 0.4, 0.6, 0.8]
    recency = tuple(np.quantile(last[bought], edges).tolist())
    monetary = tuple(np.quantile(cents[bought], edges).tolist())
    # Most customers buy once: quantiles of counts would all be one.
    return Thresholds(recency, (1.5, 2.5, 3.5, 5.5), monetary)


def _score(value: float, edges: tuple[float, ...]) -> int:
    return 1 + sum(value > edge for edge in edges)


def rfm_group(orders: int, cents: int, last: int, edges: Thresholds) -> str:
    """One of Shopify's eleven groups."""
    if orders == 0:
        return "PROSPECTS"
    recency = _score(last, edges.recency)
    value = (_score(orders, edges.frequency) + _score(cents, edges.monetary)) / 2
    if recency == 5:
        return "CHAMPIONS" if value >= 4 else "ACTIVE" if value >= 3 else "PROMISING" if orders > 1 else "NEW"
    if recency == 4:
        return "LOYAL" if value >= 4 else "ACTIVE" if value >= 2.5 else "PROMISING"
    if recency == 3:
        return "LOYAL" if value >= 4.5 else "NEEDS_ATTENTION" if value >= 2.5 else "ALMOST_LOST"
    if value >= 4:
        return "PREVIOUSLY_LOYAL" if recency == 1 else "AT_RISK"
    return "AT_RISK" if recency == 2 and value >= 2.5 else "DORMANT" if recency == 1 else "ALMOST_LOST"


def spend_tier(orders: int, cents: int, edges: Thresholds) -> str | None:
    """Predicted spend; unknown before the first order."""
    if orders == 0:
        return None
    score = _score(cents, edges.monetary)
    return "HIGH" if score == 5 else "MEDIUM" if score >= 3 else "LOW"
