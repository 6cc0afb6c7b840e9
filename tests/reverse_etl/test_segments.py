"""Segments are created once; who renames, changes or removes one in the admin keeps the last word."""

import asyncio
from pathlib import Path

import pytest

from pipelines.failures import BoomerangError
from pipelines.shopify.client import ShopifyClient
from reverse_etl.destinations.segments import create_segment
from reverse_etl.failures import SegmentRefused, SyncFileError
from reverse_etl.segments import keep_segments
from reverse_etl.sync_format.sync_yaml import load_sync
from tests.reverse_etl.marketing import SYNC, Marketing
from tests.sandbox_fixture import US

SEGMENTS = 'segments: [{column: vip_tier, name: "VIP {value}", values: [platinum, gold]}]\n'
QUERY = "metafields.boomerang.vip_tier = '{}'"
CHANGE = (
    "mutation U($id: ID!, $n: String, $q: String) { segmentUpdate(id: $id, name: $n, query: $q) { segment { id } } }"
)
CREATE = "mutation C($n: String!, $q: String!) { segmentCreate(name: $n, query: $q) { segment { id } } }"
REMOVE = "mutation X($id: ID!) { segmentDelete(id: $id) { deletedSegmentId } }"


def keep(marketing: Marketing, text: str = SEGMENTS, *, again: bool = False) -> dict[str, str]:
    """Name to state."""
    marketing.write_sync(SYNC + text)
    kept = keep_segments(marketing.settings, "customers", "us", again=again, folder=marketing.folder)
    return {one.name: one.state for one in kept}


def there(marketing: Marketing) -> dict[str, tuple[str, str]]:
    """Name to id and query, of those that ask for our metafields."""
    segments = marketing.sandbox.state(US)["segments"]
    return {one["name"]: (one["id"], one["query"]) for one in segments if "boomerang" in one["query"]}


def test_each_value_gets_its_segment_and_a_second_run_writes_nothing(marketing: Marketing) -> None:
    assert keep(marketing) == {"VIP platinum": "created", "VIP gold": "created"}
    found = there(marketing)
    assert {name: query for name, (_, query) in found.items()} == {
        "VIP platinum": QUERY.format("platinum"),
        "VIP gold": QUERY.format("gold"),
    }
    assert keep(marketing) == {"VIP platinum": "kept", "VIP gold": "kept"}
    assert there(marketing) == found


def test_what_a_person_renames_changes_or_removes_stays_so(marketing: Marketing) -> None:
    keep(marketing)
    platinum, gold = there(marketing)["VIP platinum"][0], there(marketing)["VIP gold"][0]
    marketing.sandbox.ask(CHANGE, {"id": gold, "n": "Our best friends"})
    marketing.sandbox.ask(REMOVE, {"id": platinum})
    assert keep(marketing) == {"VIP platinum": "removed by hand", "Our best friends": "changed by hand"}
    # The sync file has the last word on what nobody touched, and no other.
    moved = SEGMENTS.replace("VIP {value}", "Tier {value}")
    assert keep(marketing, moved) == {"VIP platinum": "removed by hand", "Our best friends": "changed by hand"}
    marketing.sandbox.ask(CHANGE, {"id": gold, "n": "VIP gold"})
    assert keep(marketing, moved, again=True) == {"Tier platinum": "created", "Tier gold": "updated"}
    marketing.sandbox.ask(CHANGE, {"id": gold, "q": "number_of_orders > 5"})
    assert keep(marketing) == {"VIP platinum": "updated", "VIP gold": "updated"}
    assert keep(marketing) == {"VIP platinum": "kept", "VIP gold": "changed by hand"}


def test_what_a_run_that_died_had_created_is_found_and_what_others_named_so_is_left(marketing: Marketing) -> None:
    keep(marketing)
    with marketing.warehouse.session() as session:
        session.execute("delete from ops.delivery_segments")
    gold = there(marketing)["VIP gold"][0]
    marketing.sandbox.ask(CHANGE, {"id": gold, "q": "number_of_orders > 5"})
    assert keep(marketing) == {"VIP platinum": "adopted", "VIP gold": "name taken"}
    assert keep(marketing) == {"VIP platinum": "kept", "VIP gold": "name taken"}
    assert set(there(marketing)) == {"VIP platinum"}


def test_a_run_that_is_denied_remembers_what_it_had_created(marketing: Marketing) -> None:
    marketing.sandbox.faults({"kind": "access_denied", "root": "segmentCreate", "skip": 1})
    with pytest.raises(BoomerangError, match="segmentCreate"):
        keep(marketing)
    marketing.sandbox.http.delete("/__meta/faults")
    # The sandbox did what it then denied: the second segment is there, and nobody was told.
    assert keep(marketing) == {"VIP platinum": "kept", "VIP gold": "adopted"}
    assert set(there(marketing)) == {"VIP platinum", "VIP gold"}


def test_what_shopify_refuses_is_told_in_its_words(marketing: Marketing) -> None:
    async def create() -> None:
        async with ShopifyClient.configured(marketing.settings, "us") as client:
            await create_segment(client, "us", "Odd", "not a valid query")

    with pytest.raises(SegmentRefused, match=r"shop us refused the segment 'Odd': Query Line 1 Column 6: 'valid' is"):
        asyncio.run(create())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("vip_tier, name", "p_alive, name", "metafield:boomerang.p_alive must be of type single_line_text_field"),
        ("vip_tier, name", "churn, name", "column churn is no metafield of this sync"),
        ("VIP {value}", "VIP", "name: must contain {value}"),
        ("[platinum, gold]", "[diamond]", "'diamond' is not among the choices of metafield:boomerang.vip_tier"),
        ("[platinum, gold]", "[gold, gold]", "'VIP gold' is made twice"),
    ],
)
def test_a_segment_that_nobody_could_ask_for_is_refused_in_the_file(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    (tmp_path / "customers.yml").write_text(SYNC + SEGMENTS.replace(before, after), encoding="utf-8")
    with pytest.raises(SyncFileError) as failure:
        load_sync("customers", tmp_path)
    assert said in str(failure.value)
