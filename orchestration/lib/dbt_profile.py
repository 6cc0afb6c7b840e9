"""Settings of the warehouse as the variables that dbt_project/profiles.yml reads."""

from base64 import b64encode
from importlib.util import find_spec

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.warehouse.snowflake_key import key_bytes
from pipelines.warehouse_settings import BigQuery, Snowflake

PRIVATE_KEY = "DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY"


def profile_variables(settings: Settings) -> dict[str, str]:
    """Everything but secrets. What is not set is left out, so that profiles.yml takes its own default.

    Raises ConfigurationError when dbt's adapter for the warehouse is not installed.
    """
    _require_adapter(settings.warehouse)
    named: dict[str, object] = {
        "BOOMERANG_WAREHOUSE": settings.warehouse,
        "BOOMERANG_DUCKDB_PATH": settings.duckdb_path.absolute(),
        "DBT_SCHEMA_PREFIX": settings.schema_prefix,
    }
    if settings.warehouse == "snowflake":
        named |= _snowflake(settings.snowflake)
    if settings.warehouse == "bigquery":
        named |= _bigquery(settings.bigquery)
    return {name: str(value) for name, value in named.items() if value is not None}


def secret_variables(settings: Settings) -> dict[str, str]:
    """The private key, under a name that makes dbt replace it by stars in all that it says.

    Not its passphrase: that may be a word, and dbt would star the word in the messages that Dagster reads, down to the
    names of models. A key that has one is opened here. Raises ConfigurationError when it cannot be.
    """
    if settings.warehouse != "snowflake":
        return {}
    section = settings.snowflake
    if section.private_key_passphrase is not None:
        return {PRIVATE_KEY: b64encode(key_bytes(section)).decode()}
    return {} if section.private_key is None else {PRIVATE_KEY: section.private_key.get_secret_value()}


def _snowflake(section: Snowflake) -> dict[str, object]:
    # dbt refuses a key given twice; the one from the environment is the more deliberate one.
    as_text = section.private_key or section.private_key_passphrase
    path = None if as_text or not section.private_key_path else section.private_key_path.absolute()
    return {
        "DBT_SNOWFLAKE_ACCOUNT": section.account,
        "DBT_SNOWFLAKE_USER": section.user,
        "DBT_SNOWFLAKE_ROLE": section.role,
        "DBT_SNOWFLAKE_WAREHOUSE": section.warehouse,
        "DBT_SNOWFLAKE_DATABASE": section.database,
        "DBT_SNOWFLAKE_PRIVATE_KEY_PATH": path,
        "DBT_SNOWFLAKE_HOST": section.host,
        "DBT_SNOWFLAKE_PORT": section.port,
        "DBT_SNOWFLAKE_PROTOCOL": section.protocol,
        "DBT_SNOWFLAKE_QUERY_TAG": section.query_tag,
        "DBT_SNOWFLAKE_LOGIN_TIMEOUT": section.login_timeout_seconds,
    }


def _bigquery(section: BigQuery) -> dict[str, object]:
    return {
        "DBT_BIGQUERY_PROJECT": section.project,
        "DBT_BIGQUERY_LOCATION": section.location,
        "DBT_BIGQUERY_API_ENDPOINT": section.api_endpoint,
        "DBT_BIGQUERY_MAXIMUM_BYTES_BILLED": section.maximum_bytes_billed,
        "DBT_BIGQUERY_JOB_TIMEOUT": section.job_timeout_seconds,
        # Read by Google's own library: a service account's key, or a file of workload identity federation.
        "GOOGLE_APPLICATION_CREDENTIALS": section.credentials_path.absolute() if section.credentials_path else None,
    }


def _require_adapter(warehouse: str) -> None:
    if find_spec(f"dbt.adapters.{warehouse}") is None:
        raise ConfigurationError(
            f"Setting warehouse is '{warehouse}', but dbt-{warehouse} is not installed: "
            f"install Boomerang with its extra '{warehouse}'."
        )
