"""`boomerang demo`: the sandbox's world is built, and the whole cycle runs twice."""

import json
import time
from pathlib import Path
from typing import Any

from bench.process import measured
from bench.report import Finding, Goal


def run(scale: str, folder: Path) -> list[Finding]:
    """The demo has one size."""
    del scale
    whole = measured(demo, folder)
    slowest = sorted(whole.result["stages"].items(), key=lambda item: -item[1])[:5]
    return [
        Finding(
            "demo",
            "both cycles, with the building of the world",
            f"complete: {'yes' if whole.result['complete'] else 'NO'}",
            ", ".join(f"{name} {seconds:.0f} s" for name, seconds in slowest),
            whole.result["seconds"],
            " s",
            Goal(most=180, unit=" s"),
            cpu=whole.cpu,
            peak_mb=whole.peak_mb,
            details=whole.result,
        )
    ]


def demo(folder: Path) -> dict[str, Any]:
    """Run it in a folder of its own; `stages` adds up both cycles."""
    from orchestration.demo import run_demo  # brings Dagster along
    from orchestration.demo_world import History

    began = time.perf_counter()
    report = json.loads(run_demo(History.generated, folder / "demo").read_text(encoding="utf-8"))
    seconds = time.perf_counter() - began
    stages: dict[str, float] = {}
    for cycle in report["cycles"]:
        for stage, spent in cycle["seconds"].items():
            stages[stage] = stages.get(stage, 0.0) + spent
    return {"seconds": seconds, "complete": report["complete"], "stages": stages}
