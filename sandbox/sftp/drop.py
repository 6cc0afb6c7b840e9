"""Writes the files that are due into the operator's folder, dated by the world's clock.

A history comes as one file for each month (stock: one count at the month's end) and daily files for its last two weeks;
from then on each cut brings its files when the world's clock passes it.
"""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from sandbox.backoffice.lags import DAY
from sandbox.backoffice.threepl import ThreePL
from sandbox.backoffice.threepl_cuts import DAILY_DAYS, SHIPMENTS_AFTER, WRITTEN_AFTER, cuts, midnight, months
from sandbox.backoffice.threepl_sites import NORDLAGER, SITES, Site
from sandbox.faults import Faults
from sandbox.sftp import csv_files, spoil, x12_files
from sandbox.sftp.cuttings import KINDS, Cutting, cutting
from sandbox.sftp.file_faults import FILE_FAULTS
from sandbox.sftp.spoil import Upload

_DDL = """
CREATE TABLE IF NOT EXISTS tp_files (
    site TEXT NOT NULL, kind TEXT NOT NULL, cut INTEGER NOT NULL, number INTEGER NOT NULL, names TEXT NOT NULL,
    PRIMARY KEY (site, kind, cut)
) WITHOUT ROWID;
"""
_PULSE = 0.1


class Drop:
    """The folder `root` as its visitors see it: `/out/leipzig`, `/out/hamburg`, `/in`."""

    def __init__(self, root: Path, part: ThreePL, faults: Faults) -> None:
        """Use a folder, made when it is missing."""
        self.root = root
        self._part = part
        self._faults = faults
        self._late: list[tuple[Path, str, int]] = []
        self._growing: list[threading.Event] = []
        part.records.connection().executescript(_DDL)
        self._folders()

    def _folders(self) -> None:
        for site in _sites():
            (self.root / "out" / site.folder).mkdir(parents=True, exist_ok=True)
        (self.root / "in").mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Empty the folder; what was there is written again by `catch_up`."""
        self.close()
        shutil.rmtree(self.root, ignore_errors=True)
        self._late.clear()
        self._folders()
        with self._part.records.transaction() as connection:
            connection.execute("DELETE FROM tp_files")

    def close(self) -> None:
        """Leave uploads that are still going on as they are."""
        for event in self._growing:
            event.set()
        self._growing.clear()

    def catch_up(self, now: int) -> int:
        """Write what is due at an instant; returns how many files there are more."""
        late, self._late = self._late, []
        for path, text, at in late:
            _put(path, text, at)
        written = len(late)
        for site in _sites():
            due = [entry for kind in KINDS for entry in self._due(site, kind, now)]
            number = int(
                self._part.records.rows("SELECT coalesce(max(number), 0) FROM tp_files WHERE site = ?", site.code)[0][0]
            )
            for cut, kind, after in sorted(due, key=lambda entry: (entry[0], KINDS.index(entry[1]))):
                number, names = self._write(site, kind, after, cut, number + 1)
                written += len(names)
                with self._part.records.transaction() as connection:
                    connection.execute(
                        "INSERT INTO tp_files VALUES (?, ?, ?, ?, ?)", (site.code, kind, cut, number, ",".join(names))
                    )
        return written

    def _due(self, site: Site, kind: str, now: int) -> list[tuple[int, str, int]]:
        """Return (cut, kind, the cut before) of the files that are missing."""
        until = now - WRITTEN_AFTER
        last = self._part.records.rows("SELECT max(cut) FROM tp_files WHERE site = ? AND kind = ?", site.code, kind)
        if last[0][0] is not None:
            ends = [int(last[0][0]), *cuts(site, int(last[0][0]), until, twice=kind == "shp")]
        else:
            start = self._part.records.rows("SELECT min(at) FROM tp_movements")[0][0]
            if start is None:
                return []
            daily = midnight(site.zone, now - DAILY_DAYS * DAY)
            ends = [int(start) - 1, *(cut for cut in months(site, int(start), daily) if cut < daily), daily]
            ends += cuts(site, daily, until, twice=kind == "shp")
        return [(cut, kind, after) for after, cut in pairwise(ends)]

    def _write(self, site: Site, kind: str, after: int, cut: int, number: int) -> tuple[int, list[str]]:
        # Files of one cut are written one after the other.
        written = cut + SHIPMENTS_AFTER + KINDS.index(kind) * 12
        made = cutting(self._part, kind, site, after, cut, written, number)
        if site.folder == "hamburg" and not made.records:
            return number - 1, []
        uploads, number = self._uploads(site, made)
        folder = self.root / "out" / site.folder
        for upload in uploads:
            path = folder / upload.name
            if upload.growing == 0 and not upload.part:
                _put(path, upload.text, written)
            else:
                self._grow(path, upload)
        return number, [upload.name for upload in uploads]

    def _uploads(self, site: Site, cut: Cutting) -> tuple[list[Upload], int]:
        fault = next(
            (f for kind in FILE_FAULTS if (f := self._faults.take(kind, shop=site.code, name=cut.kind)) is not None),
            None,
        )
        strike = fault["kind"] if fault else ""
        if strike == "few_rows":
            cut = spoil.few(cut)
        elif strike == "backward_file" and cut.kind == "inv":
            cut = spoil.backward(cut)
        upload = _upload(site, cut)
        if strike == "corrected_file":
            later = replace(cut, number=cut.number + 1, written=cut.written + 6)
            return spoil.corrected(upload, _upload(site, later)), cut.number + 1
        if strike == "late_file":
            self._late.append((self.root / "out" / site.folder / upload.name, upload.text, cut.written))
            return [], cut.number
        if strike == "partial_upload":
            seconds: Any = (fault or {}).get("seconds")
            return [replace(upload, growing=seconds, part=bool((fault or {}).get("part")))], cut.number
        spoiled = _SPOILED.get(strike)
        return (spoiled(upload) if spoiled else [upload]), cut.number

    def _grow(self, path: Path, upload: Upload) -> None:
        """Put half of the file there, and bring the rest bit by bit."""
        target = path.with_name(path.name + ".part") if upload.part else path
        half = len(upload.text) // 2
        target.write_text(upload.text[:half], encoding="utf-8")
        if upload.growing is None:
            return
        over = threading.Event()
        self._growing.append(over)
        steps = max(1, int(upload.growing / _PULSE))

        def bring() -> None:
            size = -(-(len(upload.text) - half) // steps)
            for step in range(steps):
                if over.wait(_PULSE):
                    return
                with target.open("a", encoding="utf-8") as file:
                    file.write(upload.text[half + step * size : half + (step + 1) * size])
            if upload.part:
                target.rename(path)

        threading.Thread(target=bring, daemon=True, name="upload").start()


_SPOILED = {
    "duplicate_file": spoil.duplicated,
    "reused_number": spoil.reused,
    "truncated_file": spoil.truncated,
    "empty_file": spoil.empty,
    "changed_column": spoil.changed,
    "unknown_zone": spoil.unknown_zone,
}


def _sites() -> list[Site]:
    return [site for site in SITES if site.partner == NORDLAGER]


def _upload(site: Site, cut: Cutting) -> Upload:
    writer = csv_files if site.folder == "leipzig" else x12_files
    return Upload(writer.name_of(cut), writer.text_of(cut))


def _put(path: Path, text: str, at: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at, at))
