"""Runs inside the emulators: a server that ends with the process that started it, however that one ended."""

import os
import sys
import threading


def hold() -> None:
    """End this process when its standard input ends: the parent holds the other end, and never writes."""
    threading.Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    # Not sys.stdin: its lock would keep the interpreter from shutting down in order.
    while os.read(0, 1024):
        pass
    sys.stdout.flush()
    os._exit(0)
