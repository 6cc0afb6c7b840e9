"""What is proven of windows on DuckDB holds on Snowflake and BigQuery: each story is told again, on an emulator."""

from collections.abc import Callable

import pytest

from pipelines.config import Settings
from tests.pipelines.shopify import test_deletions, test_load
from tests.warehouses.fixtures import *  # noqa: F403

pytestmark = pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)

STORIES = (
    test_load.test_loading_the_same_export_twice_changes_no_count,
    test_load.test_children_are_replaced_with_their_parent_and_others_stay,
    test_load.test_what_hung_on_a_row_that_went_goes_with_it,
    test_load.test_a_whole_snapshot_replaces_what_the_shop_had_and_nothing_of_other_shops,
    test_load.test_the_ledger_says_what_was_loaded,
    test_deletions.test_an_event_of_deletion_marks_its_row_once,
    test_deletions.test_a_sweep_marks_what_it_does_not_find,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_story_told_again(warehouse_settings: Settings, story: Callable[[Settings], None]) -> None:
    story(warehouse_settings)
