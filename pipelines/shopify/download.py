"""Brings the result of a bulk operation onto disk: streamed, resumed after a dropped connection, never half a file.

The url is signed and lives 7 days; no access token is sent to it. Bytes are kept as they come: a result that is served
compressed stays compressed (`.gz`), which the reader takes as it is. aiohttp takes two fifths of the processor time of
httpx for the same bytes.
"""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import aiohttp
import httpx
from yarl import URL

from pipelines.failures import IncompleteExtraction, SourceError, SourceUnavailable
from pipelines.intake.clock import Clock, SystemClock
from pipelines.shopify.lanes import proxy_for, said

CHUNK_BYTES = 1 << 20
ATTEMPTS = 6
BACKOFF_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 60.0
SUCCESS = range(200, 300)
# What the storage answers when a signature has run out or the object is gone.
EXPIRED = frozenset({400, 401, 403, 404, 410})

OnBytes = Callable[[int], None]


class UrlExpired(SourceError):
    """The url does not lead to the result any more: look the operation up again, or submit it again."""


@dataclass(frozen=True)
class Download:
    """A complete file. `path` ends in `.gz` when it is compressed; `size` is its length in bytes."""

    path: Path
    size: int
    is_compressed: bool


@dataclass
class _Part:
    """What is on disk so far, and what a further piece must match to continue it."""

    what: str
    expected_bytes: int | None
    on_bytes: OnBytes | None
    file: BinaryIO = field(init=False)
    size: int = 0
    total: int | None = None
    is_compressed: bool = False
    validator: str | None = None

    def append(self, chunk: bytes) -> None:
        self.file.write(chunk)
        self.size += len(chunk)
        if self.on_bytes is not None:
            self.on_bytes(len(chunk))

    def start_over(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.size, self.total, self.validator = 0, None, None


class _Interrupted(Exception):
    """The connection broke or the answer was not usable; what arrived stays on disk."""


async def download(
    url: str,
    target: Path,
    *,
    what: str,
    expected_bytes: int | None = None,
    attempts: int = ATTEMPTS,
    on_bytes: OnBytes | None = None,
    clock: Clock | None = None,
) -> Download:
    """Save the result at `url` as `target`, or as `target` plus `.gz` if it is served compressed.

    `what` names it in sentences ('orders of shop us'). `expected_bytes` is the operation's `file_size`; it is compared
    with an uncompressed file. `on_bytes` gets the size of each piece written. An attempt that brought new bytes does
    not count against `attempts`.

    Raises UrlExpired, SourceUnavailable, and IncompleteExtraction when the file is shorter or longer than it should be.
    Then nothing is left under the name of the target.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part_path = target.with_name(target.name + ".part")
    part = _Part(what, expected_bytes, on_bytes)
    try:
        with part_path.open("wb", buffering=CHUNK_BYTES) as part.file:
            await _fetch(url, part, attempts, clock or SystemClock())
        if part.total is not None and part.size != part.total:
            raise IncompleteExtraction(
                f"The download of {what} has {part.size:,} bytes instead of {part.total:,}; "
                f"nothing was loaded, run again."
            )
        final = target.with_name(target.name + ".gz") if part.is_compressed else target
        part_path.replace(final)
    finally:
        part_path.unlink(missing_ok=True)
    return Download(final, part.size, part.is_compressed)


async def _fetch(url: str, part: _Part, attempts: int, clock: Clock) -> None:
    """Request the rest until nothing is missing."""
    failures = furthest = 0
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=READ_TIMEOUT_SECONDS, sock_read=READ_TIMEOUT_SECONDS)
    # A signature is over the url as it stands, so that nothing may spell it anew, neither here nor after a redirect.
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=_trusted()),
        timeout=timeout,
        headers={"accept-encoding": "gzip"},
        auto_decompress=False,
        requote_redirect_url=False,
    ) as http:
        while True:
            try:
                return await _continue(http, url, part)
            except (aiohttp.ClientError, TimeoutError, _Interrupted) as error:
                failures = 1 if part.size > furthest else failures + 1
                furthest = max(furthest, part.size)
                if failures >= attempts:
                    raise _given_up(part, furthest, failures, said(error)) from None
            await clock.sleep(BACKOFF_SECONDS * 2.0 ** (failures - 1))


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts: reading them costs 20 ms, and a run downloads some twenty exports."""
    return httpx.create_ssl_context()


def _given_up(part: _Part, furthest: int, failures: int, reason: str) -> SourceError:
    if not furthest:
        return SourceUnavailable(
            f"The download of {part.what} failed {failures} times (last: {reason}); check the network, then run again."
        )
    size = f" of {part.expected_bytes:,}" if part.expected_bytes else ""
    return IncompleteExtraction(
        f"The download of {part.what} stops after {furthest:,}{size} bytes, {failures} times running (last: {reason}); "
        f"nothing was loaded, run again."
    )


async def _continue(http: aiohttp.ClientSession, url: str, part: _Part) -> None:
    """Request what is missing and append it to the file."""
    headers = {"range": f"bytes={part.size}-"} if part.size else {}
    if part.size and part.validator:
        headers["if-range"] = part.validator
    proxy, proxy_headers = proxy_for(url)
    asked = http.get(URL(url, encoded=True), headers=headers, proxy=proxy, proxy_headers=proxy_headers)
    async with asked as response:
        if response.status in EXPIRED:
            raise UrlExpired(
                f"The url of {part.what} has expired or is gone (HTTP {response.status}); run again to export it anew."
            )
        if response.status not in SUCCESS:
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.start_over()
            raise _Interrupted(f"HTTP {response.status}")
        if not _continues(response, part):
            part.start_over()
            if response.status == HTTPStatus.PARTIAL_CONTENT:
                raise _Interrupted("another piece came than the one asked for")
            _learn(response, part)
        # Raw bytes: decompressing here would cost a processor what the reader does anyway.
        async for chunk in response.content.iter_any():
            part.append(chunk)
    if part.total is not None and part.size < part.total:
        raise _Interrupted("the body ended early")


def _learn(response: aiohttp.ClientResponse, part: _Part) -> None:
    part.is_compressed = response.headers.get("content-encoding") == "gzip"
    length = response.headers.get("content-length")
    # The operation tells the size of the file as it is without compression.
    sizes = (None if part.is_compressed else part.expected_bytes, None if length is None else int(length))
    part.total = next((size for size in sizes if size is not None), None)
    # A weak validator says that two bodies mean the same, not that their bytes are the same.
    tag = response.headers.get("etag")
    part.validator = tag if tag and not tag.startswith("W/") else None


def _continues(response: aiohttp.ClientResponse, part: _Part) -> bool:
    """Whether the answer is the piece that follows the bytes on disk, of the same bytes."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
    if response.status != HTTPStatus.PARTIAL_CONTENT or not part.size or match is None:
        return False
    same_start = int(match[1]) == part.size
    same_total = part.total is None or match[2] == "*" or int(match[2]) == part.total
    same_coding = (response.headers.get("content-encoding") == "gzip") == part.is_compressed
    tag = response.headers.get("etag")
    same_tag = part.validator is None or tag is None or tag == part.validator
    return same_start and same_total and same_coding and same_tag
