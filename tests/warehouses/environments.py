"""A virtual environment for each emulator: what they need conflicts with what the platform runs on.

They lie in `.cache/`, named after a hash of their pins, and are made when absent, which takes about half a minute.
`python -m tests.warehouses.environments` makes both.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "emulators"


@dataclass(frozen=True)
class Environment:
    """What an emulator is installed from, and a statement of Python that must succeed once after it."""

    name: str
    pins: tuple[str, ...]
    afterwards: str = ""

    @property
    def folder(self) -> Path:
        """Changes with the pins, so that an environment is never half of one and half of another."""
        digest = hashlib.sha256("\n".join([sys.version, *self.pins, self.afterwards]).encode()).hexdigest()
        return CACHE / f"{self.name}-{digest[:12]}"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def home(self) -> Path:
        """Where DuckDB looks for the extensions that were installed for it."""
        return self.folder / "home"


SNOWFLAKE = Environment(
    name="fakesnow",
    pins=(
        "fakesnow[server]==0.12.1",
        # Left to itself it takes 5, which dropped the module that fakesnow imports.
        "snowflake-connector-python==4.8.0",
        "duckdb==2.0.0",
        "pyarrow==26.0.1",
    ),
)
BIGQUERY = Environment(
    name="bqemulator",
    pins=(
        "bqemulator==1.4.0",
        # The newest DuckDB for which the spatial extension, without which it does not start, is on the package index.
        "duckdb==1.5.5",
        "duckdb-extensions==1.5.5",
        "duckdb-extension-spatial==1.5.5",
        # Asked for by DuckDB's Arrow scan, named by neither.
        "numpy==2.4.6",
        "pyarrow==26.0.1",
    ),
    afterwards="from duckdb_extensions import import_extension; import_extension('spatial')",
)
BY_ENGINE = {"snowflake": SNOWFLAKE, "bigquery": BIGQUERY}


def made(environment: Environment) -> Environment:
    """The environment, made when it is absent. Two processes that ask at once make it once.

    Raises subprocess.CalledProcessError with pip's own words on the terminal when a package cannot be had.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{environment.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (environment.folder / "complete").is_file():
            _make(environment)
    return environment


def _make(environment: Environment) -> None:
    print(
        f"Making the virtual environment of {environment.name} in {environment.folder} (half a minute, once)",
        file=sys.stderr,
        flush=True,
    )
    for older in CACHE.glob(f"{environment.name}-*"):
        shutil.rmtree(older)
    subprocess.run([sys.executable, "-m", "venv", str(environment.folder)], check=True)
    install = [str(environment.python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*install, *environment.pins], check=True, stdout=sys.stderr)
    environment.home.mkdir()
    if environment.afterwards:
        subprocess.run(
            [str(environment.python), "-c", environment.afterwards],
            check=True,
            stdout=sys.stderr,
            env={**os.environ, "HOME": str(environment.home)},
        )
    (environment.folder / "complete").touch()


if __name__ == "__main__":
    for wanted in BY_ENGINE.values():
        print(made(wanted).folder)
