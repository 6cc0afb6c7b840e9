"""The sources there are, and the contract of each."""

from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pipelines.config import Settings
from pipelines.contracts.odcs import Contract, read_contract
from pipelines.contracts.rules import check_rules
from pipelines.failures import ContractError
from pipelines.shopify import contract as shopify

Source = Literal["shopify", "erp", "threepl"]
SOURCES: tuple[Source, ...] = get_args(Source)
CONTRACTS = Path(__file__).parent.parent / "contracts"


def source_contract(settings: Settings, source: str) -> Contract:
    """The contract of a source; ContractError names what is wrong in its file, or that there is no such source."""
    if source == "shopify":
        return shopify.shopify_contract(settings)
    if source not in SOURCES:
        raise ContractError(f"There is no source '{source}'; there are {', '.join(SOURCES)}.")
    return _contract(source)


def contracts(settings: Settings) -> tuple[Contract, ...]:
    """The contracts of all sources, whatever a merchant has of them."""
    return tuple(source_contract(settings, source) for source in SOURCES)


@cache
def _contract(source: str) -> Contract:
    contract = read_contract(CONTRACTS / f"{source}.odcs.yaml")
    check_rules(contract)
    return contract
