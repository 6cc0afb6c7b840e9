"""What the sandbox plants between shop, ERP, warehouses and bank is found, and nothing is invented.

A small world with plants of three seeds: every kind of break at its default rate, at least a few of each.
"""

from pathlib import Path

import pytest

from orchestration.demo_systems import system_sections, system_variables
from orchestration.demo_world import shop_variables, shops_of
from orchestration.detection import detect
from orchestration.lib.connected_sources import extractions
from orchestration.lib.dbt_project import BUILD, run_dbt
from orchestration.sandbox_process import Sandbox, running_sandbox
from pipelines.config import Settings, load_settings
from pipelines.progress import SilentProgress
from pipelines.warehouse import Warehouse

CUSTOMERS, MONTHS = 300, 6
# What is not right yet, by seed of the plants. Seed 1: goods that the shop calls fulfilled and the partner never
# shipped (FUL-02) stay committed there, and are told as oversold, too. Seed 3: a wrong reserve was planted on a payout
# that was issued again and has no reserve to be wrong.
NOT_YET: dict[int, set[str]] = {1: {"INV-02"}, 2: set(), 3: {"PAY-08"}}


def merchant(monkeypatch: pytest.MonkeyPatch, folder: Path, sandbox: Sandbox) -> Settings:
    """Settings that reach all systems of the sandbox."""
    shops = [f'[shops.{name}]\ndomain = "{domain}"\n' for name, domain in shops_of(sandbox).items()]
    config = folder / "boomerang.toml"
    config.write_text("\n".join([*shops, system_sections(sandbox.ready)]), encoding="utf-8")
    own = {
        "BOOMERANG_CONFIG": str(config),
        "BOOMERANG_DATA_DIR": str(folder / "data"),
        # What the world did in its last minute counts, too.
        "BOOMERANG_EXTRACTION__SETTLE_MINUTES": "0",
    }
    for name, value in {**own, **shop_variables(sandbox), **system_variables(sandbox.ready)}.items():
        monkeypatch.setenv(name, value)
    return load_settings()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_broken_is_found_and_nothing_else(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = ["--customers", str(CUSTOMERS), "--months", str(MONTHS)]
    behind = ["--backoffice", "--plant", "default", "--plant-seed", str(seed)]
    with running_sandbox(tmp_path / "sandbox", "--plan", "enterprise", *size, *behind) as sandbox:
        settings = merchant(monkeypatch, tmp_path, sandbox)
        for name, extract in extractions(settings).items():
            extract(settings, name, run_id="all", progress=SilentProgress())
        run_dbt(settings, [*BUILD, "--select", "+fct_breaks", "--indirect-selection", "buildable"])
        found = detect(settings, sandbox.truth())
    wrong = {one.code for one in found if not one.is_exact}
    assert wrong == NOT_YET[seed], [one for one in found if one.code in wrong ^ NOT_YET[seed]]
    planted = {one.code for one in found if one.planted}
    assert implemented(settings) - planted == set(), "codes that nothing was planted for prove nothing"


def implemented(settings: Settings) -> set[str]:
    """Codes that the taxonomy says are looked for, but those of feeds, which have tests of their own files."""
    with Warehouse(settings).session() as session:
        rows = session.rows("select code from seeds.break_taxonomy where is_implemented")
    return {code for (code,) in rows if not code.startswith(("FED", "TIM"))}
