"""A Postgres server of its own on loopback: no service of the machine takes part, nothing of it is left."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, DATABASE, PASSWORD = "dagster", "dagster", "only-for-this-test"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    port: int

    def variables(self) -> dict[str, str]:
        """What deploy/dagster.yaml reads, less the password."""
        return {
            "DAGSTER_POSTGRES_HOST": "127.0.0.1",
            "DAGSTER_POSTGRES_PORT": str(self.port),
            "DAGSTER_POSTGRES_USER": USER,
            "DAGSTER_POSTGRES_DB": DATABASE,
        }

    def value(self, sql: str) -> str:
        """The single value of a query."""
        command = [_program("psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", DATABASE, "-Atc", sql]
        done = subprocess.run(
            command, env={**os.environ, "PGPASSWORD": PASSWORD}, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Make a cluster in a folder of its own, serve it on a free port, and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    port = free_port()
    # Postgres refuses to run as root.
    owner = "postgres" if os.geteuid() == 0 else None
    try:
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if owner is not None:
            who = pwd.getpwnam(owner)
            for path in (folder, folder / "password"):
                os.chown(path, who.pw_uid, who.pw_gid)
        cluster = ["-D", str(folder / "data")]
        options = ["--username", USER, "--auth", "scram-sha-256", "--pwfile", str(folder / "password"), "--no-sync"]
        subprocess.run(
            [_program("initdb"), *cluster, *options], check=True, user=owner, cwd=folder, capture_output=True
        )
        settings = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        server = subprocess.Popen(
            [_program("postgres"), *cluster, "-p", str(port), *settings],
            user=owner,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port, server)
            found = Postgres(port)
            admin = [_program("createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", USER, DATABASE]
            subprocess.run(admin, env={**os.environ, "PGPASSWORD": PASSWORD}, check=True, capture_output=True)
            yield found
        finally:
            server.terminate()  # "smart" would wait for clients; they are stopped before
            server.wait(PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port of loopback that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _program(name: str) -> str:
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if found is None:
        raise FileNotFoundError(f"{name} of Postgres is not installed (Debian: apt-get install postgresql)")
    return found


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    ready = [_program("pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    while subprocess.run(ready, check=False).returncode:
        assert server.poll() is None, "Postgres ended as it started"
        assert time.monotonic() < give_up_at, "Postgres was not ready in time"
        time.sleep(0.1)
