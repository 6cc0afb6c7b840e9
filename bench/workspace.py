"""Settings of a measured process: a folder of its own, one shop, and no way to a real store."""

import os
from pathlib import Path

from pipelines.config import CONFIG_FILE_VARIABLE, Settings, load_settings

SHOP = "us"


def settings_in(folder: Path, *, origin: str = "http://127.0.0.1:9", shops: tuple[str, ...] = (SHOP,)) -> Settings:
    """Settings whose data lie in `folder`; `origin` is where the shops answer (nowhere, unless a bench serves them)."""
    config = folder / "boomerang.toml"
    sections = [
        f'[shops.{shop}]\ndomain = "bench-{shop}.myshopify.com"\nbase_url = "{origin}/{shop}"\n' for shop in shops
    ]
    config.write_text("\n".join(sections), encoding="utf-8")
    os.environ[CONFIG_FILE_VARIABLE] = str(config)
    os.environ["BOOMERANG_DATA_DIR"] = str(folder)
    for shop in shops:
        os.environ[f"BOOMERANG_SHOPS__{shop.upper()}__ACCESS_TOKEN"] = "public-dummy"
    return load_settings()
