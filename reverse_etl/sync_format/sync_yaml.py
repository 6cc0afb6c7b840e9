"""Read sync files and say precisely what is wrong: file, line, field."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from reverse_etl.failures import SyncFileError
from reverse_etl.source_of_truth import SourceOfTruth
from reverse_etl.sync_format.sync_file import Sync

SYNCS = Path(__file__).parent.with_name("syncs")
Location = tuple[str | int, ...]


@dataclass(frozen=True)
class LoadedSync:
    """A valid sync file and the hash of its text, by which a plan knows that the file has changed since."""

    sync: Sync
    path: Path
    digest: str


def sync_names(folder: Path = SYNCS) -> list[str]:
    """Names of the syncs in `folder`, sorted."""
    return sorted(path.stem for path in folder.glob("*.yml"))


def load_sync(name: str, folder: Path = SYNCS) -> LoadedSync:
    """The sync `name`, checked against its format, its neighbours and the source of truth of each field.

    Raises SyncFileError (file, line, field) or SourceOfTruthError.
    """
    if name not in sync_names(folder):
        known = ", ".join(sync_names(folder)) or "none"
        raise SyncFileError(f"There is no sync '{name}' in {folder}; known syncs: {known}.")
    loaded = _read(folder / f"{name}.yml")
    SourceOfTruth.load().require_warehouse(name, loaded.sync.written_columns)
    for other in sync_names(folder):
        if other != name:
            _require_apart(loaded, _read(folder / f"{other}.yml"))
    return loaded


def _read(path: Path) -> LoadedSync:
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SyncFileError(f"{path.name}, line {line}: this is not YAML ({error.problem}); correct it.") from None
    lines = dict(_lines(root, ())) if root is not None else {}
    try:
        sync = Sync.model_validate(data if data is not None else {})
    except ValidationError as error:
        raise SyncFileError(_sentence(error, path, lines)) from None
    if sync.name != path.stem:
        line = lines.get(("name",), 1)
        message = f"'{sync.name}' must equal the name of the file, '{path.stem}'"
        raise SyncFileError(f"{path.name}, line {line}, field name: {message}.")
    return LoadedSync(sync, path, hashlib.sha256(text.encode()).hexdigest())


def _lines(node: yaml.Node, at: Location) -> Iterator[tuple[Location, int]]:
    """Line (from 1) of every field by its location."""
    yield at, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            where = (*at, str(key.value))
            yield from _lines(value, where)
            yield where, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*at, index))


def _sentence(error: ValidationError, path: Path, lines: dict[Location, int]) -> str:
    first = error.errors()[0]
    where: Location = tuple(first["loc"])
    known = where
    while known and known not in lines:
        known = known[:-1]
    return f"{path.name}, line {lines.get(known, 1)}, field {_dotted(where)}: {_message(first)}."


def _dotted(where: Location) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.lstrip(".") or "(whole file)"


def _message(error: Any) -> str:  # pydantic's ErrorDetails is a TypedDict of its own core
    kind, message = error["type"], str(error["msg"]).removeprefix("Value error, ")
    if kind == "missing":
        return "this field is missing; add it"
    if kind == "extra_forbidden":
        return "this field is not known; check the spelling"
    given = error.get("input")
    return f"{message} (given: {given!r})" if isinstance(given, str | int | float | bool) else message


def _require_apart(mine: LoadedSync, other: LoadedSync) -> None:
    """Two syncs of one object and destination never own the same metafield or tag prefix: each would undo the other."""
    if mine.sync.held_as != other.sync.held_as:
        return
    shared = {f.attribute for f in mine.sync.metafields} & {f.attribute for f in other.sync.metafields}
    if mine.sync.tags and other.sync.tags and mine.sync.tags.prefix == other.sync.tags.prefix:
        shared.add(f"tag prefix {mine.sync.tags.prefix}")
    if shared:
        raise SyncFileError(
            f"{mine.path.name} and {other.path.name} both own {sorted(shared)[0]}; give it to one of them."
        )
