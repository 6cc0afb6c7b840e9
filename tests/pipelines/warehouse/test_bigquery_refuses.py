"""Whatever BigQuery refuses ends in one sentence that says what to do; the client that raises it is the real one."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.failures import ConfigurationError, WarehouseError
from tests.pipelines.warehouse.refusing import Answer, answering, sentence_of
from tests.warehouses.keys import throwaway_key

FIELDS = [{"name": "id", "type": "INTEGER", "mode": "NULLABLE"}]


@pytest.fixture(scope="session")
def key() -> str:
    """A throw-away private key."""
    return throwaway_key().decode()


@pytest.fixture
def settings(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings on BigQuery at an address, some of them changed."""
    monkeypatch.chdir(tmp_path)

    def made(origin: str, **changed: Any) -> Settings:
        account = {
            "type": "service_account",
            "project_id": "acme",
            "private_key_id": "1",
            "private_key": key,
            "client_email": "loader@acme.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{origin}/token",
        }
        (tmp_path / "account.json").write_text(json.dumps(account), encoding="utf-8")
        section = {
            "project": "acme",
            "location": "EU",
            "credentials_path": tmp_path / "account.json",
            "api_endpoint": origin,
            "network_timeout_seconds": 1,
            **changed,
        }
        shop = {"domain": "example-us.myshopify.com", "access_token": "token"}
        return Settings(data_dir=tmp_path, shops={"us": shop}, warehouse="bigquery", bigquery=section)

    return made


def refused(status: int, reason: str, message: str) -> Answer:
    """An error in the form of Google's APIs."""
    entry = {"message": message, "domain": "global", "reason": reason}
    return status, {"error": {"code": status, "message": message, "errors": [entry]}}


def failed_job(reason: str, message: str) -> dict[str, Any]:
    """The state of a job that ran into an error."""
    error = {"reason": reason, "message": message}
    return {"state": "DONE", "errorResult": error, "errors": [error]}


@contextmanager
def service(
    settings: Callable[..., Settings], refusals: dict[str, Answer | dict[str, Any]], location: str = "EU"
) -> Iterator[Settings]:
    """Settings of a BigQuery that refuses requests which contain one of these texts, or fails their jobs."""

    def answer(method: str, path: str, body: dict[str, Any]) -> Answer:
        if path.startswith("/token"):
            return refusals.get("/token", (200, {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}))
        query = body.get("configuration", {}).get("query", {}).get("query", "")
        status: dict[str, Any] = {"state": "DONE"}
        for text, refusal in refusals.items():
            if text in f"{method} {path} {query}":
                if isinstance(refusal, tuple):
                    return refusal
                status = refusal
        reference = {"projectId": "acme", "jobId": "job_1", "location": location}
        if "/datasets/" in path and "/tables" not in path:
            dataset = {"projectId": "acme", "datasetId": path.rsplit("/", 1)[1].partition("?")[0]}
            return 200, {"datasetReference": dataset, "location": location}
        if "/tables/" in path:
            table = {"projectId": "acme", "datasetId": "ops", "tableId": "things"}
            return 200, {"tableReference": table, "schema": {"fields": FIELDS}}
        done = {"jobReference": reference, "status": status, "statistics": {"sessionInfo": {"sessionId": "s1"}}}
        result = {"jobReference": reference, "jobComplete": True, "schema": {"fields": FIELDS}, "totalRows": "0"}
        return 200, {**result, **done, "configuration": body.get("configuration", {"query": {"query": query}})}

    with answering(answer) as origin:
        yield settings(origin)


CREDENTIALS = {
    "no file": (None, "cannot be read (No such file or directory)"),
    "no JSON": ("nonsense", "it is no key of a service account"),
    "no key": ('{"type": "service_account"}', "it is no key of a service account"),
}


@pytest.mark.parametrize(("content", "sentence"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_wrong_credentials_are_named(
    settings: Callable[..., Settings], tmp_path: Path, content: str | None, sentence: str
) -> None:
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    failure = sentence_of(settings("http://127.0.0.1:9", credentials_path=path))
    assert isinstance(failure, ConfigurationError)
    assert sentence in str(failure)
    assert "BOOMERANG_BIGQUERY__CREDENTIALS_PATH" in str(failure)


def test_a_machine_without_an_identity_is_told_what_gives_one(
    settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    failure = sentence_of(settings("http://127.0.0.1:9", credentials_path=None))
    assert "There are no Google credentials on this machine: set BOOMERANG_BIGQUERY__CREDENTIALS_PATH" in str(failure)


def test_a_deleted_key_is_told(settings: Callable[..., Settings]) -> None:
    invalid = (400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
    with service(settings, {"/token": invalid}) as wrong:
        failure = sentence_of(wrong)
    assert isinstance(failure, ConfigurationError)
    assert "Google refused the credentials" in str(failure)


PROJECTS = {
    "project": (
        refused(
            403, "accessDenied", "Access Denied: Project acme: User does not have bigquery.jobs.create permission."
        ),
        "there is no project acme",
    ),
    "billing": (refused(403, "billingNotEnabled", "Billing has not been enabled for this project."), "enable billing"),
}


@pytest.mark.parametrize(("answer", "sentence"), PROJECTS.values(), ids=PROJECTS)
def test_a_project_that_may_not_be_used_is_named(
    settings: Callable[..., Settings], answer: Answer, sentence: str
) -> None:
    with service(settings, {"GET /bigquery/v2/projects/acme/datasets/raw_shopify": answer}) as wrong:
        assert sentence in str(sentence_of(wrong))


def test_datasets_that_lie_elsewhere_are_named_with_their_place(settings: Callable[..., Settings]) -> None:
    with service(settings, {}, location="US") as wrong:
        failure = sentence_of(wrong)
    assert isinstance(failure, ConfigurationError)
    assert "dataset acme.raw_shopify lies in US, not in EU: set bigquery.location" in str(failure)


@pytest.mark.parametrize("reached", ["tokens only", "nothing"])
def test_nobody_at_the_address_is_said(settings: Callable[..., Settings], reached: str) -> None:
    with answering(lambda *_: (200, {})) as nobody:
        pass
    token = {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
    with answering(lambda *_: (200, token)) as tokens:
        wrong = settings(tokens if reached == "tokens only" else nobody, api_endpoint=nobody)
        assert f"BigQuery cannot be reached at {nobody}" in str(sentence_of(wrong))


JOBS = {
    "bytes billed": (
        failed_job(
            "bytesBilledLimitExceeded",
            "Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.",
        ),
        "would read more than bigquery.maximum_bytes_billed allows (SELECT 1)",
    ),
    "timeout": (failed_job("stopped", "Job timed out after 5s"), "cancelled a statement (SELECT 1): Job timed out"),
    "quota": (
        failed_job("quotaExceeded", "Quota exceeded: Your project exceeded quota for free query bytes scanned."),
        "quota of project acme is used up",
    ),
    "conflict": (
        failed_job("invalidQuery", "Transaction is aborted due to concurrent update against table acme:ops.t."),
        "Another run writes the rows",
    ),
    "dataset": (
        failed_job("notFound", "Not found: Dataset acme:marts was not found in location EU"),
        "has no such dataset in EU",
    ),
    "table": (
        failed_job("notFound", "Not found: Table acme:ops.t was not found in location EU"),
        "finds no such table in project acme",
    ),
    "value": (failed_job("invalidQuery", "Invalid NUMERIC value: 1e60"), "cannot hold a value in the column's type"),
    "unknown": (failed_job("invalidQuery", "Syntax error: Unexpected end at [1:9]"), "refused a statement (SELECT 1)"),
}


@pytest.mark.parametrize(("status", "sentence"), JOBS.values(), ids=JOBS)
def test_a_refused_job_says_why(settings: Callable[..., Settings], status: dict[str, Any], sentence: str) -> None:
    with service(settings, {"/jobs": status}) as wrong:
        assert sentence in str(sentence_of(wrong, lambda session: session.rows("select 1")))


def test_a_load_that_is_refused_names_the_table(settings: Callable[..., Settings]) -> None:
    answer = refused(400, "invalid", "Error while reading data, error message: Schema mismatch")
    rows = pa.table({"id": list(range(5_000))})
    with service(settings, {"/upload/": answer}) as wrong:
        failure = sentence_of(wrong, lambda session: session.append("ops.things", rows))
    assert isinstance(failure, WarehouseError)
    assert "BigQuery refused a file (load into ops.things)" in str(failure)


def test_what_failed_in_a_transaction_is_what_is_told_when_the_rollback_fails_too(
    settings: Callable[..., Settings],
) -> None:
    def work(session: Any) -> None:
        with session.transaction():
            session.execute("delete from ops.things where true")

    refusals: dict[str, Answer | dict[str, Any]] = {
        "DELETE": refused(403, "quotaExceeded", "Quota exceeded for table ops.things"),
        "rollback": refused(400, "invalidQuery", "There is no active transaction"),
    }
    with service(settings, refusals) as wrong:
        assert "quota of project acme is used up" in str(sentence_of(wrong, work))
