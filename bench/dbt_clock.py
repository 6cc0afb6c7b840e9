"""What dbt's statements take in the warehouse, by model: seconds, and processor seconds of all threads.

dbt runs in this process, one statement at a time, and tells of each when it begins and when it has ended. So what
dbt itself takes (reading the project, rendering, a tenth of a second a model) is left out, and a machine that is busy
with other work moves the processor seconds little.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from dbt.cli.main import dbtRunner


class DbtEnded(Exception):
    """A dbt command ended with errors; its own output says which."""


@dataclass
class Clock:
    """Adds up the statements of each model."""

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    began: tuple[float, float] = (0.0, 0.0)

    def hear(self, event: Any) -> None:
        """Take note of one of dbt's events."""
        if event.info.name == "SQLQuery":
            self.began = time.perf_counter(), time.process_time()
        elif event.info.name == "SQLQueryStatus":
            wall, cpu = time.perf_counter() - self.began[0], time.process_time() - self.began[1]
            kind, _, name = event.data.node_info.unique_id.partition(".")
            if kind == "model":
                name = name.rpartition(".")[2]
                self.wall[name] = self.wall.get(name, 0.0) + wall
                self.cpu[name] = self.cpu.get(name, 0.0) + cpu


def timed(arguments: list[str]) -> tuple[Clock, float]:
    """Run a dbt command with the environment of this process; returns the clock, and the seconds of all of it."""
    clock = Clock()
    began = time.perf_counter()
    done = dbtRunner(callbacks=[clock.hear]).invoke([*arguments, "--threads", "1"])
    if not done.success:
        nodes = getattr(done.result, "results", [])
        failed = [f"{node.node.name}: {node.message}" for node in nodes if node.status in ("error", "fail")]
        raise DbtEnded(f"dbt {arguments[0]} ended with errors: {done.exception or '; '.join(failed)}")
    return clock, time.perf_counter() - began
