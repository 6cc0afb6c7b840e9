"""A session of BigQuery is ended with one request, whatever comes back: a process that wants to end must not wait."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery import Client

from pipelines.warehouse.bigquery_session import Connection, end_session


def test_a_service_that_is_down_is_asked_once_to_end_a_session() -> None:
    asked: list[str] = []

    class Down(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Down) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = {"api_endpoint": f"http://127.0.0.1:{server.server_port}"}
        client = Client(project="merchant", credentials=AnonymousCredentials(), client_options=options)
        connection = Connection(client)
        connection.session_id = "session"
        end_session(connection)
        server.shutdown()
        client.close()
    assert len(asked) == 1
    assert connection.session_id is None
