"""Everybody in turn on the same orders: a rehearsal that teaches the stand-in what they ask, then the measured run."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median_low
from typing import Any

import httpx

from bench.peers import usage
from bench.peers.contestants import OURS, PEERS, Contestant, Stand
from bench.peers.usage import Usage
from bench.peers.vocabulary import LINES_PER_ORDER
from bench.process import ROOT, BenchFailed
from bench.report import Finding, Goal

REHEARSAL_ORDERS = 60
OUR_ROUNDS = 3
RUNNING_SECONDS = 2.0
WAITING = ("Boomerang", "airbyte transactions, printing", "tap-shopify, printing")
BENCH = "peers"


@dataclass(frozen=True)
class Site:
    """A stand-in that is running."""

    folder: Path
    proxy: str
    authority: str
    origin: str

    def notes(self) -> dict[str, Any]:
        """What the run looked like from there."""
        found: dict[str, Any] = httpx.get(f"{self.origin}/notes", trust_env=False).json()
        return found


@dataclass(frozen=True)
class Measured:
    """What a contestant used, what arrived, and what the stand-in saw."""

    contestant: Contestant
    used: Usage
    counts: dict[str, int]
    notes: dict[str, Any]


def race(orders: int, folder: Path, only: Sequence[str] = ("",)) -> list[Finding]:
    """One row a contestant, then who waits how long; a peer that cannot be run is left out with a sentence.

    `only` restricts the peers to those with one of these texts in their name.
    """
    assets = folder / "site"
    starts = _rehearse([peer for peer in PEERS if any(text in peer.name for text in only)], assets, folder)
    able = [each for each in starts if each in PEERS]
    ours = {
        each.content: _median([_measured(each, assets, folder, orders) for _ in range(OUR_ROUNDS)]) for each in OURS
    }
    findings = [_own(ours[each.content], orders, starts[each]) for each in OURS]
    for peer in able:
        run, own = _measured(peer, assets, folder, orders), ours[peer.content]
        findings.append(_beside(run, own, orders, starts[peer], starts[own.contestant]))
    waiting = [each for each in (*OURS, *able) if each.name in WAITING and each.content == "orders"]
    return findings + [_waited(each, assets, folder) for each in waiting]


def _rehearse(peers: Sequence[Contestant], assets: Path, folder: Path) -> dict[Contestant, float]:
    """Run everybody on a few orders; the processor time of those that came to their end, which is that of starting."""
    starts = {}
    for each in (*OURS, *peers):
        try:
            starts[each] = _measured(each, assets, folder, REHEARSAL_ORDERS).used.cpu
        except BenchFailed as error:
            if each in OURS:
                raise
            sys.stderr.write(f"{each.name} is left out: {error}\n")
    return starts


def _measured(each: Contestant, assets: Path, folder: Path, orders: int, running: float = 0.0) -> Measured:
    room = folder / "room"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    with site(assets, orders, running) as served:
        stand = Stand(room, variables(served, room), _our_result(assets, orders))
        commands = each.prepare(stand)
        before = served.notes()
        used = usage.run(commands, room, stand.variables)
        notes = served.notes()
    if notes["refused"]:
        sys.stderr.write(f"{each.name} also asked for {', '.join(notes['refused'])}, and was refused.\n")
    notes["bytes"] -= before["bytes"]
    return Measured(each, used, each.count(stand), notes)


def variables(served: Site, room: Path) -> dict[str, str]:
    """The whole environment of a contestant: nothing of ours, no telemetry, one way out, which leads to the site."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": str(room.absolute()),
        "HTTPS_PROXY": served.proxy,
        "REQUESTS_CA_BUNDLE": served.authority,
        "SSL_CERT_FILE": served.authority,
        "DO_NOT_TRACK": "1",
        "AIRBYTE_OFFLINE_MODE": "1",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "BOOMERANG_SHOPS__US__ACCESS_TOKEN": "public-dummy",
    }


@contextmanager
def site(folder: Path, orders: int, running: float = 0.0) -> Iterator[Site]:
    """Start the stand-in; it answers once all that it knows is rendered."""
    options = ["--folder", str(folder.absolute()), "--orders", str(orders), "--running-seconds", str(running)]
    command = [sys.executable, "-m", "bench.peers.site", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise BenchFailed("The stand-in for Shopify did not start; its words are above.")
            yield Site(folder, **json.loads(line))
        finally:
            process.terminate()


def _our_result(assets: Path, orders: int) -> Path:
    """The largest ungrouped result: only ours asks for ungrouped lines, and its orders are larger than its ledger."""
    found = [path for path in (assets / "results").glob(f"*-{orders}.jsonl") if "-grouped-" not in path.name]
    return max(found, key=lambda path: path.stat().st_size, default=assets / "none")


def _median(runs: Sequence[Measured]) -> Measured:
    middle = median_low(run.used.cpu for run in runs)
    return next(run for run in runs if run.used.cpu == middle)


def _own(run: Measured, orders: int, start: float) -> Finding:
    return replace(_beside(run, run, orders, start, start), against=f"median of {OUR_ROUNDS} runs", goal=None)


def _beside(run: Measured, ours: Measured, orders: int, start: float, our_start: float) -> Finding:
    """`start` is the processor time of the rehearsal: what is left of a run without it grows with the orders."""
    each, used = run.contestant, run.used
    what = f"{'loads' if each.loads else 'prints'} {orders:,} orders"
    return Finding(
        BENCH,
        f"{each.name}: {each.content}",
        f"{what} from {run.notes['bytes'] / 1e6:,.0f} MB in {used.wall:.1f} s, of {used.cpu:.1f} CPU s "
        f"{start:.1f} to start; {verdict(run, orders)}",
        f"Boomerang {ours.contestant.content}: {ours.used.cpu:.1f} CPU s, {our_start:.1f} to start",
        used.cpu / ours.used.cpu,
        " x",
        None if each.least_ratio is None else Goal(least=each.least_ratio, unit=" x"),
        cpu=used.cpu,
        peak_mb=used.peak_mb,
        details={
            "wall": used.wall,
            "loads": each.loads,
            "served": orders,
            "start_cpu": start,
            "ratio_beyond_start": (used.cpu - start) / (ours.used.cpu - our_start),
            **run.counts,
            **run.notes,
        },
    )


def verdict(run: Measured, orders: int) -> str:
    """Whether what is in the database, or was printed, is what the stand-in served."""
    counts = run.counts
    if "whole" in counts:
        if counts["whole"] == orders == counts["orders"] and counts["lines"] == orders * LINES_PER_ORDER:
            return "all rows right"
        return (
            f"{orders - counts['orders']:,} orders lost, {orders * LINES_PER_ORDER - counts['lines']:,} lines lost, "
            f"{counts['orders'] - counts['whole']:,} orders with other lines than theirs"
        )
    lost = orders - counts["records"]
    return f"{lost:,} records lost" if lost else "all records"


def _waited(each: Contestant, assets: Path, folder: Path) -> Finding:
    run = _measured(each, assets, folder, REHEARSAL_ORDERS, RUNNING_SECONDS)
    latest = max(wait for wait in run.notes["waits"] if wait is not None)
    ours = each in OURS
    return Finding(
        BENCH,
        f"waiting, {each.name.partition(',')[0]}",
        f"an export of {RUNNING_SECONDS:g} s is in after {run.used.wall:.1f} s",
        "from the end of the export to its first byte asked for",
        latest,
        " s",
        Goal(most=2, unit=" s") if ours else None,
        cpu=run.used.cpu,
        peak_mb=run.used.peak_mb,
        details={"waits": run.notes["waits"]},
    )
