"""The demo's world is its own: nothing of a real store takes part, nothing of an earlier demo is left."""

import json
import os
from pathlib import Path

import pytest

from orchestration.demo_world import History, demo_world, new_world, only_one
from pipelines.failures import ConfigurationError

SMALL = ["--customers", "20", "--months", "1"]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a demo with a small world, in a directory without settings of a real store."""
    monkeypatch.chdir(tmp_path)
    directory = tmp_path / "data" / "demo"
    new_world(History.generated, directory)
    (directory / "sandbox.json").write_text(json.dumps(SMALL), encoding="utf-8")
    return directory


def test_every_shop_of_the_demo_is_the_sandbox(demo: Path) -> None:
    with demo_world(demo) as (settings, sandbox):
        assert sorted(settings.shops) == ["eu", "us"]
        assert all(shop.base_url.startswith(sandbox.origin) for shop in settings.shops.values())
        assert settings.data_dir == demo.absolute()


def test_settings_of_a_real_store_are_put_aside_and_come_back(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOMERANG_SHOPS__REAL__DOMAIN", "real.myshopify.com")
    monkeypatch.setenv("BOOMERANG_WAREHOUSE", "snowflake")
    with demo_world(demo) as (settings, _):
        assert "real" not in settings.shops
        assert settings.warehouse == "duckdb"
    assert os.environ["BOOMERANG_WAREHOUSE"] == "snowflake"
    assert not [name for name in os.environ if name.startswith("BOOMERANG_SHOPS__US")]


def test_a_real_shop_in_dotenv_stops_the_demo_before_it_reaches_anything(demo: Path, tmp_path: Path) -> None:
    lines = [
        "BOOMERANG_SHOPS__REAL__DOMAIN=real.myshopify.com",
        "BOOMERANG_SHOPS__REAL__ACCESS_TOKEN=not-a-token",
    ]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"reaches the sandbox only, but shop 'real'"), demo_world(demo):
        pass


def test_a_new_demo_clears_the_old_one_but_keeps_worlds_as_they_were_built(demo: Path) -> None:
    kept = demo / "sandbox" / "world-generated-1.pristine.sqlite"
    gone = [demo / "boomerang.duckdb", demo / "dagster" / "runs.db", demo / "sandbox" / "world-generated-1.sqlite"]
    for file in (kept, *gone):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    new_world(History.cdnow, demo)
    assert kept.exists()
    assert [file for file in gone if file.exists()] == []
    assert json.loads((demo / "sandbox.json").read_text()) == ["--plan", "plus", "--history", "cdnow"]


def test_a_second_demo_in_the_same_folder_is_refused(demo: Path) -> None:
    with only_one(demo), pytest.raises(ConfigurationError, match="Another demo or UI works in"), only_one(demo):
        pass
