"""`python -m sandbox`: serve a world on loopback; prints one line of JSON when ready, ends on SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
from pathlib import Path

from sandbox.backoffice.asked import Asked, read_rates
from sandbox.server import CannotServe, Sandbox, Size, ready_line
from sandbox.settings import PLANS, Settings

ORDERLY_SECONDS = 10.0


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Return the command line as a namespace."""
    parser = argparse.ArgumentParser(prog="sandbox", description="A stand-in for Shopify, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--data-dir", type=Path, default=Path("data/sandbox"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--orders", type=int, help="size of the world by orders, instead of by customers")
    parser.add_argument("--months", type=int, default=18)
    parser.add_argument("--history", choices=["generated", "cdnow", "cdnow-sample"], default="generated")
    parser.add_argument("--plan", choices=sorted(PLANS), default="standard", help="how fast the bucket restores")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--bulk-seconds", type=float, default=Settings.bulk_seconds)
    parser.add_argument("--token-seconds", type=int, default=Settings.token_seconds)
    parser.add_argument("--gzip-results", action="store_true")
    parser.add_argument("--until-input-ends", action="store_true", help="end when whoever started it is gone")
    parser.add_argument("--fresh", action="store_true", help="start from the world as it was built, not as it was left")
    parser.add_argument("--backoffice", action="store_true", help="with an ERP and operators of warehouses behind it")
    parser.add_argument("--plant", default="none", help="what is broken behind it: default, none, or a TOML file")
    parser.add_argument("--plant-seed", type=int, default=1)
    parser.add_argument("--frozen-clock", action="store_true", help="let the world's clock jump with advance only")
    parser.add_argument("--netsuite-concurrency", type=int, default=Settings.netsuite_concurrency)
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Serve until a signal comes."""
    options = arguments(given)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.until_input_ends:
        threading.Thread(target=_end_with_input, args=(stop,), daemon=True).start()
    size = Size(options.seed, options.customers, options.orders, options.months, options.history)
    settings = Settings(
        plan=options.plan, latency_ms=options.latency_ms, bulk_seconds=options.bulk_seconds,
        token_seconds=options.token_seconds, gzip_results=options.gzip_results,
        netsuite_concurrency=options.netsuite_concurrency, frozen_clock=options.frozen_clock,
    )  # fmt: skip
    planting = None
    if options.backoffice:
        try:
            planting = Asked(read_rates(options.plant), options.plant_seed)
        except ValueError as problem:
            sys.stderr.write(f"{problem}\n")
            return 1
    sandbox = Sandbox(options.data_dir, size, settings, options.port, fresh=options.fresh, backoffice=planting)
    # Documents come and go by the hundred thousand during an export: collect their garbage less eagerly.
    gc.set_threshold(100_000, 50, 1_000)
    try:
        with sandbox.serving():
            sys.stdout.write(ready_line(sandbox) + "\n")
            sys.stdout.flush()
            stop.wait()
    except CannotServe as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def _end_with_input(stop: threading.Event) -> None:
    """Wait until nobody holds the other end of the standard input: a killed process closes it, too."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()
    # A world that is being built does not look at the event.
    threading.Event().wait(ORDERLY_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
