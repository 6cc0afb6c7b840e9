"""The machine that figures come from: what it is, never which one it is."""

import os
import platform
from importlib.metadata import version
from typing import Any

PACKAGES = ("duckdb", "dlt", "dbt-core", "dbt-duckdb", "httpx", "pyarrow", "scipy")


def describe() -> dict[str, Any]:
    """Cores, memory in GB, kernel family, versions; and the load before the run, for others may use the machine too."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def sentence(machine: dict[str, Any]) -> str:
    """One line for people."""
    versions = ", ".join(f"{name} {machine[name]}" for name in ("python", *PACKAGES))
    return (
        f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, load {machine['load_before']} "
        f"before the run; {versions}"
    )
