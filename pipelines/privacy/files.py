"""Takes a person out of the files of the data folder.

What sources sent and is waiting there goes whole: it is read again. Of everything else only what names the person goes:
lines of logs, reports and results are rewritten, rows of SQLite files (Dagster's runs) are rewritten and their file
compacted, and what can not be read in parts is removed when it names the person.
"""

import gzip
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings
from pipelines.privacy.erasure import REPLACEMENT
from pipelines.privacy.person import Person
from pipelines.privacy.suppression import KEY_FILE

# Another world's, not ours: the stand-in for Shopify of the demo. And what never holds anything read from anywhere.
LEFT_ALONE = ("sandbox", "locks")
# Made from code alone, and read by machines: only what names nobody else is looked for here.
FROM_CODE = ("dbt/manifest.json", "dbt/partial_parse.msgpack")
SQLITE = b"SQLite format 3\0"


@dataclass
class Scrubbed:
    """What was done to files, as paths below the data folder."""

    removed: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Files that were touched."""
        return len(self.removed) + len(self.rewritten)


def scrub_files(settings: Settings, person: Person, connections: Sequence[str], *, dry_run: bool = False) -> Scrubbed:
    """Take the person out of every file but the warehouse's own; the caller holds the connections.

    With `dry_run`, say what would be done. Raises OSError and sqlite3.Error when a file can not be changed.
    """
    done = Scrubbed()
    root = settings.data_dir
    for folder in _arrivals(root, connections):
        done.removed += [str(file.relative_to(root)) for file in files_of(folder)]
        if not dry_run:
            shutil.rmtree(folder, ignore_errors=True)
    texts, words = spelled(person.texts), spelled(person.texts, person.words)
    gone = set(done.removed)
    for file in files_of(root):
        name = str(file.relative_to(root))
        if name in gone or is_kept(settings, name):
            continue
        _scrub(file, name, texts if name in FROM_CODE else words, done, dry_run)
    return done


@dataclass(frozen=True)
class Spellings:
    """How files spell what names a person: `forms` in lower case, to look for first, and a pattern for all of them."""

    forms: tuple[bytes, ...]
    pattern: re.Pattern[bytes]

    def found_in(self, content: bytes) -> bool:
        """Whether the person is named. Plain texts first: a pattern of them takes a hundred times as long."""
        lowered = content.lower()
        return any(form in lowered for form in self.forms) and self.pattern.search(content) is not None

    def replaced_in(self, content: bytes) -> bytes:
        """The content without the person."""
        return self.pattern.sub(REPLACEMENT.encode(), content)


def spelled(texts: Iterable[str], words: Iterable[str] = ()) -> Spellings | None:
    """Texts as files spell them: any case, UTF-8, JSON's escapes; words stand alone. None when there are none."""
    of_texts = {form for text in texts for form in _forms(text)}
    of_words = {form for word in words for form in _forms(word)}
    found = [re.escape(form) for form in of_texts] + [rf"(?<![^\W_]){re.escape(form)}(?![^\W_])" for form in of_words]
    if not found:
        return None
    # The longest first: a part of an address is no reason to leave the rest of it.
    parts = [form.encode() for form in sorted(found, key=len, reverse=True)]
    forms = {form.encode().lower() for form in of_texts | of_words}
    return Spellings(tuple(sorted(forms)), re.compile(b"|".join(parts), re.IGNORECASE))


def _forms(text: str) -> set[str]:
    cases = (text, text.title(), text.upper())
    escaped = [json.dumps(one)[1:-1] for one in cases]
    return {*cases, *escaped, *(one.replace("/", "\\/") for one in escaped)}


def _arrivals(root: Path, connections: Sequence[str]) -> list[Path]:
    exports = [root / "exports" / name for name in connections]
    exports += [root / "exports" / f"{name}-pages" for name in connections]
    of_sources = [f"{source}_{name}" for source in ("shopify", "erp", "threepl") for name in connections]
    landed = [root / "landing" / name for name in of_sources]
    packages = [root / "dlt" / name for name in of_sources]
    return [folder for folder in (*exports, *landed, *packages) if folder.is_dir()]


def files_of(folder: Path) -> list[Path]:
    """Every file below a folder, sorted; links are none."""
    return sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def is_kept(settings: Settings, name: str) -> bool:
    """Whether a file is the warehouse's own, or never holds anything of a person; `name` is below the data folder."""
    warehouse = settings.duckdb_path.name
    ours = name in (warehouse, f"{warehouse}.wal", KEY_FILE)
    # What SQLite keeps beside a file belongs to the file.
    return ours or name.partition("/")[0] in LEFT_ALONE or name.endswith(("-wal", "-shm", "-journal"))


def is_copy(file: Path) -> bool:
    """Whether a file is a copy of the warehouse for people's tools, or was to become one."""
    return file.suffix in (".duckdb", ".part") or file.name.endswith(".duckdb.wal")


def _scrub(file: Path, name: str, spellings: Spellings | None, done: Scrubbed, dry_run: bool) -> None:
    if is_copy(file):  # they are made anew of what is left
        done.removed.append(name)
        if not dry_run:
            file.unlink()
        return
    if spellings is None:
        return
    with file.open("rb") as opened:
        head = opened.read(len(SQLITE))
    if head == SQLITE:
        if _scrub_sqlite(file, spellings, dry_run):
            done.rewritten.append(name)
        return
    content = readable(file, head)
    if not spellings.found_in(content):
        return
    if _is_text(file, content):
        done.rewritten.append(name)
        if not dry_run:
            _rewrite(file, spellings.replaced_in(content))
        return
    done.removed.append(name)
    if not dry_run:
        file.unlink()


def readable(file: Path, head: bytes) -> bytes:
    """The content as it would be read: decompressed, and a Parquet file as text."""
    if head[:2] == b"\x1f\x8b":
        return gzip.decompress(file.read_bytes())
    if head[:4] == b"PAR1":
        with closing(duckdb.connect()) as reader:
            rows = reader.execute("select * from read_parquet(?)", (str(file),)).fetchall()
        return repr(rows).encode()
    return file.read_bytes()


def _is_text(file: Path, content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8") and file.read_bytes() == content
    except UnicodeDecodeError:
        return False


def _rewrite(file: Path, content: bytes) -> None:
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_bytes(content)
    shutil.copystat(file, part)
    part.replace(file)


def _scrub_sqlite(file: Path, spellings: Spellings, dry_run: bool) -> bool:
    """Rewrite the texts of every table that name the person, and leave no page that was freed."""

    def names(value: object) -> bool:
        content = value.encode() if isinstance(value, str) else value
        return isinstance(content, bytes) and spellings.found_in(content)

    def without(value: Any) -> Any:
        if isinstance(value, str):
            return spellings.replaced_in(value.encode()).decode()
        return spellings.replaced_in(value) if isinstance(value, bytes) else value

    touched = False
    with closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as connection:
        connection.create_function("names", 1, names, deterministic=True)
        connection.create_function("without", 1, without, deterministic=True)
        tables = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        for (table,) in tables.fetchall():
            for _, column, *_ in connection.execute(f'pragma table_info("{table}")').fetchall():
                # Names come from the file's own schema.
                where = f'from "{table}" where names("{column}")'
                if connection.execute(f"select exists (select 1 {where})").fetchone()[0]:
                    touched = True
                    if not dry_run:
                        sql = (
                            f'update or replace "{table}" set "{column}" = without("{column}") where names("{column}")'
                        )
                        connection.execute(sql)
        if not dry_run and (touched or _wal(file).exists()):
            connection.execute("pragma wal_checkpoint(truncate)")
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")
    return touched


def _wal(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")
