"""`python -m bench.peers`: the table of some peers, at any size."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bench.machine import describe
from bench.peers.race import race
from bench.report import print_findings, write_findings

FOLDER = Path("data/bench")


def main() -> int:
    """Run the race and print its table; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--peer", action="append", metavar="TEXT", help="only peers with this text in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", default=FOLDER / "peers.json")
    given = parser.parse_args()
    machine = describe()
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="peers-", dir=FOLDER))
    try:
        findings = race(given.orders, folder, given.peer or ("",))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_findings(Console(width=None if sys.stdout.isatty() else 170), machine, findings)
    write_findings(given.json, machine, f"{given.orders} orders", findings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
