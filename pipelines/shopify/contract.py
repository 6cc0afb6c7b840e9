"""Shopify's contract, with the merchant's own metafields as further columns of the tables of their owners."""

from functools import cache
from pathlib import Path

from pipelines.config import MerchantMetafield, Settings
from pipelines.contracts.odcs import Column, Contract, read_contract
from pipelines.contracts.rules import check_rules

CONTRACT_FILE = Path(__file__).parent.parent / "contracts" / "shopify.odcs.yaml"
RAW_SCHEMA = "raw_shopify"

# Shopify keeps number_decimal to nine fraction digits.
_TYPES = {
    "string": ("string", "string"),
    "bigint": ("integer", "bigint"),
    "decimal": ("number", "decimal(28,9)"),
    "boolean": ("boolean", "boolean"),
    "date": ("date", "date"),
    "timestamp": ("timestamp", "timestamptz"),
}


def shopify_contract(settings: Settings) -> Contract:
    """The contract of every shop of the merchant; ContractError names what is wrong in its file."""
    return _contract(tuple(settings.metafields))


@cache
def _contract(metafields: tuple[MerchantMetafield, ...]) -> Contract:
    contract = read_contract(CONTRACT_FILE)
    extra: dict[str, list[Column]] = {}
    for metafield in metafields:
        extra.setdefault(metafield.owner, []).append(_column(metafield))
    contract = contract.with_columns(extra)
    check_rules(contract)
    return contract


def _column(metafield: MerchantMetafield) -> Column:
    logical, physical = _TYPES[metafield.type]
    return Column.model_validate(
        {
            "name": metafield.column,
            "logicalType": logical,
            "physicalType": physical,
            # The query selects the metafield under the name of its column.
            "transformSourceObjects": [f"{metafield.column}.value"],
        }
    )
