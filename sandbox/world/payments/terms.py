"""What the payments provider asks for and when it pays; assumed terms of one merchant, near the published ones.

Fees: online card rates of the Basic plan in the US (2.9 % and 30 cents) and a usual European rate (1.5 % and 25
cents). They are kept when a charge is refunded. Batches close at midnight UTC; each is paid out on the second business
day after it closed, and reaches the bank on the next one. No holidays.
"""

from dataclasses import dataclass
from hashlib import blake2b

from sandbox.world.times import DAY, HOUR

GATEWAY = "shopify_payments"
ISSUED, SUBMITTED, SETTLED = 4 * HOUR, 16 * HOUR, 10 * HOUR


@dataclass(frozen=True)
class Terms:
    """Fee of a charge in millionths and cents, and what a chargeback costs until it is won."""

    share: int
    fixed: int
    chargeback: int

    def fee(self, cents: int) -> int:
        """Fee of a charge in cents, rounded half up."""
        return (cents * self.share + 500_000) // 1_000_000 + self.fixed


TERMS = {"us": Terms(29_000, 30, 1500), "eu": Terms(15_000, 25, 1500)}

# Shares: of charges that are disputed, of payouts that the bank refuses; of payouts with a reserve or an adjustment.
DISPUTED, REFUSED, RESERVED, ADJUSTED = 0.004, 0.010, 0.025, 0.020
RESERVE_DAYS = 20


def chance(seed: int, *names: object) -> float:
    """A number in [0, 1) that follows from the seed and the names."""
    digest = blake2b("|".join(map(str, (seed, *names))).encode(), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56


def next_business_day(day: int) -> int:
    """The first Monday to Friday after a day (days since 1970-01-01, a Thursday)."""
    return day + {4: 3, 5: 2}.get((day + 3) % 7, 1)


def payout_day(moment: int) -> int:
    """The day on which what moved at an instant is paid out."""
    return next_business_day(next_business_day(moment // DAY))
