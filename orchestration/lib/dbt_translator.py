"""How dbt's names become Dagster's: groups by folder, short descriptions, no name of ours written down twice.

models/staging/<source>/...      -> group <source>
models/intermediate/<domain>/... -> group <domain>
models/marts/<domain>/...        -> group <domain>
models/syncs/<destination>/...   -> group to_<destination>
seeds                            -> group reference
"""

from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from orchestration.lib.freshness import HOURLY

# Order, not lineage: Dagster splits dbt by what comes before a node, and seeds with nothing before them would cost a
# third invocation of dbt in every run.
SEEDS_FOLLOW = dg.AssetDep(["shopify", "shops"])
LAYERS_BY_DOMAIN = ("staging", "intermediate", "marts")


class BoomerangTranslator(DagsterDbtTranslator):
    """Keys are names of models (`fct_orders`), of sources source and table (`shopify/orders`)."""

    def __init__(self, unread: Collection[str] = ()) -> None:
        """Tests on sources are checks on the raw assets; several sources may describe one raw asset.

        `unread`: sources of dbt that no asset fills, an ERP the merchant has not or what the platform writes itself.
        Their tables are there all the same; what reads them follows the shops.
        """
        super().__init__(
            DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True, enable_duplicate_source_asset_keys=True)
        )
        self._unread = frozenset(unread)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The default spec with our key, group, freshness and description."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        is_source = node["resource_type"] == "source"
        filled = [dep for dep in spec.deps if dep.asset_key.path[0] not in self._unread]
        follows = node["resource_type"] == "seed" or len(filled) < len(list(spec.deps))
        return spec.replace_attributes(
            key=spec.key if is_source else dg.AssetKey(node["name"]),
            deps=[*filled, SEEDS_FOLLOW] if follows else filled,
            freshness_policy=None if is_source else HOURLY,
            group_name=group_of(node),
            description=description_of(node),
            kinds={"dbt", str(manifest["metadata"].get("adapter_type") or "duckdb"), _kind(node)},
        )


def group_of(node: Mapping[str, Any]) -> str:
    """The group of a dbt node, from its folder."""
    if node["resource_type"] == "source":
        return str(node["source_name"])
    if node["resource_type"] == "seed":
        return "reference"
    folders: list[str] = [*node["fqn"][1:-1], "", ""]
    layer, domain = folders[:2]
    if layer == "syncs" and domain:
        return f"to_{domain}"
    if layer in LAYERS_BY_DOMAIN and domain:
        return domain
    return layer or "dbt"


def description_of(node: Mapping[str, Any]) -> str:
    """What the model says about itself, and its grain."""
    meta = {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}
    grain = meta.get("grain")
    named = ", ".join(grain) if isinstance(grain, list) else grain
    return f"{node.get('description', '').strip()}\n\n{f'Grain: {named}' if named else ''}".strip()


def _kind(node: Mapping[str, Any]) -> str:
    return str(node.get("config", {}).get("materialized") or node["resource_type"])


def is_mart(node: Mapping[str, Any]) -> bool:
    """Whether a node of the manifest is a model that analysts read."""
    return bool(node["resource_type"] == "model" and node["fqn"][1] == "marts")
