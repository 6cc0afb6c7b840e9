"""`python -m bench`: run the benchmarks and print one table.

python -m bench --list
python -m bench --only extract --only plan --scale small
python -m bench --scale full        # the sizes of the goals, and what grows with them; an hour
"""

import argparse
import importlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.machine import describe
from bench.process import BenchFailed
from bench.report import Finding, print_findings, write_findings

BENCHES = {
    "extract": "bulk files of a million lines -> committed, typed, contract-checked tables",
    "wait": "from a bulk operation that is done to the first read of its result",
    "memory": "an export far larger than the memory that its extraction may use",
    "writeback": "changed customers -> metafields and tags, at the limit of each Shopify plan",
    "bulk_lane": "every customer changed -> files of bulk mutations, each line's outcome in the ledger",
    "partner_rates": "NetSuite and ShipBob read as fast as their limits allow, against the sandbox",
    "models": "dbt: a full build, an increment, and the same increment on twice the history",
    "reconciliation": "four systems' raw rows -> every break, in full and as an increment",
    "plan": "the difference between wanted and acknowledged over a million customers",
    "scores": "BG/NBD and Gamma-Gamma on a million customers",
    "demo": "the whole cycle twice, against the sandbox",
    "peers": "extraction beside tap-shopify, Airbyte and dlt, in environments of their own (only when asked for)",
    "writeback_peers": "write-back beside drt-core, on the same bucket (only when asked for)",
}
# Needs minutes of installing and half an hour of running: not part of a run of all.
OPT_IN = ("peers", "writeback_peers")
SCALES = ("small", "default", "full")
FOLDER = Path("data/bench")


def main(given: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when a bench could not be run, whatever the figures of the others are."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed and memory, as ratios within the run.")
    parser.add_argument("--list", action="store_true", help="name the benches and end")
    parser.add_argument("--only", action="append", choices=BENCHES, metavar="NAME", help="may be given several times")
    parser.add_argument("--scale", choices=SCALES, default="default")
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"the same as JSON ({FOLDER / 'report.json'})")
    parser.add_argument("--keep", action="store_true", help=f"leave the files below {FOLDER}")
    options = parser.parse_args(given)
    console = Console(width=None if sys.stdout.isatty() else 170)
    if options.list:
        for name, subject in BENCHES.items():
            console.print(f"{name:15} {subject}", highlight=False, soft_wrap=True)
        return 0
    machine, findings, failed = describe(), [], []
    for name in options.only or [name for name in BENCHES if name not in OPT_IN]:
        console.print(f"{name}: {BENCHES[name]} ...", style="dim", highlight=False)
        try:
            findings += _run(name, options.scale, options.keep)
        except BenchFailed as error:
            failed.append(name)
            console.print(f"{name} could not be run: {error}", style="red", markup=False, highlight=False)
    console.print()
    print_findings(console, machine, findings)
    path = options.json or FOLDER / "report.json"
    write_findings(path, machine, options.scale, findings)
    console.print(f"The same as JSON: {path}", style="dim", highlight=False)
    return 1 if failed else 0


def _run(name: str, scale: str, keep: bool) -> list[Finding]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=FOLDER))  # two runs at once do not meet
    try:
        found: list[Finding] = importlib.import_module(f"bench.{name}").run(scale, folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
