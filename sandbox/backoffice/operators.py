"""How the operators of the warehouses are reached while a sandbox runs: a folder of files, and its SFTP server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.backoffice.threepl import ThreePL
from sandbox.faults import Faults
from sandbox.sftp.drop import Drop
from sandbox.sftp.server import HOST, PASSWORD, USER, SftpServer, keys_in
from sandbox.shipbob.routes import TOKEN


class Operators:
    """Both operators over what `part` has on file. The drop folder lies beside the office's file."""

    def __init__(self, part: ThreePL, folder: Path, faults: Faults) -> None:
        """Serve `folder`, with keys made beside it once; what is due and missing is written."""
        self.part = part
        self._folder = folder
        self._faults = faults
        self.keys = keys_in(folder.parent / "nordlager")
        self.drop = Drop(folder, part, faults)
        self.sftp = SftpServer(folder, self.keys)
        self.sftp.start()

    def update(self, now: int) -> None:
        """Write the files that are due at the world's instant."""
        self.drop.catch_up(now)

    def reset(self, part: ThreePL, now: int) -> None:
        """Start again from what `part` has on file."""
        self.part = part
        self.drop.close()
        self.drop = Drop(self._folder, part, self._faults)
        self.drop.clear()
        self.drop.catch_up(now)

    def ready(self, origin: str) -> dict[str, Any]:
        """Return how the operators are reached, and with what."""
        return {
            "shipbob": {"base_url": f"{origin}/shipbob", "access_token": TOKEN},
            "nordlager": {
                "host": HOST,
                "port": self.sftp.port,
                "user": USER,
                "password": PASSWORD,
                "private_key_path": str(self.keys.user_path.resolve()),
                "host_key": self.keys.host_line,
                "folder": "/out",
            },
        }

    def close(self) -> None:
        """Stop serving; what is on file stays."""
        self.sftp.close()
        self.drop.close()
