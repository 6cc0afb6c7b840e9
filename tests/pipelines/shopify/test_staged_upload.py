import asyncio
from pathlib import Path

import pytest

from pipelines.failures import BulkOperationFailed, SourceUnavailable
from pipelines.shopify.staged_upload import upload_variables
from tests.pipelines.shopify.admin import connected, data
from tests.pipelines.shopify.loopback import Request, Response


class Storage:
    """Gives a new target each time; the first `broken` uploads fail."""

    def __init__(self, broken: int = 0) -> None:
        self.broken, self.targets, self.bodies = broken, 0, []

    async def __call__(self, request: Request) -> Response:
        if request.path.startswith("/upload"):
            self.bodies.append((request.path, request.body))
            return Response(status=503) if len(self.bodies) <= self.broken else Response(status=201)
        self.targets += 1
        url = f"http://{request.headers['host']}/upload/{self.targets}"
        target = {"url": url, "parameters": [{"name": "key", "value": f"tmp/{self.targets}"}]}
        return data(stagedUploadsCreate={"stagedTargets": [target], "userErrors": []})


def upload(handler: object, file: Path) -> str:
    async def run() -> str:
        async with connected(handler) as client:  # type: ignore[arg-type]
            return await upload_variables(client, file)

    return asyncio.run(run())


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b'{"id":1}\n' * 100_000)
    return file


def test_the_key_of_the_target_is_the_path_of_the_upload(lines: Path) -> None:
    storage = Storage()
    assert upload(storage, lines) == "tmp/1"
    assert lines.read_bytes() in storage.bodies[0][1]


def test_a_failed_upload_starts_over_with_a_new_target(lines: Path) -> None:
    storage = Storage(broken=2)
    assert upload(storage, lines) == "tmp/3"
    assert [path for path, _ in storage.bodies] == ["/upload/1", "/upload/2", "/upload/3"]


def test_a_storage_that_keeps_failing_ends_in_a_sentence(lines: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"refused the upload of .*lines.jsonl 4 times \(last: HTTP 503\)"):
        upload(Storage(broken=9), lines)


def test_a_target_that_is_refused_ends_in_a_sentence(lines: Path) -> None:
    async def refuse(request: Request) -> Response:
        errors = [{"field": ["input"], "message": "File is too odd"}]
        return data(stagedUploadsCreate={"stagedTargets": [], "userErrors": errors})

    with pytest.raises(BulkOperationFailed, match=r"no place to upload lines.jsonl \(File is too odd\)"):
        upload(refuse, lines)
