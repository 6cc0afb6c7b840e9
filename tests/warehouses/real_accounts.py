"""Accounts of Snowflake and BigQuery for the opt-in tests: where their credentials come from, and how they are left."""

import os
import secrets
from dataclasses import dataclass

import pytest

from pipelines.warehouse import PLATFORM_SCHEMAS, Warehouse
from tests.end_to_end.cycle import Merchant

# Read once, for each test starts without any BOOMERANG variable.
_GIVEN = {name: value for name, value in os.environ.items() if name.startswith("BOOMERANG_TEST_")}
_NEEDED = {"snowflake": ("ACCOUNT", "USER", "WAREHOUSE", "DATABASE"), "bigquery": ("PROJECT", "LOCATION")}
_MODELS = ("staging", "intermediate", "marts", "syncs", "seeds")


@dataclass(frozen=True)
class Account:
    """Variables that point Boomerang at an account, with a prefix of its own before every schema."""

    engine: str
    variables: dict[str, str]


def account(engine: str) -> Account:
    """The account that BOOMERANG_TEST_<ENGINE>__* names; skips the test, naming what is missing, when none does."""
    before = f"BOOMERANG_TEST_{engine.upper()}__"
    for name in _NEEDED[engine]:
        if before + name not in _GIVEN:
            pytest.skip(f"{before}{name} is not set: no account of {engine} to run on (docs/warehouses.md)")
    own = {
        name.replace("BOOMERANG_TEST_", "BOOMERANG_"): value
        for name, value in _GIVEN.items()
        if name.startswith(before)
    }
    prefix = {f"BOOMERANG_{engine.upper()}__SCHEMA_PREFIX": f"test_{secrets.token_hex(4)}_"}
    return Account(engine, {"BOOMERANG_WAREHOUSE": engine, **own, **prefix})


def leave_nothing(one: Merchant) -> None:
    """Drop every schema that the prefix made."""
    settings = one.settings()
    warehouse = Warehouse(settings)
    for source, connections in (("shopify", settings.shops), ("erp", settings.erp), ("threepl", settings.threepl)):
        for name in connections:
            warehouse.forget_landed(f"{source}_{name}")
    with warehouse.session() as session:
        for schema in (*_MODELS, *PLATFORM_SCHEMAS):
            session.execute(f"drop schema if exists {schema} cascade")
