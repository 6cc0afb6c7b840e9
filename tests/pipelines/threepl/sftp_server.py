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


@dataclass(frozen=True)
class Sftp:
    """A server that runs; `root` is what its visitors see as `/`."""

    root: Path
    port: int
    host_key: str


@contextmanager
def sftp_server(root: Path) -> Iterator[Sftp]:
    """Serve a folder until the block ends."""
    root.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    listening = threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        server = await asyncssh.create_server(
            _Door,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
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
        yield Sftp(root, ports[0], " ".join(key.export_public_key().decode().split()[:2]))
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(30)
        loop.close()
