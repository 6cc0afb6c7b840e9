import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.door.lines import count_lines
from pipelines.failures import IncompleteExtraction, SourceUnavailable
from pipelines.shopify.download import Download, UrlExpired, download
from tests.pipelines.shopify.admin import QuickClock
from tests.pipelines.shopify.loopback import Request, Response, serving

LINES = b"".join(b'{"id":"gid:\\/\\/shopify\\/Order\\/%d"}\n' % number for number in range(20_000))
WHAT = "orders of shop us"


class File:
    """Serves bytes with ranges; each request up to the number of `cuts` breaks off after so many bytes."""

    def __init__(self, content: bytes = LINES, cuts: tuple[int, ...] = (), **headers: str) -> None:
        self.content, self.cuts, self.headers = content, list(cuts), headers
        self.ranges: list[str | None] = []
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        asked = request.headers.get("range")
        self.ranges.append(asked)
        cut = self.cuts.pop(0) if self.cuts else None
        if asked is None:
            return Response(self.content, headers=self.headers, cut=cut)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(self.content):
            return Response(status=416)
        size = len(self.content)
        headers = {**self.headers, "content-range": f"bytes {start}-{size - 1}/{size}"}
        return Response(self.content[start:], status=206, headers=headers, cut=cut)


def fetch(handler: Callable[[Request], Any], target: Path, **how: Any) -> Download:
    async def run() -> Download:
        async with serving(handler) as url:
            return await download(f"{url}/result", target, what=WHAT, clock=QuickClock(), **how)

    return asyncio.run(run())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new" / "orders.jsonl"


def nothing_left(target: Path) -> bool:
    return not target.parent.exists() or list(target.parent.iterdir()) == []


def test_a_result_is_saved_byte_by_byte(target: Path) -> None:
    pieces: list[int] = []
    saved = fetch(File(), target, expected_bytes=len(LINES), on_bytes=pieces.append)
    assert saved == Download(target, len(LINES), False)
    assert target.read_bytes() == LINES
    assert sum(pieces) == len(LINES)
    assert list(target.parent.iterdir()) == [target]


def test_no_token_is_sent_to_the_url(target: Path) -> None:
    file = File()
    fetch(file, target)
    assert not {"x-shopify-access-token", "authorization"} & file.requests[0].headers.keys()


def test_a_dropped_connection_is_resumed_where_it_broke(target: Path) -> None:
    file = File(cuts=(300_000, 100_000), etag='"a"')
    fetch(file, target, expected_bytes=len(LINES))
    assert target.read_bytes() == LINES
    assert file.ranges == [None, "bytes=300000-", "bytes=400000-"]
    assert file.requests[1].headers["if-range"] == '"a"'


def test_a_compressed_result_stays_compressed_and_is_resumed_too(target: Path) -> None:
    packed = gzip.compress(LINES)
    file = File(packed, cuts=(20_000,), **{"content-encoding": "gzip"})
    saved = fetch(file, target, expected_bytes=len(LINES))
    assert saved == Download(target.with_name("orders.jsonl.gz"), len(packed), True)
    assert gzip.decompress(saved.path.read_bytes()) == LINES
    assert file.requests[0].headers["accept-encoding"] == "gzip"


def test_a_server_without_ranges_is_read_from_the_start_again(target: Path) -> None:
    cuts = [100_000]

    async def whole(request: Request) -> Response:
        return Response(LINES, cut=cuts.pop() if cuts else None)

    fetch(whole, target)
    assert target.read_bytes() == LINES


def test_a_result_that_changed_meanwhile_is_read_from_the_start_again(target: Path) -> None:
    other, answers = LINES[::-1], []

    async def changing(request: Request) -> Response:
        answers.append(request)
        if len(answers) == 1:
            return Response(LINES, headers={"etag": '"a"'}, cut=100_000)
        if len(answers) == 2:
            headers = {"etag": '"b"', "content-range": f"bytes 100000-{len(other) - 1}/{len(other)}"}
            return Response(other[100_000:], status=206, headers=headers)
        return Response(other, headers={"etag": '"b"'})

    fetch(changing, target)
    assert target.read_bytes() == other


def test_an_error_of_the_storage_is_tried_again(target: Path) -> None:
    answers = [Response(status=503), Response(drop=True), Response(LINES)]

    async def shaky(request: Request) -> Response:
        return answers.pop(0)

    assert fetch(shaky, target).size == len(LINES)


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_an_expired_url_is_told_apart_and_leaves_nothing(target: Path, status: int) -> None:
    async def gone(request: Request) -> Response:
        return Response(b"<Error><Code>ExpiredToken</Code></Error>", status=status)

    with pytest.raises(UrlExpired, match=rf"url of orders of shop us has expired or is gone \(HTTP {status}\)"):
        fetch(gone, target)
    assert nothing_left(target)


def test_a_truncated_result_is_a_failure_and_leaves_nothing(target: Path) -> None:
    with pytest.raises(IncompleteExtraction, match="orders of shop us stops after 300,000 of") as caught:
        fetch(File(LINES[:300_000]), target, expected_bytes=len(LINES))
    assert str(caught.value).endswith("nothing was loaded, run again.")
    assert nothing_left(target)


def test_a_body_without_length_that_ends_early_is_resumed(target: Path) -> None:
    file = File()

    async def closing(request: Request) -> Response:
        response = await file(request)
        response.without_length = request.headers.get("range") is None
        response.cut = 50_000 if response.without_length else None
        return response

    fetch(closing, target, expected_bytes=len(LINES))
    assert target.read_bytes() == LINES


def test_a_result_longer_than_announced_is_a_failure(target: Path) -> None:
    with pytest.raises(IncompleteExtraction, match=r"bytes instead of"):
        fetch(File(), target, expected_bytes=len(LINES) - 1)
    assert nothing_left(target)


def test_a_storage_that_does_not_answer_ends_in_a_sentence(target: Path) -> None:
    async def broken(request: Request) -> Response:
        return Response(drop=True)

    with pytest.raises(SourceUnavailable, match="The download of orders of shop us failed 3 times"):
        fetch(broken, target, attempts=3)
    assert nothing_left(target)


@pytest.mark.parametrize(
    ("content", "lines"),
    [(b"", 0), (b"{}", 1), (b"{}\n", 1), (b"{}\n{}", 2), (b"{}\n\n", 1), (b"\n{}\n\n\n{}\n\n", 2), (LINES, 20_000)],
)
@pytest.mark.parametrize("packed", [False, True])
def test_lines_with_content_are_counted(tmp_path: Path, content: bytes, lines: int, packed: bool) -> None:
    path = tmp_path / ("a.jsonl.gz" if packed else "a.jsonl")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert count_lines(path) == lines
