"""Settings come from the file, then .env, then the environment; a wrong one ends in a sentence that names it."""

from pathlib import Path

import pytest

from pipelines.config import Settings, load_settings
from pipelines.erp_settings import NetSuiteErp
from pipelines.failures import ConfigurationError

SHOP = '[shops.us]\ndomain = "example-us.myshopify.com"\nclient_id = "id"\n'


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a settings file and make it the current one, with the secret of shop us in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOMERANG_SHOPS__US__CLIENT_SECRET", "from-environment")

    def write(text: str) -> Path:
        path = tmp_path / "boomerang.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refusal() -> str:
    """The sentence with which loading ends."""
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    return str(refused.value)


def test_shop_is_named_after_its_section_and_reached_by_its_domain(write) -> None:
    write(SHOP)
    shop = load_settings().shop("us")
    assert shop.name == "us"
    assert shop.graphql_url == "https://example-us.myshopify.com/admin/api/2026-10/graphql.json"


def test_environment_wins_over_the_file(write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(SHOP + 'base_url = "https://file.example"\n')
    monkeypatch.setenv("BOOMERANG_SHOPS__US__BASE_URL", "http://127.0.0.1:9/shops/x/")
    assert load_settings().shop("us").base_url == "http://127.0.0.1:9/shops/x"


def test_dotenv_stands_between_environment_and_file(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write('reporting_currency = "USD"\n' + SHOP)
    (tmp_path / ".env").write_text("BOOMERANG_REPORTING_CURRENCY=EUR\n", encoding="utf-8")
    assert load_settings().reporting_currency == "EUR"
    monkeypatch.setenv("BOOMERANG_REPORTING_CURRENCY", "GBP")
    assert load_settings().reporting_currency == "GBP"


def test_missing_settings_file_is_named(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOMERANG_CONFIG", "elsewhere.toml")
    assert "elsewhere.toml does not exist" in refusal()


def test_file_that_is_not_toml_is_named(write) -> None:
    write("shops = [")
    assert "boomerang.toml is not valid TOML" in refusal()


def test_missing_credentials_name_the_variables_to_set(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOMERANG_SHOPS__US__CLIENT_SECRET")
    write(SHOP)
    assert "shops.us has no credentials: set BOOMERANG_SHOPS__US__CLIENT_ID" in refusal()


def test_secret_in_the_file_is_refused(write) -> None:
    write(SHOP + 'client_secret = "oops"\n')
    sentence = refusal()
    assert "holds the secret shops.us.client_secret" in sentence
    assert "oops" not in sentence


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "Setting shops"),
        (SHOP + "colour = 1\n", "Setting shops.us.colour is not known"),
        ('warehouse = "oracle"\n' + SHOP, "Setting warehouse is wrong"),
        (SHOP.replace("example-us.myshopify.com", "shop.example"), "Setting shops.us.domain is wrong"),
        (SHOP + 'api_version = "2026-11"\n', "Setting shops.us.api_version is wrong"),
        (SHOP + "[extraction]\npoll_seconds = -1\n", "Setting extraction.poll_seconds is wrong"),
    ],
    ids=["empty file", "unknown setting", "warehouse", "domain", "version", "negative poll"],
)
def test_wrong_setting_is_named_in_one_sentence(write, text: str, named: str) -> None:
    write(text)
    sentence = refusal()
    assert named in sentence
    assert "\n" not in sentence


def snowflake(**changed: str) -> str:
    """Settings for Snowflake, some of them changed; an empty one is left out."""
    section = {"account": "a", "user": "u", "warehouse": "w", "database": "d", "private_key_path": "key.p8", **changed}
    lines = "".join(f'{name} = "{value}"\n' for name, value in section.items() if value)
    return 'warehouse = "snowflake"\n' + SHOP + "[snowflake]\n" + lines


@pytest.mark.parametrize("name", ["account", "user", "warehouse", "database", "private_key_path"])
def test_missing_setting_of_snowflake_names_its_variable(write, name: str) -> None:
    write(snowflake(**{name: ""}))
    sentence = refusal()
    assert sentence.startswith(f"Setting snowflake.{name} is missing, which warehouse = 'snowflake' needs")
    assert f"BOOMERANG_SNOWFLAKE__{name.upper()}" in sentence


@pytest.mark.parametrize("name", ["project", "location"])
def test_missing_setting_of_bigquery_names_its_variable(write, name: str) -> None:
    section = {"project": "my-project", "location": "EU"}
    del section[name]
    lines = "".join(f'{key} = "{value}"\n' for key, value in section.items())
    write('warehouse = "bigquery"\n' + SHOP + "[bigquery]\n" + lines)
    assert f"Setting bigquery.{name} is missing" in refusal()


@pytest.mark.parametrize("field", ["private_key", "private_key_passphrase"])
def test_secret_of_snowflake_in_the_file_is_refused(write, field: str) -> None:
    write(snowflake(**{field: "oops"}))
    sentence = refusal()
    assert f"holds the secret snowflake.{field}; move it to the environment variable" in sentence
    assert f"BOOMERANG_SNOWFLAKE__{field.upper()}" in sentence
    assert "oops" not in sentence


def test_key_of_snowflake_comes_from_the_environment_and_is_not_shown(write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(snowflake(private_key_path=""))
    monkeypatch.setenv("BOOMERANG_SNOWFLAKE__PRIVATE_KEY", "MIIE-secret")
    settings = load_settings()
    assert settings.snowflake.private_key is not None
    assert "MIIE-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"database": "my db"}, "Setting snowflake.database is wrong"),
        ({"port": "70000"}, "Setting snowflake.port is wrong"),
        ({"protocol": "ftp"}, "Setting snowflake.protocol is wrong"),
        ({"schema_prefix": "Test-"}, "Setting snowflake.schema_prefix is wrong"),
        ({"landing_url": "http://x"}, "Setting snowflake.landing_url is wrong"),
        ({"landing_url": "s3://bucket/x"}, "BOOMERANG_SNOWFLAKE__STAGE"),
    ],
)
def test_wrong_setting_of_snowflake_is_named(write, changed: dict[str, str], named: str) -> None:
    write(snowflake(**changed))
    assert named in refusal()


def test_schema_prefix_is_that_of_the_chosen_warehouse(write) -> None:
    write(snowflake(schema_prefix="ci_"))
    assert load_settings().schema_prefix == "ci_"
    write(SHOP + '[snowflake]\nschema_prefix = "ci_"\n')
    assert load_settings().schema_prefix == ""


def test_settings_without_a_shop_are_refused(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOMERANG_SHOPS__US__CLIENT_SECRET")
    write("[shops]\n")
    assert refusal().startswith("Setting shops needs at least one shop")


def test_unknown_shop_lists_the_known_ones(write) -> None:
    write(SHOP)
    with pytest.raises(ConfigurationError, match="Shop 'fr' is not configured; known shops: us"):
        load_settings().shop("fr")


def test_printed_settings_show_no_secret(write) -> None:
    write(SHOP)
    settings: Settings = load_settings()
    assert "from-environment" not in repr(settings)
    assert "from-environment" not in settings.model_dump_json()


NETSUITE = '[erp.netsuite]\nkind = "netsuite"\naccount = "1234567-sb1"\nclient_id = "c"\ncertificate_id = "k"\n'


def test_an_erp_is_named_after_its_section_and_reached_by_its_account(write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(SHOP + NETSUITE)
    monkeypatch.setenv("BOOMERANG_ERP__NETSUITE__PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----")
    erp = load_settings().erp_named("netsuite")
    assert isinstance(erp, NetSuiteErp)
    assert (erp.host, erp.realm) == ("https://1234567-sb1.suitetalk.api.netsuite.com", "1234567_SB1")


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        (NETSUITE, "Setting erp.netsuite.private_key is missing: set BOOMERANG_ERP__NETSUITE__PRIVATE_KEY in the env"),
        (
            NETSUITE + 'auth = "tba"\n',
            "erp.netsuite.consumer_key is missing: set BOOMERANG_ERP__NETSUITE__CONSUMER_KEY",
        ),
        (NETSUITE + 'token_secret = "x"\n', "holds the secret erp.netsuite.token_secret; move it to"),
        (
            NETSUITE + 'time_zone = "Mars"\n',
            "Setting erp.netsuite.time_zone is wrong: names the time zone 'Mars', which",
        ),
        (
            NETSUITE + 'order_reference_field = "a; drop"\n',
            "erp.netsuite.order_reference_field is wrong: String should",
        ),
        (NETSUITE + 'tenant = "x"\n', "Setting erp.netsuite.tenant is not known: check the spelling"),
        ('[erp.a]\nkind = "sql"\nqueries = "tryton"\n', "Setting erp.a.url is missing: set BOOMERANG_ERP__A__URL"),
        (
            NETSUITE.replace("erp.netsuite", "erp.us") + 'private_key_path = "k"\n',
            "Settings shops.us and erp.us have the",
        ),
    ],
)
def test_a_wrong_setting_of_an_erp_is_named(write, section: str, sentence: str) -> None:
    write(SHOP + section)
    assert sentence in refusal()


def test_an_erp_that_is_not_configured_is_named_with_those_that_are(write) -> None:
    write(SHOP)
    with pytest.raises(ConfigurationError, match="ERP 'sap' is not configured; known ERPs: none"):
        load_settings().erp_named("sap")
