"""Paths of the contract as shapes of lines, and values as they come: money, instants, ids."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.door.reader import ExportFile
from pipelines.door.shapes import MACROS, Shape, access
from pipelines.failures import ContractError

LARGEST_ID = 2**63 - 1
MICROSECOND = timedelta(microseconds=1)
SINCE_1970 = st.integers(0, 4_000_000_000_000_000).map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + n * MICROSECOND)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    found.execute("set timezone = 'UTC'")
    for macro in MACROS:
        found.execute(macro)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


def read_strictly(
    connection: duckdb.DuckDBPyConnection, folder: Path, values: list[Any], leaf: str, sql: str = "v"
) -> list[Any]:
    """Values of one key through the strict reader."""
    path = folder / "values.jsonl"
    path.write_text("".join(json.dumps({"__typename": "T", "v": value}) + "\n" for value in values))
    shape = Shape(fields={"__typename": Shape(leaf="VARCHAR"), "v": Shape(leaf=leaf)})
    query = f"select {sql} {ExportFile(path).read(shape, ('T',))[1:-1]}"
    return [row[0] for row in connection.execute(query).fetchall()]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.decimals("-99999999999999", "99999999999999", places=4), min_size=1, max_size=50))
def test_money_is_exact_to_four_places(
    connection: duckdb.DuckDBPyConnection, folder: Path, amounts: list[Decimal]
) -> None:
    texts = [format(amount, "f") for amount in amounts]
    assert read_strictly(connection, folder, texts, "DECIMAL(18,4)") == amounts


@settings(max_examples=30, deadline=None)
@given(
    st.lists(SINCE_1970, min_size=1, max_size=50),
    st.integers(-12 * 60, 14 * 60),
)
def test_an_instant_is_the_same_in_whatever_zone_it_was_said(
    connection: duckdb.DuckDBPyConnection, folder: Path, instants: list[datetime], offset: int
) -> None:
    zone = timezone(timedelta(minutes=offset))
    said = [instant.astimezone(zone).isoformat() for instant in instants]
    found = read_strictly(connection, folder, said, "TIMESTAMPTZ")
    assert [instant.astimezone(UTC) for instant in found] == instants


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, LARGEST_ID), min_size=1, max_size=20),
    st.sampled_from(["Order", "InventoryLevel", "OnlineStoreArticle"]),
    st.sampled_from(["", "?inventory_item_id=42", "?inventory_item_id=9007199254740993"]),
)
def test_an_id_is_its_number(
    connection: duckdb.DuckDBPyConnection, folder: Path, numbers: list[int], kind: str, query: str
) -> None:
    gids = [f"gid://shopify/{kind}/{number}{query}" for number in numbers]
    for macro in ("strict_gid", "tolerant_gid"):
        assert read_strictly(connection, folder, gids, "VARCHAR", f"{macro}(v)") == numbers


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_what_is_no_id_is_refused_by_both_passes(
    connection: duckdb.DuckDBPyConnection, folder: Path, text: str
) -> None:
    assert read_strictly(connection, folder, [text], "VARCHAR", "tolerant_gid(v)") == [None]
    with pytest.raises((duckdb.InvalidInputException, duckdb.ConversionException)):
        read_strictly(connection, folder, [text], "VARCHAR", "strict_gid(v)")


@pytest.mark.parametrize("value", [1.5, True, "x", "1.5", 2**63])
def test_a_number_that_is_not_whole_is_refused_and_never_rounded(
    connection: duckdb.DuckDBPyConnection, folder: Path, value: Any
) -> None:
    assert read_strictly(connection, folder, [value], "VARCHAR", "tolerant_integer(v)") == [None]
    with pytest.raises((duckdb.InvalidInputException, duckdb.ConversionException)):
        read_strictly(connection, folder, [value], "VARCHAR", "strict_integer(v)")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-LARGEST_ID, LARGEST_ID), min_size=1, max_size=20), st.booleans())
def test_whole_numbers_come_as_numbers_and_as_texts(
    connection: duckdb.DuckDBPyConnection, folder: Path, numbers: list[int], as_text: bool
) -> None:
    values = [str(number) if as_text else number for number in numbers]
    assert read_strictly(connection, folder, values, "VARCHAR", "strict_integer(v)") == numbers


def test_paths_make_one_shape_and_lead_back_into_it() -> None:
    shape = Shape()
    shape.add("customer.id", Shape(leaf="VARCHAR"))
    shape.add("trackingInfo.1.url", Shape(leaf="VARCHAR"))
    shape.add("trackingInfo.1.company", Shape(leaf="VARCHAR"))
    assert {name: part.duckdb() for name, part in shape.fields.items()} == {
        "customer": 'STRUCT("id" VARCHAR)',
        "trackingInfo": 'STRUCT("url" VARCHAR, "company" VARCHAR)[]',
    }
    assert access("", "trackingInfo.1.url") == "struct_extract(\"trackingInfo\"[1], 'url')"


def test_one_place_read_in_two_ways_is_a_mistake_of_the_contract() -> None:
    shape = Shape()
    shape.add("amount", Shape(leaf="VARCHAR"))
    with pytest.raises(ContractError, match="Path 'amount' is read as VARCHAR and as BOOLEAN"):
        shape.add("amount", Shape(leaf="BOOLEAN"))
