"""How files reach Snowflake: dlt puts them to a stage and copies them into tables of a schema of their own.

The stage is the table's own (PUT, then COPY INTO), a named one, or a folder of a cloud store that a named external
stage reads. Credentials are handed over complete: dlt looks for none in files or variables of its own.
"""

from typing import TYPE_CHECKING, Any

from pipelines.warehouse.snowflake_key import key_text
from pipelines.warehouse_settings import Snowflake

if TYPE_CHECKING:
    from dlt.destinations.impl.snowflake.configuration import SnowflakeCredentials


def destination(settings: Snowflake) -> Any:  # dlt's factories have no common public type
    """The destination for these settings. Raises ConfigurationError when the key cannot be read."""
    import dlt  # imported late: it takes a second, and only loads need it

    return dlt.destinations.snowflake(
        credentials=_credentials(settings),
        stage_name=settings.stage,
        # What stays on a table's own stage goes with the table; a named stage would keep it.
        keep_staged_files=settings.stage is None,
        # Several statements in one request need a parameter that an account may forbid.
        supports_multiple_statements=False,
    )


def _credentials(settings: Snowflake) -> "SnowflakeCredentials":
    from dlt.destinations.impl.snowflake.configuration import SnowflakeCredentials

    given: Any = SnowflakeCredentials()
    given.username, given.host, given.database = settings.user, settings.account, settings.database
    given.warehouse, given.role, given.authenticator = settings.warehouse, settings.role, "SNOWFLAKE_JWT"
    given.private_key = key_text(settings)
    if settings.private_key_passphrase is not None:
        given.private_key_passphrase = settings.private_key_passphrase.get_secret_value()
    parameters = {
        "host": settings.host,
        "port": settings.port,
        "protocol": settings.protocol,
        "login_timeout": settings.login_timeout_seconds,
        "network_timeout": settings.network_timeout_seconds,
        "session_parameters": {"QUERY_TAG": settings.query_tag},
        "platform_detection_timeout_seconds": 0,
    }
    given.query = {name: value for name, value in parameters.items() if value is not None}
    given.resolve()
    made: SnowflakeCredentials = given
    return made
