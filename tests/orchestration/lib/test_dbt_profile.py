"""Settings of a warehouse arrive in dbt's profile, each in its place; secrets under names that dbt scrubs."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from dbt.adapters.snowflake import SnowflakeCredentials
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context
from dbt_common.exceptions import env_secrets, scrub_secrets

from orchestration.lib import dbt_profile, dbt_project
from pipelines.config import Settings, load_settings
from pipelines.failures import ConfigurationError

PROFILES = dbt_project.PROJECT_DIR / "profiles.yml"
SNOWFLAKE = {
    "BOOMERANG_WAREHOUSE": "snowflake",
    "BOOMERANG_SNOWFLAKE__ACCOUNT": "myorg-myaccount",
    "BOOMERANG_SNOWFLAKE__USER": "LOADER",
    "BOOMERANG_SNOWFLAKE__WAREHOUSE": "WH",
    "BOOMERANG_SNOWFLAKE__DATABASE": "BOOMERANG",
}
BIGQUERY = {
    "BOOMERANG_WAREHOUSE": "bigquery",
    "BOOMERANG_BIGQUERY__PROJECT": "my-project",
    "BOOMERANG_BIGQUERY__LOCATION": "EU",
}


def with_settings(patch: pytest.MonkeyPatch, **more: str) -> Settings:
    for name, value in more.items():
        patch.setenv(name, value)
    return load_settings()


def rendered(settings: Settings) -> dict[str, Any]:
    """The output of profiles.yml for these settings, as dbt itself renders it."""
    set_invocation_context(dbt_project.environment(settings))
    output = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))["boomerang"]["outputs"][settings.warehouse]
    return dict(ProfileRenderer({}).render_data(output))


def test_an_account_and_a_key_file_are_all_that_snowflake_needs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_settings(monkeypatch, **SNOWFLAKE, BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PATH="key.p8")
    profile = rendered(given)
    assert (profile["account"], profile["user"], profile["database"]) == ("myorg-myaccount", "LOADER", "BOOMERANG")
    assert profile["private_key_path"] == str(Path("key.p8").absolute())
    assert [profile[name] for name in ("role", "private_key", "host", "port")] == [None] * 4
    assert profile["schema"] == "marts"


def test_a_private_endpoint_a_key_as_text_and_a_prefix_reach_snowflake(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_settings(
        monkeypatch,
        **SNOWFLAKE,
        BOOMERANG_SNOWFLAKE__PRIVATE_KEY="MIIE'{{ 1 }}",
        BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PATH="ignored.p8",
        BOOMERANG_SNOWFLAKE__HOST="private.example",
        BOOMERANG_SNOWFLAKE__PORT="8443",
        BOOMERANG_SNOWFLAKE__PROTOCOL="http",
        BOOMERANG_SNOWFLAKE__ROLE="LOADING",
        BOOMERANG_SNOWFLAKE__SCHEMA_PREFIX="test_",
    )
    profile = rendered(given)
    assert (profile["host"], profile["port"], profile["protocol"]) == ("private.example", 8443, "http")
    assert profile["private_key"] == "MIIE'{{ 1 }}"
    assert profile["private_key_path"] is None
    assert (profile["role"], profile["schema"], profile["query_tag"]) == ("LOADING", "test_marts", "boomerang")


@pytest.mark.parametrize("as_text", [True, False])
def test_a_passphrase_that_is_a_common_word_stars_no_word_of_dbt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, as_text: bool
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"orders"))
    Path("key.p8").write_bytes(encrypted)
    name = "BOOMERANG_SNOWFLAKE__PRIVATE_KEY"
    given = with_settings(
        monkeypatch,
        **SNOWFLAKE,
        BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PASSPHRASE="orders",
        **({name: encrypted.decode()} if as_text else {f"{name}_PATH": "key.p8"}),
    )
    for variable, value in dbt_project.environment(given).items():
        monkeypatch.setenv(variable, value)
    said = '{"unique_id": "model.boomerang.fct_orders"}'
    assert scrub_secrets(said, env_secrets()) == said
    profile = {name: value for name, value in rendered(given).items() if name not in ("type", "threads")}
    assert SnowflakeCredentials(**profile).auth_args()["private_key"] == key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )


def test_a_passphrase_that_does_not_open_the_key_is_told_before_dbt_runs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_settings(
        monkeypatch,
        **SNOWFLAKE,
        BOOMERANG_SNOWFLAKE__PRIVATE_KEY="MIIE",
        BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PASSPHRASE="orders",
    )
    with pytest.raises(ConfigurationError, match="PASSPHRASE must be its passphrase"):
        dbt_project.environment(given)


def test_bigquery_has_its_limits_and_the_credentials_of_the_machine(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_settings(
        monkeypatch,
        **BIGQUERY,
        BOOMERANG_BIGQUERY__MAXIMUM_BYTES_BILLED="100000000",
        BOOMERANG_BIGQUERY__JOB_TIMEOUT_SECONDS="600",
        BOOMERANG_BIGQUERY__API_ENDPOINT="http://127.0.0.1:9050",
    )
    profile = rendered(given)
    assert (profile["project"], profile["location"]) == ("my-project", "EU")
    assert (profile["maximum_bytes_billed"], profile["job_execution_timeout_seconds"]) == (100_000_000, 600)
    assert (profile["method"], profile["api_endpoint"]) == ("oauth", "http://127.0.0.1:9050")
    assert "GOOGLE_APPLICATION_CREDENTIALS" not in dbt_project.environment(given)


def test_a_service_account_reaches_google_s_own_library(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    given = with_settings(monkeypatch, **BIGQUERY, BOOMERANG_BIGQUERY__CREDENTIALS_PATH="account.json")
    assert dbt_project.environment(given)["GOOGLE_APPLICATION_CREDENTIALS"] == str(Path("account.json").absolute())


def test_secrets_have_names_that_dbt_scrubs_and_are_no_part_of_the_fingerprint(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_settings(monkeypatch, **SNOWFLAKE, BOOMERANG_SNOWFLAKE__PRIVATE_KEY="very-secret")
    assert "very-secret" not in json.dumps(dbt_profile.profile_variables(given))
    assert set(dbt_profile.secret_variables(given)) == {"DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY"}


def test_duckdb_is_told_nothing_of_the_others(settings: Settings) -> None:
    names = dbt_project.environment(settings)
    assert not [name for name in names if "SNOWFLAKE" in name or "BIGQUERY" in name or "GOOGLE" in name]


def test_an_adapter_that_is_not_installed_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    given = with_settings(monkeypatch, **BIGQUERY)
    monkeypatch.setattr(dbt_profile, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"dbt-bigquery is not installed: install .* extra 'bigquery'"):
        dbt_project.environment(given)
