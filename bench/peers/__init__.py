"""Extraction beside other open-source ways to bring Shopify's orders into DuckDB: as released, unpatched, on one world.

    make bench-peers        # makes their environments below .cache/peers, then runs the table

Nothing leaves the machine: everybody, ours too, reaches a server on loopback through a proxy that refuses other hosts.
"""

from pathlib import Path

from bench.report import Finding


def run(scale: str, folder: Path) -> list[Finding]:
    """The whole table."""
    from bench.peers.race import race  # the stand-in imports this package too, and needs none of that

    return race(scale, folder)
