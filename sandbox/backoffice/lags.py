"""Chance that is the same every time: a number in [0, 1) for a seed, a thing and a purpose."""

from __future__ import annotations

from hashlib import blake2b

MINUTE = 60
HOUR = 3600
DAY = 86400
_MASK = 2**64 - 1


def chance(seed: int, *names: object) -> float:
    """Return a number in [0, 1) that follows from the seed and the names, and from nothing else."""
    text = "|".join(map(str, (seed, *names)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()[:7], "big") / 2**56


class Lots:
    """A number in [0, 1) for each pair of a purpose and a thing: one hash a thing, whatever it is asked for."""

    def __init__(self, seed: int) -> None:
        """Numbers of a seed."""
        self._seed = seed
        self._salts: dict[str, int] = {}
        self._last: tuple[object, int] = (None, 0)

    def draw(self, purpose: str, thing: object) -> float:
        """Return the number; things come one after the other, each with many purposes."""
        if self._last[0] != thing:
            self._last = (thing, int(chance(self._seed, "lots", thing) * 2**56))
        salt = self._salts.get(purpose)
        if salt is None:
            salt = self._salts[purpose] = int(chance(self._seed, "salt", purpose) * 2**56) << 8
        # The finalizer of splitmix64.
        mixed = ((self._last[1] ^ salt) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) / 2**64


def lag(seed: int, low: int, high: int, *names: object) -> int:
    """Return seconds between `low` and `high` minutes."""
    return int((low + chance(seed, *names) * (high - low)) * MINUTE)
