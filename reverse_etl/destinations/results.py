"""Result files of bulk mutations: which lines took effect."""

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from pipelines.shopify.bulk_operation import BulkOperation
from pipelines.shopify.download import download

LINE_NUMBER = "__lineNumber"  # from 0; the order of lines is not promised


async def succeeded_lines(
    operation: BulkOperation, lines: int, folder: Path, shop: str, succeeded: Callable[[dict[str, Any]], bool]
) -> bytearray:
    """One byte for each of `lines` sent: 1 when its result says that it took effect.

    A line without a result (the operation failed before it came to it) did not, as far as anybody knows.
    """
    url = operation.url or operation.partial_data_url
    if url is None:
        return bytearray(lines)
    result = await download(
        url,
        folder / f"result-{operation.id.rpartition('/')[2]}.jsonl",
        what=f"the result of bulk mutation {operation.id} of shop {shop}",
        expected_bytes=operation.file_size if operation.url else None,
    )
    return await asyncio.to_thread(_read, result.path, lines, succeeded)


def _read(path: Path, lines: int, succeeded: Callable[[dict[str, Any]], bool]) -> bytearray:
    found = bytearray(lines)
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        for text in file:
            if text.strip():
                line = orjson.loads(text)
                found[line[LINE_NUMBER]] = succeeded(line)
    return found
