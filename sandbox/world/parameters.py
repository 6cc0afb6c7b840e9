"""What a world is made from: shops, size, period and the parameters of the buying process."""

from dataclasses import asdict, dataclass
from typing import Any

from sandbox.store import Store
from sandbox.world.times import DAY, epoch, iso

# The history ends here, not at the wall clock: the same seed gives the same bytes on any day.
DEFAULT_NOW = "2026-11-01T06:00:00Z"


@dataclass(frozen=True)
class ShopProfile:
    """One shop of the merchant: what it sells in, where it stands, how it quotes prices."""

    index: int
    key: str
    domain: str
    name: str
    currency: str
    zone: str
    country: str
    taxes_included: bool
    share: float
    prefix: str


SHOPS = (
    ShopProfile(
        0, "us", "boomerang-us.myshopify.com", "Boomerang US", "USD", "America/New_York", "US", False, 0.65, "#"
    ),
    ShopProfile(
        1, "eu", "boomerang-eu.myshopify.com", "Boomerang Europe", "EUR", "Europe/Berlin", "DE", True, 0.35, "EU-"
    ),
)


@dataclass(frozen=True)
class Parameters:
    """Everything that decides a world's content. Kept in the store's meta, so that ``advance`` goes on with it.

    ``r``, ``alpha``, ``a``, ``b`` are those of BG/NBD (Fader, Hardie and Lee 2005) with time in days: purchase rates
    are Gamma(r, alpha), and after each repeat purchase a customer stops for good with a Beta(a, b) probability.
    """

    seed: int
    customers: int
    start: int
    built: int
    r: float = 0.7
    alpha: float = 62.0
    a: float = 0.8
    b: float = 2.6
    wide_ids: bool = False

    @property
    def arrivals_per_second(self) -> float:
        """New customers keep coming at the pace of the history."""
        return self.customers / (self.built - self.start)

    def save(self, store: Store) -> None:
        """Write them, with the clock set to the end of the history."""
        store.set_meta("world", {"history": "generated", **asdict(self)})
        store.set_meta("now", iso(self.built))

    @classmethod
    def load(cls, store: Store) -> "Parameters | None":
        """Those of a generated world; None when the store holds another history."""
        kept: dict[str, Any] | None = store.get_meta("world")
        if kept is None or kept.pop("history") != "generated":
            return None
        return cls(**kept)


def period(months: int, now: str = DEFAULT_NOW) -> tuple[int, int]:
    """Start and end of a history of so many average months."""
    end = epoch(now)
    return end - round(months * 365.25 / 12) * DAY, end
