"""The world as the server sees it: build one, open one, move its clock."""

from pathlib import Path
from typing import Any

from sandbox.store import Store
from sandbox.world.advancing import Advance
from sandbox.world.building import build
from sandbox.world.cdnow import build_cdnow
from sandbox.world.parameters import DEFAULT_NOW, Parameters, period
from sandbox.world.purchases import customers_for
from sandbox.world.times import DAY, HOUR, epoch, iso


class World:
    """A history in a store. ``now`` is where it ends; ``advance`` lets time pass."""

    def __init__(self, store: Store) -> None:
        """Open the world that was built in this store."""
        if store.get_meta("now") is None:
            raise ValueError(f"{store.path} holds no world: build one first")
        self.store = store

    @property
    def now(self) -> str:
        """The end of the history, UTC."""
        return str(self.store.get_meta("now"))

    @classmethod
    def build(
        cls,
        store: Store,
        seed: int = 20261101,
        customers: int = 3000,
        orders: int | None = None,
        months: int = 18,
        now: str = DEFAULT_NOW,
        wide_ids: bool = False,
    ) -> "World":
        """Write a history into an empty store.

        Args:
            store: an empty store.
            seed: the same seed gives the same documents, byte for byte.
            customers: how many customers come during the history, both shops together.
            orders: if given, as many customers as it takes for about so many orders.
            months: length of the history.
            now: its end.
            wide_ids: give the second shop ids above 2^53.
        """
        start, end = period(months, now)
        parameters = Parameters(seed=seed, customers=customers, start=start, built=end, wide_ids=wide_ids)
        if orders is not None:
            needed = customers_for(parameters, orders)
            parameters = Parameters(seed=seed, customers=needed, start=start, built=end, wide_ids=wide_ids)
        build(store, parameters)
        return cls(store)

    def advance(self, hours: float = 0, days: float = 0) -> dict[str, Any]:
        """Let time pass; returns counts of what happened. A CDNOW history has no future: only its clock moves."""
        now = epoch(self.now)
        until = now + round(hours * HOUR + days * DAY)
        if until < now:
            raise ValueError(f"the world is at {self.now} and cannot go back by {hours} hours and {days} days")
        parameters = Parameters.load(self.store)
        counts: dict[str, Any] = {}
        if parameters is not None:
            counts = Advance(self.store, parameters).run(now, until)
        self.store.set_meta("now", iso(until))
        return {"from": iso(now), "to": iso(until), **counts}


def build_world(
    path: Path,
    seed: int = 20261101,
    customers: int = 3000,
    orders: int | None = None,
    months: int = 18,
    history: str = "generated",
) -> Store:
    """Build a world in a new file and return its store.

    ``history``: "generated", "cdnow" (23,570 real customers) or "cdnow-sample" (2,357 of them).
    """
    store = Store(path)
    if history == "generated":
        World.build(store, seed, customers, orders, months)
    elif history in ("cdnow", "cdnow-sample"):
        build_cdnow(store, sample=history == "cdnow-sample")
    else:
        store.close()
        raise ValueError(f"unknown history '{history}': use generated, cdnow or cdnow-sample")
    return store
