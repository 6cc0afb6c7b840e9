"""How models are named, layered and described, one rule a test. A violation is listed by the name of its model."""

import re
from pathlib import Path
from typing import Any

import pytest

Models = dict[str, dict[str, Any]]

PROJECT = Path(__file__).parents[2] / "dbt_project"
PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("fct_", "dim_", "rpt_"), "syncs": ("sync_",)}
# Words that mean something else, or nothing, on Snowflake or BigQuery: they belong into macros/portable.
DUCKDB_ONLY = re.compile(
    r"::|\b(strftime|epoch|list|struct_pack|date_diff|datediff|date_trunc|timezone)\(|\b(exclude|filter)\s*\("
    r"|\b(group|order) by all\b|\bdistinct on\b|\binterval\b|\bas (numeric|decimal)\)",
    re.IGNORECASE,
)


def layer(model: dict[str, Any]) -> str:
    return str(model["fqn"][1])


def parents(model: dict[str, Any], manifest: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = {**manifest["nodes"], **manifest["sources"]}
    return [nodes[name] for name in model["depends_on"]["nodes"]]


def test_every_model_has_a_description(models: Models) -> None:
    assert [name for name, model in models.items() if not model["description"].strip()] == []


def test_every_model_has_a_grain(models: Models) -> None:
    assert [name for name, model in models.items() if not model["config"]["meta"].get("grain")] == []


def test_every_grain_is_tested_as_the_primary_key(models: Models, manifest: dict[str, Any]) -> None:
    tested = {
        (test["attached_node"], tuple(test["test_metadata"]["kwargs"]["columns"]))
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and (test.get("test_metadata") or {}).get("name") == "unique_combination"
    }
    wanted = {(model["unique_id"], tuple(model["config"]["meta"]["grain"])) for model in models.values()}
    assert wanted - tested == set()


def test_every_grain_but_that_of_persons_and_currencies_holds_the_connection(models: Models) -> None:
    """Of what a shop has, the shop; of what the ERP or a warehouse partner has, that system."""
    connections = {"shop", "erp", "partner", "connection"}
    without = {name for name, model in models.items() if not connections & set(model["config"]["meta"]["grain"])}
    logs = {"stg_ops__extraction_windows", "stg_ops__feed_problems"}
    # A break's id holds the shop.
    assert without == {"dim_people", "int_exchange_rates__daily", "fct_breaks"} | logs


def test_names_begin_with_the_prefix_of_their_layer(models: Models) -> None:
    assert [name for name, model in models.items() if not name.startswith(PREFIXES[layer(model)])] == []


def test_staging_and_sync_models_are_named_after_their_folder(models: Models) -> None:
    named = {"staging": "stg_{}__", "syncs": "sync_{}__"}
    wrong = [
        name
        for name, model in models.items()
        if layer(model) in named and not name.startswith(named[layer(model)].format(model["fqn"][2]))
    ]
    assert wrong == []


def test_every_model_has_its_own_yml_beside_it(models: Models) -> None:
    wrong = [
        name
        for name, model in models.items()
        if model["patch_path"] != f"boomerang://{Path(model['original_file_path']).with_suffix('.yml').as_posix()}"
    ]
    assert wrong == []


def test_staging_reads_sources_and_never_other_models(models: Models, manifest: dict[str, Any]) -> None:
    wrong = [
        name
        for name, model in models.items()
        if layer(model) == "staging" and {node["resource_type"] for node in parents(model, manifest)} != {"source"}
    ]
    assert wrong == []


def test_a_staging_model_reads_one_source_table(models: Models) -> None:
    assert [n for n, m in models.items() if layer(m) == "staging" and len(m["depends_on"]["nodes"]) != 1] == []


@pytest.mark.parametrize("reader", ["intermediate", "marts", "syncs"])
def test_only_staging_reads_sources(reader: str, models: Models, manifest: dict[str, Any]) -> None:
    wrong = [
        name
        for name, model in models.items()
        if layer(model) == reader and any(node["resource_type"] == "source" for node in parents(model, manifest))
    ]
    assert wrong == []


def test_syncs_have_enforced_contracts(models: Models) -> None:
    syncs = [model for model in models.values() if layer(model) == "syncs"]
    assert syncs
    assert [model["name"] for model in syncs if not model["config"]["contract"]["enforced"]] == []


def test_syncs_read_marts_only(models: Models, manifest: dict[str, Any]) -> None:
    wrong = [
        name
        for name, model in models.items()
        if layer(model) == "syncs" and {layer(node) for node in parents(model, manifest)} != {"marts"}
    ]
    assert wrong == []


def test_nothing_reads_syncs(models: Models, manifest: dict[str, Any]) -> None:
    read = [node["name"] for model in models.values() for node in parents(model, manifest)]
    assert [name for name in read if name.startswith("sync_")] == []


def test_every_source_table_has_exactly_one_staging_model(models: Models, manifest: dict[str, Any]) -> None:
    read = [node for model in models.values() if layer(model) == "staging" for node in model["depends_on"]["nodes"]]
    assert sorted(read) == sorted(manifest["sources"])


def test_incremental_facts_keep_the_marks_they_start_from(models: Models) -> None:
    named = ("fct_", "int_orders__totals")
    facts = [m for n, m in models.items() if n.startswith(named) and "changed_orders_hooks" in m["raw_code"]]
    assert len(facts) == 4
    wrong = [
        model["name"]
        for model in facts
        for mark in re.findall(r"'(\w*extracted_at)':", model["raw_code"])
        if not re.search(rf"(as |\.){mark}\b", model["raw_code"].split("final as (")[1])
    ]
    assert wrong == []


def test_models_hold_no_sql_that_only_duckdb_knows(models: Models) -> None:
    found = {
        name: DUCKDB_ONLY.findall(re.sub(r"--.*", "", model["raw_code"]))
        for name, model in models.items()
        if DUCKDB_ONLY.search(re.sub(r"--.*", "", model["raw_code"]))
    }
    assert found == {}


def test_every_singular_test_says_what_a_returned_row_means() -> None:
    headless = [
        path.name
        for path in sorted((PROJECT / "tests").glob("*.sql"))
        if not path.read_text(encoding="utf-8").startswith("--") or not path.name.startswith("assert_")
    ]
    assert headless == []


def test_models_stay_short() -> None:
    lengths = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in PROJECT.glob("models/**/*.sql")
    }
    assert {name: lines for name, lines in lengths.items() if lines > 120} == {}
