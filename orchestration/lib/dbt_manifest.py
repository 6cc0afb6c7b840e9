"""The parsed dbt project: parsed on demand, or ahead of time for an image, and kept until something changes.

A container image carries what `boomerang prepare` left beside the project, so that a new container starts without
parsing: half a minute on a small machine.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from orchestration.lib.dbt_project import (
    PROJECT_DIR,
    DbtFailed,
    environment,
    executable,
    public_environment,
    target_dir,
    variables,
)
from pipelines.config import Settings

PREPARED_DIR = PROJECT_DIR.parent / ".prepared"
MANIFEST, STAMP, PARTIAL_PARSE = "manifest.json", "manifest.stamp", "partial_parse.msgpack"


def manifest(settings: Settings) -> dict[str, Any]:
    """The parsed project; parsed anew when a file of the project or the environment of dbt has changed."""
    folder, fingerprint = target_dir(settings), _fingerprint(settings)
    if not _holds(folder, fingerprint):
        if _holds(PREPARED_DIR, fingerprint):
            _copy(PREPARED_DIR, folder)
        else:
            _parse(settings, folder, fingerprint)
    content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return content


def prepare(settings: Settings, folder: Path = PREPARED_DIR) -> Path:
    """Parse into `folder`, from where `manifest` takes it as long as nothing changes; returns the manifest's path."""
    _parse(settings, folder, _fingerprint(settings))
    return folder / MANIFEST


def _holds(folder: Path, fingerprint: str) -> bool:
    stamp = folder / STAMP
    return (folder / MANIFEST).is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint


def _copy(source: Path, folder: Path) -> None:
    """The stamp last: without it, what is there is not used."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PARTIAL_PARSE, MANIFEST, STAMP):
        if (source / name).is_file():
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as scratch:
                scratch.write((source / name).read_bytes())
            os.replace(scratch.name, folder / name)


def _parse(settings: Settings, folder: Path, fingerprint: str) -> None:
    """Parse beside the target and move the result in, so that two processes never read half a manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="parse-") as scratch:
        env = {**os.environ, **environment(settings), "DBT_TARGET_PATH": scratch, "DBT_LOG_PATH": scratch}
        command = [str(executable()), "--no-use-colors", "--quiet", "parse", *variables(settings)]
        done = subprocess.run(command, env=env, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DbtFailed(f"The dbt project cannot be parsed: {_last_words(done.stdout or done.stderr)}")
        for name in (PARTIAL_PARSE, MANIFEST):
            if (Path(scratch) / name).is_file():
                shutil.move(Path(scratch) / name, folder / name)
    (folder / STAMP).write_text(fingerprint, encoding="utf-8")


def _fingerprint(settings: Settings) -> str:
    """Changes with any file of the project and with the environment that dbt sees, less secrets.

    By content and not by time: a layer of an image keeps whole seconds only.
    """
    digest = hashlib.sha256(json.dumps([public_environment(settings), variables(settings)], sort_keys=True).encode())
    for file in sorted(PROJECT_DIR.rglob("*")):
        if file.is_file() and "target" not in file.parts and file.name != ".user.yml":
            digest.update(f"{file.relative_to(PROJECT_DIR)}|{file.stat().st_size}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " ".join(lines[-6:])[:600]
