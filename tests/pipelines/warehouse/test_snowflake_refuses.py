"""Whatever Snowflake refuses ends in one sentence that says what to do; the client that raises it is the real one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives import serialization

from pipelines.config import Settings
from pipelines.failures import ConfigurationError, WarehouseError
from pipelines.warehouse import Warehouse
from tests.pipelines.warehouse.refusing import Answer, answering, sentence_of
from tests.warehouses.keys import throwaway_key

SCHEMAS = [["OPS"], ["RAW_SHOPIFY"], ["SCORES"]]
COLUMN = {"type": "text", "nullable": True, "length": 100, "precision": None, "scale": None, "byteLength": 400}
Refusal = tuple[str, str]
Connect = Callable[..., Any]


@pytest.fixture(scope="session")
def key() -> bytes:
    """A throw-away private key."""
    return throwaway_key()


def succeeded(names: tuple[str, ...] = ("STATUS",), rows: list[list[str]] | None = None) -> Answer:
    """The answer to a statement, in the service's own form."""
    data = {
        "parameters": [],
        "rowtype": [{"name": name, **COLUMN} for name in names],
        "rowset": rows or [],
        "total": len(rows or []),
        "returned": len(rows or []),
        "queryId": "01b",
        "queryResultFormat": "json",
        "statementTypeId": 4096,
    }
    return 200, {"data": data, "code": None, "message": None, "success": True}


def refused(code: str, message: str, state: str = "42000") -> Answer:
    """The answer to a statement that the service refuses."""
    data = {"errorCode": code, "sqlState": state, "internalError": False, "line": 0, "pos": 0, "queryId": "01b"}
    return 200, {"data": data, "code": code, "message": message, "success": False}


@contextmanager
def service(settings: Callable[..., Settings], refusals: dict[str, Answer]) -> Iterator[Settings]:
    """Settings of a Snowflake that refuses the requests and statements that contain one of these texts."""

    def answer(method: str, path: str, body: dict[str, Any]) -> Answer:
        asked = f"{path} {body.get('sqlText', '')}"
        for text, refusal in refusals.items():
            if text in asked:
                return refusal
        if "login-request" in path:
            session = {"databaseName": None, "schemaName": None, "warehouseName": None, "roleName": None}
            return 200, {
                "data": {"token": "t", "masterToken": "m", "parameters": [], "sessionInfo": session, "sessionId": 1},
                "success": True,
                "code": None,
                "message": None,
            }
        if "schemata" in asked:
            return succeeded(("SCHEMA_NAME",), SCHEMAS)
        return succeeded(("ID",)) if "where false" in asked else succeeded()

    with answering(answer) as origin:
        host, port = origin.removeprefix("http://").split(":")
        yield settings(host=host, port=int(port), protocol="http")


@pytest.fixture
def settings(tmp_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings on Snowflake, some of them changed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key.p8").write_bytes(key)

    def made(**changed: Any) -> Settings:
        section = {
            "account": "org-acme",
            "user": "LOADER",
            "role": "LOADING",
            "warehouse": "SMALL",
            "database": "SALES",
            "private_key_path": tmp_path / "key.p8",
            "login_timeout_seconds": 2,
            "network_timeout_seconds": 2,
            **changed,
        }
        shop = {"domain": "example-us.myshopify.com", "access_token": "token"}
        return Settings(data_dir=tmp_path, shops={"us": shop}, warehouse="snowflake", snowflake=section)

    return made


LOGINS = {
    "key": (
        refused("390144", "JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]"),
        "refused the key of user LOADER, or there is no such user",
    ),
    "role": (
        refused(
            "390189",
            "Role 'LOADING' specified in the connect string does not exist or not authorized. Contact your local "
            "system administrator, or attempt to login with another role, e.g. PUBLIC.",
        ),
        "does not let user LOADER take role LOADING: grant it to the user",
    ),
    "user": (refused("390100", "Incorrect username or password was specified."), "does not know user LOADER"),
    "account": ((404, {"message": "not found"}), "There is no Snowflake account org-acme"),
    "network policy": (
        refused(
            "390422", "IP 203.0.113.5 is not allowed to access Snowflake. Contact your local security administrator."
        ),
        "does not let this machine in",
    ),
    "suspended account": (
        refused("000666", "Your account is suspended due to lack of payment method."),
        "has suspended account org-acme",
    ),
}


@pytest.mark.parametrize(("answer", "sentence"), LOGINS.values(), ids=LOGINS)
def test_a_refused_login_names_the_setting(settings: Callable[..., Settings], answer: Answer, sentence: str) -> None:
    with service(settings, {"login-request": answer}) as wrong:
        assert sentence in str(sentence_of(wrong))


def test_nobody_at_the_address_is_said(settings: Callable[..., Settings]) -> None:
    with answering(lambda *_: (200, {})) as origin:
        port = int(origin.rsplit(":", 1)[1])
    wrong = settings(host="127.0.0.1", port=port, protocol="http")
    assert "account org-acme at 127.0.0.1 cannot be reached" in str(sentence_of(wrong))


NOT_THERE = refused(
    "002043", "SQL compilation error:\nObject does not exist, or operation cannot be performed.", "02000"
)


@pytest.mark.parametrize(("what", "name"), [("warehouse", "SMALL"), ("database", "SALES")])
def test_a_wrong_warehouse_or_database_is_named(settings: Callable[..., Settings], what: str, name: str) -> None:
    with service(settings, {f"use {what}": NOT_THERE}) as wrong:
        failure = sentence_of(wrong)
    assert isinstance(failure, ConfigurationError)
    assert f"has no {what} {name}, or role LOADING may not use it" in str(failure)
    assert f"BOOMERANG_SNOWFLAKE__{what.upper()}" in str(failure)


STATEMENTS = {
    "suspended by its monitor": (
        refused("090073", "Warehouse 'SMALL' cannot be resumed because resource monitor 'M' has exceeded its quota."),
        "warehouse SMALL is suspended or over its quota",
    ),
    "suspended while it ran": (
        refused("000608", "Warehouse 'SMALL' was suspended immediate by resource monitor 'M', statement aborted."),
        "warehouse SMALL is suspended or over its quota",
    ),
    "no warehouse": (
        refused("000606", "No active warehouse selected in the current session.", "57P03"),
        "warehouse SMALL does not run and may not be resumed by role LOADING",
    ),
    "timeout": (
        refused(
            "000630", "Statement reached its statement or warehouse timeout of 5 second(s) and was canceled.", "57014"
        ),
        "cancelled a statement (SELECT 1): Statement reached its statement or warehouse timeout of 5 second(s)",
    ),
    "privilege": (
        refused("003001", "SQL access control error:\nInsufficient privileges to operate on schema 'OPS'.", "42501"),
        "Role LOADING may not do this in database SALES",
    ),
    "value": (
        refused("100038", "Numeric value 'x' is not recognized", "22018"),
        "cannot hold a value in the column's type",
    ),
    "too many digits": (
        refused("100132", "JavaScript execution error: number out of representable range", "22003"),
        "cannot hold a value",
    ),
    "conflict": (
        refused("000625", "Statement '01b' has locked table 'X' in transaction 1 and this lock has not been released."),
        "Another run holds rows",
    ),
    "unknown": (refused("001003", "SQL compilation error:\nsyntax error line 1 at position 7."), "refused a statement"),
}


@pytest.mark.parametrize(("answer", "sentence"), STATEMENTS.values(), ids=STATEMENTS)
def test_a_refused_statement_says_why(settings: Callable[..., Settings], answer: Answer, sentence: str) -> None:
    with service(settings, {"SELECT 1": answer}) as wrong:
        failure = sentence_of(wrong, lambda session: session.rows("select 1"))
    assert isinstance(failure, WarehouseError)
    assert sentence in str(failure)


def test_a_stage_that_refuses_is_named_and_nothing_is_copied(settings: Callable[..., Settings]) -> None:
    answer = refused(
        "003001", "SQL access control error:\nInsufficient privileges to operate on stage 'FILES'.", "42501"
    )
    copied = refused("001003", "It was copied.")
    with service(settings, {"put 'file": answer, "copy into": copied}) as wrong:
        wrong = wrong.model_copy(update={"snowflake": wrong.snowflake.model_copy(update={"stage": "FILES"})})
        failure = sentence_of(wrong, lambda session: session.append("ops.things", pa.table({"id": ["a"]})))
    assert "stage refused a file" in str(failure)
    assert "snowflake.stage = FILES" in str(failure)


def test_what_failed_in_a_transaction_is_what_is_told_when_the_rollback_fails_too(
    settings: Callable[..., Settings],
) -> None:
    def work(session: Any) -> None:
        with session.transaction():
            session.execute("delete from ops.things where true")

    lost = refused("390111", "Session no longer exists. New login required to access the service.")
    refusals = {"DELETE": refused("000630", "Statement reached its timeout"), "rollback": lost}
    with service(settings, refusals) as wrong:
        assert "cancelled a statement (DELETE" in str(sentence_of(wrong, work))


@pytest.mark.parametrize(
    ("content", "changed", "sentence"),
    [
        (None, {}, "cannot be read (No such file or directory): correct snowflake.private_key_path"),
        (b"not a key", {}, "cannot be opened: it must be an RSA key in PEM"),
        ("key", {"private_key_passphrase": "x"}, "is not encrypted: leave out"),
        ("encrypted", {}, "is encrypted: set BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PASSPHRASE"),
        ("encrypted", {"private_key_passphrase": "hunter2"}, "PASSPHRASE must be its passphrase"),
    ],
    ids=["no file", "no key", "needless passphrase", "missing passphrase", "wrong passphrase"],
)
def test_a_wrong_key_is_named(
    settings: Callable[..., Settings],
    tmp_path: Path,
    key: bytes,
    content: bytes | str | None,
    changed: dict[str, str],
    sentence: str,
) -> None:
    path = tmp_path / "other.p8"
    if content == "encrypted":
        opened = serialization.load_pem_private_key(key, None)
        content = opened.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"right"),
        )
    if content is not None:
        path.write_bytes(key if content == "key" else content)
    failure = sentence_of(settings(private_key_path=path, **changed))
    assert isinstance(failure, ConfigurationError)
    assert sentence in str(failure)
    assert "hunter2" not in str(failure)


@pytest.mark.parametrize("form", ["file", "pem", "escaped", "body"])
def test_a_key_is_taken_in_every_form_of_it(settings: Callable[..., Settings], key: bytes, form: str) -> None:
    text = key.decode()
    given = {
        "file": {},
        "pem": {"private_key": text},
        "escaped": {"private_key": text.replace("\n", "\\n")},
        "body": {"private_key": "".join(text.splitlines()[1:-1])},
    }[form]
    with service(lambda **address: settings(**address, **given), {}) as right, Warehouse(right).session() as session:
        session.execute("select 1")
