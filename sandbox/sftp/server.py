"""An SFTP server on loopback in a thread of its own, with one user, shut into the operator's folder."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

HOST = "127.0.0.1"
USER = "boomerang"
PASSWORD = "sandbox-nordlager"  # noqa: S105 - a public dummy, good for the sandbox only


@dataclass(frozen=True)
class Keys:
    """Keys made for this data folder: the server's, and the one that the user may come with."""

    host: asyncssh.SSHKey
    user: asyncssh.SSHKey
    user_path: Path

    @property
    def host_line(self) -> str:
        """The server's public key as known hosts write it, without the host."""
        return " ".join(self.host.export_public_key().decode().split()[:2])


def keys_in(folder: Path) -> Keys:
    """Return the keys in a folder; makes them when they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "host_ed25519", folder / "user_ed25519"]
    for path in paths:
        if not path.exists():
            asyncssh.generate_private_key("ssh-ed25519").write_private_key(path)
            path.chmod(0o600)
    host, user = (asyncssh.read_private_key(path) for path in paths)
    return Keys(host, user, paths[1])


class _Door(asyncssh.SSHServer):
    """Lets the user in with the password or the key."""

    def begin_auth(self, username: str) -> bool:
        """Ask everybody who they are."""
        return True

    def password_auth_supported(self) -> bool:
        """Take passwords."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Check a password."""
        return username == USER and password == PASSWORD


class SftpServer:
    """Serves a folder while it is open. `port` is known after `start`."""

    def __init__(self, root: Path, keys: Keys, port: int = 0) -> None:
        """Prepare to serve `root`, and nothing above it."""
        self.root = root
        self.keys = keys
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._server: Any = None

    def start(self) -> None:
        """Serve from now on; raises OSError when the port is taken."""
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True, name="sftp")
        self._thread.start()
        started.result(timeout=30)

    def _run(self, started: Future[None]) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._listen())
        except OSError as problem:
            started.set_exception(problem)
            self._loop.close()
            return
        started.set_result(None)
        self._loop.run_forever()
        self._loop.run_until_complete(self._shut())
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncssh.create_server(
            _Door, HOST, self.port, server_host_keys=[self.keys.host],
            authorized_client_keys=asyncssh.import_authorized_keys(self.keys.user.export_public_key().decode()),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(self.root).encode()),
            allow_scp=False,
        )  # fmt: skip
        self.port = self._server.get_port()

    async def _shut(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        pending = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def close(self) -> None:
        """Stop serving."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=10)
