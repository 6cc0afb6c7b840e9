"""One run over ShipBob's API: places and their zones, everything else side by side, then loaded entity by entity."""

import asyncio
import shutil
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.config import Settings
from pipelines.door.scratch import scratch
from pipelines.failures import AuthenticationFailed, BoomerangError, SourceError
from pipelines.intake.ledger import Window
from pipelines.intake.problems import report_problem
from pipelines.intake.receiving import Intake
from pipelines.intake.report import rows_said
from pipelines.progress import Progress
from pipelines.threepl.files.content import arrow_of
from pipelines.threepl.problems import FeedCode, FeedRefused
from pipelines.threepl.shipbob.client import RateLimited, Reply, ShipBobClient
from pipelines.threepl.shipbob.reading import Read, Reader, Span
from pipelines.threepl.shipbob.tables import TABLES, WORDS, records_of
from pipelines.threepl.zones import iana_zone
from pipelines.threepl_settings import ShipBobPartner
from pipelines.warehouse import Session

STAGE = "extract"
ENTITIES = ("warehouses", "orders", "shipments", "inventory_snapshots", "movements", "receipts", "returns")
# The kind of record that brings an entity, and the view that its SQL reads.
_KINDS = {
    "orders": "order",
    "shipments": "order",
    "inventory_snapshots": "level",
    "movements": "event",
    "receipts": "receiving",
    "returns": "return",
}
_VIEWS = {
    "order": "orders_read",
    "level": "levels_read",
    "event": "events_read",
    "receiving": "receiving_read",
    "return": "returns_read",
}
_DOCUMENTS = {"receiving": ("receipts", "receipt_id"), "return": ("returns", "return_id")}
# Entities whose items are named by numbers of the list of stock.
_BY_NUMBER = ("shipments", "receipts")


def extract_shipbob(
    settings: Settings, partner: ShipBobPartner, entities: Iterable[str], run_id: str, progress: Progress
) -> Intake:
    """Load what is new; the intake holds the report, and the failures by entity, which the caller raises."""
    wanted = [entity for entity in ENTITIES if entity in set(entities)]
    try:
        places: Reply | BoomerangError = asyncio.run(_places(settings, partner))
    except SourceError as error:
        places = error
    now = places.served_at if isinstance(places, Reply) else None
    with Intake(settings, "threepl", partner.name, run_id=run_id, source_now=now) as intake:
        run = ShipBobRun(settings, partner, intake, wanted, progress)
        if isinstance(places, BoomerangError):
            run.tell(wanted, places)
            raise places
        run.run(places.body)
    return intake


async def _places(settings: Settings, partner: ShipBobPartner) -> Reply:
    async with _client(settings, partner) as client:
        return await client.get("location", {"IncludeInactive": "true"})


def _client(settings: Settings, partner: ShipBobPartner) -> ShipBobClient:
    given = settings.extraction
    return ShipBobClient(partner, timeout=given.request_timeout_seconds, attempts=given.attempts)


class ShipBobRun:
    """The steps of a run, which shares one intake."""

    def __init__(
        self, settings: Settings, partner: ShipBobPartner, intake: Intake, entities: list[str], progress: Progress
    ) -> None:
        """Nothing is read yet."""
        self._settings, self._partner, self._intake = settings, partner, intake
        self._entities, self._progress = entities, progress
        self._folder = settings.data_dir / "files" / partner.name

    def run(self, places: list[Mapping[str, Any]]) -> None:
        """Plan a window for each entity, read them all, and load what could be read."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        warehouses = self._warehouses(places)
        spans = {entity: self._span(entity) for entity in self._entities if entity in _KINDS}
        windows = {
            entity: self._intake.plan(entity, window_from=span.start, window_to=span.end)
            for entity, span in spans.items()
        }
        for entity in self._entities:
            self._progress.start(STAGE, f"{self._partner.name}/{entity}")
        reader = asyncio.run(self._read(spans, [str(place["id"]) for place in places]))
        if "warehouses" in self._entities:
            window = self._intake.plan("warehouses", mode="full")
            commit = partial(self._tell_zones, warehouses)
            self._intake.receive(window, {"warehouses": warehouses}, expected=warehouses.num_rows, on_commit=commit)
        with scratch(self._settings, self._folder / "scratch") as connection:
            connection.register("zones", warehouses)
            self._views(connection, reader)
            for entity, window in windows.items():
                self._load(connection, entity, window, reader)
        self._intake.load()
        for entity in self._entities:
            loaded = [result for result in self._intake.report.entities if result.entity == entity]
            self._progress.finish(STAGE, f"{self._partner.name}/{entity}", rows_said(loaded) if loaded else "failed")
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _read(self, spans: Mapping[str, Span], facilities: list[str]) -> Reader:
        kinds: dict[str, Span] = {}
        for entity, span in spans.items():
            kind = _KINDS[entity]
            starts = [one.start for one in (kinds.get(kind), span) if one is not None]
            kinds[kind] = Span(None if None in starts else min(start for start in starts if start), span.end)
        if any(entity in _BY_NUMBER for entity in spans):
            kinds.setdefault("level", Span(None, self._intake.now))
        with self._intake.session() as session:
            known = {kind: self._open_documents(session, kind) for kind in _DOCUMENTS if kind in kinds}
        async with _client(self._settings, self._partner) as client:
            reader = Reader(client, self._folder)
            await reader.run(kinds, facilities, known)
        return reader

    def _span(self, entity: str) -> Span:
        given, now = self._settings.extraction, self._intake.now
        end = now - timedelta(minutes=given.settle_minutes)
        cursor = self._intake.cursor(entity)
        if cursor is not None:
            return Span(cursor - given.overlap, end)
        return Span(now - timedelta(days=self._partner.history_days) if entity == "movements" else None, end)

    def _warehouses(self, places: list[Mapping[str, Any]]) -> pa.Table:
        """The places with their zones: as the settings say, else what the API's Windows name means."""
        rows = []
        for place in places:
            code = str(place["id"])
            known = self._partner.warehouses.get(code)
            configured = known.zone if known else None
            zone = configured or iana_zone(str(place.get("timezone") or ""))
            source = None if zone is None else "config" if configured else "file"
            rows.append({"warehouse_code": code, "name": place.get("name"), "zone": zone, "zone_source": source})
        names = ("warehouse_code", "name", "zone", "zone_source")
        return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))

    def _views(self, connection: duckdb.DuckDBPyConnection, reader: Reader) -> None:
        for kind, view in _VIEWS.items():
            path = reader.found[kind].path if kind in reader.found else None
            connection.execute(f"create or replace temp table {view} as {records_of(kind, path)}")
        connection.execute(
            "create or replace temp table skus as "
            "select r.inventory_id as inventory_id, any_value(r.sku) as sku from levels_read group by 1"
        )
        served_at = reader.found["level"].served_at if "level" in reader.found else None
        connection.register("clock", pa.table({"as_of": pa.array([served_at], pa.timestamp("us", "UTC"))}))

    def _load(self, connection: duckdb.DuckDBPyConnection, entity: str, window: Window, reader: Reader) -> None:
        kind = _KINDS[entity]
        failure = reader.failures.get(kind) or (reader.failures.get("level") if entity in _BY_NUMBER else None)
        try:
            if failure is not None:
                raise failure
            _refuse_unknown_words(connection, self._partner.name, entity)
            rows = arrow_of(connection, self._intake.contract, TABLES[entity])
            if entity == "inventory_snapshots":
                self._refuse_empty_stock(rows)
            commit = partial(self._tell_vanished, entity, reader.found[kind])
            expected = sum(table.num_rows for table in rows.values())
            self._intake.receive(window, rows, expected=expected, on_commit=commit)
        except SourceError as error:
            self._intake.give_up(window, error)
            self.tell([entity], error)

    def _refuse_empty_stock(self, rows: Mapping[str, pa.Table]) -> None:
        """An answer without any stock, where there was some, is no empty warehouse."""
        if rows:
            return
        with self._intake.session() as session:
            sql = "select count(*) from raw_threepl.inventory_snapshots where partner = ?"
            if session.rows(sql, (self._partner.name,))[0][0]:
                raise FeedRefused(
                    "FED-07",
                    f"Partner {self._partner.name} told no stock at all, though it did before; nothing is loaded, run "
                    "again, and ask the partner if it repeats.",
                )

    def tell(self, entities: Iterable[str], error: BoomerangError) -> None:
        """Note why entities could not be read."""
        code: FeedCode = "FED-01"
        if isinstance(error, FeedRefused):
            code = error.code
        elif isinstance(error, AuthenticationFailed | RateLimited):
            code = "FED-09"
        with self._intake.session() as session, session.transaction():
            for entity in entities:
                self._report(session, entity, code, str(error))

    def _tell_zones(self, warehouses: pa.Table, session: Session) -> None:
        unknown = [row["warehouse_code"] for row in warehouses.to_pylist() if row["zone"] is None]
        if unknown:
            sentence = (
                f"Partner {self._partner.name}: the zone of warehouse {', '.join(unknown)} is not known; set "
                f"threepl.{self._partner.name}.warehouses.{unknown[0]}.zone."
            )
            self._report(session, "warehouses", "FED-05", sentence)
            self._intake.failures["warehouses"] = SourceError(sentence)

    def _tell_vanished(self, entity: str, read: Read, session: Session) -> None:
        if read.vanished:
            sentence = (
                f"Partner {self._partner.name} no longer knows {entity} {', '.join(read.vanished[:5])} "
                f"({len(read.vanished)} in all) that were open; ask the partner what became of them."
            )
            self._report(session, entity, "FED-08", sentence)

    def _open_documents(self, session: Session, kind: str) -> list[str]:
        table, key = _DOCUMENTS[kind]
        found = session.rows(
            f"select {key} from raw_threepl.{table} where partner = ? and status not in ('completed', 'cancelled')",
            (self._partner.name,),
        )
        return [str(value) for (value,) in found]

    def _report(self, session: Session, entity: str, code: FeedCode, message: str) -> None:
        report_problem(
            session, source="threepl", connection=self._partner.name, feed=entity, code=code, message=message,
            run_id=self._intake.run_id, detected_at=self._intake.extracted_at,
        )  # fmt: skip


def _refuse_unknown_words(connection: duckdb.DuckDBPyConnection, partner: str, entity: str) -> None:
    for table, sql in TABLES[entity].items():
        if table in WORDS:
            found = connection.execute(
                f"select status_given from ({sql}) where {WORDS[table]} is null and status_given is not null limit 1"
            ).fetchone()
            if found is not None:
                raise FeedRefused(
                    "FED-04",
                    f"Partner {partner} uses the word '{found[0]}' in {table}, which is not known; nothing of the "
                    "window is loaded until pipelines/threepl/shipbob/records.py says what it means.",
                )
