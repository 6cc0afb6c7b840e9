"""Lines of files of the data folder that name a person: logs, reports, exports that wait, and rows of SQLite files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipelines.config import Settings
from pipelines.privacy.files import SQLITE, Spellings, files_of, is_copy, is_kept, readable, spelled
from pipelines.privacy.person import Person

# A line longer than this is a whole file about many: of it only what stands around the person is given.
LONGEST_LINE = 10_000
AROUND = 200


@dataclass(frozen=True)
class Quote:
    """A line that names the person. `file` is a path below the data folder."""

    file: str
    text: str


def quotes(settings: Settings, person: Person) -> Iterator[Quote]:
    """Every line, with only the texts that name this person alone: a first name is also somebody else's."""
    spellings = spelled(person.texts)
    if spellings is None:
        return
    for file in files_of(settings.data_dir):
        name = str(file.relative_to(settings.data_dir))
        if is_kept(settings, name) or is_copy(file):  # a copy of the warehouse says what the warehouse says
            continue
        for line in _texts(file):
            if spellings.found_in(line):
                yield from (Quote(name, text) for text in _cut(line, spellings))


def _texts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        head = opened.read(len(SQLITE))
    if head != SQLITE:
        yield from readable(file, head).split(b"\n")
        return
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'select * from "{table}"'):  # the name comes from the file's own schema
                for value in row:
                    if isinstance(value, str | bytes):
                        yield value.encode() if isinstance(value, str) else value


def _cut(line: bytes, spellings: Spellings) -> Iterator[str]:
    if len(line) <= LONGEST_LINE:
        yield line.decode("utf-8", "replace").strip()
        return
    end = 0
    for match in spellings.pattern.finditer(line):
        if match.start() >= end:
            end = match.end() + AROUND
            yield line[max(0, match.start() - AROUND) : end].decode("utf-8", "replace").strip()
