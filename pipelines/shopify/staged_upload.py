"""Hands a JSONL file of variables to Shopify for a bulk mutation: a staged target, then a multipart POST to it."""

from pathlib import Path
from typing import Any

import httpx

from pipelines.failures import BulkOperationFailed, SourceUnavailable
from pipelines.shopify.client import ShopifyClient

STAGE = """
mutation StageBulkVariables($filename: String!) {
  stagedUploadsCreate(
    input: [{ resource: BULK_MUTATION_VARIABLES, filename: $filename, mimeType: "text/jsonl", httpMethod: POST }]
  ) {
    stagedTargets { url parameters { name value } }
    userErrors { field message }
  }
}
"""
# Shopify's limit of one input file; the caller splits longer work.
MAX_UPLOAD_BYTES = 100 * 1024 * 1024
UPLOAD_ATTEMPTS = 4
UPLOAD_BACKOFF_SECONDS = 0.5


async def upload_variables(client: ShopifyClient, file: Path) -> str:
    """Upload the file (streamed) and return its key, the `stagedUploadPath` of a bulk mutation.

    A failed upload starts over with a new target, a bounded number of times. Raises BulkOperationFailed for a file that
    Shopify would refuse, SourceUnavailable when the storage keeps failing.
    """
    size = file.stat().st_size
    shop = client.shop.name
    if not 0 < size <= MAX_UPLOAD_BYTES:
        raise BulkOperationFailed(
            f"The file {file} for a bulk mutation of shop {shop} has {size:,} bytes, but must have 1 to "
            f"{MAX_UPLOAD_BYTES:,}; split it into smaller ones."
        )
    reason = ""
    # Not the client's own connection: the storage is another host and must never see the access token.
    async with httpx.AsyncClient(timeout=httpx.Timeout(60.0)) as http:
        for attempt in range(UPLOAD_ATTEMPTS):
            if attempt:
                await client.clock.sleep(UPLOAD_BACKOFF_SECONDS * 2**attempt)
            url, parameters = await _stage(client, file.name)
            try:
                with file.open("rb") as content:
                    # Form fields come first and the file last: the storage ignores what follows the file.
                    response = await http.post(url, data=parameters, files={"file": (file.name, content, "text/jsonl")})
            except httpx.RequestError as error:
                reason = f"{type(error).__name__} {error}".strip()
                continue
            if response.is_success:
                return parameters["key"]
            reason = f"HTTP {response.status_code}"
    raise SourceUnavailable(
        f"The storage of shop {shop} refused the upload of {file} {UPLOAD_ATTEMPTS} times (last: {reason}); "
        f"check the network, then run again."
    )


async def _stage(client: ShopifyClient, filename: str) -> tuple[str, dict[str, str]]:
    reply = await client.execute(STAGE, {"filename": filename}, operation="stagedUploadsCreate")
    payload: dict[str, Any] = reply.data["stagedUploadsCreate"]
    if payload["userErrors"] or not payload["stagedTargets"]:
        said = "; ".join(error["message"] for error in payload["userErrors"]) or "no target"
        raise BulkOperationFailed(
            f"Shopify gave shop {client.shop.name} no place to upload {filename} ({said}); "
            f"check the file, then run again."
        )
    target = payload["stagedTargets"][0]
    return target["url"], {parameter["name"]: parameter["value"] for parameter in target["parameters"]}
