"""The project is parsed once: ahead of time for an image, or on demand, and again only when something changes."""

import json
from pathlib import Path

import pytest

from orchestration.lib import dbt_manifest
from orchestration.lib.dbt_manifest import MANIFEST, STAMP, manifest, prepare
from pipelines.config import Settings, load_settings


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Where parses left their manifest, each instead of dbt's half minute."""
    folders: list[Path] = []

    def parse(settings: Settings, folder: Path, fingerprint: str) -> None:
        folders.append(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).write_text(json.dumps({"nodes": len(folders)}), encoding="utf-8")
        (folder / STAMP).write_text(fingerprint, encoding="utf-8")

    project = tmp_path / "dbt_project"
    project.mkdir()
    (project / "model.sql").write_text("select 1", encoding="utf-8")
    monkeypatch.setattr(dbt_manifest, "PROJECT_DIR", project)
    monkeypatch.setattr(dbt_manifest, "PREPARED_DIR", tmp_path / "prepared")
    monkeypatch.setattr(dbt_manifest, "_parse", parse)
    return folders


def test_a_project_that_stays_the_same_is_parsed_once(settings: Settings, parsed: list[Path]) -> None:
    assert manifest(settings) == manifest(settings)
    assert len(parsed) == 1


def test_a_changed_model_is_parsed_anew(settings: Settings, parsed: list[Path], tmp_path: Path) -> None:
    manifest(settings)
    (tmp_path / "dbt_project" / "model.sql").write_text("select 2", encoding="utf-8")  # as long as before
    manifest(settings)
    assert len(parsed) == 2


def test_what_an_image_prepared_is_used_without_parsing(settings: Settings, parsed: list[Path], tmp_path: Path) -> None:
    prepare(settings, tmp_path / "prepared")
    assert manifest(settings) == {"nodes": 1}
    assert parsed == [tmp_path / "prepared"]


def test_what_was_prepared_for_other_settings_is_not_used(
    settings: Settings, parsed: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(settings, tmp_path / "prepared")
    monkeypatch.setenv("BOOMERANG_REPORTING_CURRENCY", "EUR")
    manifest(load_settings())
    assert len(parsed) == 2


def test_what_is_prepared_without_secrets_is_what_runs_with_them(
    settings: Settings, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.commands.shared import without_secrets

    with monkeypatch.context() as build:
        for name in ("US", "EU"):
            build.delenv(f"BOOMERANG_SHOPS__{name}__CLIENT_SECRET")
        with without_secrets():
            prepare(load_settings(), dbt_manifest.PREPARED_DIR)
    manifest(load_settings())
    assert parsed == [dbt_manifest.PREPARED_DIR]
