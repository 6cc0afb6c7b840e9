"""Chance that is the same every time: a number in [0, 1) for a seed, a thing and a purpose."""

from __future__ import annotations

from hashlib import blake2b

MINUTE = 60
HOUR = 3600
DAY = 86400


def chance(seed: int, *names: object) -> float:
    """Return a number in [0, 1) that follows from the seed and the names, and from nothing else."""
    text = "|".join(map(str, (seed, *names)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()[:7], "big") / 2**56


def lag(seed: int, low: int, high: int, *names: object) -> int:
    """Return seconds between `low` and `high` minutes."""
    return int((low + chance(seed, *names) * (high - low)) * MINUTE)
