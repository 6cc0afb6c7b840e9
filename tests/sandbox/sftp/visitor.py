"""What a visitor of the operator's folder does: sign on, look around, read."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import asyncssh
import pyx12.error_handler
import pyx12.params
import pyx12.x12file

from tests.sandbox.backoffice_fixture import access
from tests.sandbox_fixture import SandboxClient

Files = dict[str, str]


def told(sandbox: SandboxClient) -> dict[str, Any]:
    """Return how the folder is reached."""
    found: dict[str, Any] = access(sandbox)["threepl"]["nordlager"]
    return found


async def _visit(place: dict[str, Any], folder: str, prefix: str, **credentials: Any) -> dict[str, tuple[str, int]]:
    known = asyncssh.import_known_hosts(f"[{place['host']}]:{place['port']} {place['host_key']}")
    options = {"username": place["user"], "client_keys": None, "agent_path": None, **credentials}
    found = {}
    async with (
        asyncssh.connect(place["host"], place["port"], known_hosts=known, **options) as connection,
        connection.start_sftp_client() as client,
    ):
        for entry in await client.readdir(folder):
            name = str(entry.filename)
            if entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                if not name.startswith("."):
                    found[name] = ("", 0)
                continue
            if not name.startswith(prefix):
                continue
            async with client.open(f"{folder}/{name}", encoding="utf-8") as file:
                found[name] = (str(await file.read()), int(entry.attrs.mtime or 0))
    return found


def visit(sandbox: SandboxClient, folder: str, prefix: str = "", **credentials: Any) -> dict[str, tuple[str, int]]:
    """Return files by name: content and modification time. Without credentials: with the password."""
    place = told(sandbox)
    return asyncio.run(_visit(place, folder, prefix, **(credentials or {"password": place["password"]})))


def files(sandbox: SandboxClient, site: str, prefix: str = "") -> Files:
    """Return the contents of a warehouse's files by name, those whose names begin so, in order."""
    found = visit(sandbox, f"/out/{site}", prefix)
    return {name: found[name][0] for name in sorted(found)}


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file; its trailer must tell their number."""
    *lines, trailer = list(csv.DictReader(io.StringIO(text)))
    values = list(trailer.values())
    assert values[:2] == ["TRAILER", str(len(lines))]
    return lines


def problems(text: str) -> list[str]:
    """Return what an independent reader of X12 objects to in an interchange."""
    reader = pyx12.x12file.X12Reader(io.StringIO(text))
    found = []
    for _ in reader:
        found += [error[2] for error in reader.pop_errors()]
    reader.cleanup()
    return [*found, *(error[2] for error in reader.pop_errors())]


def segments(text: str) -> list[list[str]]:
    """Return the segments of an interchange as elements."""
    return [segment.strip().split("*") for segment in text.split("~") if segment.strip()]
