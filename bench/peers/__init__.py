"""Extraction beside other open-source ways to bring Shopify's orders into DuckDB: as released, unpatched, on one world.

    make bench-peers                                        # makes their environments, then the table
    python -m bench --only peers --scale full               # five times as many orders
    python -m bench.peers --orders 100000 --peer dlt        # some of them

Nothing leaves the machine: everybody, ours too, reaches a server on loopback through a proxy that refuses other hosts.
"""

from pathlib import Path

from bench.report import Finding

ORDERS = {"small": 2_000, "default": 20_000, "full": 100_000}


def run(scale: str, folder: Path) -> list[Finding]:
    """The whole table."""
    from bench.peers.race import race  # the stand-in imports this package too, and needs none of that

    return race(ORDERS[scale], folder)
