"""What stands for the object storage: result files by signed url, staged uploads."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox.bulk.staged import BUCKET
from sandbox.http.drop import close_socket
from sandbox.shopify import Shopify

_CHUNK = 1 << 16


def _xml(status: int, code: str, message: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, media_type="application/xml; charset=UTF-8")


async def result(request: Request) -> Response:
    """Send a result file: no token, but a signature that ends; ranges are honoured, so that a download can go on."""
    shopify: Shopify = request.app.state.shopify
    name = request.path_params["name"]
    response = await _result(request, shopify, name)
    shopify.journal.add(
        kind="download", name=name, status=response.status_code, range=request.headers.get("range"),
        with_token="x-shopify-access-token" in request.headers,
        outcome="ok" if response.status_code < 300 else "refused",
    )  # fmt: skip
    return response


async def _result(request: Request, shopify: Shopify, name: str) -> Response:
    expires = request.query_params.get("Expires", "")
    signature = request.query_params.get("Signature", "")
    if not expires.isdigit() or not hmac.compare_digest(signature, shopify.sign(name, int(expires))):
        return _xml(403, "SignatureDoesNotMatch", "Access denied.")
    expired = shopify.clock.now().timestamp() > int(expires)
    if expired or shopify.faults.take("expired_url", name=name):
        return _xml(400, "ExpiredToken", "The provided token has expired.")
    path = shopify.folder / "results" / Path(name).name
    if not path.exists():
        return _xml(404, "NoSuchKey", "The specified key does not exist.")
    headers = {"content-disposition": f'attachment; filename="{name}"', "etag": f'"{path.stat().st_mtime_ns:x}"'}
    if shopify.settings.gzip_results and "gzip" in request.headers.get("accept-encoding", ""):
        path = await run_in_threadpool(_compressed, path)
        headers["content-encoding"] = "gzip"
    cut = shopify.faults.take("truncated_download", name=name)
    if cut:
        return _Truncated(path, float(cut.get("share", 0.5)), headers)
    return FileResponse(path, media_type="application/jsonl", headers=headers)


def _compressed(path: Path) -> Path:
    target = path.with_suffix(".jsonl.gz")
    if not target.exists():
        with path.open("rb") as source, gzip.open(target.with_suffix(".part"), "wb", compresslevel=5) as file:
            shutil.copyfileobj(source, file)
        target.with_suffix(".part").rename(target)
    return target


class _Truncated(StreamingResponse):
    """Promises the whole file, sends a part and closes the connection."""

    def __init__(self, path: Path, share: float, headers: dict[str, str]) -> None:
        size = path.stat().st_size
        super().__init__(
            _read(path, int(size * share)),
            media_type="application/jsonl",
            headers={**headers, "content-length": str(size), "accept-ranges": "bytes"},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        close_socket(scope)


async def _read(path: Path, size: int) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            size -= len(chunk)
            yield chunk


async def upload(request: Request) -> Response:
    """Take a staged upload by form: all parameters first, the file last."""
    shopify: Shopify = request.app.state.shopify
    response = await _upload(request, shopify)
    shopify.journal.add(
        kind="upload", status=response.status_code, outcome="ok" if response.status_code < 300 else "refused"
    )
    return response


async def _upload(request: Request, shopify: Shopify) -> Response:
    if shopify.faults.take("upload_failed"):
        return _xml(503, "ServiceUnavailable", "Please try again.")
    async with request.form() as form:
        parts = form.multi_items()
        if not parts or parts[-1][0] != "file" or isinstance(parts[-1][1], str):
            return _xml(400, "InvalidArgument", "POST form must end with the file.")
        values = {name: value for name, value in parts[:-1] if isinstance(value, str)}
        file: Any = parts[-1][1]
        key = values.get("key", "")
        if not shopify.uploads.accepts(key, values.get("x-goog-signature", "")):
            return _xml(403, "SignatureDoesNotMatch", "Access denied.")
        if not {"Content-Type", "acl", "policy", "success_action_status"} <= set(values):
            return _xml(400, "InvalidPolicyDocument", "The policy asks for parameters that the form does not hold.")
        digest = await run_in_threadpool(_keep, file.file, shopify.uploads.place(key))
    location = f"{shopify.origin}/storage/staged/{key}"
    body = (
        "<?xml version='1.0' encoding='UTF-8'?><PostResponse>"
        f"<Location>{location}</Location><Bucket>{BUCKET}</Bucket><Key>{key}</Key>"
        f'<ETag>"{digest}"</ETag></PostResponse>'
    )
    return Response(body, int(values["success_action_status"]), media_type="application/xml; charset=UTF-8")


def _keep(source: Any, place: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with place.open("wb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


async def put_upload(request: Request) -> Response:
    """Take a staged upload by PUT to its signed url."""
    shopify: Shopify = request.app.state.shopify
    key = request.path_params["key"]
    accepted = shopify.uploads.accepts(key, request.query_params.get("X-Goog-Signature", ""))
    shopify.journal.add(kind="upload", status=200 if accepted else 403, outcome="ok" if accepted else "refused")
    if not accepted:
        return _xml(403, "SignatureDoesNotMatch", "Access denied.")
    with shopify.uploads.place(key).open("wb") as target:
        async for chunk in request.stream():
            target.write(chunk)
    return Response(status_code=200)
