"""The emulators as servers of their own: `python -m tests.warehouses.servers snowflake|bigquery`.

Prints one line of JSON with the environment variables that point Boomerang at it, and serves until Ctrl-C or until the
process that started it ends. Data are in memory and in a folder of its own, which goes with the server.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.child_process import child
from tests.warehouses.environments import BY_ENGINE, made
from tests.warehouses.keys import throwaway_key

ROOT = Path(__file__).parents[2]
MODULES = {"snowflake": "tests.warehouses.fakesnow_server", "bigquery": "tests.warehouses.bqemulator_server"}
# Clients ask Google itself about accounts of Google's own universe, even when they talk to another endpoint.
UNIVERSE = "emulator.invalid"
START_PATIENCE_SECONDS = 60.0
PARENT_SECONDS = 1.0


@dataclass(frozen=True)
class Server:
    """A running emulator. `folder` holds its files, its log and the credentials that it takes."""

    engine: str
    port: int
    folder: Path

    @property
    def origin(self) -> str:
        """Like http://127.0.0.1:8123."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, database: str = "boomerang") -> dict[str, str]:
        """The variables that point Boomerang at it; `database` is the database or the project that is used.

        Each database and each project is made on first use, and knows nothing of the others.
        """
        return _snowflake(self, database) if self.engine == "snowflake" else _bigquery(self, database)


def _snowflake(server: Server, database: str) -> dict[str, str]:
    return {
        "BOOMERANG_WAREHOUSE": "snowflake",
        "BOOMERANG_SNOWFLAKE__ACCOUNT": "emulated",
        "BOOMERANG_SNOWFLAKE__USER": "BOOMERANG",
        "BOOMERANG_SNOWFLAKE__ROLE": "BOOMERANG",
        "BOOMERANG_SNOWFLAKE__WAREHOUSE": "BOOMERANG",
        "BOOMERANG_SNOWFLAKE__DATABASE": database.upper(),
        "BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PATH": str(server.folder / "key.p8"),
        "BOOMERANG_SNOWFLAKE__HOST": "127.0.0.1",
        "BOOMERANG_SNOWFLAKE__PORT": str(server.port),
        "BOOMERANG_SNOWFLAKE__PROTOCOL": "http",
    }


def _bigquery(server: Server, project: str) -> dict[str, str]:
    return {
        "BOOMERANG_WAREHOUSE": "bigquery",
        "BOOMERANG_BIGQUERY__PROJECT": project,
        "BOOMERANG_BIGQUERY__LOCATION": "US",
        "BOOMERANG_BIGQUERY__CREDENTIALS_PATH": str(server.folder / "service_account.json"),
        "BOOMERANG_BIGQUERY__API_ENDPOINT": server.origin,
        "GOOGLE_CLOUD_UNIVERSE_DOMAIN": UNIVERSE,
    }


@contextmanager
def running(engine: str) -> Iterator[Server]:
    """Start the emulator of `engine` on a free port of loopback, and stop it at exit.

    Its environment is made first when it is absent. Raises RuntimeError with the end of its log when it does not start.
    """
    environment = made(BY_ENGINE[engine])
    with tempfile.TemporaryDirectory(prefix=f"{environment.name}-") as folder:
        log = Path(folder) / "server.log"
        # HOME: where DuckDB finds its extensions. TMPDIR: where uploads go.
        own = {"HOME": str(environment.home), "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        with (
            log.open("w", encoding="utf-8") as errors,
            child(
                [str(environment.python), "-m", MODULES[engine]],
                cwd=ROOT,
                env={**os.environ, **own},
                # The other end closes with this process, however it ends, and the server with it.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            ) as process,
        ):
            server = Server(engine, _port(process, log), Path(folder))
            _write_credentials(server)
            yield server


def _port(process: "subprocess.Popen[str]", log: Path) -> int:
    assert process.stdout is not None
    give_up_at = time.monotonic() + START_PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        if select.select([process.stdout], [], [], 0.1)[0]:
            line = process.stdout.readline()
            if line.startswith("{"):
                return int(json.loads(line)["port"])
        if process.poll() is not None:
            break
    raise RuntimeError(f"The emulator did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def _write_credentials(server: Server) -> None:
    """A key pair and a service account that open nothing but an emulator, which does not look at them."""
    key = throwaway_key()
    (server.folder / "key.p8").write_bytes(key)
    account = {
        "type": "service_account",
        "project_id": "boomerang",
        "private_key_id": "emulated",
        "private_key": key.decode(),
        "client_email": "boomerang@boomerang.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": f"{server.origin}/token",
        "universe_domain": UNIVERSE,
    }
    (server.folder / "service_account.json").write_text(json.dumps(account), encoding="utf-8")


def main() -> None:
    """Serve one engine until told to end, or until the parent is gone."""
    if len(sys.argv) != 2 or sys.argv[1] not in MODULES:
        sys.exit("Say which emulator: python -m tests.warehouses.servers snowflake|bigquery")
    parent = os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with running(sys.argv[1]) as server:
        print(json.dumps(server.environment()), flush=True)
        try:
            while os.getppid() == parent:
                time.sleep(PARENT_SECONDS)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
