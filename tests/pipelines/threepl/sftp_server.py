"""A real SFTP server on loopback over a folder of the test, in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

USER, PASSWORD = "boomerang", "a-password"


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@dataclass
class Sftp:
    """A server that runs; `root` is what its visitors see as `/`. It hangs up on who opens `breaks_at`."""

    root: Path
    port: int
    host_key: str
    breaks_at: str = ""


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], server: list[Sftp], root: Path) -> None:
        super().__init__(channel, chroot=str(root).encode())
        self._server = server

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if self._server and self._server[0].breaks_at and path.decode().endswith(self._server[0].breaks_at):
            self.connection.abort()
        return super().open(path, pflags, attrs)


@contextmanager
def sftp_server(root: Path) -> Iterator[Sftp]:
    """Serve a folder until the block ends."""
    root.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    listening = threading.Event()
    ports: list[int] = []
    running: list[Sftp] = []

    async def serve() -> None:
        server = await asyncssh.create_server(
            _Door,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda channel: _Files(channel, running, root),
        )
        ports.append(server.get_port())
        listening.set()
        try:
            await over.wait()
        finally:
            server.close()
            await server.wait_closed()

    over = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert listening.wait(30)
    try:
        running.append(Sftp(root, ports[0], " ".join(key.export_public_key().decode().split()[:2])))
        yield running[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(30)
        loop.close()
