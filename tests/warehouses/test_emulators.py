"""The emulators answer as the real services do where the platform counts on it."""

import io
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import snowflake.connector
from google.cloud import bigquery
from google.oauth2 import service_account

from pipelines.config import Settings
from tests.warehouses.servers import ROOT, UNIVERSE, Server

# warnings of the connector about versions of its own parts
pytestmark = pytest.mark.filterwarnings("ignore::Warning:snowflake.connector.*", "ignore::ResourceWarning")


def snowflake_session(server: Server, database: str) -> snowflake.connector.SnowflakeConnection:
    return snowflake.connector.connect(
        account="emulated",
        user="BOOMERANG",
        database=database,
        host="127.0.0.1",
        port=server.port,
        protocol="http",
        private_key_file=str(server.folder / "key.p8"),
    )


def bigquery_client(server: Server, project: str) -> bigquery.Client:
    account = service_account.Credentials.from_service_account_file(str(server.folder / "service_account.json"))
    options = {"api_endpoint": server.origin, "universe_domain": UNIVERSE}
    return bigquery.Client(project=project, credentials=account, client_options=options)


def test_settings_point_at_the_engine(warehouse_settings: Settings, warehouse_engine: str) -> None:
    assert warehouse_settings.warehouse == warehouse_engine


def test_databases_of_one_server_know_nothing_of_each_other(snowflake_server: Server) -> None:
    with snowflake_session(snowflake_server, "A1") as one, snowflake_session(snowflake_server, "A2") as other:
        for session in (one, other):
            session.cursor().execute("create schema ops")
            session.cursor().execute("create table ops.t (a bigint)")
        one.cursor().execute("insert into ops.t values (1)")
        assert other.cursor().execute("select count(*) from ops.t").fetchall() == [(0,)]
    with snowflake_session(snowflake_server, "A1") as again:
        assert again.cursor().execute("select count(*) from ops.t").fetchall() == [(1,)]


def test_a_failed_statement_leaves_the_session_usable(snowflake_server: Server) -> None:
    with snowflake_session(snowflake_server, "B1") as session:
        session.cursor().execute("begin")
        with pytest.raises(snowflake.connector.errors.ProgrammingError):
            session.cursor().execute("select missing")
        assert session.cursor().execute("select 1").fetchall() == [(1,)]


def test_a_file_is_put_to_a_tables_stage_and_copied_by_column_name(snowflake_server: Server, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"amount": pa.array([Decimal("1.25")], pa.decimal128(38, 6)), "id": [7]}), file)
    with snowflake_session(snowflake_server, "C1") as session:
        cursor = session.cursor()
        cursor.execute("create schema ops")
        cursor.execute("create table ops.t (id bigint, amount number(38, 6), missing varchar)")
        cursor.execute(f'put file://{file} \'@"OPS"."%T"/load\' overwrite = true auto_compress = false')
        cursor.execute(
            'copy into ops.t from \'@"OPS"."%T"/load\' '
            "file_format = (type = 'PARQUET', use_logical_type = true) match_by_column_name = 'CASE_INSENSITIVE'"
        )
        assert cursor.execute("select id, amount, missing from ops.t").fetchall() == [(7, Decimal("1.250000"), None)]


def test_projects_of_one_server_know_nothing_of_each_other(bigquery_server: Server) -> None:
    one, other = bigquery_client(bigquery_server, "a1"), bigquery_client(bigquery_server, "a2")
    for client in (one, other):
        client.create_dataset("ops")
        client.query_and_wait("create table ops.t (a int64)")
    one.query_and_wait("insert into ops.t (a) values (1)")
    assert [tuple(row) for row in other.query_and_wait("select count(*) from ops.t")] == [(0,)]


def test_a_parquet_load_matches_columns_by_name(bigquery_server: Server) -> None:
    client = bigquery_client(bigquery_server, "b1")
    client.create_dataset("ops")
    client.query_and_wait("create table ops.t (id int64, missing string, amount numeric(38, 9))")
    file = io.BytesIO()
    pq.write_table(pa.table({"amount": pa.array([Decimal("1.25")], pa.decimal128(38, 9)), "id": [7]}), file)
    file.seek(0)
    job = bigquery.LoadJobConfig(source_format="PARQUET", write_disposition="WRITE_APPEND")
    client.load_table_from_file(file, "b1.ops.t", job_config=job).result()
    rows = [tuple(row) for row in client.query_and_wait("select id, amount, missing from ops.t")]
    assert rows == [(7, Decimal("1.25"), None)]


def test_numeric_holds_nine_decimals(bigquery_server: Server) -> None:
    client = bigquery_client(bigquery_server, "c1")
    client.create_dataset("ops")
    client.query_and_wait("create table ops.t (a numeric) as (select numeric '1.123456789' as a)")
    assert [tuple(row) for row in client.query_and_wait("select a from ops.t")] == [(Decimal("1.123456789"),)]


def test_temporary_tables_belong_to_their_session(bigquery_server: Server) -> None:
    answers = []
    for project in ("d1", "d2"):
        client = bigquery_client(bigquery_server, project)
        opened = client.query("select 1", job_config=bigquery.QueryJobConfig(create_session=True))
        opened.result()
        session = bigquery.query.ConnectionProperty("session_id", opened.session_info.session_id)
        config = bigquery.QueryJobConfig(connection_properties=[session])
        client.query_and_wait(f"create temp table z as select '{project}' as q", job_config=config)
        answers += [tuple(row) for row in client.query_and_wait("select q from z", job_config=config)]
    assert answers == [("d1",), ("d2",)]


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_a_server_ends_with_the_process_that_started_it(engine: str) -> None:
    command = [sys.executable, "-m", "tests.warehouses.servers", engine]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        assert "BOOMERANG_WAREHOUSE" in parent.stdout.readline()
        server = int(subprocess.check_output(["pgrep", "-P", str(parent.pid)], text=True).split()[0])
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    give_up_at = time.monotonic() + 20
    while Path(f"/proc/{server}").exists() and time.monotonic() < give_up_at:
        time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
