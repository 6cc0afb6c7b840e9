"""The export without a disk: as many lines and bytes as it says, and every row a row of its own."""

import orjson
import pytest

from bench.large_export import BLOCK_LINES, LargeExport


@pytest.mark.parametrize("entity", ["orders", "sales_ledger"])
def test_it_has_the_lines_and_bytes_that_it_says(entity: str) -> None:
    export = LargeExport(entity, 30_000_000)
    content = b"".join(export.chunks())
    assert len(content) == export.size >= 30_000_000
    assert content.count(b"\n") == export.lines > BLOCK_LINES


def test_no_id_stands_in_two_blocks_and_children_hang_on_parents_of_their_own() -> None:
    export = LargeExport("orders", 30_000_000)
    lines = [orjson.loads(line) for line in b"".join(export.chunks()).splitlines()]
    ids = [line["id"] for line in lines]
    assert len(set(ids)) == len(ids) == export.lines
    orders = {line["id"] for line in lines if line["__typename"] == "Order"}
    parents = [line["__parentId"] for line in lines if "__parentId" in line]
    assert set(parents) == orders
    assert len(parents) == 3 * len(orders)
