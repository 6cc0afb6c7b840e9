"""When customers come and buy: BG/NBD with known parameters, drawn for all customers at once."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from sandbox.world.parameters import SHOPS, Parameters
from sandbox.world.streams import CUSTOMER, PURCHASE, Ints, uniforms
from sandbox.world.times import DAY, at_local_hours

# One address per purchase of a customer; nobody of a world's length of history comes near it.
PURCHASES_MAX = 4096


@dataclass(frozen=True)
class Purchases:
    """Purchases in the order of time: instant, customer, and which purchase of the customer it is (0 is the first)."""

    moments: Ints
    customers: Ints
    positions: Ints

    def __len__(self) -> int:
        """How many."""
        return len(self.moments)


def arrivals(parameters: Parameters, until: int) -> Ints:
    """First-purchase instants of all customers that come up to ``until``, growing with the customer's number."""
    count = int((until - parameters.start) * parameters.arrivals_per_second) + 1
    numbers = np.arange(max(count, 0), dtype=np.int64)
    jitter = uniforms(parameters.seed, CUSTOMER, numbers, 1)[:, 0]
    moments = parameters.start + (numbers + jitter) / parameters.arrivals_per_second
    return moments[moments <= until].astype(np.int64)


def shop_numbers(parameters: Parameters, numbers: Ints) -> Ints:
    """The shop (index) at which each customer buys."""
    draws = uniforms(parameters.seed, CUSTOMER, numbers, 4)[:, 3]
    return (draws >= SHOPS[0].share).astype(np.int64)


def purchases(parameters: Parameters, after: int, until: int) -> Purchases:
    """All purchases later than ``after`` and not later than ``until``, in the order of time."""
    # Moving a purchase to a busy hour of its day may carry it over the edge: look a day further, cut afterwards.
    first = arrivals(parameters, until + DAY).astype(np.float64)
    numbers = np.arange(len(first), dtype=np.int64)
    draws = uniforms(parameters.seed, CUSTOMER, numbers, 4)
    rates = special.gammaincinv(parameters.r, draws[:, 1]) / parameters.alpha / DAY
    stopping = special.betaincinv(parameters.a, parameters.b, draws[:, 2])
    shops = shop_numbers(parameters, numbers)

    found: list[tuple[Ints, Ints, Ints]] = []
    last = np.zeros(len(first), dtype=np.int64)
    moments, position = first, 0
    while len(numbers):
        step = uniforms(parameters.seed, PURCHASE, numbers * PURCHASES_MAX + position, 3)
        local = np.empty(len(numbers), dtype=np.int64)
        for shop in SHOPS:
            mine = shops[numbers] == shop.index
            local[mine] = at_local_hours(shop.zone, moments[mine], step[mine, 2])
        # Two purchases on one day keep their order.
        local = np.maximum(local, last[numbers] + 600)
        last[numbers] = local
        inside = (local > after) & (local <= until)
        found.append((local[inside], numbers[inside], np.full(int(inside.sum()), position, dtype=np.int64)))
        # The first purchase makes a customer; only repeat purchases can be the last one by choice.
        staying = np.ones(len(numbers), dtype=bool) if position == 0 else step[:, 1] >= stopping[numbers]
        with np.errstate(divide="ignore"):
            moments = moments - np.log(step[:, 0]) / rates[numbers]
        staying &= moments <= until + DAY
        numbers, moments, position = numbers[staying], moments[staying], position + 1

    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    return Purchases(columns[0][order], columns[1][order], columns[2][order])


def customers_for(parameters: Parameters, orders: int) -> int:
    """How many customers it takes for so many orders in the history, to about a tenth of a percent."""
    customers = 4000
    for _ in range(3):
        trial = Parameters(**{**parameters.__dict__, "customers": customers})
        customers = max(1, round(customers * orders / len(purchases(trial, 0, parameters.built))))
    return customers
