"""A failed run is told in the words of its step; a receiver that refuses is told without its secret address."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from orchestration.lib.alerts import build_failure_sensor, post, sentence
from pipelines.config import Alerts
from pipelines.failures import SourceUnavailable


class Receiver:
    """Keeps what is posted, and answers with a status."""

    def __init__(self, status: int) -> None:
        self.told: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.told.append(json.loads(body)["text"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/very-secret"


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    found = Receiver(getattr(request, "param", 200))
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@dg.op
def read() -> None:
    raise dg.Failure("Shop us lacks the scope read_orders; add it.", allow_retries=False)


@dg.job
def extract() -> None:
    read()


def test_a_failed_run_is_told_in_the_words_of_its_step(receiver: Receiver) -> None:
    sensor = build_failure_sensor(Alerts(webhook_url=receiver.url, ui_url="https://dagster.example/"))
    with dg.DagsterInstance.ephemeral() as instance:
        done = extract.execute_in_process(instance=instance, raise_on_error=False, tags={"dagster/partition": "us"})
        event = next(event for event in done.all_events if event.event_type == dg.DagsterEventType.RUN_FAILURE)
        context = dg.build_run_status_sensor_context(
            sensor_name="tell_about_failures",
            dagster_instance=instance,
            dagster_run=done.dagster_run,
            dagster_event=event,
        ).for_run_failure()
        sensor(context)
    [told] = receiver.told
    assert told.startswith("Boomerang: extract of shop us failed")
    assert "Shop us lacks the scope read_orders; add it." in told
    assert told.endswith(f"https://dagster.example/runs/{done.run_id}")


def test_without_an_address_of_the_ui_there_is_no_link() -> None:
    run = dg.DagsterRun(job_name="model", run_id="0123456789")
    assert sentence(Alerts(), run, ["dbt stopped."]) == "Boomerang: model failed (run 01234567). dbt stopped."


@pytest.mark.parametrize("receiver", [403], indirect=True)
def test_a_receiver_that_refuses_is_named_without_its_address(receiver: Receiver) -> None:
    with pytest.raises(SourceUnavailable, match=r"HTTP 403.*alerts\.webhook_url") as refused:
        post(receiver.url, "text")
    assert "very-secret" not in str(refused.value)


def test_a_receiver_that_is_not_there_is_a_sentence(receiver: Receiver) -> None:
    nobody = "http://127.0.0.1:9/hooks/very-secret"
    with pytest.raises(SourceUnavailable, match="could not be posted") as refused:
        post(nobody, "text")
    assert "very-secret" not in str(refused.value)
