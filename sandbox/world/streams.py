"""Random numbers by address: every draw of the world is a function of (seed, stream, entity, position).

A hash of the address takes the place of a generator with state, so that any customer or order can be drawn again by
itself, in any order, whole batches at once, and comes out the same on every machine and numpy version.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLY_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLY_2 = np.uint64(0x94D049BB133111EB)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of splitmix64: each input bit changes half of the output bits."""
    mixed = (values ^ (values >> np.uint64(30))) * _MULTIPLY_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MULTIPLY_2
    return mixed ^ (mixed >> np.uint64(31))


def uniforms(seed: int, stream: int, entities: Ints, count: int) -> Floats:
    """A row of ``count`` numbers in (0, 1) for each entity of a stream."""
    start = np.array([seed & 0xFFFFFFFFFFFFFFFF, stream], dtype=np.uint64)
    key = _mix(_mix(start[:1] + _GOLDEN) ^ (start[1:] * _MULTIPLY_1))
    base = _mix(entities.astype(np.uint64) * _GOLDEN ^ key)
    steps = np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN
    bits = _mix(base[:, None] + steps[None, :]) >> np.uint64(11)
    return (bits.astype(np.float64) + 0.5) * 2.0**-53


def uniform_row(seed: int, stream: int, entity: int, count: int) -> list[float]:
    """The row of one entity."""
    row: list[float] = uniforms(seed, stream, np.array([entity], dtype=np.int64), count)[0].tolist()
    return row


# Streams; the numbers are part of every world, so a new stream takes a new number.
CUSTOMER = 1
PURCHASE = 2
ORDER = 3
PROFILE = 4
PRODUCT = 5
PRICE = 6
STOCK = 7
DRAFT = 8
CHECKOUT = 9
PROSPECT = 10
HISTORY = 11
LIFT = 12
