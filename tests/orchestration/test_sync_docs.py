"""Pages about syncs are those of their files, and recipes for Flow name what the syncs write and nothing else."""

import re

from orchestration import sync_docs
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import load_sync, sync_names

FLOW = (sync_docs.ROOT / "docs" / "flow.md").read_text(encoding="utf-8")


def shipped() -> list[Sync]:
    return [load_sync(name).sync for name in sync_names()]


def test_the_pages_are_not_behind_the_files() -> None:
    made = sync_docs.pages()
    assert {path: path.read_text(encoding="utf-8") for path in sync_docs.PAGES.glob("*.md")} == made, "run `make docs`"


def test_a_page_says_what_each_value_means_who_has_it_and_who_loses_it() -> None:
    for sync in shipped():
        text = sync_docs.page(sync, f"{sync.name}.yml")
        named = [f"`{field.namespace}.{field.key}`: {field.name}" for field in sync.metafields]
        named += [field.description for field in sync.metafields]
        named += [
            f"| `{tag}` | `{column}` is `{value}` |"
            for column, value, tag in (sync.tags.choices() if sync.tags else [])
        ]
        named += [f"| {segment.name} | `{segment.query}` |" for segment in sync.wanted_segments]
        assert [words for words in named if words not in text] == []
        assert f"(mode `{sync.mode}`)" in text
        # Each column is described by its model.
        assert set(sync.written_columns) <= set(sync_docs.model_columns(sync.model.partition(".")[2]))


def test_a_control_group_and_consent_reach_the_page() -> None:
    given = load_sync("customers").sync.model_dump() | {
        "consent": {"column": "accepts_marketing"},
        "holdout": {"share": 0.1, "stratify_by": "vip_tier", "salt": "spring"},
    }
    text = sync_docs.page(Sync.model_validate(given), "customers.yml")
    assert "Only customers who agreed: `accepts_marketing` is true." in text
    assert "A control group of 10%, of each `vip_tier` alike, never gets anything (experiment `spring`" in text


def test_flow_recipes_name_tags_metafields_and_segments_that_are_written() -> None:
    syncs = shipped()
    tags = {tag for sync in syncs if sync.tags for _, _, tag in sync.tags.choices()}
    fields = {f"{field.namespace}.{field.key}" for sync in syncs for field in sync.metafields}
    segments = {segment.name for sync in syncs for segment in sync.wanted_segments}
    assert set(re.findall(r"`(boomerang:[^`]+)`", FLOW)) <= tags
    assert set(re.findall(r"\b(boomerang\.[a-z0-9_]+)\b", FLOW)) <= fields
    named = set(re.findall(r"\*\*((?:VIP|Churn)[^*]+)\*\*", FLOW))
    assert len(named) == 3
    assert named <= segments


def test_flow_conditions_ask_for_values_that_there_are() -> None:
    by_key = {f"{field.namespace}.{field.key}": field for field in load_sync("customers").sync.metafields}
    asked = re.findall(r"`?(boomerang\.\w+)`? (?:is|=) [`']([a-z_]+)[`']", FLOW)
    assert len(asked) >= 3
    choices = {key: field.validations.get("choices") for key, field in by_key.items()}
    assert [pair for pair in asked if choices[pair[0]] and pair[1] not in choices[pair[0]]] == []
