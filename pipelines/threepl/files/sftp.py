"""The partner's SFTP server: what lies in its folders, and the bytes of a file. Nothing is ever written there.

The host key must be the configured one or one of a file of known hosts; an unknown server is refused, never learned.
"""

import asyncio
import hashlib
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self, cast

import asyncssh

from pipelines.failures import AuthenticationFailed, ConfigurationError, SourceUnavailable, first_line
from pipelines.threepl_settings import FilePartner

AT_ONCE = 4
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Listed:
    """A file as the server lists it: path below the partner's folder, bytes, and when it was last written (UTC)."""

    path: str
    size: int
    mtime: datetime


@dataclass(frozen=True)
class Fetched:
    """A file on this machine: `path` holds its bytes, named by their SHA-256."""

    listed: Listed
    path: Path
    sha256: str


class FileServer:
    """One session with a partner's server; an async context manager."""

    def __init__(self, partner: FilePartner, *, timeout: float, attempts: int) -> None:
        """Nothing is opened yet. `timeout` is seconds for the connection and the login."""
        self._partner = partner
        self._timeout = timeout
        self._attempts = attempts
        self._places = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> Self:
        """Connect. AuthenticationFailed when either side is not who it should be, SourceUnavailable when nobody is."""
        options = _options(self._partner)
        self._connection = await self._connect(options)
        self._sftp = await self._connection.start_sftp_client()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self._sftp.exit()
        self._connection.close()
        await self._connection.wait_closed()

    async def listing(self, folders: Iterable[str]) -> tuple[list[Listed], list[str]]:
        """The files of these folders, and the folders that do not exist."""
        found: list[Listed] = []
        missing: list[str] = []
        for folder in folders:
            try:
                names = await self._sftp.readdir(self._place(folder))
            except asyncssh.SFTPNoSuchFile:
                missing.append(folder)
                continue
            except (asyncssh.SFTPError, asyncssh.Error, OSError) as error:
                raise self._lost(f"folder {folder} cannot be listed", error) from None
            for name in names:
                attributes = name.attrs
                if stat.S_ISREG(attributes.permissions or stat.S_IFREG):
                    path = str(PurePosixPath(folder) / str(name.filename))
                    mtime = datetime.fromtimestamp(attributes.mtime or 0, UTC)
                    found.append(Listed(path, attributes.size or 0, mtime))
        return found, missing

    async def fetch(self, files: Sequence[Listed], folder: Path) -> tuple[list[Fetched], SourceUnavailable | None]:
        """Bring files here, several at a time; those that were taken away meanwhile are left out.

        When the server is lost meanwhile, what came before, and how it was lost.
        """
        folder.mkdir(parents=True, exist_ok=True)
        fetched: list[Fetched] = []
        lost: SourceUnavailable | None = None
        for outcome in await asyncio.gather(*(self._fetch(file, folder) for file in files), return_exceptions=True):
            if isinstance(outcome, SourceUnavailable):
                lost = lost or outcome
            elif isinstance(outcome, BaseException):
                raise outcome  # a defect: it keeps its stack trace
            elif outcome is not None:
                fetched.append(outcome)
        return fetched, lost

    async def _fetch(self, listed: Listed, folder: Path) -> Fetched | None:
        digest = hashlib.sha256()
        name = hashlib.sha256(listed.path.encode()).hexdigest()
        part = folder / f"{name}.part"
        try:
            async with self._places, self._sftp.open(self._place(listed.path), "rb") as remote:
                with part.open("wb") as local:
                    while block := cast(bytes, await remote.read(_BLOCK)):
                        digest.update(block)
                        local.write(block)
        except asyncssh.SFTPNoSuchFile:
            part.unlink(missing_ok=True)
            return None
        except (asyncssh.SFTPError, asyncssh.Error, OSError) as error:
            part.unlink(missing_ok=True)
            raise self._lost(f"file {listed.path} cannot be read", error) from None
        whole = folder / digest.hexdigest()
        part.rename(whole)
        return Fetched(listed, whole, digest.hexdigest())

    async def _connect(self, options: dict[str, Any]) -> asyncssh.SSHClientConnection:
        partner = self._partner
        where = f"Partner {partner.name}: {partner.host}:{partner.port}"
        last: BaseException | None = None
        for attempt in range(self._attempts):
            try:
                return await asyncssh.connect(
                    partner.host,
                    partner.port,
                    username=partner.user,
                    config=None,
                    agent_path=None,
                    connect_timeout=self._timeout,
                    login_timeout=self._timeout,
                    **options,
                )
            except asyncssh.HostKeyNotVerifiable as error:
                raise AuthenticationFailed(
                    f"{where} shows a host key that is not the configured one ({first_line(error)}); ask the partner "
                    f"whether it was changed, and only then set threepl.{partner.name}.host_key anew."
                ) from None
            except asyncssh.PermissionDenied:
                raise AuthenticationFailed(
                    f"{where} refused the credentials of {partner.user}; check the user and the key or password in "
                    "the environment, and whether the partner let it expire."
                ) from None
            except (asyncssh.Error, OSError) as error:
                last = error
                if attempt + 1 < self._attempts:
                    await asyncio.sleep(0.5 * 2**attempt)
        raise SourceUnavailable(
            f"{where} does not answer ({first_line(last) if last else 'no reason'}); nothing was read, run again."
        )

    def _place(self, path: str) -> str:
        return str(PurePosixPath(self._partner.folder) / path)

    def _lost(self, what: str, error: BaseException) -> SourceUnavailable:
        return SourceUnavailable(
            f"Partner {self._partner.name}: {what} ({first_line(error)}); what was read before is loaded, run again."
        )


def _options(partner: FilePartner) -> dict[str, Any]:
    """Who we are, and who the server must be."""
    options: dict[str, Any] = {"client_keys": None}
    passphrase = partner.private_key_passphrase.get_secret_value() if partner.private_key_passphrase else None
    try:
        if partner.private_key is not None:
            options["client_keys"] = [asyncssh.import_private_key(partner.private_key.get_secret_value(), passphrase)]
        elif partner.private_key_path is not None:
            options["client_keys"] = [asyncssh.read_private_key(str(partner.private_key_path), passphrase)]
    except (asyncssh.KeyImportError, OSError) as error:
        raise ConfigurationError(
            f"The private key of threepl.{partner.name} cannot be read ({first_line(error)}); correct private_key_path "
            f"or BOOMERANG_THREEPL__{partner.name.upper()}__PRIVATE_KEY."
        ) from None
    if partner.password is not None:
        options["password"] = partner.password.get_secret_value()
    if partner.host_key is not None:
        try:
            options["known_hosts"] = ([asyncssh.import_public_key(partner.host_key)], [], [])
        except asyncssh.KeyImportError as error:
            raise ConfigurationError(
                f"Setting threepl.{partner.name}.host_key is no public key ({first_line(error)}); write one line such "
                "as 'ssh-ed25519 AAAA...', as the partner published it."
            ) from None
    elif partner.known_hosts is not None and partner.known_hosts.is_file():
        options["known_hosts"] = str(partner.known_hosts)
    else:
        raise ConfigurationError(
            f"The host key of threepl.{partner.name} is not known: set host_key or known_hosts to a file that exists; "
            "an unknown server is never trusted."
        )
    return options
